// Whether runs and spill files are encrypted: always, but in the twin that `bench-encryption` holds itself against.
//
// There (CMake's SIDIK_CLEAR_BENCH) encryption is compiled out. No `sidik` is built of it, and its runs begin with
// another magic, so that neither takes the other's.
#pragma once

#include <array>
#include <cstdint>

namespace sidik {

#ifdef SIDIK_CLEAR_BENCH
inline constexpr bool kEncrypted = false;
inline constexpr std::array<std::uint8_t, 8> kRunMagic = {'N', 'O', 'T', 'S', 'E', 'C', 'R', 'T'};
#else
inline constexpr bool kEncrypted = true;
inline constexpr std::array<std::uint8_t, 8> kRunMagic = {'S', 'I', 'D', 'I', 'K', 'R', 'U', 'N'};
#endif

}  // namespace sidik
