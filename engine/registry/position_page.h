// A page of positions: where rows of sampled tags stand in an export's own order (FORMAT.md, "Position pages").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "fingerprints/record.h"

namespace sidik {

/// Tags whose low six bits are zero have their positions kept.
inline constexpr RowTag kPositionSample = 64;
inline bool keeps_position(RowTag tag) { return tag % kPositionSample == 0; }

struct TagPosition {
  RowTag tag;
  std::uint64_t row;            // from 0, in the export's own order
  std::uint32_t export_number;  // its place in the run's manifest
  bool operator==(const TagPosition&) const = default;
};

inline constexpr std::size_t kMostPositionsInPage = 8192;

/// Writes as many of `positions` (sorted by tag, then row; at least one) as fill a block to `page`, and returns how
/// many.
std::size_t fill_position_page(std::span<const TagPosition> positions, Bytes& page);

/// Reads one page into `out` (replaced). False where the bytes are no such page; `used` becomes the page's bytes.
bool read_position_page(ByteSpan block, std::vector<TagPosition>& out, std::size_t& used);

}  // namespace sidik
