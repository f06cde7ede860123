// How a delimited text is written: delimiter, quoting, header, encoding, line ends, compression. Sniffed, or said by
// the user.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidik {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };
enum class LineEnd : std::uint8_t { kLf, kCrLf, kCr };
enum class TextEncoding : std::uint8_t { kUtf8, kWindows1252, kUtf16Le, kUtf16Be };

struct Dialect {
  char delimiter = ',';
  /// Whether `"` at the start of a cell opens a quoted cell.
  bool quoted = true;
  bool header = true;
  LineEnd line_end = LineEnd::kLf;
  TextEncoding encoding = TextEncoding::kUtf8;
  bool byte_order_mark = false;
  Compression compression = Compression::kNone;

  bool operator==(const Dialect&) const = default;
};

/// "semicolon", "tab", ... for a report; one printable character stands for itself.
std::string delimiter_name(char delimiter);

/// "utf-8", "windows-1252", "utf-16le", "utf-16be".
const char* encoding_name(TextEncoding encoding);
/// "lf", "crlf", "cr".
const char* line_end_name(LineEnd line_end);
/// "none", "gzip", "zstd".
const char* compression_name(Compression compression);

/// What the user fixed; anything not set is sniffed.
struct DialectOverrides {
  std::optional<char> delimiter;
  std::optional<bool> quoted;
  std::optional<bool> header;
  std::optional<TextEncoding> encoding;
};

/// Reads the dialect off the first bytes of a text (decompressed, byte order mark still there; up to 1 MiB is plenty).
/// `whole` says that `head` is all there is. Delimiters tried: comma, semicolon, tab, pipe; the one under which the
/// rows agree best on more than one column; ^ or ~ where none does and all rows agree; else comma (a one-column table).
/// A first row is a header where its cells differ in form from those under them (digits, dates, length), are unique and
/// not empty, or are words known as column names.
Dialect sniff_dialect(std::string_view head, bool whole, const DialectOverrides& overrides);

}  // namespace sidik
