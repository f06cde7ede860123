// How a column's values are spelled: layout of dates and phones, letter case, null token. Evidence of the tool that
// wrote a file, and blind to what the values are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fields/field_type.h"

namespace sidik {

/// The commonest spelling of a column, as small words that can be compared and shown; "" where it says nothing.
struct Spelling {
  /// Letters of the values that have any: "upper", "lower", "title", "mixed"; "" without letters.
  std::string letter_case;
  /// Dates and timestamps: "yyyy-mm-dd", "dd/mm/yyyy", "dd mon yyyy", ... with " time" behind where a time follows;
  /// phones: "0",
  /// "+62", "62", "0062", "+", "bare", with " grouped" where there are spaces or dashes; decimals: "point", "comma";
  /// identifiers and NIKs: "grouped" or "plain".
  std::string layout;
  /// The commonest way to write "no value": "" for an empty cell, else the token folded to upper case ("NULL", "\N");
  /// "none" where no value is null.
  std::string null_token = "none";
  bool operator==(const Spelling&) const = default;
};

/// Reads the spelling off some values (a few hundred are plenty). Total; holds no value.
Spelling describe_spelling(FieldType type, std::span<const std::string_view> raw);

}  // namespace sidik
