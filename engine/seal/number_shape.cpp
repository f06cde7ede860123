#include "seal/number_shape.h"

#include <algorithm>
#include <cmath>

namespace sidik {
namespace {

constexpr std::uint64_t kFewestNumbers = 50;
constexpr double kUneven = 0.06;  // a digit's share that is so far from a tenth; chance is allowed for beside it

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Luhn's check digit for the digits before the last (ISO/IEC 7812-1, annex B).
char luhn_digit(std::string_view number) {
  unsigned sum = 0;
  bool doubled = false, last = true;
  for (std::size_t i = number.size(); i-- > 0;) {
    if (!is_digit(number[i])) continue;
    if (!last) {
      const unsigned digit = static_cast<unsigned>(number[i] - '0') * (doubled ? 2 : 1);
      sum += digit > 9 ? digit - 9 : digit;
    }
    last = false;
    doubled = !doubled;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::size_t last_digit(std::string_view number) { return number.find_last_of("0123456789"); }

bool is_checked(std::string_view number) {
  const std::size_t last = last_digit(number);
  return last != std::string_view::npos && number[last] == luhn_digit(number);
}

}  // namespace

void NumberShape::observe(std::string_view raw) {
  Length& length = lengths_[raw.size()];
  length.digits.resize(raw.size());
  ++length.numbers;
  length.checked += is_checked(raw) ? 1U : 0U;
  for (std::size_t i = 0; i < raw.size(); ++i)
    if (is_digit(raw[i])) ++length.digits[i][static_cast<std::size_t>(raw[i] - '0')];
}

bool NumberShape::has_check_digit() const {
  std::uint64_t numbers = 0, checked = 0;
  for (const auto& [size, length] : lengths_) {
    numbers += length.numbers;
    checked += length.checked;
  }
  return numbers >= kFewestNumbers && checked == numbers;
}

std::vector<bool> NumberShape::free_digits(std::string_view like) const {
  std::vector<bool> free(like.size());
  for (std::size_t i = 0; i < like.size(); ++i) free[i] = is_digit(like[i]);
  const auto found = lengths_.find(like.size());
  if (found != lengths_.end() && found->second.numbers >= kFewestNumbers)
    for (std::size_t i = 0; i < like.size(); ++i) {
      const auto& counts = found->second.digits[i];
      double numbers = 0;
      for (const std::uint32_t count : counts) numbers += count;
      if (numbers == 0) continue;
      const double chance = 5 * std::sqrt(0.09 / numbers);
      for (const std::uint32_t count : counts)
        if (std::abs(count / numbers - 0.1) > kUneven + chance) free[i] = false;
    }
  if (has_check_digit() && last_digit(like) != std::string_view::npos) free[last_digit(like)] = false;
  return free;
}

std::string NumberShape::with_check_digit(std::string number) const {
  if (has_check_digit() && last_digit(number) != std::string::npos) number[last_digit(number)] = luhn_digit(number);
  return number;
}

}  // namespace sidik
