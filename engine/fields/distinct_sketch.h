// How many values of a column are distinct, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sidik {

/// Keeps the hashes that begin with some zero bits, as few as fit, and how often each came: the share of distinct ones
/// among those estimates the column's, and is exact as long as all fit.
class DistinctSketch {
 public:
  /// REQUIRES: capacity >= 16.
  explicit DistinctSketch(std::size_t capacity);

  /// Whether a value of this hash would be counted at all.
  bool keeps(std::uint64_t hash) const { return (hash & dropped_mask_) == 0; }
  void add(std::uint64_t hash);

  /// Keeps at most `capacity` hashes from now on.
  void shrink(std::size_t capacity);
  /// How many hashes are kept.
  std::size_t kept() const { return kept_; }

  double distinct_share() const { return seen_ == 0 ? 0 : static_cast<double>(kept_) / static_cast<double>(seen_); }
  /// Estimated number of distinct values.
  double distinct() const { return static_cast<double>(kept_) * static_cast<double>(dropped_mask_ + 1); }

 private:
  void insert(std::uint64_t hash, std::uint32_t times);
  void drop_half();

  std::size_t capacity_;
  std::vector<std::uint64_t> hashes_;  // open addressing; 0 is empty
  std::vector<std::uint32_t> times_;
  std::size_t kept_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t dropped_mask_ = 0;
};

}  // namespace sidik
