#include "registry/record_page.h"

#include <algorithm>
#include <bit>

#include "registry/bit_stream.h"
#include "registry/export_set_codec.h"

namespace sidik {
namespace {

// Head: records u16 | length u16 | flags u8 | Rice parameter of the tags u8 | nothing u16 | first tag u64, then the
// ends of the segments (u16 each, from the page's first byte): tags, counts, sets, columns.
constexpr std::size_t kHead = 16;
constexpr std::size_t kTagsSegment = 0, kCountsSegment = 1, kSetsSegment = 2, kColumnSegments = 3;
constexpr std::uint8_t kCountsFlag = 1;
constexpr std::uint8_t kVersionBitsFlag = 2;  // the tags begin with a bit for each record but the first
constexpr std::uint8_t kKnownFlags = kCountsFlag | kVersionBitsFlag;

/// How the changes of a column among the versions of a page are written.
enum class Changes : std::uint8_t { kNone = 0, kAll = 1, kBitmap = 2, kGaps = 3 };

template <class T>
void drop_front(std::vector<T>& values, std::size_t n) {
  values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n));
}

}  // namespace

void RecordColumns::clear() {
  tags.clear();
  for (auto& column : codes) column.clear();
  counts.clear();
  sets.clear();
  set_words.clear();
}

void RecordColumns::drop(std::size_t n) {
  if (!set_words.empty()) drop_front(set_words, n * (set_words.size() / tags.size()));
  drop_front(tags, n);
  for (auto& column : codes) drop_front(column, n);
  drop_front(counts, n);
  drop_front(sets, n);
}

RecordPageEncoder::RecordPageEncoder(std::span<const ColumnEncoder> columns, const ColumnEncoder& sets,
                                     std::size_t exports)
    : columns_(columns), sets_(sets), exports_(exports) {
  double bits = 30;
  for (const ColumnEncoder& column : columns) bits += column.model().mean_bits();
  mean_bytes_ = bits / 8;
}

std::size_t RecordPageEncoder::fill(const RecordColumns& records, std::size_t first) {
  const std::size_t most = std::min(records.size() - first, kMostRecordsInPage);
  const double table = static_cast<double>(kHead + 2 * (columns_.size() + kColumnSegments));
  const auto guess = [&](double margin) {
    const double count = (static_cast<double>(kBlockPayload) * margin - table) / mean_bytes_;
    return std::clamp<std::size_t>(count > 1 ? static_cast<std::size_t>(count) : 1, 1, most);
  };
  std::size_t count = guess(0.9965);
  std::size_t best = 0;
  // The mean of the pages before is nearly always right; where it is not, two more tries come near enough.
  for (int tries = 0; tries < 24; ++tries) {
    encode(records, first, count);
    mean_bytes_ = std::max(0.01, (static_cast<double>(size_) - table) / static_cast<double>(count));
    if (size_ <= kBlockPayload) {
      if (count == most || size_ >= kBlockPayload * 97 / 100 || tries >= 3) return count;
      best = count;
      const std::size_t more = guess(0.992);
      if (more <= count) return count;
      count = more;
    } else {
      const std::size_t less = std::min(guess(0.99 - 0.02 * tries), count - 1);
      count = std::max<std::size_t>({1, less, best});
      if (count == best) break;
    }
  }
  encode(records, first, std::max<std::size_t>(1, best));
  return std::max<std::size_t>(1, best);
}

void RecordPageEncoder::encode(const RecordColumns& records, std::size_t first, std::size_t count) {
  const std::size_t segments = kColumnSegments + columns_.size();
  const std::size_t set_bytes = exports_ > 0 ? exports_ / 8 + 8 : 0;
  page_.resize(kHead + 2 * segments + count * (40 + set_bytes) + 64 +
               columns_.size() * (ColumnEncoder::bound(count) + count + 64));
  std::uint8_t* const page = page_.data();
  const auto end_segment = [page](std::size_t segment, std::size_t at) {
    store_u16(page + kHead + 2 * segment, static_cast<std::uint16_t>(std::min<std::size_t>(at, 0xffff)));
  };
  const std::span<const RowTag> tags(records.tags.data() + first, count);
  versions_.clear();
  for (std::size_t i = 1; i < count; ++i)
    if (tags[i] == tags[i - 1]) versions_.push_back(static_cast<std::uint32_t>(i));

  store_u16(page, static_cast<std::uint16_t>(count));
  store_u16(page + 6, 0);
  store_u64(page + 8, tags.front());
  std::size_t at = kHead + 2 * segments;
  at += encode_tags(tags, page + at);
  end_segment(kTagsSegment, at);

  std::uint8_t flags = page[4];
  std::size_t repeated = 0;
  std::uint64_t excess = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    repeated += records.counts[i] > 1;
    excess += records.counts[i] - 1;
  }
  if (repeated > 0) {  // the places of counts above 1, and what they are
    flags |= kCountsFlag;
    const unsigned gap_k = rice_parameter(static_cast<double>(count) / static_cast<double>(repeated) - 1);
    const unsigned excess_k = rice_parameter(static_cast<double>(excess) / static_cast<double>(repeated) - 1);
    store_u16(page + at, static_cast<std::uint16_t>(repeated));
    page[at + 2] = static_cast<std::uint8_t>(gap_k);
    page[at + 3] = static_cast<std::uint8_t>(excess_k);
    BitWriter counts(page + at + 4);
    std::size_t previous = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t value = records.counts[first + i];
      if (value == 1) continue;
      counts.rice(i - previous, gap_k);
      counts.rice(value - 2, excess_k);
      previous = i + 1;
    }
    at += 4 + counts.finish();
  }
  end_segment(kCountsSegment, at);
  at += encode_sets(records, first, count, page + at);
  end_segment(kSetsSegment, at);

  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const std::vector<ColumnCode>& codes = records.codes[c];
    if (columns_[c].model().kind() != ColumnModel::Kind::kConstant) {
      if (versions_.empty()) {
        at += columns_[c].encode({codes.data() + first, count}, page + at);
      } else {
        at += encode_changes(codes, first, page + at);
        written_.clear();
        std::size_t v = 0;
        for (std::size_t i = 0; i < count; ++i) {
          const bool version = v < versions_.size() && versions_[v] == i;
          if (!version || changed_[v]) written_.push_back(codes[first + i]);
          v += version;
        }
        at += columns_[c].encode(written_, page + at);
      }
    }
    end_segment(kColumnSegments + c, at);
  }
  page[4] = flags;
  store_u16(page + 2, static_cast<std::uint16_t>(std::min<std::size_t>(at, 0xffff)));
  size_ = at;
}

/// Also fills in the page's Rice parameter, and its flags so far.
std::size_t RecordPageEncoder::encode_tags(std::span<const RowTag> tags, std::uint8_t* out) {
  const std::size_t count = tags.size();
  const auto k_for = [&](std::size_t written) {
    return rice_parameter(static_cast<double>(tags.back() - tags.front()) / static_cast<double>(written));
  };
  const unsigned k = k_for(count);
  BitWriter bits(out);
  // A version of its own Rice code costs k + 1 bits to say nothing.
  const bool version_bits = exports_ > 0 && versions_.size() * k > count;
  page_[4] = version_bits ? kVersionBitsFlag : 0;
  if (!version_bits) {
    page_[5] = static_cast<std::uint8_t>(k);
    for (std::size_t i = 1; i < count; ++i) bits.rice(tags[i] - tags[i - 1], k);
    return bits.finish();
  }
  const unsigned apart_k = k_for(count - versions_.size());
  page_[5] = static_cast<std::uint8_t>(apart_k);
  for (std::size_t i = 1; i < count; ++i) bits.put(tags[i] == tags[i - 1] ? 1 : 0, 1);
  for (std::size_t i = 1; i < count; ++i)
    if (tags[i] != tags[i - 1]) bits.rice(tags[i] - tags[i - 1], apart_k);
  return bits.finish();
}

std::size_t RecordPageEncoder::encode_sets(const RecordColumns& records, std::size_t first, std::size_t count,
                                           std::uint8_t* out) const {
  const std::span<const std::uint16_t> numbers(records.sets.data() + first, count);
  if (exports_ == 0) return sets_.encode(numbers, out);
  const ColumnModel& model = sets_.model();
  if (model.kind() == ColumnModel::Kind::kConstant && !stands_in_page(model.constant())) return 0;
  // The sets in the page come first: the numbers' own end is the segment's.
  const std::size_t words = words_for(exports_);
  BitWriter bits(out + 2);
  for (std::size_t i = 0; i < count; ++i)
    if (stands_in_page(numbers[i]))
      write_in_page(bits, {records.set_words.data() + (first + i) * words, words}, numbers[i], exports_);
  const std::size_t size = bits.finish();
  // A page whose sets alone fill a block is too large whatever stands here.
  store_u16(out, static_cast<std::uint16_t>(std::min<std::size_t>(size, 0xffff)));
  return 2 + size + sets_.encode(numbers, out + 2 + size);
}

std::size_t RecordPageEncoder::encode_changes(const std::vector<ColumnCode>& codes, std::size_t first,
                                              std::uint8_t* out) {
  changed_.resize(versions_.size());
  std::size_t changes = 0;
  for (std::size_t v = 0; v < versions_.size(); ++v) {
    const std::size_t i = first + versions_[v];
    changed_[v] = codes[i] != codes[i - 1];
    changes += changed_[v];
  }
  const std::size_t versions = versions_.size();
  const auto kind = [out](Changes changes_kind) { out[0] = static_cast<std::uint8_t>(changes_kind); };
  if (changes == 0) return kind(Changes::kNone), 1;
  if (changes == versions) return kind(Changes::kAll), 1;
  const unsigned k = rice_parameter(static_cast<double>(versions) / static_cast<double>(changes) - 1);
  std::uint64_t gap_bits = 24;
  std::size_t previous = 0;
  for (std::size_t v = 0; v < versions; ++v)
    if (changed_[v]) {
      gap_bits += rice_bits(v - previous, k);
      previous = v + 1;
    }
  if (gap_bits < versions) {
    kind(Changes::kGaps);
    store_u16(out + 1, static_cast<std::uint16_t>(changes));
    out[3] = static_cast<std::uint8_t>(k);
    BitWriter bits(out + 4);
    previous = 0;
    for (std::size_t v = 0; v < versions; ++v)
      if (changed_[v]) {
        bits.rice(v - previous, k);
        previous = v + 1;
      }
    return 4 + bits.finish();
  }
  kind(Changes::kBitmap);
  BitWriter bits(out + 1);
  for (std::size_t v = 0; v < versions; ++v) bits.put(changed_[v], 1);
  return 1 + bits.finish();
}

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
