// What a sample of a column's values shows: how many are valid under each type, and the shapes that decide between
// types.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "fields/canonical.h"
#include "fields/field_type.h"

namespace sidik {

/// Shares are of the values that are not null; 0 where there is none.
struct ColumnEvidence {
  std::size_t values = 0;                   // not null
  std::array<double, kFieldTypes> valid{};  // by the type's number, under `options`
  CanonicalOptions options;                 // date order and decimal sign as the values prove them
  std::size_t distinct = 0;                 // folded values
  double distinct_share = 0;

  double women = 0;            // of valid NIKs: day + 40
  double written_phone = 0;    // valid phones that are mobiles or carry a +, brackets or grouping
  double mobile_digits = 0;    // 08..., 628..., +628...
  double clock = 0;            // of valid dates: a time is written, be it midnight
  double timed = 0;            // of valid dates: another time than midnight
  double compact_dates = 0;    // of valid dates: digits only
  double two_digit_years = 0;  // of valid dates
  double leading_zero = 0;     // numbers of two digits and more that begin with 0
  double digits_only = 0;
  double with_digit = 0;
  double with_letter = 0;
  double spaced = 0;         // two words and more
  double dotted_quads = 0;   // 10.0.0.1
  double fraction = 0;       // valid decimals that are no whole numbers
  double person_like = 0;    // one to six words of letters, as names are
  double known_names = 0;    // with a word that is a common name of people
  double address_like = 0;   // with words of addresses, and a number
  std::size_t shortest = 0;  // bytes
  std::size_t longest = 0;
  double mean_size = 0;
  bool yes_and_t = false;    // y and t stand for "ya" and "tidak" here, not for true twice
  bool counts_rows = false;  // whole numbers, each one more than the one before
  bool dense = false;        // distinct whole numbers that nearly fill their range
};

/// REQUIRES: kTextSlack readable bytes behind each value. `stride`: how many rows lie between two values.
ColumnEvidence observe_column(std::span<const std::string_view> values, std::size_t stride);

}  // namespace sidik
