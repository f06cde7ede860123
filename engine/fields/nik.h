// The Indonesian national identity number (NIK): PPRRDD DDMMYY SSSS.
#pragma once

#include <string_view>

namespace sidik {

/// Writes the sixteen digits and returns their end, or nullptr where `text` is no NIK: province and regency known,
/// district not 00, a birth date that exists (day + 40 for women), serial not 0000. Spaces, dots, dashes and
/// spreadsheet wrapping are skipped. REQUIRES (of this and of every other writer of a form): `text` is trimmed, not
/// empty, folded where it is not ASCII, with kTextSlack readable bytes behind it; room for 4 * text.size() + kTextSlack
/// bytes at `out`. A form is a form of itself.
char* write_nik(std::string_view text, char* out);

/// Whether these sixteen digits (readable up to there) are a NIK.
bool is_nik(const char* digits);

}  // namespace sidik
