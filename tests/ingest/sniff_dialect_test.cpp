#include <random>
#include <string>
#include <vector>

#include "ingest/dialect.h"
#include "ingest/header_guess.h"
#include "read_all.h"
#include "support/catch.h"

namespace sidik::test {
namespace {

using Rows = std::vector<Cells>;

/// Writes rows as a program would that knows `dialect`; quotes where it must, or everywhere.
std::string written(const Rows& rows, const Dialect& dialect, bool quote_all) {
  const char* end = dialect.line_end == LineEnd::kLf ? "\n" : dialect.line_end == LineEnd::kCrLf ? "\r\n" : "\r";
  std::string text = dialect.byte_order_mark ? "\xEF\xBB\xBF" : "";
  for (const Cells& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c > 0) text += dialect.delimiter;
      const bool quote =
          quote_all || row[c].find_first_of(std::string("\"\r\n") + dialect.delimiter) != std::string::npos;
      if (!quote) {
        text += row[c];
        continue;
      }
      text += '"';
      for (const char ch : row[c]) text.append(ch == '"' ? 2 : 1, ch);
      text += '"';
    }
    text += end;
  }
  return text;
}

std::string digits(std::mt19937& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('0' + random() % 10);
  return text;
}

const Cells kHeader = {"NIK", "NAMA", "TGLLHR", "ALAMAT", "NOHP", "EMAIL", "KELAS", "STATUS", "TSUPDATE"};

Cells person(std::mt19937& random) {
  static const Cells kNames = {"BUDI SANTOSO", "Siti Aminah", "I Made Wirawan", "DEWI, S.KOM", "AGUS \"GUS\" SALIM"};
  static const Cells kStreets = {"Jl. Melati No 5, RT 003/RW 004", "JALAN MERDEKA 12", "Kp. Baru; Blok C | 5",
                                 "Gg. Mawar 7, Kel. Sukamaju, Kec. Cilodong"};
  const auto text = [](std::initializer_list<std::string> parts) {
    std::string joined;
    for (const std::string& part : parts) joined.append(part);
    return joined;
  };
  return {text({"32", digits(random, 14)}),
          kNames[random() % 5],
          text({"19", digits(random, 2), "-0", std::to_string(1 + random() % 9), "-1", digits(random, 1)}),
          kStreets[random() % 4],
          text({"08", digits(random, 10)}),
          text({"u", digits(random, 4), "@mail.co.id"}),
          std::to_string(1 + random() % 3),
          random() % 2 == 0 ? "AKTIF" : "NONAKTIF",
          text({"2021-08-05 12:00:", digits(random, 2)})};
}

bool has_header(std::string_view text) { return sniff_dialect(text, true, {}).header; }
char delimiter_of(std::string_view text) { return sniff_dialect(text, true, {}).delimiter; }

}  // namespace

TEST_CASE("the dialect of a generated table is found again", "[ingest][sniff]") {
  std::mt19937 random(9);
  std::size_t wrong = 0;
  for (int round = 0; round < 1500; ++round) {
    Dialect dialect;
    dialect.delimiter = ",;\t|"[random() % 4];
    dialect.line_end = static_cast<LineEnd>(random() % 3);
    dialect.byte_order_mark = random() % 4 == 0;
    dialect.header = random() % 2 == 0;
    const std::size_t columns = 2 + random() % 8;
    const std::size_t first = random() % (kHeader.size() - columns + 1);
    const std::size_t count = random() % 3 == 0 ? 2 + random() % 4 : 2 + random() % 300;
    Rows rows;
    const auto slice = [&](const Cells& row) {
      return Cells(row.begin() + static_cast<std::ptrdiff_t>(first),
                   row.begin() + static_cast<std::ptrdiff_t>(first + columns));
    };
    if (dialect.header) rows.push_back(slice(kHeader));
    for (std::size_t r = 0; r < count; ++r) rows.push_back(slice(person(random)));
    const std::string text = written(rows, dialect, random() % 3 == 0);
    Dialect found = sniff_dialect(text, true, {});
    if (found == dialect) continue;
    if (++wrong > 5) continue;
    UNSCOPED_INFO("found " << delimiter_name(found.delimiter) << " header " << found.header << " line end "
                           << int(found.line_end) << " quoted " << found.quoted << " for "
                           << delimiter_name(dialect.delimiter) << " header " << dialect.header << " in\n"
                           << text.substr(0, 600));
    CHECK(found == dialect);
  }
  CHECK(wrong == 0);
}

TEST_CASE("the delimiter is the one under which rows agree", "[ingest][sniff]") {
  CHECK(delimiter_of("nama;tinggi;berat\nBudi;1,5;2,5\nSiti;1,6;3,5\n") == ';');
  CHECK(delimiter_of("Budi;1,5;2,5\nSiti;1,6;3,5\n") == ';');
  CHECK(delimiter_of("3273010101900001|BUDI|JL. A, NO 5, RT 3, RW 4|0812345678\n") == '|');
  CHECK(delimiter_of(
            "nik;alamat\n1;Jl. Mawar 5, Bandung, Jabar\n2;Jl. Melati 6, Garut, Jabar\n3;Jl. Anggrek, Bogor, Jabar\n") ==
        ';');
  CHECK(delimiter_of("a\tb c, d\n1\t2, 3\n") == '\t');
  CHECK(delimiter_of("nama, kota, umur\nBudi, Bandung, 33\n") == ',');
  CHECK(delimiter_of("3273010101900001\n3273010101900002\n") == ',');
  CHECK(delimiter_of("id^nama^kota\n1^Budi^Garut\n2^Siti^Bogor\n") == '^');
  CHECK(delimiter_of("1~Budi~Garut\n2~Siti~Bogor\n") == '~');
  CHECK(delimiter_of("a^b\nc\nd\ne~f\ng\n") == ',');
  CHECK(delimiter_of("id,nama\n1,a^b\n2,c^d\n") == ',');
  SECTION("one column of prose is not cut") {
    CHECK(
        read_text(
            "alamat\nJl. Mawar 5, Bandung\nJl. Melati\nJl. Anggrek 3, RT 1, RW 2, Bogor\nGg. Buntu 4\nKp. Baru, RT 3\n")
            .columns == 1);
  }
  SECTION("or it is the one that the user says") {
    CHECK(sniff_dialect("a,b;c\n1,2;3\n", true, {.delimiter = ';', .quoted = {}, .header = {}, .encoding = {}})
              .delimiter == ';');
    CHECK(sniff_dialect("a:b\n1:2\n", true, {.delimiter = ':', .quoted = {}, .header = {}, .encoding = {}}).delimiter ==
          ':');
  }
}

TEST_CASE("quotes are plain characters only where many lines prove it", "[ingest][sniff]") {
  CHECK(sniff_dialect("a,b\n\"1,2\n3,4\n", true, {}).quoted);
  CHECK(sniff_dialect("a,b\n1,\"x\ny\"\n3,4\n", true, {}).quoted);
  std::string inches = "id\tsize\n";
  for (int i = 0; i < 50; ++i) inches.append(std::to_string(i)).append(i % 7 == 3 ? "\t\"big\n" : "\tsmall\n");
  CHECK_FALSE(sniff_dialect(inches, true, {}).quoted);
  CHECK(sniff_dialect(inches, true, {.delimiter = {}, .quoted = true, .header = {}, .encoding = {}}).quoted);
}

TEST_CASE("stray quotes among garbage do not swallow the rows between them", "[ingest][sniff]") {
  std::string garbage = "id,name,city\n";
  std::string cells_of_lines = "id,remark,city\n";
  for (int i = 0; i < 600; ++i) {
    garbage.append(std::to_string(1000 + i)).append(",Anna,Bonn\n");
    if (i % 100 == 50) garbage.append("\"half\n");
    cells_of_lines.append(std::to_string(1000 + i)).append(i % 100 == 50 ? ",\"first\nlast\",Bonn\n" : ",none,Bonn\n");
  }
  CHECK_FALSE(sniff_dialect(garbage, true, {}).quoted);
  CHECK(sniff_dialect(cells_of_lines, true, {}).quoted);
}

TEST_CASE("names numbered one by one are a header", "[ingest][sniff]") {
  CHECK(has_header("rec,q1,q2,q3\n1034,1,5,yes\n2088,2,,no\n3011,4,1,\n"));
  CHECK(has_header("x1,x2,x3\n0.5,1.5,2\n0.25,3,1\n"));
  CHECK_FALSE(has_header("A1,A2,A3\nA4,A5,A6\nA7,A8,A9\n"));
  CHECK_FALSE(has_header("12,A1,5\n13,B2,6\n14,A1,7\n"));
}

TEST_CASE("a first row that names columns is a header", "[ingest][sniff]") {
  CHECK(has_header("NIK,NAMA\n3273010101900001,BUDI\n"));
  CHECK(has_header("nik\n3273010101900001\n3273010101900002\n"));
  CHECK(has_header("vorname;nachname;ort\nAnna;Schmidt;Berlin\nJan;Meyer;Bonn\n"));
  CHECK(
      has_header("\xD0\x98\xD0\xBC\xD1\x8F;\xD0\xA2\xD0\xB5\xD0\xBB\n\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD;79161234567\n"));
  CHECK(has_header("prenom,telephone,courriel\nJean,0612345678,jean@exemple.fr\n"));
  CHECK(has_header(",nik,nama\n0,3273010101900001,BUDI\n1,3273010101900002,SITI\n"));
  CHECK(has_header("id,col1,col2\n1,a,b\n2,c,d\n"));
  CHECK(
      has_header("PSNOKA,PSNOKALAMA,PSNOKALAMA2,NAMA,NMCETAK,JENKEL,AGAMA,TMPLHR,TGLLHR,FLAGTANGGUNGAN,NOHP,NIK,NOKTP,"
                 "TMT,TAT,NPWP,EMAIL,NOKA,KDHUBKEL,KDSTAWIN,"
                 "KDNEGARA,KDGOLDARAH,KDSTATUSPST,KDKANTOR,TSINPUT,TSUPDATE,USERINPUT,USERUPDATE,TSSTATUS,DAFTAR\n"));
}

TEST_CASE("a paste from a chat has no header", "[ingest][sniff]") {
  CHECK_FALSE(has_header("3273010101900001,BUDI SANTOSO,081234567890\n"));
  CHECK_FALSE(has_header("3273010101900001;BUDI SANTOSO;081234567890\n3273010101900002;SITI AMINAH;081234567891\n"));
  CHECK_FALSE(has_header("BUDI SANTOSO|JL MELATI 5|081234567890"));
  CHECK_FALSE(has_header("BUDI SANTOSO;BANDUNG\nSITI AMINAH;GARUT\n"));
  CHECK_FALSE(has_header("budi@mail.com\nsiti@mail.com\n"));
  CHECK_FALSE(has_header("budi\nsiti\nandi\n"));
  CHECK_FALSE(has_header("3273********0001,BU** SANTOSO\n3273********0002,SI** AMINAH\n"));
  CHECK_FALSE(has_header("1985-03-12,L,AKTIF\n1990-01-02,P,AKTIF\n"));
  CHECK_FALSE(has_header("081234567890\n"));
}

TEST_CASE("header or none is what the user says", "[ingest][sniff]") {
  CHECK(sniff_dialect("1,2\n3,4\n", true, {.delimiter = {}, .quoted = {}, .header = true, .encoding = {}}).header);
  CHECK_FALSE(
      sniff_dialect("nik,nama\n3,4\n", true, {.delimiter = {}, .quoted = {}, .header = false, .encoding = {}}).header);
}

TEST_CASE("names of columns are known in any spelling", "[ingest][sniff]") {
  for (const char* name : {"NIK", "Tgl. Lahir", "TGL_LAHIR", "phoneNumber2", "No. HP", "nama_peserta", "date of birth",
                           "E-mail", "KDSTATUSPST"}) {
    INFO(name);
    CHECK(is_known_column_name(name));
  }
  for (const char* value : {"BUDI", "Bandung", "AKTIF", "12", "", "Jalan Melati"}) {
    INFO(value);
    CHECK_FALSE(is_known_column_name(value));
  }
}

TEST_CASE("delimiters have names for reports", "[ingest][sniff]") {
  CHECK(delimiter_name(',') == "comma");
  CHECK(delimiter_name('\t') == "tab");
  CHECK(delimiter_name('~') == "~");
  CHECK(delimiter_name('\x01') == "byte 1");
}

}  // namespace sidik::test
