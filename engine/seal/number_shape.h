// Which digits of a column's numbers are as good as random: a number like them may have others there, and nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sidik {

/// What the numbers of one column have in common, by their lengths: prefixes of offices and years, dashes, constant
/// ends, check digits. Not thread-safe.
class NumberShape {
 public:
  void observe(std::string_view raw);

  /// By byte of `like`: whether its digit may be another. Digits that are not evenly spread in the column, in numbers
  /// of that length, may not; nor may the last where all numbers have Luhn's check digit, which with_check_digit()
  /// writes.
  std::vector<bool> free_digits(std::string_view like) const;
  /// `number` with Luhn's check digit where all numbers of the column have it.
  std::string with_check_digit(std::string number) const;

 private:
  struct Length {
    std::uint64_t numbers = 0, checked = 0;
    std::vector<std::array<std::uint32_t, 10>> digits;  // by byte
  };
  bool has_check_digit() const;
  std::map<std::size_t, Length> lengths_;
};

}  // namespace sidik
