// Which characters of a column's numbers are as good as random: a number like them may have others there, and nowhere
// else.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidik {

/// The number that a cell's digits are, whatever stands between them; nothing for none, or for more than 18.
std::optional<std::uint64_t> digits_value(std::string_view raw);

/// What the numbers of one column have in common, by their lengths: prefixes of offices and years, dashes, constant
/// ends, dates, check digits (fields/check_digits.h). Not thread-safe.
class NumberShape {
 public:
  void observe(std::string_view raw);
  /// The table has so many rows: steps between numbers that leave none free among them are no rule for others.
  void set_rows(std::uint64_t rows) { rows_ = rows; }

  /// By byte of `like`: whether its digit may be another. Digits that are not evenly spread in the column, in numbers
  /// of that length, may not; nor may those of a date (YYMMDD, DDMMYY), nor check digits where the numbers have them.
  std::vector<bool> free_digits(std::string_view like) const;
  /// `like` with other letters where letters, or letters and digits, are evenly spread, as in UUIDs; digits may become
  /// letters there. `drawn`: three digits for each byte. `kept`, by byte: what stays.
  std::string with_other_letters(std::string_view like, std::string_view drawn, const std::vector<bool>& kept) const;
  /// `number` as far from the others as they are from each other, in whole steps, or with its check digits, where the
  /// column's numbers have such; if no number has such digits, its last free one is another. Nothing where that does
  /// not help either.
  std::optional<std::string> with_check_digits(std::string number, const std::vector<bool>& free) const;

 private:
  static constexpr std::size_t kCharacters = 62;  // digits, capitals, small letters
  struct Length {
    std::uint64_t numbers = 0;
    std::vector<std::array<std::uint32_t, kCharacters>> characters;  // by byte
    std::vector<std::uint32_t> year_first, day_first;                // dates of six digits, by their first byte
  };
  std::optional<std::size_t> check_system() const;
  std::string on_step(std::string number) const;
  std::map<std::size_t, Length> lengths_;
  std::vector<std::uint32_t> checked_;                 // by system
  std::optional<std::uint64_t> first_, least_, most_;  // numbers
  std::uint64_t step_ = 0;                             // that all others are multiples of away from the first
  std::uint64_t rows_ = 0;
};

}  // namespace sidik
