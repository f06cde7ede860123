// A page of index entries, in the smaller of two forms: gaps, or distinct values with the tag prefixes of each
// (FORMAT.md, "Index pages").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "fingerprints/record.h"

namespace sidik {

inline constexpr std::size_t kMostEntriesInPage = 32768;

/// Writes pages. One object a thread.
class IndexPageEncoder {
 public:
  IndexPageEncoder();
  /// Writes as many of `entries` (rising, without repeats, at least one) as fill a block and returns how many.
  std::size_t fill(std::span<const IndexEntry> entries);
  ByteSpan page() const { return {page_.data(), size_}; }

 private:
  std::size_t count_gaps(std::span<const IndexEntry> entries, unsigned& k) const;
  std::size_t count_groups(std::span<const IndexEntry> entries, std::size_t sample);
  void write_gaps(std::span<const IndexEntry> entries, unsigned k);
  void write_groups(std::span<const IndexEntry> entries);

  Bytes page_;
  std::size_t size_ = 0;
  unsigned value_k_ = 0, group_k_ = 0;
};

/// Reads one page into `out` (replaced). False where the bytes are no such page; `used` becomes the page's bytes.
/// REQUIRES: kBitSlack readable bytes behind `block`.
bool read_index_page(ByteSpan block, std::vector<IndexEntry>& out, std::size_t& used);

}  // namespace sidik
