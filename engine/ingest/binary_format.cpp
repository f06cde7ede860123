#include "ingest/binary_format.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"
#include "ingest/text_encoding.h"

namespace sidik {
namespace {

using std::string_view_literals::operator""sv;

struct Signature {
  std::string_view bytes;
  std::size_t offset;
  std::string_view what;  // "this is ..."
  std::string_view advice;
};

constexpr auto kSaveAsCsv = "open it in a spreadsheet program and save each sheet as CSV"sv;
constexpr auto kUnpack = "unpack it and name the files inside"sv;
constexpr auto kExportCsv = "export the table as CSV (DuckDB and others read it)"sv;
constexpr auto kTypeOff = "extract its text or table as CSV first"sv;

constexpr std::array kSignatures = {
    Signature{"PAR1"sv, 0, "a Parquet file"sv, kExportCsv},
    Signature{"Obj\x01"sv, 0, "an Avro file"sv, kExportCsv},
    Signature{"ORC"sv, 0, "an ORC file"sv, kExportCsv},
    Signature{"ARROW1\0"sv, 0, "an Arrow file"sv, kExportCsv},
    Signature{"SQLite format 3\0"sv, 0, "an SQLite database"sv, "export the table with sqlite3 -header -csv"sv},
    Signature{"PGDMP"sv, 0, "a PostgreSQL dump in the custom format"sv,
              "restore it and export the table with \\copy ... csv header"sv},
    Signature{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, 0, "an old Office file (xls, doc)"sv, kSaveAsCsv},
    Signature{"%PDF-"sv, 0, "a PDF"sv, kTypeOff},
    Signature{"{\\rtf"sv, 0, "an RTF text"sv, "save it as plain text"sv},
    Signature{"\x89PNG\r\n\x1A\n"sv, 0, "a PNG picture"sv, kTypeOff},
    Signature{"\xFF\xD8\xFF"sv, 0, "a JPEG picture"sv, kTypeOff},
    Signature{"GIF87a"sv, 0, "a GIF picture"sv, kTypeOff},
    Signature{"GIF89a"sv, 0, "a GIF picture"sv, kTypeOff},
    Signature{"II*\0"sv, 0, "a TIFF picture"sv, kTypeOff},
    Signature{"MM\0*"sv, 0, "a TIFF picture"sv, kTypeOff},
    Signature{"WEBP"sv, 8, "a WebP picture"sv, kTypeOff},
    Signature{"1AY&SY"sv, 4, "compressed with bzip2"sv, "decompress it (bunzip2), or compress with gzip or zstd"sv},
    Signature{"\xFD"
              "7zXZ\0"sv,
              0, "compressed with xz"sv, "decompress it (unxz), or compress with gzip or zstd"sv},
    Signature{"\x04\x22\x4D\x18"sv, 0, "compressed with LZ4"sv,
              "decompress it (unlz4), or compress with gzip or zstd"sv},
    Signature{"LZIP"sv, 0, "compressed with lzip"sv, "decompress it, or compress with gzip or zstd"sv},
    Signature{"\x1F\x9D"sv, 0, "compressed with compress"sv,
              "decompress it (uncompress), or compress with gzip or zstd"sv},
    Signature{"\x1F\x8B"sv, 0, "compressed twice"sv, "decompress it once"sv},
    Signature{"\x28\xB5\x2F\xFD"sv, 0, "compressed twice"sv, "decompress it once"sv},
    Signature{"7z\xBC\xAF\x27\x1C"sv, 0, "a 7z archive"sv, kUnpack},
    Signature{"Rar!\x1A\x07"sv, 0, "a RAR archive"sv, kUnpack},
    Signature{"ustar"sv, 257, "a tar archive"sv, kUnpack},
    Signature{"\x7F"
              "ELF"sv,
              0, "a program"sv, "name a table of delimited text"sv},
    Signature{"MZ\x90\0"sv, 0, "a program"sv, "name a table of delimited text"sv},
    Signature{"\xFF\xFE\0\0"sv, 0, "text in UTF-32"sv, "convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"sv},
    Signature{"\0\0\xFE\xFF"sv, 0, "text in UTF-32"sv, "convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"sv},
};

[[noreturn]] void refuse(const std::string& name, std::string_view what, std::string_view advice) {
  throw Error(ErrorKind::kRefused, name,
              "this is " + std::string(what) + ", expected delimited text (CSV, TSV, ...); " + std::string(advice));
}

/// Signatures that a table may hold as well: a first column "ORCID", a Mustari whose name stands where tar has "ustar".
bool is_word(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

/// Whether bytes stand at its beginning that no table has and each of these formats does.
bool is_binary(std::string_view head) {
  const std::string_view start = head.substr(0, 512);
  return std::any_of(start.begin(), start.end(), [](unsigned char c) { return c < 9; });
}

/// A zip by what its first entries are called.
void refuse_zip(std::string_view head, const std::string& name) {
  if (!head.starts_with("PK\x03\x04") && !head.starts_with("PK\x05\x06") && !head.starts_with("PK\x07\x08")) return;
  const std::string_view start = head.substr(0, 64 * 1024);
  const auto holds = [&](std::string_view text) { return start.find(text) != std::string_view::npos; };
  if (holds("word/")) refuse(name, "a Word document (docx)", kTypeOff);
  if (holds("ppt/")) refuse(name, "a presentation (pptx)", kTypeOff);
  if (holds("xl/") || holds("[Content_Types].xml")) refuse(name, "an Excel workbook (xlsx)", kSaveAsCsv);
  if (holds("opendocument.spreadsheet")) refuse(name, "an OpenDocument spreadsheet (ods)", kSaveAsCsv);
  refuse(name, "a zip archive", kUnpack);
}

bool starts_with_word(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::equal(lower_case.begin(), lower_case.end(), text.begin(),
                    [](char a, char b) { return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b))); });
}

/// Whether a text is a list of SQL statements: it begins as such lists do, and one of its first lines begins to define
/// or to fill a table.
bool is_sql(std::string_view text) {
  constexpr std::array kFirst = {"--"sv,     "/*"sv,       "#"sv,      "set "sv,      "use "sv,    "begin"sv,
                                 "start "sv, "pragma "sv,  "lock "sv,  "drop "sv,     "create "sv, "insert "sv,
                                 "copy "sv,  "replace "sv, "alter "sv, "truncate "sv, "go\n"sv,    "go\r"sv};
  constexpr std::array kTelling = {"insert into "sv, "insert ignore "sv,   "replace into "sv,  "create table "sv,
                                   "lock tables "sv, "drop table "sv,      "alter table "sv,   "truncate table "sv,
                                   "insert or "sv,   "create database "sv, "create schema "sv, "/*!40"sv};
  if (std::none_of(kFirst.begin(), kFirst.end(), [&](auto word) { return starts_with_word(text, word); })) return false;
  constexpr std::size_t kLines = 200;
  for (std::size_t n = 0; n < kLines && !text.empty(); ++n) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (std::any_of(kTelling.begin(), kTelling.end(), [&](auto word) { return starts_with_word(line, word); }) ||
        (starts_with_word(line, "copy ") && line.find(';') != std::string_view::npos) ||
        starts_with_word(line, "-- mysql dump") || starts_with_word(line, "-- mariadb dump") ||
        starts_with_word(line, "-- postgresql database dump"))
      return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

/// Whether `text` begins as JSON does, or as what programs print of their objects: {"a", {'a', [{, [[, [1, "b"]
bool is_json(std::string_view text) {
  if (text.front() != '{' && text.front() != '[') return false;
  const std::size_t next = text.find_first_not_of(" \t\r\n", 1);
  const char second = next == std::string_view::npos ? '\0' : text[next];
  if (text.front() == '{') return second == '"' || second == '\'';
  if (second == '{' || second == '[') return true;
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  return line.ends_with(']') && line.find('[', 1) == std::string_view::npos &&
         (second == '"' || std::isdigit(static_cast<unsigned char>(second)) != 0);
}

/// Texts that hold tables, but not as delimited rows.
void refuse_other_text(std::string_view head, const std::string& name) {
  if (head.starts_with(kUtf8Mark)) head.remove_prefix(kUtf8Mark.size());
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return;
  const std::string_view text = head.substr(first);
  if (is_json(text)) refuse(name, "JSON", "convert it to CSV first (jq -r '... | @csv')");
  if (starts_with_word(text, "<!doctype html") || starts_with_word(text, "<html") || starts_with_word(text, "<table"))
    refuse(name, "a web page", "save the table itself as CSV");
  if (starts_with_word(text, "<?xml")) refuse(name, "XML", "convert it to CSV first");
  if (is_sql(text)) refuse(name, "a SQL dump", "load it into a database and export the table as CSV");
}

void refuse_control_bytes(std::string_view head, const std::string& name, std::optional<char> delimiter) {
  constexpr auto kUsual = "\t\n\r\v\f\x1A\x1B\x1C\x1D\x1E\x1F"sv;
  std::size_t controls = 0;
  for (const char c : head)
    controls +=
        static_cast<unsigned char>(c) < 32 && kUsual.find(c) == std::string_view::npos && c != delimiter ? 1U : 0U;
  // A few NULs stand in many an old system's text fields; in binary data a twelfth and more of the bytes are of this
  // kind.
  if (controls < 16 || controls * 20 < head.size()) return;
  throw Error(ErrorKind::kRefused, name,
              "this is binary: " + std::to_string(controls) + " of its first " + std::to_string(head.size()) +
                  " bytes are control bytes, expected delimited text (CSV, TSV, ...); export the table as CSV");
}

}  // namespace

void refuse_known_formats(std::string_view head, const std::string& name) {
  refuse_zip(head, name);
  for (const Signature& signature : kSignatures)
    if (head.substr(std::min(signature.offset, head.size())).starts_with(signature.bytes) &&
        (!is_word(signature.bytes) || is_binary(head)))
      refuse(name, signature.what, signature.advice);
  if (!utf16_of(head)) refuse_other_text(head, name);
}

void refuse_what_is_no_table(std::string_view head, const std::string& name, std::optional<char> delimiter) {
  refuse_known_formats(head, name);
  if (!utf16_of(head)) refuse_control_bytes(head.substr(0, 64 * 1024), name, delimiter);
}

}  // namespace sidik
