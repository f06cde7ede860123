#include "fields/nik.h"

#include <array>
#include <cstdint>

#include "fields/characters.h"
#include "fields/region_codes.h"
#include "fields/spreadsheet.h"

namespace sidik {

namespace {

constexpr std::size_t kNikDigits = 16;
constexpr std::array<std::uint8_t, 13> kDaysOfMonth = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

unsigned two_digits(const char* p) {
  return static_cast<unsigned>(p[0] - '0') * 10 + static_cast<unsigned>(p[1] - '0');
}

}  // namespace

bool is_nik(const char* digits) {
  if (!all_digits_word(load_word(digits)) || !all_digits_word(load_word(digits + 8))) return false;
  if (!is_nik_region(two_digits(digits) * 100 + two_digits(digits + 2))) return false;
  if (two_digits(digits + 4) == 0) return false;
  unsigned day = two_digits(digits + 6);
  if (day > 40) day -= 40;
  const unsigned month = two_digits(digits + 8);
  const unsigned year = two_digits(digits + 10);
  if (month == 0 || month > 12 || day == 0 || day > kDaysOfMonth[month]) return false;
  // The century is not told; 1900 was no leap year, but of those born then none got a NIK.
  if (month == 2 && day == 29 && year % 4 != 0) return false;
  return two_digits(digits + 12) != 0 || two_digits(digits + 14) != 0;
}

char* write_nik(std::string_view text, char* out) {
  if (text.size() != kNikDigits || !is_ascii_digit(text.front())) {
    text = without_float_tail(without_spreadsheet_wrapping(text));
    if (text.size() < kNikDigits || text.size() > 2 * kNikDigits) return nullptr;
    std::array<char, 2 * kNikDigits + 16> digits{};
    std::size_t count = 0;
    for (const char c : text) {
      if (is_ascii_digit(c)) {
        digits[count++] = c;
      } else if (c != ' ' && c != '.' && c != '-' && c != '/' && c != '\'') {
        return nullptr;
      }
    }
    if (count != kNikDigits || !is_nik(digits.data())) return nullptr;
    return copy_loosely(out, digits.data(), kNikDigits);
  }
  if (!is_nik(text.data())) return nullptr;
  return copy_loosely(out, text.data(), kNikDigits);
}

}  // namespace sidik
