#include "fields/phone.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "fields/characters.h"
#include "fields/spreadsheet.h"

namespace sidik {

namespace {

// E.164 allows 15 digits; 00 and a bracketed 0 come on top.
constexpr std::size_t kMostDigits = 20;
constexpr std::size_t kFewestDigits = 7;

enum class Prefix : std::uint8_t { kNone, kPlus };

char* write_with_country(std::string_view country, std::string_view number, char* out) {
  *out++ = '+';
  for (const char c : country) *out++ = c;
  return copy_loosely(out, number.data(), number.size());
}

/// A national number without its leading 0: mobiles are 8 and eight to eleven digits, landlines an area code of two or
/// three and a subscriber's five to eight.
bool is_indonesian(std::string_view number) {
  if (number.empty()) return false;
  if (number.front() == '8') return number.size() >= 9 && number.size() <= 12;
  return number.front() >= '2' && number.size() >= 8 && number.size() <= 11;
}

char* write_indonesian(std::string_view number, char* out) {
  if (!number.empty() && number.front() == '0') number.remove_prefix(1);  // +62 (0) 812 ...
  if (!is_indonesian(number)) return nullptr;
  return write_with_country("62", number, out);
}

char* write_international(std::string_view number, char* out) {
  if (number.starts_with("62")) return write_indonesian(number.substr(2), out);
  if (number.size() < kFewestDigits || number.size() > 15 || number.front() == '0') return nullptr;
  return write_with_country("", number, out);
}

char* write_digits(std::string_view digits, Prefix prefix, char* out) {
  if (digits.size() < kFewestDigits) return nullptr;
  if (prefix == Prefix::kPlus) return write_international(digits, out);
  if (digits.starts_with("00")) return write_international(digits.substr(2), out);
  if (digits.front() == '0') {
    const std::string_view number = digits.substr(1);
    if (is_indonesian(number)) return write_with_country("62", number, out);
    // 062812...: a zero set before a number that had its country code.
    return number.starts_with("628") ? write_indonesian(number.substr(2), out) : nullptr;
  }
  if (digits.front() == '8') return is_indonesian(digits) ? write_with_country("62", digits, out) : nullptr;
  if (digits.starts_with("62")) return write_indonesian(digits.substr(2), out);
  return nullptr;
}

/// 415-555-0123, (415) 555-0123, 1-415-555-0123: the grouping tells what bare digits would not.
bool is_north_american(std::string_view digits, std::uint32_t groups) {
  if (digits.size() == 11 && digits.front() == '1' && (groups & 1U) != 0) {
    digits.remove_prefix(1);
    groups >>= 1;
  }
  return digits.size() == 10 && digits[0] >= '2' && digits[3] >= '2' && (groups & 0x3ffU) == 0b1000100100U;
}

/// "HP: ", "Telp. ", "WA ": what stands before a number to say that it is one.
std::string_view without_label(std::string_view text) {
  static constexpr std::array<std::string_view, 18> kLabels = {
      "hp", "tel",    "telp",      "telepon", "telpon", "tlp", "tlpn", "wa",     "phone",
      "ph", "mobile", "handphone", "fax",     "cell",   "no",  "nohp", "notelp", "ponsel"};
  if (text.size() < 3 || !is_ascii_letter(text.front())) return text;
  std::array<char, 16> word{};
  std::size_t size = 0;
  std::size_t i = 0;
  for (; i < text.size() && i < 24 && !is_ascii_digit(text[i]) && text[i] != '+' && text[i] != '('; ++i)
    if (is_ascii_letter(text[i]) && size < word.size()) word[size++] = kLowerTable[byte_of(text[i])];
  const std::string_view label(word.data(), size);
  return std::find(kLabels.begin(), kLabels.end(), label) == kLabels.end() ? text : text.substr(i);
}

char* write_spaced(std::string_view text, char* out) {
  text = without_label(without_float_tail(without_spreadsheet_wrapping(text)));
  if (text.size() > 4 * kMostDigits) return nullptr;
  std::array<char, kMostDigits + 16> digits{};
  std::size_t count = 0;
  std::uint32_t groups = 0;  // bit n: a separator stood behind digit n, counted from 0; the last digit's bit is set too
  Prefix prefix = Prefix::kNone;
  for (const char c : text) {
    if (is_ascii_digit(c)) {
      if (count == kMostDigits) return nullptr;
      digits[count++] = c;
    } else if (c == '+') {
      if (count != 0 || prefix == Prefix::kPlus) return nullptr;
      prefix = Prefix::kPlus;
    } else if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/' || c == '_') {
      if (count != 0) groups |= 1U << (count - 1);
    } else {
      return nullptr;
    }
  }
  if (count == 0) return nullptr;
  groups |= 1U << (count - 1);
  const std::string_view all(digits.data(), count);
  if (prefix == Prefix::kNone && is_north_american(all, groups))
    return write_with_country(count == 10 ? "1" : "", all, out);
  return write_digits(all, prefix, out);
}

}  // namespace

char* write_phone(std::string_view text, char* out) {
  if (text.size() <= kMostDigits) {
    const bool plus = text.front() == '+';
    const std::string_view digits = text.substr(plus ? 1 : 0);
    if (all_digits(digits)) return write_digits(digits, plus ? Prefix::kPlus : Prefix::kNone, out);
  }
  return write_spaced(text, out);
}

}  // namespace sidik
