// How a page of records is laid out, for whoever writes it and whoever reads it (FORMAT.md, "Record pages").
#pragma once

#include <cstddef>
#include <cstdint>

namespace sidik {

// Head: records u16 | length u16 | flags u8 | Rice parameter of the tags u8 | nothing u16 | first tag u64, then the
// ends of the segments (u16 each, from the page's first byte): tags, counts, sets, columns.
inline constexpr std::size_t kHead = 16;
inline constexpr std::size_t kTagsSegment = 0, kCountsSegment = 1, kSetsSegment = 2, kColumnSegments = 3;
inline constexpr std::uint8_t kCountsFlag = 1;
inline constexpr std::uint8_t kVersionBitsFlag = 2;  // the tags begin with a bit for each record but the first
inline constexpr std::uint8_t kKnownFlags = kCountsFlag | kVersionBitsFlag;

/// How the changes of a column among the versions of a page are written.
enum class Changes : std::uint8_t { kNone = 0, kAll = 1, kBitmap = 2, kGaps = 3 };

}  // namespace sidik
