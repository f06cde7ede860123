// Phone numbers in E.164, however they are written; Indonesian ones without a country code too.
#pragma once

#include <string_view>

namespace sidik {

/// Writes "+", country code and number, and returns the end; nullptr where `text` is no phone number. Indonesian:
/// 08.., 62.., +62.., 0062.., 8.. (a lost zero), landlines with their area code (021 ...). Others: with + or 00, and
/// North American ones grouped as 415-555-0123. Spaces, dots, dashes, slashes, brackets and a word before the number
/// (HP, Tel.) are skipped. REQUIRES: as write_nik.
char* write_phone(std::string_view text, char* out);

}  // namespace sidik
