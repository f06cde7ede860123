#include "ingest/table_reader.h"

#include <random>

#include "all_strings.h"
#include "base/error.h"
#include "naive_rows.h"
#include "read_all.h"
#include "support/catch.h"

namespace sidik::test {
namespace {

TableReaderOptions lenient() {
  TableReaderOptions options;
  options.raggedness = Raggedness::kLenient;
  return options;
}

TableReaderOptions headerless() {
  TableReaderOptions options;
  options.dialect.header = false;
  return options;
}

/// What a table must hold that is read leniently and without a header, by the naive tokeniser.
bool agrees_with_naive(const Table& table, std::string_view text) {
  const Separators separators{table.dialect.delimiter, table.dialect.quoted, table.dialect.line_end == LineEnd::kCr};
  const std::size_t columns = table.columns;
  std::size_t r = 0;
  std::size_t rejected = 0;
  for (const NaiveRow& row : naive_rows(text, separators)) {
    if (row.unclosed) {
      if (rejected >= table.rejected.size()) return false;
      const Batch::Rejected& found = table.rejected[rejected++];
      if (found.reason != Batch::Rejected::Reason::kUnclosedQuote || found.line != row.line ||
          found.offset != row.offset)
        return false;
      continue;
    }
    if (r >= table.rows.size() || table.lines[r] != row.line || table.offsets[r] != row.offset) return false;
    for (std::size_t c = 0; c < columns; ++c) {
      const auto& cell = table.rows[r][c];
      const bool folded = c + 1 == columns && row.cells.size() > columns;
      if (c >= row.cells.size() ? cell.has_value() : !folded && cell != row.cells[c]) return false;
    }
    ++r;
  }
  return r == table.rows.size() && rejected == table.rejected.size();
}

bool same_rows(const Table& a, const Table& b) {
  const auto places = [](const Table& table) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
    for (const Batch::Rejected& row : table.rejected) out.emplace_back(row.line, row.offset);
    return out;
  };
  return a.rows == b.rows && a.offsets == b.offsets && a.lines == b.lines && places(a) == places(b);
}

/// A memory source that gives a few bytes at a time, as pipes do.
class Trickle final : public ByteSource {
 public:
  Trickle(std::string_view bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t size = std::min({piece_, out.size(), bytes_.size() - at_});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }
  std::string name() const override { return "pipe"; }
  std::uint64_t consumed() const override { return at_; }

 private:
  std::string_view bytes_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

std::string refusal(std::string_view text, TableReaderOptions options = {}) {
  try {
    read_text(text, std::move(options));
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kRefused);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a table reads the same wherever its blocks are cut", "[ingest][table]") {
  std::size_t wrong = 0;
  const auto check = [&](const std::string& text, bool quoted, std::initializer_list<std::size_t> block_sizes) {
    if (text.find_first_not_of("\r\n") == std::string::npos) return;
    TableReaderOptions options = lenient();
    options.dialect = {.delimiter = ',', .quoted = quoted, .header = false, .encoding = {}};
    const Table whole = read_text(text, options);
    bool good = agrees_with_naive(whole, text);
    for (const std::size_t size : block_sizes) {
      options.block_bytes = size;
      good = good && same_rows(read_text(text, options), whole);
    }
    if (good || ++wrong > 5) return;
    UNSCOPED_INFO(Catch::Detail::stringify(text) << " quoted " << quoted);
    CHECK(good);
  };
  for_all_strings(kNasty, 5, [&](const std::string& text) {
    check(text, true, {1, 2, 3});
    check(text, false, {1, 2, 3});
  });
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = random() % 300; i > 0; --i) text += random() % 2 == 0 ? 'x' : kNasty[random() % kNasty.size()];
    check(text, round % 3 != 0, {1, 7, 63, 64, 65, 200});
  }
  CHECK(wrong == 0);
}

TEST_CASE("rows have numbers that rise in input order, and their place in the input", "[ingest][table]") {
  TableReaderOptions options;
  options.block_bytes = 8;
  const Table table = read_text("nik,nama\n11,a\n\n22,\"b\nb\"\r\n33,c\n", options);
  CHECK(values(table) == std::vector<Cells>{{"11", "a"}, {"22", "b\nb"}, {"33", "c"}});
  CHECK(table.lines == std::vector<std::uint64_t>{2, 4, 6});
  CHECK(table.offsets == std::vector<std::uint64_t>{9, 15, 25});
  CHECK(std::is_sorted(table.orders.begin(), table.orders.end()));
  CHECK(table.orders[0] == 0);
}

TEST_CASE("the usual deviations from RFC 4180 are read as they are meant", "[ingest][table]") {
  const auto rows = [](std::string_view text) { return values(read_text(text, headerless())); };
  SECTION("bare quotes in a cell that does not begin with one") {
    CHECK(rows("1,5\" disk\n2,a\"b\"c\n") == std::vector<Cells>{{"1", "5\" disk"}, {"2", "a\"b\"c"}});
  }
  SECTION("text behind a closing quote") {
    CHECK(rows("\"a\"b,1\n\"c\" ,2\n\"d\"\"e\"f\"g,3\n") ==
          std::vector<Cells>{{"ab", "1"}, {"c ", "2"}, {"d\"ef\"g", "3"}});
  }
  SECTION("doubled quotes, empty quoted cells, delimiters and line ends in quotes") {
    CHECK(rows("\"a\"\"\",\"\"\n\"x,y\",\"1\r\n2\"\n") == std::vector<Cells>{{"a\"", ""}, {"x,y", "1\r\n2"}});
  }
  SECTION("CRLF, CRCRLF, lone CR, and a mixture") {
    CHECK(rows("a,b\r\nc,d\r\n") == std::vector<Cells>{{"a", "b"}, {"c", "d"}});
    CHECK(rows("a,b\r\r\nc,\"d\"\r\r\n") == std::vector<Cells>{{"a", "b"}, {"c", "d"}});
    CHECK(rows("a,b\rc,d\re,f") == std::vector<Cells>{{"a", "b"}, {"c", "d"}, {"e", "f"}});
    CHECK(rows("a,b\rc,d\r\ne,f\ng,h") == std::vector<Cells>{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}});
  }
  SECTION("a return within a value of a text that ends its lines with line feeds") {
    CHECK(rows("a,b\nc,d\rd\ne,f\n") == std::vector<Cells>{{"a", "b"}, {"c", "d\rd"}, {"e", "f"}});
  }
  SECTION("NULs are part of their value") {
    CHECK(rows(std::string_view("a,b\0c\nd,e\n", 10)) == std::vector<Cells>{{"a", std::string("b\0c", 3)}, {"d", "e"}});
  }
  SECTION("no line end at the end, empty lines, lines of blanks") {
    CHECK(rows("a,b\n\n  \n\r\nc,d") == std::vector<Cells>{{"a", "b"}, {"c", "d"}});
  }
  SECTION("one column, with empty quoted values but without empty lines") {
    CHECK(rows("1234\n\n\"\"\n5678\n") == std::vector<Cells>{{"1234"}, {""}, {"5678"}});
  }
}

TEST_CASE("a byte order mark is no part of the first name, nor of later parts'", "[ingest][table]") {
  const Table table = read_text(
      "\xEF\xBB\xBFnik,nama\n1,a\n\xEF\xBB\xBF\"nik\",\"nama\"\n2,b\n\xEF\xBB\xBF"
      "3,c\n");
  CHECK(table.header == Cells{"nik", "nama"});
  CHECK(table.dialect.byte_order_mark);
  CHECK(values(table) == std::vector<Cells>{{"1", "a"}, {"2", "b"}, {"3", "c"}});
  CHECK(table.repeated_headers == 1);
  CHECK(table.offsets[0] == 12);
}

TEST_CASE("repeated header lines of concatenated parts are skipped and counted", "[ingest][table]") {
  const Table table = read_text("nik,nama\n1,a\nnik,nama\n2,b\n\"nik\", nama \n3,nama\n");
  CHECK(values(table) == std::vector<Cells>{{"1", "a"}, {"2", "b"}, {"3", "nama"}});
  CHECK(table.repeated_headers == 2);
}

TEST_CASE("ragged rows are rejected when strict, padded or folded when lenient", "[ingest][table]") {
  const std::string text = "id,nama,kota\n1,a,x\n2,b\n3,c,y,z,\"q\"\n4,d,w,,\n5,e,v\n6,f,\"u\"\n";
  const Table strict = read_text(text);
  CHECK(values(strict) == std::vector<Cells>{{"1", "a", "x"}, {"4", "d", "w"}, {"5", "e", "v"}, {"6", "f", "u"}});
  REQUIRE(strict.rejected.size() == 2);
  CHECK(strict.rejected[0].reason == Batch::Rejected::Reason::kTooFewCells);
  CHECK(strict.rejected[0].line == 3);
  CHECK(strict.rejected[0].cells == 2);
  CHECK(strict.rejected[1].reason == Batch::Rejected::Reason::kTooManyCells);
  CHECK(strict.rejected[1].offset == 23);
  const Table table = read_text(text, lenient());
  CHECK(
      values(table) ==
      std::vector<Cells>{
          {"1", "a", "x"}, {"2", "b", ""}, {"3", "c", "y,z,\"q\""}, {"4", "d", "w"}, {"5", "e", "v"}, {"6", "f", "u"}});
  CHECK_FALSE(table.rows[1][2].has_value());
  CHECK(table.rejected.empty());
}

TEST_CASE("a trailing delimiter in the header only, in the rows only, or in both adds no column of data",
          "[ingest][table]") {
  CHECK(read_text("nik,nama,\n1,a\n2,b\n").columns == 2);
  CHECK(read_text("nik,nama\n1,a,\n2,b,\n").columns == 2);
  CHECK(values(read_text("nik,nama\n1,a,\n2,b,\n")) == std::vector<Cells>{{"1", "a"}, {"2", "b"}});
  CHECK(read_text("nik,nama,\n1,a,\n2,b,\n").rows.size() == 2);
  SECTION("but R's unnamed row names are one") {
    const Table table = read_text("nik,nama\n1,3273,a\n2,3274,b\n");
    CHECK(table.header == Cells{"", "nik", "nama"});
    CHECK(table.rows.size() == 2);
  }
}

TEST_CASE("where the header has fewer names than the rows have cells the last columns have none", "[ingest][table]") {
  for (const Raggedness raggedness : {Raggedness::kStrict, Raggedness::kLenient}) {
    TableReaderOptions options;
    options.raggedness = raggedness;
    const Table table = read_text("nik,nama,kota\n1001,Budi,Garut,x,9\n1002,Siti,Bogor,y,8\n", options);
    CHECK(table.header == Cells{"nik", "nama", "kota", "", ""});
    CHECK(values(table) ==
          std::vector<Cells>{{"1001", "Budi", "Garut", "x", "9"}, {"1002", "Siti", "Bogor", "y", "8"}});
    CHECK(table.rejected.empty());
  }
  // A few rows with too much are bad rows all the same.
  CHECK(read_text("id,nama\n1,a\n2,b\n3,c\n4,d,e,f\n").rejected.size() == 1);
}

TEST_CASE("values that are no UTF-8 are read as Windows-1252, one by one", "[ingest][table]") {
  const Table table = read_text("nik,nama,kota\n1,Jos\xE9,M\xC3\xBCnchen\n2,\"\x80 \"\"5\"\"\",Bandung\n");
  CHECK(values(table) ==
        std::vector<Cells>{{"1", "Jos\xC3\xA9", "M\xC3\xBCnchen"}, {"2", "\xE2\x82\xAC \"5\"", "Bandung"}});
  CHECK(table.transcoded_values == 2);
  CHECK(table.dialect.encoding == TextEncoding::kWindows1252);
  SECTION("all of them where the user says so") {
    TableReaderOptions options;
    options.dialect.encoding = TextEncoding::kWindows1252;
    CHECK(values(read_text("nik,nama\n1,\xC3\xBC\n", options)) == std::vector<Cells>{{"1", "\xC3\x83\xC2\xBC"}});
  }
}

TEST_CASE("UTF-16 is read with its byte order mark, or without one", "[ingest][table]") {
  const std::string plain = "nik,nama\n3273010101900001,Jos\xC3\xA9 \xF0\x9F\x98\x80\n3273010101900002,\"a,b\"\n";
  const std::u16string text = u"nik,nama\n3273010101900001,Jos\u00E9 \U0001F600\n3273010101900002,\"a,b\"\n";
  for (const bool big : {false, true}) {
    for (const bool mark : {true, false}) {
      std::string bytes;
      const auto put = [&](char16_t unit) {
        const char high = static_cast<char>(unit >> 8);
        const char low = static_cast<char>(unit & 0xFF);
        bytes += big ? high : low;
        bytes += big ? low : high;
      };
      if (mark) put(u'\uFEFF');
      for (const char16_t unit : text) put(unit);
      const Table table = read_text(bytes);
      CHECK(values(table) == values(read_text(plain)));
      CHECK(table.header == Cells{"nik", "nama"});
      CHECK(table.dialect.encoding == (big ? TextEncoding::kUtf16Be : TextEncoding::kUtf16Le));
      CHECK(table.dialect.byte_order_mark == mark);
    }
  }
}

TEST_CASE("a source that trickles gives the same table", "[ingest][table]") {
  std::string text = "nik,nama\n";
  for (int i = 0; i < 5000; ++i) text.append(std::to_string(1000000 + i)).append(",\"a, b\"\n");
  TableReader reader(std::make_unique<Trickle>(text, 13), {});
  const Table table = read_all(reader);
  CHECK(same_rows(table, read_text(text)));
  CHECK(reader.consumed() == text.size());
}

TEST_CASE("a header alone has no rows, and is known for one", "[ingest][table]") {
  for (const char* text : {"nik,nama,tgl_lahir\n", "NIK;NAMA;ALAMAT", "\xEF\xBB\xBFNIK|NAMA\r\n",
                           "vorname,nachname,geburtsdatum\n", "NIK\n"}) {
    const Table table = read_text(text);
    CHECK(table.dialect.header);
    CHECK(table.rows.empty());
    CHECK(table.blocks == 0);
    CHECK_FALSE(table.header.empty());
  }
}

TEST_CASE("the rows of a later file take the names that are known", "[ingest][table]") {
  TableReaderOptions options;
  options.expected_header = {"PSNOKA", "NAMA"};
  SECTION("which may stand in it or not") {
    for (const char* text :
         {"0001,BUDI\n0002,SITI\n", "PSNOKA,NAMA\n0001,BUDI\n0002,SITI\n", "0001,BUDI\nPSNOKA,NAMA\n0002,SITI\n"}) {
      const Table table = read_text(text, options);
      CHECK(table.header == options.expected_header);
      CHECK(values(table) == std::vector<Cells>{{"0001", "BUDI"}, {"0002", "SITI"}});
    }
  }
  SECTION("even if it looks like data") {
    options.expected_header = {"1", "2"};
    const Table table = read_text("1,2\n3,4\n", options);
    CHECK(table.dialect.header);
    CHECK(table.rows.size() == 1);
  }
}

TEST_CASE("an unclosed quote is refused with its line when strict, and is a character when lenient",
          "[ingest][table]") {
  std::string text = "nik,nama\n1,a\n2,\"b\n";
  for (int i = 0; i < 30000; ++i) text.append(std::to_string(i)).append(",c\n");
  TableReaderOptions options;
  options.block_bytes = 1000;
  CHECK(
      says(refusal(text, options), {"test.csv, line 3", "line 3 (byte 15)", "by the end of the input", "--no-quotes"}));
  options.longest_record = 10000;
  CHECK(says(refusal(text, options), {"line 3 (byte 15)", "within 10000 bytes"}));
  for (const std::size_t longest : {std::size_t{10000}, std::size_t{1} << 24}) {
    options.longest_record = longest;
    options.raggedness = Raggedness::kLenient;
    const Table table = read_text(text, options);
    CHECK(table.rows.size() == 30001);
    CHECK(table.lines[1] == 4);
    REQUIRE(table.rejected.size() == 1);
    CHECK(table.rejected[0].reason == Batch::Rejected::Reason::kUnclosedQuote);
    CHECK(table.rejected[0].line == 3);
    CHECK(table.rejected[0].offset == 13);
  }
}

TEST_CASE("an unclosed quote in the first line is refused as well", "[ingest][table]") {
  std::string text = "\"nik,nama\n";
  for (int i = 0; i < 30000; ++i) text.append(std::to_string(1000 + i)).append(",c\n");
  CHECK(says(refusal(text), {"test.csv, line 1", "a quote opened on line 1 (byte 0)"}));
  TableReaderOptions options = lenient();
  const Table table = read_text(text, options);
  CHECK(table.rows.size() == 30000);
  CHECK(table.rejected.size() == 1);
}

TEST_CASE("a row that is too long is refused with its line when strict, left out when lenient", "[ingest][table]") {
  const std::string text = "nik,nama\n1,a\n2," + std::string(50000, 'x') + "\n3,c\n4,\"" + std::string(50000, 'y') +
                           "\n" + std::string(9000, 'z') + "\"\n5,e\n";
  TableReaderOptions options;
  options.block_bytes = 500;
  options.longest_record = 20000;
  CHECK(says(refusal(text, options), {"test.csv, line 3", "longer than 20000 bytes"}));
  options.raggedness = Raggedness::kLenient;
  const Table table = read_text(text, options);
  REQUIRE(table.rejected.size() >= 2);
  CHECK(table.rejected[0].reason == Batch::Rejected::Reason::kTooLong);
  CHECK(table.rejected[0].line == 3);
  CHECK(table.rejected[1].line == 5);
  CHECK(values(table).front() == Cells{"1", "a"});
  CHECK(values(table).back() == Cells{"5", "e"});
  CHECK(table.lines.back() == 7);
  options.longest_record = 200000;
  CHECK(read_text(text, options).rows.size() == 5);
}

TEST_CASE("too many columns are refused by the number and the limit", "[ingest][table]") {
  std::string text;
  for (int i = 0; i < 100000; ++i) text.append(i == 0 ? "" : ",").append("column_").append(std::to_string(i));
  CHECK(says(refusal(text + "\n1,2,3\n"), {"100,000 columns", "at most 4,096"}));
  std::string digits = "1";
  for (int i = 1; i < 100000; ++i) digits += ",1";
  CHECK(says(refusal(digits + "\n" + digits + "\n"), {"100,000 columns"}));
  TableReaderOptions options;
  options.most_columns = 3;
  CHECK(says(refusal("a_b,b_c,c_d,d_e\n1,2,3,4\n", options), {"4 columns", "at most 3"}));
}

TEST_CASE("an input without rows is refused", "[ingest][table]") {
  CHECK(says(refusal("   \n \t \n"), {"test.csv", "only empty lines"}));
  CHECK(says(refusal(""), {"test.csv", "nothing in it"}));
  CHECK(says(refusal("\xEF\xBB\xBF"), {"only empty lines"}));
  CHECK(says(refusal("\n\r\n  \n"), {"only empty lines"}));
}

TEST_CASE("a title over the header is counted as rejected", "[ingest][table]") {
  const Table table = read_text(
      "Laporan Peserta 2021,,,\n\nNIK,NAMA,KELAS,TGL "
      "LAHIR\n3273010101900001,BUDI,1,1990-01-01\n3273010101900002,SITI,2,1990-01-01\n");
  CHECK(table.header == Cells{"NIK", "NAMA", "KELAS", "TGL LAHIR"});
  CHECK(table.rows.size() == 2);
  CHECK(table.rejected.size() == 1);
  CHECK(table.lines[0] == 4);
}

TEST_CASE("a spreadsheet's line that says the delimiter is no row", "[ingest][table]") {
  const Table table = read_text("sep=;\r\nNIK;NAMA\r\n1;a,b,c\r\n2;d,e,f\r\n");
  CHECK(table.dialect.delimiter == ';');
  CHECK(table.header == Cells{"NIK", "NAMA"});
  CHECK(table.lines == std::vector<std::uint64_t>{3, 4});
  CHECK(table.offsets[0] == 17);
}

TEST_CASE("a batch is reused without growing, and values outlive the growth of the rewritten text", "[ingest][table]") {
  std::string text = "id,nama\n";
  for (int i = 0; i < 20000; ++i)
    text.append(std::to_string(i)).append(",\"x \"\"").append(std::to_string(i)).append("\"\"\"\n");
  const Table table = read_text(text);
  REQUIRE(table.rows.size() == 20000);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < 20000; ++i) {
    std::string expected("x \"");
    expected.append(std::to_string(i)).append("\"");
    wrong += table.rows[i][1] == expected ? 0U : 1U;
  }
  CHECK(wrong == 0);
}

}  // namespace sidik::test
