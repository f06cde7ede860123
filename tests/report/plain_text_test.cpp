#include "report/plain_text.h"

#include "report/text_table.h"
#include "support/catch.h"

using namespace sidik;

TEST_CASE("printable text holds nothing that moves, turns or breaks a line", "[report][plain]") {
  CHECK(printable("Jl. Melati 5, Ünïcödé 名前") == "Jl. Melati 5, Ünïcödé 名前");
  CHECK(printable("a\x1b[1m\n\r\t\x7f") == "a\\x1b[1m\\n\\r\\t\\x7f");
  CHECK(printable("\xe2\x80\xaegnp") == "\\u{202e}gnp");
  CHECK(printable("\xc2\x9b") == "\\u{9b}");
  CHECK(printable("\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80") == "\\xff\\xc0\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
  CHECK(printable("\xe4\xb8") == "\\xe4\\xb8");
  CHECK(printable(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("printable text of any three bytes is printable already", "[report][plain]") {
  constexpr std::string_view kNasty = "a\\\n\x1b\x7f\x80\x9b\xbf\xc2\xe2\xed\xf0\xff";
  for (const char a : kNasty)
    for (const char b : kNasty)
      for (const char c : kNasty) {
        const std::string once = printable(std::string{a, b, c});
        CHECK(printable(once) == once);
      }
}

TEST_CASE("widths count what a terminal shows", "[report][plain]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("é") == 1);
  CHECK(display_width("e\xcc\x81") == 1);
  CHECK(display_width("名前") == 4);
  CHECK(display_width("") == 0);
}

TEST_CASE("text is wrapped at blanks, longer words are cut, nothing is lost", "[report][plain]") {
  using Lines = std::vector<std::string>;
  CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrapped("abcdefgh", 3) == Lines{"abc", "def", "gh"});
  CHECK(wrapped("a abcdef b", 3) == Lines{"a", "abc", "def", "b"});
  CHECK(wrapped("", 5) == Lines{""});
  CHECK(wrapped("a\n\nb", 5) == Lines{"a", "", "b"});
  CHECK(wrapped("名前名前", 3) == Lines{"名", "前", "名", "前"});
}

TEST_CASE("figures read as people write them", "[report][plain]") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(279000000) == "279,000,000");
  CHECK(percent(0) == "0 %");
  CHECK(percent(1) == "100 %");
  CHECK(percent(0.0001) == "under 0.1 %");
  CHECK(percent(0.9999) == "over 99.9 %");
  CHECK(percent(0.02) == "2 %");
  CHECK(percent(0.994) == "99.4 %");
  CHECK(percent(0.5) == "50 %");
  CHECK(decades(30.12) == "+30.1");
  CHECK(decades(-0.04) == "0.0");
  CHECK(decades(-8.5) == "-8.5");
  CHECK(byte_size(37) == "37 B");
  CHECK(byte_size(4200000) == "4.2 MB");
  CHECK(byte_size(999999) == "1.0 MB");
}

TEST_CASE("tables wrap their widest cells and cut none", "[report][plain]") {
  TextTable table({{"name", TextTable::Align::kLeft}, {"n", TextTable::Align::kRight}});
  table.add({"a", "1"});
  table.add({"a rather long name of something", "1,000"});
  CHECK(table.text(100) ==
        "name                                 n\n"
        "a                                    1\n"
        "a rather long name of something  1,000\n");
  CHECK(table.text(24) ==
        "name                   n\n"
        "a                      1\n"
        "a rather long      1,000\n"
        "name of something\n");
}
