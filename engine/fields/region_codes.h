// Indonesia's public area codes: which regencies, cities and districts a NIK can name.
#pragma once

#include <cstdint>
#include <span>

namespace sidik {

/// A regency or city in force: its four digits (province, regency) and the set of its districts (bit n: number n, 1 to
/// 63).
struct Regency {
  std::uint16_t code;
  std::uint64_t districts;
};

/// All regencies and cities, by rising code.
std::span<const Regency> regencies();

/// Whether a NIK may begin with these four digits (0 to 9999): in force, or given out before a province was split and
/// kept by the people registered then. Districts are not judged: they are split and renumbered too often for an old NIK
/// to be refused by them.
bool is_nik_region(unsigned code);

}  // namespace sidik
