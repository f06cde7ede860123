// The findings of many rows, dealt out by their keys as they come: what is of one identity lies in one heap, and each
// heap is settled by itself, near to the processor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trace/row_finding.h"

namespace sidik {

/// One thread's findings, each with a byte of information a field.
class FindingHeaps {
 public:
  static constexpr std::size_t kHeaps = 64;
  /// About how many findings are to come.
  FindingHeaps(std::size_t fields, std::size_t expected);

  std::size_t size() const { return size_; }
  /// `information` has one byte a field.
  void add(const Finding& finding, const std::uint8_t* information);
  /// Leaves out the findings whose mixed key is 2^(64 - level) or more, now and from now on.
  void thin_out(unsigned level);
  unsigned level() const { return level_; }

 private:
  friend struct ClassSums count_tags(std::span<const FindingHeaps* const> of,
                                     std::span<const std::vector<std::uint32_t>> numbers, std::size_t classes,
                                     std::size_t fields, unsigned threads);
  struct Heap {
    std::vector<Finding> findings;
    std::vector<std::uint8_t> information;  // findings x fields
  };
  bool wanted(std::uint64_t mixed_key) const { return level_ == 0 || mixed_key >> (64 - level_) == 0; }

  std::size_t fields_;
  std::array<Heap, kHeaps> heaps_;
  std::size_t size_ = 0;
  unsigned level_ = 0;
};

/// Rows and sums of information by class.
struct ClassSums {
  std::vector<std::uint64_t> rows;         // by class
  std::vector<std::uint64_t> information;  // classes x fields
  std::uint64_t repeated = 0;              // rows left out because their tag was there already
};

/// Adds up all findings by class, each tag once (each_tag_once). numbers[w][c] is what class c of `of[w]` is among
/// `classes`. The same whatever the threads, and however the findings are spread over `of`.
ClassSums count_tags(std::span<const FindingHeaps* const> of, std::span<const std::vector<std::uint32_t>> numbers,
                     std::size_t classes, std::size_t fields, unsigned threads);

}  // namespace sidik
