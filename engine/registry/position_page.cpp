#include "registry/position_page.h"

#include <algorithm>
#include <bit>

#include "registry/bit_stream.h"
#include "registry/block.h"

namespace sidik {
namespace {

// Head: positions u16 | Rice parameter of the tags u8 | bits of a row u8 | bits of an export u8 | flags u8 | nothing
// u16 | first tag u64.
constexpr std::size_t kHead = 16;
/// A bit says whether the tag is another than the one before, and only then comes the gap: where exports share tags.
constexpr std::uint8_t kSharedTags = 1;

}  // namespace

std::size_t fill_position_page(std::span<const TagPosition> positions, Bytes& page) {
  positions = positions.first(std::min(positions.size(), kMostPositionsInPage));
  std::uint64_t rows = 0;
  std::uint32_t exports = 0;
  for (const TagPosition& p : positions) {
    rows |= p.row;
    exports |= p.export_number;
  }
  const auto row_bits = static_cast<unsigned>(std::bit_width(rows));
  const auto export_bits = static_cast<unsigned>(std::bit_width(exports));
  // Sampled tags end in six zeros, which are not written.
  const auto sampled = [](RowTag tag) { return tag / kPositionSample; };
  std::size_t tags = 1;
  for (std::size_t i = 1; i < positions.size(); ++i) tags += positions[i].tag != positions[i - 1].tag;
  const bool shared = exports > 0 && tags < positions.size() * 15 / 16;
  const double tags_an_item = shared ? static_cast<double>(tags) / static_cast<double>(positions.size()) : 1;
  const auto mean_gap = [&](std::size_t n) {
    return static_cast<double>(sampled(positions[n - 1].tag) - sampled(positions[0].tag)) /
           (static_cast<double>(n) * tags_an_item);
  };
  const std::size_t fitting = (kBlockPayload - kHead) * 8 / (row_bits + export_bits + 20);
  const unsigned k = rice_parameter(mean_gap(std::clamp<std::size_t>(fitting, 1, positions.size())));
  page.assign(kBlockPayload + kBitSlack, 0);
  BitWriter bits(page.data() + kHead);
  std::size_t count = 0;
  while (count < positions.size()) {
    const std::uint64_t gap = count == 0 ? 0 : sampled(positions[count].tag) - sampled(positions[count - 1].tag);
    const std::uint64_t gap_bits = shared ? 1 + (gap > 0 ? rice_bits(gap, k) : 0) : rice_bits(gap, k);
    const std::uint64_t cost = (count == 0 ? 0 : gap_bits) + row_bits + export_bits;
    if (bits.bits() + cost > (kBlockPayload - kHead) * 8) break;
    if (count > 0 && shared) bits.put(gap > 0 ? 1 : 0, 1);
    if (count > 0 && (gap > 0 || !shared)) bits.rice(gap, k);
    bits.put_long(positions[count].row, row_bits);
    bits.put(positions[count].export_number, export_bits);
    ++count;
  }
  page.resize(kHead + bits.finish());
  store_u16(page.data(), static_cast<std::uint16_t>(count));
  page[2] = static_cast<std::uint8_t>(k);
  page[3] = static_cast<std::uint8_t>(row_bits);
  page[4] = static_cast<std::uint8_t>(export_bits);
  page[5] = shared ? kSharedTags : 0;
  store_u64(page.data() + 8, positions[0].tag);
  return count;
}

bool read_position_page(ByteSpan block, std::vector<TagPosition>& out, std::size_t& used) {
  out.clear();
  if (block.size() < kHead) return false;
  const std::size_t count = load_u16(block.data());
  const unsigned k = block[2], row_bits = block[3], export_bits = block[4];
  RowTag tag = load_u64(block.data() + 8);
  if (count == 0 || count > kMostPositionsInPage || k > 62 || row_bits > 64 || export_bits > 32 ||
      block[5] > kSharedTags || !keeps_position(tag))
    return false;
  const bool shared = block[5] == kSharedTags;
  BitReader bits(block.data() + kHead, block.size() - kHead);
  out.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && (!shared || bits.get(1) != 0)) tag += bits.rice(k) * kPositionSample;
    const std::uint64_t row = bits.get_long(row_bits);
    out[i] = {tag, row, static_cast<std::uint32_t>(bits.get(export_bits))};
    if (tag >> kTagBits != 0 || (i > 0 && tag < out[i - 1].tag)) return false;
  }
  used = kHead + (bits.position() + 7) / 8;
  return !bits.overrun();
}

}  // namespace sidik
