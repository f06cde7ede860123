#include "fields/distinct_sketch.h"

#include <algorithm>
#include <utility>

namespace sidik {

DistinctSketch::DistinctSketch(std::size_t capacity) : capacity_(capacity), hashes_(64), times_(64) {}

void DistinctSketch::add(std::uint64_t hash) {
  if (!keeps(hash)) return;
  insert(hash, 1);
  while (kept_ > capacity_) drop_half();
}

void DistinctSketch::shrink(std::size_t capacity) {
  capacity_ = std::min(capacity_, capacity);
  while (kept_ > capacity_) drop_half();
}

void DistinctSketch::insert(std::uint64_t hash, std::uint32_t times) {
  // The low bits choose what is kept, so the high ones choose the slot.
  const std::uint64_t key = hash == 0 ? 1 : hash;
  const std::size_t mask = hashes_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(key >> 32) & mask;
  while (hashes_[slot] != 0 && hashes_[slot] != key) slot = (slot + 1) & mask;
  seen_ += times;
  if (hashes_[slot] == key) {
    times_[slot] += times;
    return;
  }
  hashes_[slot] = key;
  times_[slot] = times;
  ++kept_;
  if (2 * kept_ <= hashes_.size()) return;
  const std::vector<std::uint64_t> hashes = std::exchange(hashes_, std::vector<std::uint64_t>(hashes_.size() * 2));
  const std::vector<std::uint32_t> counts = std::exchange(times_, std::vector<std::uint32_t>(hashes_.size()));
  kept_ = 0;
  seen_ = 0;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (hashes[i] != 0) insert(hashes[i], counts[i]);
}

void DistinctSketch::drop_half() {
  dropped_mask_ = dropped_mask_ * 2 + 1;
  const std::vector<std::uint64_t> hashes = std::exchange(hashes_, std::vector<std::uint64_t>(hashes_.size()));
  const std::vector<std::uint32_t> counts = std::exchange(times_, std::vector<std::uint32_t>(hashes_.size()));
  kept_ = 0;
  seen_ = 0;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (hashes[i] != 0 && keeps(hashes[i])) insert(hashes[i], counts[i]);
}

}  // namespace sidik
