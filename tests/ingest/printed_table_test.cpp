#include "ingest/printed_table.h"

#include "read_all.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

TEST_CASE("psql's aligned output is its rows: rulers and row counts are counted as such", "[ingest][printed]") {
  const std::string text =
      "  id   |     name     |  born\n"
      "-------+--------------+------------\n"
      "     1 | Budi \"Bud\"   | 1985-03-12\n"
      "    22 | Siti, Aminah | \n"
      "(2 rows)\n\n";
  for (const Raggedness raggedness : {Raggedness::kStrict, Raggedness::kLenient}) {
    TableReaderOptions options;
    options.raggedness = raggedness;
    const Table table = read_text(text, options);
    CHECK(table.header == Cells{"id", "name", "born"});
    CHECK(values(table) == std::vector<Cells>{{"1", "Budi \"Bud\"", "1985-03-12"}, {"22", "Siti, Aminah", ""}});
    CHECK(table.frame_lines == 2);
    CHECK(table.rejected.empty());
    CHECK(table.dialect.delimiter == '|');
    CHECK_FALSE(table.dialect.quoted);
    CHECK(table.lines == std::vector<std::uint64_t>{3, 4});
    CHECK(table.offsets == std::vector<std::uint64_t>{text.find("     1 |"), text.find("    22 |")});
  }
}

TEST_CASE("one column as psql prints it, and several results one behind the other", "[ingest][printed]") {
  const Table one = read_text("     name     \n--------------\n Budi\n Siti\n(2 rows)\n\n");
  CHECK(one.header == Cells{"name"});
  CHECK(values(one) == std::vector<Cells>{{"Budi"}, {"Siti"}});
  CHECK(one.frame_lines == 2);
  const std::string result = " a | b\n---+---\n 1 | 2\n(1 row)\n\n";
  const Table twice = read_text(result + result);
  CHECK(values(twice) == std::vector<Cells>{{"1", "2"}, {"1", "2"}});
  CHECK(twice.repeated_headers == 1);
  CHECK(twice.frame_lines == 4);
}

TEST_CASE("a box of pipes is no column", "[ingest][printed]") {
  const Table mysql = read_text(
      "+----+-------+\r\n| id | name  |\r\n+----+-------+\r\n|  1 | Budi  |\r\n|  2 | NULL  |\r\n+----+-------+\r\n"
      "2 rows in set (0.00 sec)\r\n");
  CHECK(mysql.header == Cells{"id", "name"});
  CHECK(values(mysql) == std::vector<Cells>{{"1", "Budi"}, {"2", "NULL"}});
  CHECK(mysql.frame_lines == 4);
  CHECK(mysql.rejected.empty());
  const Table markdown = read_text("| id | name |\n|---:|:-----|\n| 1 | Budi |\n|  | Siti |\n");
  CHECK(markdown.header == Cells{"id", "name"});
  CHECK(values(markdown) == std::vector<Cells>{{"1", "Budi"}, {"", "Siti"}});
  CHECK(markdown.frame_lines == 1);
}

TEST_CASE("a row count behind unaligned output is no row", "[ingest][printed]") {
  TableReaderOptions options;
  options.raggedness = Raggedness::kLenient;
  const Table table = read_text("id|name\n1|Budi\n2|Siti\n(2 rows)\n", options);
  CHECK(values(table) == std::vector<Cells>{{"1", "Budi"}, {"2", "Siti"}});
  CHECK(table.frame_lines == 1);
}

TEST_CASE("what only looks like a frame is data", "[ingest][printed]") {
  CHECK(frame_of("a,b\n---,---\n1,2\n") == Frame::kNone);
  CHECK(frame_of("a|b|c\n---+---\n1|2|3\n") == Frame::kNone);  // two joints for three pipes
  CHECK(frame_of("note\n------\n") == Frame::kNone);           // no margin: a value of dashes
  CHECK(frame_of("------\n------\n") == Frame::kNone);
  CHECK(frame_of("") == Frame::kNone);
  const Table table = read_text("note\n-----\n(3 rows)\nx\n");
  CHECK(table.rows.size() == 3);
  CHECK(table.frame_lines == 0);
  TableReaderOptions options;
  options.dialect.delimiter = ',';
  CHECK(read_text(" a | b\n---+---\n 1 | 2\n", options).frame_lines == 0);
}

TEST_CASE("row counts and rulers are told from values", "[ingest][printed]") {
  for (const auto* line :
       {"(1 row)", " (12 rows) ", "(3 baris)", "2 rows in set (0.00 sec)", "1 row in set, 1 warning"})
    CHECK(is_row_count(line));
  for (const auto* line : {"", "(rows)", "(12)", "12 rows", "(12 rows", "(1 Jl. Mawar 3)", "12"})
    CHECK_FALSE(is_row_count(line));
  for (const auto* line : {"---", "----+-----", "+====+", "|:---|---:|", " --- | --- "}) CHECK(is_ruler(line));
  for (const auto* line : {"", "--", "+62", "-1 | -2 | -3", "||||", "--a--"}) CHECK_FALSE(is_ruler(line));
}
