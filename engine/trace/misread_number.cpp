#include "trace/misread_number.h"

#include <utility>

#include "fields/characters.h"

namespace sidik {
namespace {

constexpr std::size_t kFewestDigits = 7;
constexpr std::size_t kMostDigits = 20;
constexpr std::size_t kFewestShown = 4;  // digits that are written as such
constexpr std::size_t kNikDigits = 16;

/// The digit that a letter looks like; 0 where it is like none.
char digit_like(char c) {
  switch (c) {
    case 'O':
    case 'o':
    case 'Q':
    case 'D':
      return '0';
    case 'l':
    case 'I':
    case 'i':
    case '|':
    case '!':
      return '1';
    case 'Z':
    case 'z':
      return '2';
    case 'S':
    case 's':
      return '5';
    case 'G':
    case 'b':
      return '6';
    case 'B':
      return '8';
    case 'g':
    case 'q':
      return '9';
    default:
      return 0;
  }
}

/// The number's digits with letters that look like digits read as these.
struct ReadDigits {
  std::string digits;
  bool plus = false;
  std::size_t letters = 0;
  bool other = false;  // holds what is in no number
};

ReadDigits read_digits(std::string_view raw) {
  ReadDigits read;
  for (const char c : trim_blanks(raw)) {
    if (is_ascii_digit(c)) {
      read.digits += c;
    } else if (const char like = digit_like(c)) {
      read.digits += like;
      ++read.letters;
    } else if (c == '+' && read.digits.empty()) {
      read.plus = true;
    } else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')') {
      read.other = true;
    }
  }
  return read;
}

}  // namespace

bool may_be_misread(FieldType type, std::string_view raw) {
  if (type != FieldType::kNik && type != FieldType::kPhone && type != FieldType::kIdentifier) return false;
  if (raw.size() > 3 * kMostDigits) return false;
  const ReadDigits read = read_digits(raw);
  return !read.other && read.digits.size() >= kFewestDigits && read.digits.size() <= kMostDigits &&
         read.letters + kFewestShown <= read.digits.size();
}

Completeness misreadings(FieldType type, std::string_view raw, Completions& out) {
  if (!may_be_misread(type, raw)) return Completeness::kNone;
  const ReadDigits read = read_digits(raw);
  std::string number = (read.plus ? "+" : "") + read.digits;
  const std::size_t first = read.plus ? 1 : 0;
  if (read.letters > 0) {
    out.add(number);
    return Completeness::kSome;
  }
  for (std::size_t i = first; i < number.size(); ++i) {
    const char shown = number[i];
    for (char digit = '0'; digit <= '9'; ++digit) {
      if (digit == shown) continue;
      number[i] = digit;
      out.add(number);
    }
    number[i] = shown;
    if (i + 1 == number.size() || number[i] == number[i + 1]) continue;
    std::swap(number[i], number[i + 1]);
    out.add(number);
    std::swap(number[i], number[i + 1]);
  }
  if (type != FieldType::kNik) return Completeness::kSome;
  for (std::size_t i = 0; i <= number.size(); ++i) {
    if (number.size() + 1 == kNikDigits) {
      for (char digit = '0'; digit <= '9'; ++digit) out.add(number.substr(0, i) + digit + number.substr(i));
    } else if (number.size() == kNikDigits + 1 && i < number.size()) {
      out.add(number.substr(0, i) + number.substr(i + 1));
    }
  }
  return Completeness::kSome;
}

}  // namespace sidik
