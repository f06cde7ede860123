// Numbers that were misread from an image or mistyped, and the few that they may have been.
#pragma once

#include "trace/partial_value.h"

namespace sidik {

/// About how many these are.
inline constexpr double kUsualMisreadings = 160;

/// Whether the cell may be a misread value of a type whose numbers identify: seven digits and more, some of them
/// perhaps letters that look like digits, and at most what separates groups between them.
bool may_be_misread(FieldType type, std::string_view raw);

/// Fills `out` with the numbers that are one slip away: letters that look like digits (O 0, l I 1, Z 2, S 5, G b 6,
/// B 8, g q 9) read as these; where there is none, one digit wrong, or two neighbours exchanged; of a NIK also a digit
/// lost or one too many. Never all that there may be.
Completeness misreadings(FieldType type, std::string_view raw, Completions& out);

}  // namespace sidik
