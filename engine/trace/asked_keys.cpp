#include "trace/asked_keys.h"

#include <algorithm>
#include <array>

#include "base/parallel.h"

namespace sidik {

void sort_dealt(std::vector<AskedKey>& asked, unsigned bits, unsigned threads) {
  constexpr std::size_t kHeaps = 256;
  std::array<std::size_t, kHeaps + 1> begin{};
  const auto heap_of = [bits](const AskedKey& one) { return static_cast<std::size_t>(one.key >> (bits - 8)) % kHeaps; };
  for (const AskedKey& one : asked) ++begin[heap_of(one) + 1];
  for (std::size_t h = 0; h < kHeaps; ++h) begin[h + 1] += begin[h];
  std::vector<AskedKey> dealt(asked.size());
  std::array<std::size_t, kHeaps> next;
  std::copy_n(begin.begin(), kHeaps, next.begin());
  for (const AskedKey& one : asked) dealt[next[heap_of(one)]++] = one;
  asked.swap(dealt);
  parallel_for(threads, kHeaps, [&](std::size_t h) {
    std::sort(asked.begin() + static_cast<std::ptrdiff_t>(begin[h]),
              asked.begin() + static_cast<std::ptrdiff_t>(begin[h + 1]));
  });
}

std::vector<std::uint64_t> distinct_keys(const std::vector<AskedKey>& sorted) {
  std::vector<std::uint64_t> keys;
  for (const AskedKey& one : sorted)
    if (keys.empty() || keys.back() != one.key) keys.push_back(one.key);
  return keys;
}

}  // namespace sidik
