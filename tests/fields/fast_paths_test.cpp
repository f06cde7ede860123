// Every fast path against the general reader of its type. Something harmless before or behind a value (an apostrophe, a
// plus, a full stop) takes it off the fast path; its form must not notice.
#include <string>
#include <vector>

#include "fields/address_words.h"
#include "fields/canonical.h"
#include "support/catch.h"

namespace sidik {
namespace {

std::string shown(const CanonicalValue& value) {
  return std::to_string(static_cast<int>(value.state)) + " " + value.text;
}

std::string joined(std::string_view before, std::string_view text) {
  std::string both(before);
  both += text;
  return both;
}

/// Whether `word` is one of the words of `list`, which stand apart by spaces.
bool is_listed(std::string_view word, std::string_view list) {
  return joined(joined(" ", list), " ").find(joined(joined(" ", word), " ")) != std::string::npos;
}

std::string two_digits(int number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

/// Calls `check` with every string of up to `length` characters of `alphabet` behind `before`.
template <class Check>
void for_all(std::string_view before, std::string_view alphabet, std::size_t length, const Check& check) {
  std::vector<std::size_t> digits;
  for (;;) {
    std::string text(before);
    for (const std::size_t d : digits) text.push_back(alphabet[d]);
    if (!text.empty()) check(text);
    std::size_t i = 0;
    while (i < digits.size() && digits[i] + 1 == alphabet.size()) digits[i++] = 0;
    if (i < digits.size()) {
      ++digits[i];
    } else if (digits.size() < length) {
      digits.push_back(0);
    } else {
      return;
    }
  }
}

/// The forms of both are one, where the detour is a value of the type at all (else only its text differs).
void check_same(FieldType type, const CanonicalOptions& options, const std::string& fast, const std::string& detour) {
  if (is_null_token(fast)) return;
  const CanonicalValue one = canonical(type, fast, options);
  const CanonicalValue other = canonical(type, detour, options);
  if (one.state == other.state && (one.state != ValueState::kValid || one.text == other.text)) return;
  FAIL(type_name(type) << " [" << fast << "] is " << shown(one) << ", but [" << detour << "] is " << shown(other));
}

TEST_CASE("dates are read alike with and without a fixed layout", "[fields][fast]") {
  for (const DateOrder order : {DateOrder::kDayFirst, DateOrder::kMonthFirst}) {
    CanonicalOptions options;
    options.date_order = order;
    const auto check = [&options](const std::string& text) {
      check_same(FieldType::kDate, options, text, joined("'", text));
      check_same(FieldType::kTimestamp, options, text, joined("'", text));
    };
    for (const char* mark : {"-", "/", "."}) {
      for (int day = 0; day <= 32; ++day) {
        for (int month = 0; month <= 13; ++month) {
          for (const char* year : {"1499", "1500", "1900", "1984", "1985", "2000", "9999"}) {
            const std::string d = two_digits(day);
            const std::string m = two_digits(month);
            check(d + mark + m + mark + year);
            check(year + std::string(mark) + m + mark + d);
          }
        }
      }
    }
    for_all("1985-03-1", "02/-T :.", 4, check);
    for_all("12/03/198", "05/-T :.", 4, check);
    for_all("1985-03-12 1", "0259:.T", 4, check);
    for_all("1985-03-12T23:59:5", "0259:.Z", 4, check);
  }
}

TEST_CASE("numbers are read alike with and without a plus", "[fields][fast]") {
  for (const DecimalSign sign : {DecimalSign::kPoint, DecimalSign::kComma}) {
    CanonicalOptions options;
    options.decimal_sign = sign;
    for_all("", "0179.,", 6, [&options](const std::string& text) {
      check_same(FieldType::kDecimal, options, text, joined("+", text));
      check_same(FieldType::kInteger, options, text, joined("+", text));
    });
    for_all("00012345678", "05.,", 6, [&options](const std::string& text) {
      check_same(FieldType::kDecimal, options, joined("-", text), joined("- ", text));
      check_same(FieldType::kInteger, options, text, joined("+", text));
    });
  }
}

TEST_CASE("numbers of people and cards are read alike behind an apostrophe", "[fields][fast]") {
  for (const FieldType type : {FieldType::kNik, FieldType::kPhone, FieldType::kIdentifier}) {
    const auto check = [type](const std::string& text) { check_same(type, {}, text, joined("'", text)); };
    for_all("", "0268+", 6, check);
    for_all("320517", "014 ", 5, check);
    for_all("32051701018500", "01a ", 3, check);
    for_all("08123456", "018-", 5, check);
    for_all("+62", "0812", 5, check);
    for_all("00621234567", "0812", 4, check);
  }
}

TEST_CASE("names are read alike with and without a full stop behind", "[fields][fast]") {
  const auto check = [](const std::string& text) {
    if (!is_null_token(text) && text.find_first_not_of(' ') != std::string::npos)
      check_same(FieldType::kPersonName, {}, text, text + ".");
  };
  for_all("", "sShdrk ", 5, check);
  for_all("Budi ", "shkomM ", 5, check);
  for_all("Abdurrahman Santo", "so SH", 5, check);
}

/// The plain twin of write_address: words one by one, then RT and RW.
std::string address_plainly(const std::string& text) {
  struct Word {
    std::string text;
    bool stroke = false;
    bool number = false;
  };
  std::vector<Word> words;
  bool fresh = true;
  bool stroke = false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (!digit && !(small >= 'a' && small <= 'z')) {
      fresh = true;
      stroke = stroke || c == '/' || c == '-';
      continue;
    }
    if (fresh) words.push_back({"", stroke, true});
    fresh = false;
    stroke = false;
    words.back().text += small;
    words.back().number = words.back().number && digit;
  }
  std::vector<Word> apart;
  for (const Word& word : words) {
    const std::size_t digit = word.text.find_first_of("0123456789");
    const std::string head = word.text.substr(0, digit);
    const bool glued = digit != std::string::npos && word.text.size() < 64 &&
                       (head == "rt" || head == "rw" || head == "no" || head == "blok");
    if (glued) apart.push_back({head, word.stroke, false});
    const std::string rest = glued ? word.text.substr(digit) : word.text;
    apart.push_back({rest, !glued && word.stroke, rest.find_first_not_of("0123456789") == std::string::npos});
  }
  for (Word& word : apart) {
    if (word.number) {
      const std::size_t first = word.text.find_first_not_of('0');
      word.text = first == std::string::npos ? "0" : word.text.substr(first);
      continue;
    }
    for (const AddressWord& known : kAddressWords)
      if (is_listed(word.text, known.written)) word.text = known.form;
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < apart.size(); ++i) {
    const auto is = [&](std::size_t at, const char* what) { return at < apart.size() && apart[at].text == what; };
    const auto number = [&](std::size_t at) { return at < apart.size() && apart[at].number; };
    if (is(i, "rt") && is(i + 1, "rw") && number(i + 2)) {
      out.insert(out.end(), {"rt", apart[i + 2].text});
      if (number(i + 3)) out.insert(out.end(), {"rw", apart[i + 3].text});
      i += number(i + 3) ? 3 : 2;
    } else if (is(i, "rt") && number(i + 1)) {
      out.insert(out.end(), {"rt", apart[i + 1].text});
      if (number(i + 2) && apart[i + 2].stroke) out.insert(out.end(), {"rw", apart[i + 2].text});
      i += number(i + 2) && apart[i + 2].stroke ? 2 : 1;
    } else {
      out.push_back(apart[i].text);
    }
  }
  std::string form;
  for (const std::string& word : out) form += joined(form.empty() ? "" : " ", word);
  return form;
}

TEST_CASE("addresses are read by bits as they are word by word", "[fields][fast]") {
  const auto check = [](const std::string& text) {
    const CanonicalValue form = canonical(FieldType::kAddress, text);
    if (form.state != ValueState::kValid) return;
    if (form.text != address_plainly(text))
      FAIL("[" << text << "] is [" << form.text << "], plainly [" << address_plainly(text) << "]");
  };
  for_all("", "rtwRT0/ ", 5, check);
  for_all("Jl. RT", "w03/ -a", 5, check);
  for_all("RT/RW ", "03/-. a", 5, check);
  static constexpr std::string_view kPieces[] = {
      "Jl. ", "Kelurahan", " ",   "/",    "RT", "RW ",           "003",        "05",
      "-",    "No.",       "no5", "Blok", "a2", "Kec. Sukamaju", "apartment ", "Pemerintahan",
      ", ",   "rt03",      "rw",  "0"};
  unsigned random = 1;
  for (unsigned round = 0; round < 60'000; ++round) {
    std::string text;
    for (unsigned pieces = 1 + round % 24; pieces > 0; --pieces) {
      random = random * 1664525 + 1013904223;
      text += kPieces[(random >> 16) % std::size(kPieces)];
    }
    check(text);
  }
  check(std::string(200, 'a') + " no 5");
  check("no " + std::string(130, '0') + "7 rt " + std::string(63, 'b') + "/" + std::string(64, 'c'));
}

TEST_CASE("every form of an address word is a spelling of itself", "[fields][address]") {
  for (const AddressWord& word : kAddressWords) {
    CHECK(word.form.size() <= 8);
    CHECK(is_listed(word.form, word.written));
  }
}

}  // namespace
}  // namespace sidik
