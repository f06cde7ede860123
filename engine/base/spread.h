// A number's bits over all 64.
#pragma once

#include <cstdint>

namespace sidik {

/// SplitMix64's finisher (Steele, Lea and Flood, 2014): one to one, and numbers that are near each other or have few
/// bits come out as good as independent. No secret: of keyed numbers another keyed number, of others none.
constexpr std::uint64_t spread(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31);
}

}  // namespace sidik
