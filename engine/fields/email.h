// E-mail addresses.
#pragma once

#include <string_view>

namespace sidik {

/// Writes the address in lower case and returns its end; nullptr where `text` is none: one @, a local part without
/// blanks, a domain of two labels or more. "mailto:", angle brackets and a stray mark at the end are dropped. REQUIRES:
/// as write_nik.
char* write_email(std::string_view text, char* out);

}  // namespace sidik
