// Pages of records written.
#include <algorithm>

#include "registry/bit_stream.h"
#include "registry/export_set_codec.h"
#include "registry/record_page.h"
#include "registry/record_page_layout.h"

namespace sidik {
namespace {

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

}  // namespace sidik
