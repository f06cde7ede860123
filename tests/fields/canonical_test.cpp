// What holds for the form of every type: total, idempotent, bounded, valid UTF-8, the same in any batch.
#include "fields/canonical.h"

#include <random>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "realistic_values.h"
#include "support/catch.h"

namespace sidik {
namespace {

const std::vector<CanonicalOptions>& all_options() {
  static const std::vector<CanonicalOptions> options = [] {
    std::vector<CanonicalOptions> all;
    for (const DateOrder order : {DateOrder::kDayFirst, DateOrder::kMonthFirst})
      for (const DecimalSign sign : {DecimalSign::kPoint, DecimalSign::kComma})
        for (const std::uint16_t newest : {std::uint16_t{1999}, std::uint16_t{2029}})
          all.push_back({order, sign, newest});
    return all;
  }();
  return options;
}

/// The options that a type's forms depend on.
std::span<const CanonicalOptions> options_of(FieldType type) {
  const bool depends = type == FieldType::kDate || type == FieldType::kTimestamp || type == FieldType::kInteger ||
                       type == FieldType::kDecimal;
  return std::span(all_options()).first(depends ? all_options().size() : 1);
}

/// An empty text where all is well, else what is not.
std::string broken_promise(FieldType type, const CanonicalOptions& options, std::string_view raw) {
  const CanonicalValue form = canonical(type, raw, options);
  if (form.state == ValueState::kNull) return form.text.empty() ? "" : "null with a form";
  if (form.text.empty()) return "empty form";
  if (form.text.size() > 4 * raw.size() + 16) return "too long";
  if (!is_utf8(form.text)) return "no UTF-8";
  const FieldType own = form.state == ValueState::kValid ? type : FieldType::kText;
  for (const CanonicalOptions& other : options_of(own)) {
    const CanonicalValue again = canonical(own, form.text, other);
    if (again.state != ValueState::kValid) return "its form is not valid";
    if (again.text != form.text) return "its form has another form: " + again.text;
  }
  return "";
}

void check_everywhere(std::string_view raw) {
  for (const FieldType type : all_field_types()) {
    for (const CanonicalOptions& options : options_of(type)) {
      const std::string broken = broken_promise(type, options, raw);
      if (broken.empty()) continue;
      INFO("type " << type_name(type) << ", value [" << raw << "], form [" << canonical(type, raw, options).text
                   << "]");
      FAIL_CHECK(broken);
      return;
    }
  }
}

void check_all_up_to(std::string_view alphabet, std::size_t length) {
  std::string text;
  std::vector<std::size_t> digits;
  for (;;) {
    std::size_t i = 0;
    while (i < digits.size() && digits[i] + 1 == alphabet.size()) digits[i++] = 0;
    if (i == digits.size()) {
      if (digits.size() == length) return;
      digits.push_back(0);
    } else {
      ++digits[i];
    }
    text.clear();
    for (const std::size_t d : digits) text.push_back(alphabet[d]);
    check_everywhere(text);
  }
}

TEST_CASE("forms are forms of themselves for realistic values", "[fields][canonical]") {
  for (const std::string_view value : test::kRealisticValues) check_everywhere(value);
}

TEST_CASE("forms are forms of themselves for all small inputs over nasty alphabets", "[fields][canonical]") {
  check_all_up_to("0a .-/'", 4);
  check_all_up_to("19,.e+%", 4);
  check_all_up_to("N/A\\-\"=", 4);
  check_all_up_to("\xc3\xa9\x80 a", 4);
  check_all_up_to("shdrk. ", 4);
}

TEST_CASE("forms are forms of themselves for mutated and mixed values", "[fields][canonical]") {
  std::mt19937 random(20210521);
  const auto below = [&random](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  static constexpr std::string_view kSpliced[] = {" ",  "0",    ".",    ",",   "-",      "/",     "'",  "RT ", "RW",
                                                  "no", "dr. ", "+",    "62",  "\u00e9", "e",     "\t", "@",   "\u0301",
                                                  "K",  "S.H.", "\xff", "=\"", "\"",     "%",     "jl", "(",   ")",
                                                  "12", ":",    "Z",    "PM",  "Mei",    "\u200d"};
  for (int round = 0; round < 12'000; ++round) {
    std::string value(test::kRealisticValues[below(test::kRealisticValues.size())]);
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
      const std::size_t at = below(value.size() + 1);
      switch (below(4)) {
        case 0:
          value.erase(at, 1 + below(3));
          break;
        case 1:
          value.insert(at, kSpliced[below(std::size(kSpliced))]);
          break;
        case 2:
          value = value.substr(at) + value.substr(0, at);
          break;
        default: {
          const std::string_view other = test::kRealisticValues[below(test::kRealisticValues.size())];
          value.insert(at, other.substr(below(other.size())));
        }
      }
    }
    check_everywhere(value);
  }
}

TEST_CASE("forms are forms of themselves for random bytes and code points", "[fields][canonical]") {
  std::mt19937 random(7);
  const auto below = [&random](std::uint32_t n) {
    return std::uniform_int_distribution<std::uint32_t>(0, n - 1)(random);
  };
  for (int round = 0; round < 4'000; ++round) {
    std::string value;
    for (std::uint32_t size = 1 + below(12); size > 0; --size) {
      std::uint32_t c = below(8) == 0 ? below(0x110000) : below(2) == 0 ? below(0x3000) : below(0x100);
      if (c >= 0xd800 && c < 0xe000) c = 'x';
      if (below(10) == 0) {
        value.push_back(static_cast<char>(c));
      } else if (c < 0x80) {
        value.push_back(static_cast<char>(c));
      } else if (c < 0x800) {
        value.push_back(static_cast<char>(0xc0 | (c >> 6)));
        value.push_back(static_cast<char>(0x80 | (c & 63)));
      } else {
        if (c >= 0x10000) value.push_back(static_cast<char>(0xf0 | (c >> 18)));
        value.push_back(static_cast<char>(c >= 0x10000 ? 0x80 | ((c >> 12) & 63) : 0xe0 | (c >> 12)));
        value.push_back(static_cast<char>(0x80 | ((c >> 6) & 63)));
        value.push_back(static_cast<char>(0x80 | (c & 63)));
      }
    }
    check_everywhere(value);
  }
}

TEST_CASE("a value's form does not depend on its batch", "[fields][canonical]") {
  std::string block;
  std::vector<std::pair<std::size_t, std::size_t>> where;
  for (int copies = 0; copies < 3; ++copies) {
    for (const std::string_view value : test::kRealisticValues) {
      where.emplace_back(block.size(), value.size());
      block += value;  // values touch, as cells between delimiters nearly do
    }
  }
  block.append(kTextSlack, 'x');
  std::vector<std::string_view> values;
  for (const auto& [begin, size] : where) values.emplace_back(block.data() + begin, size);
  values.emplace_back();
  CanonicalColumn column;
  for (const FieldType type : all_field_types()) {
    canonicalise(type, {}, values, column);
    REQUIRE(column.size() == values.size());
    REQUIRE(column.begin.size() == values.size() + 1);
    REQUIRE(column.text.size() >= column.begin.back() + kTextSlack);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const CanonicalValue alone = canonical(type, values[i]);
      INFO(type_name(type) << " [" << values[i] << "]");
      REQUIRE(column.state[i] == alone.state);
      REQUIRE(column.value(i) == alone.text);
    }
  }
  column.clear();
  CHECK(column.size() == 0);
}

TEST_CASE("category and text have one form", "[fields][canonical]") {
  for (const std::string_view value : test::kRealisticValues)
    CHECK(canonical(FieldType::kCategory, value).text == canonical(FieldType::kText, value).text);
}

}  // namespace
}  // namespace sidik
