// Pages of records read.
#include "registry/record_page.h"

#include <algorithm>
#include <bit>

#include "registry/bit_stream.h"
#include "registry/export_set_codec.h"
#include "registry/record_page_layout.h"

namespace sidik {

bool RecordPage::open(ByteSpan block, std::size_t columns) {
  tags_.clear();
  versions_.clear();
  columns_ = columns;
  const std::size_t body = kHead + 2 * (kColumnSegments + columns);
  if (block.size() < body) return false;
  const std::size_t count = load_u16(block.data());
  length_ = load_u16(block.data() + 2);
  if (count == 0 || count > kMostRecordsInPage || length_ < body || length_ > block.size()) return false;
  bytes_ = block.first(length_);
  const unsigned k = bytes_[5];
  RowTag tag = load_u64(bytes_.data() + 8);
  if ((bytes_[4] & ~kKnownFlags) != 0 || k > 62 || load_u16(bytes_.data() + 6) != 0 || tag >> kTagBits != 0)
    return false;
  std::size_t end = body;
  for (std::size_t s = 0; s < kColumnSegments + columns; ++s) {
    const std::size_t next = load_u16(bytes_.data() + kHead + 2 * s);
    if (next < end || next > length_) return false;
    end = next;
  }
  if (end != length_) return false;
  const ByteSpan tags = segment(kTagsSegment);
  BitReader bits(tags.data(), tags.size());
  tags_.resize(count);
  tags_[0] = tag;
  if ((bytes_[4] & kVersionBitsFlag) != 0) {
    constexpr std::size_t kAtOnce = 56;
    for (std::size_t i = 1; i < count; i += kAtOnce)
      for (std::uint64_t left = bits.get(static_cast<unsigned>(std::min(kAtOnce, count - i))); left != 0;
           left &= left - 1)
        versions_.push_back(static_cast<std::uint32_t>(i + static_cast<std::size_t>(std::countr_zero(left))));
    std::size_t v = 0;
    for (std::size_t i = 1; i < count; ++i) {
      if (v < versions_.size() && versions_[v] == i) {
        ++v;
      } else {
        const std::uint64_t delta = bits.rice(k);
        if (delta == 0) return false;
        tag += delta;
      }
      tags_[i] = tag;
    }
  }
  for (std::size_t i = (bytes_[4] & kVersionBitsFlag) != 0 ? count : 1; i < count; ++i) {
    const std::uint64_t delta = bits.rice(k);
    if (delta == 0) versions_.push_back(static_cast<std::uint32_t>(i));
    tag += delta;
    tags_[i] = tag;
  }
  // Deltas are below 2^63 each only when the page is whole; a sum that wraps round shows as a tag that is no tag, or
  // falls.
  if (bits.overrun() || tag >> kTagBits != 0) return false;
  return std::is_sorted(tags_.begin(), tags_.end());
}

ByteSpan RecordPage::segment(std::size_t number) const {
  const std::uint8_t* const ends = bytes_.data() + kHead;
  const std::size_t begin = number == 0 ? kHead + 2 * (kColumnSegments + columns_) : load_u16(ends + 2 * (number - 1));
  return bytes_.subspan(begin, load_u16(ends + 2 * number) - begin);
}

bool RecordPage::read_changes(ByteSpan& segment) {
  changed_.assign(versions_.size(), 0);
  if (segment.empty()) return false;
  const std::uint8_t kind = segment[0];
  switch (kind) {
    case static_cast<std::uint8_t>(Changes::kNone):
      segment = segment.subspan(1);
      return true;
    case static_cast<std::uint8_t>(Changes::kAll):
      segment = segment.subspan(1);
      std::fill(changed_.begin(), changed_.end(), std::uint8_t{1});
      return true;
    case static_cast<std::uint8_t>(Changes::kBitmap): {
      const std::size_t size = (versions_.size() + 7) / 8;
      if (segment.size() < 1 + size) return false;
      for (std::size_t v = 0; v < versions_.size(); ++v) changed_[v] = (segment[1 + v / 8] >> (v % 8)) & 1;
      segment = segment.subspan(1 + size);
      return true;
    }
    case static_cast<std::uint8_t>(Changes::kGaps): {
      if (segment.size() < 4) return false;
      const std::size_t changes = load_u16(segment.data() + 1);
      const unsigned k = segment[3];
      if (k > 62) return false;
      BitReader bits(segment.data() + 4, segment.size() - 4);
      std::size_t v = 0;
      for (std::size_t i = 0; i < changes; ++i) {
        const std::uint64_t gap = bits.rice(k);
        if (bits.overrun() || v >= versions_.size() || gap >= versions_.size() - v) return false;
        changed_[v + gap] = 1;
        v += gap + 1;
      }
      segment = segment.subspan(4 + (bits.position() + 7) / 8);
      return true;
    }
    default:
      return false;
  }
}

bool RecordPage::codes(std::size_t column, const ColumnDecoder& decoder, std::span<ColumnCode> out) {
  ByteSpan bytes = segment(kColumnSegments + column);
  if (versions_.empty() || decoder.kind() == ColumnModel::Kind::kConstant) return decoder.decode(bytes, size(), out);
  if (!read_changes(bytes)) return false;
  // Which records have the code of the one before; then one walk without a branch, for what changes comes in no order.
  unchanged_.assign(size(), 0);
  std::size_t total = size(), wanted = out.size();
  for (std::size_t v = 0; v < versions_.size(); ++v) {
    if (changed_[v]) continue;
    unchanged_[versions_[v]] = 1;
    --total;
    wanted -= versions_[v] < out.size();
  }
  written_.resize(wanted + 1);  // one more is looked at
  written_[wanted] = 0;
  if (!decoder.decode(bytes, total, std::span(written_).first(wanted))) return false;
  const ColumnCode* next = written_.data();
  ColumnCode code = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool same = unchanged_[i] != 0;
    code = same ? code : *next;
    next += !same;
    out[i] = code;
  }
  return true;
}

void RecordPage::choose(std::span<const std::uint32_t> records) {
  chosen_ = records;
  if (versions_.empty()) return;
  versions_upto_.resize(records.size());
  auto at = versions_.begin();
  for (std::size_t i = 0; i < records.size(); ++i) {
    // Versions of one record follow each other; other records are far apart.
    if (at != versions_.end() && *at == records[i])
      ++at;
    else if (at != versions_.end() && *at < records[i])
      at = std::upper_bound(at, versions_.end(), records[i]);
    versions_upto_[i] = static_cast<std::uint32_t>(at - versions_.begin());
  }
}

/// How many versions changed the column, and how many up to each of the chosen records; the segment's codes are left.
bool RecordPage::rank_changes(ByteSpan& segment, std::size_t& changes) {
  changed_upto_.assign(chosen_.size(), 0);
  changes = 0;
  if (segment.empty()) return false;
  const std::size_t versions = versions_.size();
  switch (segment[0]) {
    case static_cast<std::uint8_t>(Changes::kNone):
      segment = segment.subspan(1);
      return true;
    case static_cast<std::uint8_t>(Changes::kAll):
      segment = segment.subspan(1);
      changed_upto_ = versions_upto_;
      changes = versions;
      return true;
    case static_cast<std::uint8_t>(Changes::kBitmap): {
      const std::size_t size = (versions + 7) / 8;
      if (segment.size() < 1 + size) return false;
      const std::uint8_t* const bits = segment.data() + 1;
      std::size_t v = 0;  // versions whose changes are counted
      const auto count_to = [&](std::size_t to) {
        for (; v + 56 <= to; v += 56)
          changes += static_cast<std::size_t>(
              std::popcount((load_bits(bits + v / 8) >> (v % 8)) & ((std::uint64_t{1} << 56) - 1)));
        if (v < to)
          changes += static_cast<std::size_t>(
              std::popcount((load_bits(bits + v / 8) >> (v % 8)) & ((std::uint64_t{1} << (to - v)) - 1)));
        v = to;
      };
      for (std::size_t i = 0; i < chosen_.size(); ++i) {
        count_to(versions_upto_[i]);
        changed_upto_[i] = static_cast<std::uint32_t>(changes);
      }
      count_to(versions);
      segment = segment.subspan(1 + size);
      return true;
    }
    case static_cast<std::uint8_t>(Changes::kGaps): {
      if (segment.size() < 4) return false;
      const std::size_t all = load_u16(segment.data() + 1);
      const unsigned k = segment[3];
      if (k > 62) return false;
      BitReader bits(segment.data() + 4, segment.size() - 4);
      std::size_t v = 0, i = 0;
      for (; changes < all; ++changes) {
        const std::uint64_t gap = bits.rice(k);
        if (bits.overrun() || v >= versions || gap >= versions - v) return false;
        v += gap + 1;  // the version before it has changed
        for (; i < chosen_.size() && versions_upto_[i] < v; ++i) changed_upto_[i] = static_cast<std::uint32_t>(changes);
      }
      for (; i < chosen_.size(); ++i) changed_upto_[i] = static_cast<std::uint32_t>(changes);
      segment = segment.subspan(4 + (bits.position() + 7) / 8);
      return true;
    }
    default:
      return false;
  }
}

bool RecordPage::chosen_codes(std::size_t column, const ColumnDecoder& decoder, ColumnCode* out, std::size_t stride) {
  if (chosen_.empty()) return true;
  ByteSpan bytes = segment(kColumnSegments + column);
  if (decoder.kind() == ColumnModel::Kind::kConstant) {
    for (std::size_t i = 0; i < chosen_.size(); ++i) out[i * stride] = decoder.constant();
    return bytes.empty();
  }
  if (versions_.empty()) {
    written_.resize(std::max<std::size_t>(written_.size(), chosen_.back() + std::size_t{1}));
    if (!decoder.decode(bytes, size(), std::span(written_).first(chosen_.back() + std::size_t{1}))) return false;
    for (std::size_t i = 0; i < chosen_.size(); ++i) out[i * stride] = written_[chosen_[i]];
    return true;
  }
  std::size_t changes = 0;
  if (!rank_changes(bytes, changes)) return false;
  // Written are the codes of all records that are no versions, and of the versions that changed.
  const auto place = [&](std::size_t i) { return std::size_t{chosen_[i]} - versions_upto_[i] + changed_upto_[i]; };
  const std::size_t wanted = place(chosen_.size() - 1) + 1;
  written_.resize(std::max(written_.size(), wanted));
  if (!decoder.decode(bytes, size() - versions_.size() + changes, std::span(written_).first(wanted))) return false;
  for (std::size_t i = 0; i < chosen_.size(); ++i) out[i * stride] = written_[place(i)];
  return true;
}

bool RecordPage::sets(const ColumnDecoder& decoder, std::span<std::uint16_t> out) {
  return decoder.decode(segment(kSetsSegment), size(), out);
}

bool RecordPage::sets(const ColumnDecoder& decoder, std::size_t exports, std::size_t records, PageSets& out) {
  return read_sets(decoder, exports, records, out, [](std::size_t) { return true; });
}

bool RecordPage::sets(const ColumnDecoder& decoder, std::size_t exports, std::span<const std::uint32_t> wanted,
                      PageSets& out) {
  auto next = wanted.begin();
  return read_sets(decoder, exports, wanted.empty() ? 0 : wanted.back() + std::size_t{1}, out, [&](std::size_t record) {
    const bool is_next = next != wanted.end() && *next == record;
    next += is_next ? 1 : 0;
    return is_next;
  });
}

/// Asks `wanted` of each record, one after another.
template <class Wanted>
bool RecordPage::read_sets(const ColumnDecoder& decoder, std::size_t exports, std::size_t records, PageSets& out,
                           Wanted wanted) {
  out.numbers.resize(records);
  out.begins.assign(records + 1, 0);
  out.ranges.clear();
  ByteSpan bytes = segment(kSetsSegment);
  ByteSpan in_page;
  if (decoder.kind() != ColumnModel::Kind::kConstant || stands_in_page(decoder.constant())) {
    if (bytes.size() < 2) return false;
    const std::size_t size = load_u16(bytes.data());
    if (bytes.size() < 2 + size) return false;
    in_page = bytes.subspan(2, size);
    bytes = bytes.subspan(2 + size);
  }
  if (!decoder.decode(bytes, size(), out.numbers)) return false;
  BitReader bits(in_page.data(), in_page.size());
  for (std::size_t i = 0; i < records; ++i) {
    const bool take = wanted(i);
    if (stands_in_page(out.numbers[i]) &&
        !(take ? read_in_page(bits, out.numbers[i], exports, out.ranges) : skip_in_page(bits, out.numbers[i], exports)))
      return false;
    out.begins[i + 1] = static_cast<std::uint32_t>(out.ranges.size());
  }
  return true;
}

bool RecordPage::counts(std::vector<std::uint64_t>& out) const {
  out.assign(size(), 1);
  const ByteSpan bytes = segment(kCountsSegment);
  if ((bytes_[4] & kCountsFlag) == 0) return bytes.empty();
  if (bytes.size() < 4) return false;
  const std::size_t repeated = load_u16(bytes.data());
  const unsigned gap_k = bytes[2], excess_k = bytes[3];
  if (gap_k > 62 || excess_k > 62) return false;
  BitReader bits(bytes.data() + 4, bytes.size() - 4);
  std::size_t i = 0;
  for (std::size_t r = 0; r < repeated; ++r) {
    const std::uint64_t gap = bits.rice(gap_k);
    const std::uint64_t excess = bits.rice(excess_k);
    if (bits.overrun() || i >= size() || gap >= size() - i) return false;
    out[i + gap] = excess + 2;
    i += gap + 1;
  }
  return true;
}

}  // namespace sidik
