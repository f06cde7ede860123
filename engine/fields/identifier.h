// Identifiers: card, policy, account, employee and tax numbers, codes of any kind.
#pragma once

#include <string_view>

namespace sidik {

/// Writes letters (lowered) and digits only, a number without its leading zeros, and returns the end; nullptr where
/// `text` is no identifier: other characters than letters, digits and separators, more than 128 of them, words rather
/// than groups of digits, or a number that a spreadsheet has rounded (3.20517E+15). REQUIRES: as write_nik.
char* write_identifier(std::string_view text, char* out);

}  // namespace sidik
