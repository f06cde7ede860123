// Tags or values of many rows that are asked for together, in order.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace sidik {

/// A tag or an index value that is asked for, and by which row.
struct AskedKey {
  std::uint64_t key;
  std::uint32_t place;
  auto operator<=>(const AskedKey&) const = default;
};

/// Sorts keys of `bits` bits (8 to 64) that are as good as random: dealt out by their first byte, the heaps are alike
/// and each is sorted by itself.
void sort_dealt(std::vector<AskedKey>& asked, unsigned bits, unsigned threads);

/// The keys of what is sorted, each once.
std::vector<std::uint64_t> distinct_keys(const std::vector<AskedKey>& sorted);

}  // namespace sidik
