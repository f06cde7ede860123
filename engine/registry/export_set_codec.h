// Export sets inside record pages and run manifests (FORMAT.md, "Export sets").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "fingerprints/record.h"
#include "registry/bit_stream.h"
#include "registry/export_set.h"

namespace sidik {

/// Set numbers that say that the set stands in the page itself: as ranges, or a bit an export. All below are places in
/// the run's dictionary of sets.
inline constexpr ColumnCode kRangesInPage = 0xfffe;
inline constexpr ColumnCode kBitmapInPage = 0xffff;
inline constexpr bool stands_in_page(ColumnCode number) { return number >= kRangesInPage; }

/// A run never holds more exports, so that a record with its set always fits a page.
inline constexpr std::size_t kMostExportsInRun = 4096;

/// A set as a bit an export, 64 of them a word; all sets of one run have as many words.
using SetWords = std::span<const std::uint64_t>;
inline constexpr std::size_t words_for(std::size_t exports) { return (exports + 63) / 64; }
ExportSet set_of(SetWords words);
void add_to(std::span<std::uint64_t> words, const ExportSet::Range& range);

/// The shorter of the two forms in a page, and its bits.
ColumnCode form_in_page(SetWords set, std::size_t exports);
std::size_t bits_in_page(SetWords set, ColumnCode form, std::size_t exports);
void write_in_page(BitWriter& out, SetWords set, ColumnCode form, std::size_t exports);
/// Appends the set's ranges to `out`; false where there is no such set, or an empty one.
bool read_in_page(BitReader& in, ColumnCode form, std::size_t exports, std::vector<ExportSet::Range>& out);
/// Goes past a set; false where the page ends before.
bool skip_in_page(BitReader& in, ColumnCode form, std::size_t exports);

/// A set of the dictionary, in the shortest of three forms, and back. `read_set` throws Error(kDamaged, place).
void write_set(ByteWriter& out, const ExportSet& set, std::size_t exports);
ExportSet read_set(ByteReader& in, std::size_t exports, const std::string& place);

}  // namespace sidik
