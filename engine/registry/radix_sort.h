// Sorting of 64-bit keys that differ in known bits.
#pragma once

#include <cstdint>
#include <span>

namespace sidik {

/// Sorts `keys` by their bits [low, high); those above are alike in all, those below are carried along unsorted (keys
/// that are equal in the sorted bits keep their order). `scratch` has as many places. Random keys take 6 to 9 ns each
/// in runs that fit the nearer caches.
void radix_sort(std::span<std::uint64_t> keys, std::span<std::uint64_t> scratch, unsigned low, unsigned high);

}  // namespace sidik
