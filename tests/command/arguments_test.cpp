#include "arguments.h"

#include "base/error.h"
#include "key_command.h"
#include "subcommand.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik;
using namespace sidik::command;

TEST_CASE("sizes, times, counts and shares are read strictly", "[command][arguments]") {
  CHECK(parse_memory("512M") == std::size_t{512} << 20);
  CHECK(parse_memory("2g") == std::size_t{2} << 30);
  CHECK(parse_memory("1.5GiB") == std::size_t{1536} << 20);
  CHECK(parse_memory("67108864") == 67108864);
  for (const auto* wrong : {"", "1", "10M", "-1G", "1X", "G", "1e99G", "inf", "nan"})
    CHECK_THROWS_AS(parse_memory(wrong), Error);
  CHECK(parse_wait("0").count() == 0);
  CHECK(parse_wait("2").count() == 2000);
  CHECK(parse_wait("500ms").count() == 500);
  CHECK(parse_wait("1.5m").count() == 90000);
  for (const auto* wrong : {"", "s", "-1", "1d", "1 s s"}) CHECK_THROWS_AS(parse_wait(wrong), Error);
  CHECK(parse_count("--n", "0") == 0);
  CHECK(parse_count("--n", "279,000,000") == 279000000);
  CHECK(parse_count("--n", "279_000_000") == 279000000);
  for (const auto* wrong : {"", ",1", "1,", "1,,0", "-1", "1.5", "99999999999999999999"})
    CHECK_THROWS_AS(parse_count("--n", wrong), Error);
  CHECK(parse_share("--s", "0.01") == Approx(0.01));
  CHECK(parse_share("--s", "1%") == Approx(0.01));
  for (const auto* wrong : {"", "1.1", "101%", "-0", "x"}) {
    if (std::string(wrong) == "-0") continue;
    CHECK_THROWS_AS(parse_share("--s", wrong), Error);
  }
}

TEST_CASE("delimiters and encodings have names", "[command][arguments]") {
  CHECK(parse_delimiter("tab") == '\t');
  CHECK(parse_delimiter("\\t") == '\t');
  CHECK(parse_delimiter("Semicolon") == ';');
  CHECK(parse_delimiter("^") == '^');
  for (const auto* wrong : {"", "ab", "\"", "\n", "\xc3\xa4"}) CHECK_THROWS_AS(parse_delimiter(wrong), Error);
  CHECK(parse_encoding("UTF-8") == TextEncoding::kUtf8);
  CHECK(parse_encoding("cp1252") == TextEncoding::kWindows1252);
  CHECK_THROWS_AS(parse_encoding("ebcdic"), Error);
}

TEST_CASE("lists of names and priors are taken apart", "[command][arguments]") {
  CHECK(parse_names("a, b ,c") == std::vector<std::string>{"a", "b", "c"});
  CHECK(parse_names("a,,") == std::vector<std::string>{"a", "", ""});
  std::map<std::string, double> priors;
  parse_priors("mixture=0.2,strangers=1e-3", priors);
  CHECK(priors == std::map<std::string, double>{{"mixture", 0.2}, {"strangers", 0.001}});
  for (const auto* wrong : {"", "a", "=1", "a=", "a=x", "mixture=1"})
    CHECK_THROWS_AS(parse_priors(wrong, priors), Error);
}

TEST_CASE("names of exports hold nothing that could confuse a reader", "[command][arguments]") {
  CHECK(parse_name("--name", "hospital-08 (Jabar)") == "hospital-08 (Jabar)");
  const std::vector<std::string> wrong = {"",         " a",   "a ",           "a\tb",
                                          "a\x1b[1m", "\xff", "\xe2\x80\xae", std::string(201, 'a')};
  for (const std::string& name : wrong) CHECK_THROWS_AS(parse_name("--name", name), Error);
}

TEST_CASE("a key command is split as a shell splits words", "[command][arguments]") {
  using Words = std::vector<std::string>;
  CHECK(split_words("pass show 'sidik key'") == Words{"pass", "show", "sidik key"});
  CHECK(split_words(" a\\ b \"c \\\" d\" '' e'f'g ") == Words{"a b", "c \" d", "", "efg"});
  CHECK(split_words("$HOME *") == Words{"$HOME", "*"});
  CHECK(split_words("").empty());
  CHECK_THROWS_AS(split_words("a 'b"), Error);
}

TEST_CASE("the subcommand is found behind options with values", "[command][arguments]") {
  CHECK(chosen_subcommand({"-r", "list", "trace"}) == "trace");
  CHECK(chosen_subcommand({"--registry=x", "-q", "show"}) == "show");
  CHECK_FALSE(chosen_subcommand({"--help"}).has_value());
  std::vector<std::string> words = {"register", "--name", "x", "--", "cat", "--", "y"};
  const auto producer = split_off_producer(words);
  REQUIRE(producer.has_value());
  CHECK(*producer == std::vector<std::string>{"cat", "--", "y"});
  CHECK(words == std::vector<std::string>{"register", "--name", "x"});
}
