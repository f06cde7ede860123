// Postal addresses, Indonesian first.
#pragma once

#include <string_view>

namespace sidik {

/// Writes the address in lower case: words apart by one space, no punctuation, the usual abbreviations in one spelling
/// (Jl./Jln./ Jalan, Gg./Gang, No./Nomor, Kel., Kec., Kab., Ds., Dsn., Kp., Perum., Blok, ...), numbers without leading
/// zeros, RT and RW as "rt 3 rw 5" from RT 003/RW 005, RT.03/05 or RT/RW 003/005. Returns the end; nullptr where `text`
/// holds no letter or more than 1000 bytes. REQUIRES: as write_nik.
char* write_address(std::string_view text, char* out);

}  // namespace sidik
