#include "registry/index_page.h"

#include <algorithm>
#include <bit>

#include "registry/bit_stream.h"
#include "registry/block.h"

namespace sidik {
namespace {

// Head of both forms: entries u16 | form u8 | k u8 | first entry u64. Groups have four more bytes: k of the group
// sizes, k of the gaps in the first group, in the last group, nothing.
enum class Form : std::uint8_t { kGaps = 0, kGroups = 1 };
constexpr std::size_t kHead = 12;
constexpr std::size_t kGroupsHead = 16;
constexpr std::uint32_t kPrefixMask = (1U << kEntryTagBits) - 1;

IndexValue value_of(IndexEntry entry) { return entry >> kEntryTagBits; }

/// The Rice parameter for the tag prefixes of a whole group of `size`: they are spread evenly over 28 bits.
unsigned prefix_k(std::size_t size) {
  const auto width = static_cast<unsigned>(std::bit_width(((static_cast<std::uint64_t>(size) + 1) * 133) >> 7));
  return width < 28 ? 28 - width : 0;
}

std::size_t group_end(std::span<const IndexEntry> entries, std::size_t begin) {
  const IndexValue value = value_of(entries[begin]);
  std::size_t end = begin + 1;
  while (end < entries.size() && value_of(entries[end]) == value) ++end;
  return end;
}

/// The parameter for the gaps between the prefixes of a group that may be cut by the page's edges.
unsigned edge_k(std::span<const IndexEntry> group) {
  if (group.size() < 2) return 0;
  return rice_parameter(static_cast<double>(group.back() - group.front()) / static_cast<double>(group.size() - 1) - 1);
}

void write_edge_group(BitWriter& bits, std::span<const IndexEntry> group, unsigned k, bool first) {
  if (!first) bits.put(entry_tag_prefix(group[0]), kEntryTagBits);
  for (std::size_t i = 1; i < group.size(); ++i) bits.rice(group[i] - group[i - 1] - 1, k);
}

}  // namespace

IndexPageEncoder::IndexPageEncoder() : page_(kBlockPayload * 2 + kMostEntriesInPage * 10) {}

std::size_t IndexPageEncoder::fill(std::span<const IndexEntry> entries) {
  entries = entries.first(std::min(entries.size(), kMostEntriesInPage));
  unsigned k = 0;
  const std::size_t in_gaps = count_gaps(entries, k);
  std::size_t groups = 1;
  for (std::size_t i = 1; i < in_gaps; ++i) groups += value_of(entries[i]) != value_of(entries[i - 1]);
  if (groups > 1 && groups < in_gaps) {
    std::size_t in_groups = count_groups(entries, in_gaps);
    // The groups' count does not know the edges' parameters: near the end of the block it may be off by a little.
    while (in_groups > in_gaps || (in_groups == in_gaps && in_groups == entries.size())) {
      write_groups(entries.first(in_groups));
      if (size_ <= kBlockPayload) {
        if (in_groups > in_gaps) return in_groups;
        const std::size_t grouped = size_;
        write_gaps(entries.first(in_gaps), k);
        if (grouped < size_) write_groups(entries.first(in_groups));
        return in_groups;
      }
      in_groups -= std::max<std::size_t>(1, in_groups / 256);
    }
  }
  write_gaps(entries.first(in_gaps), k);
  return in_gaps;
}

std::size_t IndexPageEncoder::count_gaps(std::span<const IndexEntry> entries, unsigned& k) const {
  // Two rounds: the mean gap of as many entries as are thought to fit, then of as many as that mean lets in.
  std::size_t guess = std::min<std::size_t>(entries.size(), 3000);
  for (int round = 0; round < 2; ++round) {
    const double mean = static_cast<double>(entries[guess - 1] - entries[0]) / static_cast<double>(guess);
    k = rice_parameter(mean);
    const std::size_t next = (kBlockPayload - kHead) * 8 / (k + 2);
    guess = std::min(entries.size(), std::max<std::size_t>(2, next));
  }
  constexpr std::size_t kRoom = (kBlockPayload - kHead) * 8;
  std::size_t bits = 0, count = 1;
  while (count < entries.size()) {
    bits += rice_bits(entries[count] - entries[count - 1] - 1, k);
    if (bits > kRoom) break;
    ++count;
  }
  return count;
}

std::size_t IndexPageEncoder::count_groups(std::span<const IndexEntry> entries, std::size_t sample) {
  std::size_t groups = 1;
  for (std::size_t i = 1; i < sample; ++i) groups += value_of(entries[i]) != value_of(entries[i - 1]);
  const auto distance = static_cast<double>(value_of(entries[sample - 1]) - value_of(entries[0]));
  value_k_ = rice_parameter(distance / static_cast<double>(groups));
  group_k_ = rice_parameter(static_cast<double>(sample) / static_cast<double>(groups) - 1);
  constexpr std::size_t kRoom = (kBlockPayload - kGroupsHead) * 8;
  std::size_t bits = 0, at = 0;
  while (at < entries.size()) {
    const std::size_t end = group_end(entries, at);
    const unsigned k = prefix_k(end - at);
    std::size_t cost = rice_bits(end - at - 1, group_k_);
    if (at > 0) cost += rice_bits(value_of(entries[at]) - value_of(entries[at - 1]) - 1, value_k_);
    if (end - at == 1) {
      cost += kEntryTagBits;
    } else {
      cost += rice_bits(entry_tag_prefix(entries[at]), k);
      for (std::size_t i = at + 1; i < end; ++i) {
        cost += rice_bits(entries[i] - entries[i - 1] - 1, k);
        if (bits + cost > kRoom) return std::max<std::size_t>(1, i);  // a large group goes on in the next page
      }
    }
    if (bits + cost > kRoom) return std::max<std::size_t>(1, at);
    bits += cost;
    at = end;
  }
  return at;
}

void IndexPageEncoder::write_gaps(std::span<const IndexEntry> entries, unsigned k) {
  std::uint8_t* const page = page_.data();
  store_u16(page, static_cast<std::uint16_t>(entries.size()));
  page[2] = static_cast<std::uint8_t>(Form::kGaps);
  page[3] = static_cast<std::uint8_t>(k);
  store_u64(page + 4, entries[0]);
  BitWriter bits(page + kHead);
  for (std::size_t i = 1; i < entries.size(); ++i) bits.rice(entries[i] - entries[i - 1] - 1, k);
  size_ = kHead + bits.finish();
}

void IndexPageEncoder::write_groups(std::span<const IndexEntry> entries) {
  std::uint8_t* const page = page_.data();
  std::size_t last = entries.size() - 1;
  while (last > 0 && value_of(entries[last - 1]) == value_of(entries.back())) --last;
  const std::size_t first_end = group_end(entries, 0);
  const unsigned first_k = edge_k(entries.first(first_end));
  const unsigned last_k = edge_k(entries.subspan(last));
  store_u16(page, static_cast<std::uint16_t>(entries.size()));
  page[2] = static_cast<std::uint8_t>(Form::kGroups);
  page[3] = static_cast<std::uint8_t>(value_k_);
  store_u64(page + 4, entries[0]);
  page[12] = static_cast<std::uint8_t>(group_k_);
  page[13] = static_cast<std::uint8_t>(first_k);
  page[14] = static_cast<std::uint8_t>(last_k);
  page[15] = 0;
  BitWriter bits(page + kGroupsHead);
  for (std::size_t at = 0; at < entries.size();) {
    const std::size_t end = group_end(entries, at);
    const std::span<const IndexEntry> group = entries.subspan(at, end - at);
    if (at > 0) bits.rice(value_of(entries[at]) - value_of(entries[at - 1]) - 1, value_k_);
    bits.rice(group.size() - 1, group_k_);
    if (at == 0 || end == entries.size()) {
      write_edge_group(bits, group, at == 0 ? first_k : last_k, at == 0);
    } else if (group.size() == 1) {
      bits.put(entry_tag_prefix(group[0]), kEntryTagBits);
    } else {
      const unsigned k = prefix_k(group.size());
      bits.rice(entry_tag_prefix(group[0]), k);
      for (std::size_t i = 1; i < group.size(); ++i) bits.rice(group[i] - group[i - 1] - 1, k);
    }
    at = end;
    if (static_cast<std::size_t>(bits.bits()) > (page_.size() - kGroupsHead - kBlockPayload) * 8)
      break;  // hopelessly over
  }
  size_ = kGroupsHead + bits.finish();
}

bool read_index_page(ByteSpan block, std::vector<IndexEntry>& out, std::size_t& used) {
  out.clear();
  if (block.size() < kHead) return false;
  const std::size_t count = load_u16(block.data());
  const std::uint8_t form = block[2];
  const unsigned k = block[3];
  if (count == 0 || count > kMostEntriesInPage || k > 62) return false;
  out.resize(count);
  IndexEntry entry = load_u64(block.data() + 4);
  out[0] = entry;
  if (form == static_cast<std::uint8_t>(Form::kGaps)) {
    BitReader bits(block.data() + kHead, block.size() - kHead);
    for (std::size_t i = 1; i < count; ++i) out[i] = entry += bits.rice(k) + 1;
    used = kHead + (bits.position() + 7) / 8;
    return !bits.overrun() && std::is_sorted(out.begin(), out.end());
  }
  if (form != static_cast<std::uint8_t>(Form::kGroups) || block.size() < kGroupsHead) return false;
  const unsigned group_k = block[12], first_k = block[13], last_k = block[14];
  if (group_k > 62 || first_k > 62 || last_k > 62 || block[15] != 0) return false;
  BitReader bits(block.data() + kGroupsHead, block.size() - kGroupsHead);
  IndexValue value = value_of(entry);
  for (std::size_t at = 0; at < count;) {
    if (at > 0) value += bits.rice(k) + 1;
    const std::uint64_t more = bits.rice(group_k);
    if (bits.overrun() || more >= count - at || value >> kIndexValueBits != 0) return false;
    const std::size_t end = at + static_cast<std::size_t>(more) + 1;
    std::uint64_t prefix;
    unsigned gap_k;
    if (at == 0 || end == count) {
      prefix = at == 0 ? entry & kPrefixMask : bits.get(kEntryTagBits);
      gap_k = at == 0 ? first_k : last_k;
    } else if (end - at == 1) {
      prefix = bits.get(kEntryTagBits);
      gap_k = 0;
    } else {
      gap_k = prefix_k(end - at);
      prefix = bits.rice(gap_k);
    }
    out[at] = value << kEntryTagBits | prefix;
    for (std::size_t i = at + 1; i < end; ++i) out[i] = value << kEntryTagBits | (prefix += bits.rice(gap_k) + 1);
    if (prefix > kPrefixMask || bits.overrun()) return false;
    at = end;
  }
  used = kGroupsHead + (bits.position() + 7) / 8;
  return !bits.overrun() && std::is_sorted(out.begin(), out.end());
}

}  // namespace sidik
