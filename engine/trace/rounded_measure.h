// Amounts, counts and scores that were rounded, or cut, to tens or to whole ones throughout a column: what they may
// have been.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fields/canonical.h"

namespace sidik {

/// So many digits are lost of a column's numbers: of whole ones, or of decimals with two places.
struct Rounding {
  FieldType type = FieldType::kInteger;
  int lost = 0;
  CanonicalOptions options = {};  // as they are read
};

/// Nothing where fewer than 95 in a hundred of the values are such, there are hardly any, or nothing would be lost: of
/// whole numbers tens are the least, of decimals tenths. At most thousands and, of decimals, tens: more has too many
/// values that it may have been.
std::optional<Rounding> rounding_of(FieldType type, const CanonicalOptions& options,
                                    std::span<const std::string_view> cells);

/// How many values a number that was rounded so may have had.
double count_within(const Rounding& rounding);

/// Those, as text that canonicalise() reads: what is rounded to the nearest, or cut off, to `raw`. Empty where that is
/// no number.
std::vector<std::string> measures_within(std::string_view raw, const Rounding& rounding);

}  // namespace sidik
