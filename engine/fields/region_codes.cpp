#include "fields/region_codes.h"

#include <array>

namespace sidik {

namespace {

constexpr Regency kRegencies[] = {
#include "fields/region_codes.inc"
};

// Codes that were in force when NIKs were given out and are so no longer: North Kalimantan as part of East Kalimantan
// (to 2012), the provinces split from Papua and West Papua (to 2022).
constexpr std::uint16_t kFormerRegencies[] = {6404, 6405, 6406, 6410, 6473, 9101, 9102, 9104, 9107, 9108, 9109,
                                              9112, 9113, 9114, 9116, 9117, 9118, 9121, 9122, 9123, 9124, 9125,
                                              9126, 9127, 9128, 9201, 9204, 9205, 9209, 9210, 9271};

constexpr std::array<std::uint64_t, 157> kNikRegions = [] {
  std::array<std::uint64_t, 157> bits{};
  for (const Regency& regency : kRegencies) bits[regency.code / 64] |= std::uint64_t{1} << (regency.code % 64);
  for (const std::uint16_t code : kFormerRegencies) bits[code / 64] |= std::uint64_t{1} << (code % 64);
  return bits;
}();

}  // namespace

std::span<const Regency> regencies() { return kRegencies; }

bool is_nik_region(unsigned code) { return code < 10'000 && ((kNikRegions[code / 64] >> (code % 64)) & 1) != 0; }

}  // namespace sidik
