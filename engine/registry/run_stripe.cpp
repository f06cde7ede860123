#include "registry/run_stripe.h"

#include <algorithm>
#include <cstring>

#include "registry/bit_stream.h"
#include "registry/radix_sort.h"

namespace sidik {
namespace {

/// Records are sorted by a key of 40 bits of the tag (the eight above are the partition's) over their number in it.
constexpr unsigned kNumberBits = 24;
constexpr std::uint64_t kNumberMask = (std::uint64_t{1} << kNumberBits) - 1;
constexpr std::size_t kMostRecordsAtOnce = std::size_t{1} << kNumberBits;
/// Pending items are encoded when there are so many; a page never takes more than a part of them.
constexpr std::size_t kPendingRecords = 4 * kMostRecordsInPage;
constexpr std::size_t kPendingEntries = 4 * kMostEntriesInPage;

RowTag load_tag(const std::uint8_t* record) {
  return load_u32(record) | static_cast<RowTag>(load_u16(record + 4)) << 32;
}

/// Where the n-th byte of a record's order stands: the tag's bytes from the top, then each code's high byte and low
/// byte.
std::size_t record_byte(std::size_t n) { return n < kTagBytes ? kTagBytes - 1 - n : n ^ 1; }

}  // namespace

void LoadedPartition::load(SpillStore& store, std::size_t stream) {
  pieces_ = store.pieces(stream);
  const auto spilled =
      std::partition(pieces_.begin(), pieces_.end(), [](const SpillPiece& p) { return p.memory != nullptr; });
  const std::span<SpillPiece> in_file(spilled, pieces_.end());
  buffer_.reserve(in_file.size() * store.chunk_size());
  if (!in_file.empty()) store.load(in_file, buffer_.data());
  parts_.clear();
  for (const SpillPiece& piece : std::span(pieces_.begin(), spilled)) parts_.emplace_back(piece.memory, piece.size);
  for (std::size_t i = 0; i < in_file.size(); ++i)
    parts_.emplace_back(buffer_.data() + i * store.chunk_size(), in_file[i].size);
}

void LoadedPartition::release(SpillStore& store) {
  for (const SpillPiece& piece : pieces_) store.give_back(piece);
  pieces_.clear();
  parts_.clear();
}

StripeEncoder::StripeEncoder(const Shared& shared, RunOutput& output, RecordsDigest digest)
    : shared_(shared),
      writer_(output),
      digest_(std::move(digest)),
      record_pages_(shared.columns, shared.sets),
      columns_(shared.columns.size()) {
  counts_.tags_by_column.resize(columns_);
  pending_.codes.resize(columns_);
}

std::size_t StripeEncoder::part_further(std::size_t stream, std::size_t item_size, std::size_t byte) {
  SpillStore& store = shared_.store;
  Scatter scatter(store, store.add_streams(Scatter::kFan), item_size);
  AlignedBuffer chunk(store.chunk_size());
  for (SpillPiece& piece : store.pieces(stream)) {
    const std::uint8_t* items = piece.memory;
    if (items == nullptr) {
      store.load({&piece, 1}, chunk.data());
      items = chunk.data();
    }
    for (std::size_t at = 0; at + item_size <= piece.size; at += item_size)
      std::memcpy(scatter.next(items[at + byte]), items + at, item_size);
    store.give_back(piece);
  }
  scatter.flush();
  return scatter.first_stream();
}

void StripeEncoder::records(std::size_t first_stream, std::size_t begin, std::size_t end, StripePages& out) {
  last_tag_ = ~RowTag{0};
  for (std::size_t p = begin; p < end; ++p) record_partition(first_stream + p, 1, out);
  flush_records(out, true);
}

void StripeEncoder::record_partition(std::size_t stream, std::size_t depth, StripePages& out) {
  const std::size_t size = record_bytes(columns_);
  const std::uint64_t bytes = shared_.store.bytes(stream);
  if (bytes == 0) return;
  const bool too_large = bytes > shared_.partition_limit || bytes / size > kMostRecordsAtOnce;
  if (too_large && depth < size) {
    const std::size_t parts = part_further(stream, size, record_byte(depth));
    for (std::size_t p = 0; p < Scatter::kFan; ++p) record_partition(parts + p, depth + 1, out);
    return;
  }
  if (too_large) {  // all alike: one record for all of them
    std::uint64_t count = 0;
    Bytes record(size + kBitSlack);
    AlignedBuffer chunk(shared_.store.chunk_size());
    for (SpillPiece& piece : shared_.store.pieces(stream)) {
      if (piece.memory == nullptr && count == 0) shared_.store.load({&piece, 1}, chunk.data());
      if (count == 0) std::memcpy(record.data(), piece.memory != nullptr ? piece.memory : chunk.data(), size);
      count += piece.size / size;
      shared_.store.give_back(piece);
    }
    append_record(record.data(), count);
    return flush_records(out, false);
  }
  loaded_.load(shared_.store, stream);
  items_.clear();
  for (const ByteSpan part : loaded_.parts())
    for (std::size_t at = 0; at + size <= part.size(); at += size) items_.push_back(part.data() + at);
  sort_records();
  for (std::size_t begin = 0; begin < keys_.size();) {
    std::size_t end = begin + 1;
    while (end < keys_.size() && keys_[end] >> kNumberBits == keys_[begin] >> kNumberBits) ++end;
    if (end - begin == 1)
      append_record(items_[keys_[begin] & kNumberMask], 1);
    else
      merge_group(begin, end);
    begin = end;
    if (pending_size_ >= kPendingRecords) flush_records(out, false);
  }
  loaded_.release(shared_.store);
  flush_records(out, false);
}

void StripeEncoder::sort_records() {
  keys_.resize(items_.size());
  scratch_.resize(std::max(scratch_.size(), items_.size()));
  for (std::size_t i = 0; i < items_.size(); ++i) keys_[i] = load_tag(items_[i]) << kNumberBits | i;
  // The partition's eight bits have fallen off at the top.
  radix_sort(keys_, {scratch_.data(), keys_.size()}, kNumberBits, 64);
}

void StripeEncoder::merge_group(std::size_t begin, std::size_t end) {
  std::vector<const std::uint8_t*> group;
  for (std::size_t i = begin; i < end; ++i) group.push_back(items_[keys_[i] & kNumberMask]);
  const auto compare = [this](const std::uint8_t* a, const std::uint8_t* b) {
    for (std::size_t at = kTagBytes; at < record_bytes(columns_); at += 2)
      if (const int difference = load_u16(a + at) - load_u16(b + at); difference != 0) return difference;
    return 0;
  };
  std::sort(group.begin(), group.end(),
            [&](const std::uint8_t* a, const std::uint8_t* b) { return compare(a, b) < 0; });
  for (std::size_t i = 0; i < group.size();) {
    std::size_t next = i + 1;
    while (next < group.size() && compare(group[i], group[next]) == 0) ++next;
    append_record(group[i], next - i);
    i = next;
  }
}

void StripeEncoder::append_record(const std::uint8_t* record, std::uint64_t count) {
  if (pending_size_ == pending_.tags.size()) {
    const std::size_t room = std::max<std::size_t>(1024, pending_size_ * 2);
    pending_.tags.resize(room);
    pending_.counts.resize(room);
    pending_.sets.resize(room);
    for (auto& column : pending_.codes) column.resize(room);
  }
  const std::size_t i = pending_size_++;
  const RowTag tag = load_tag(record);
  pending_.tags[i] = tag;
  pending_.counts[i] = count;
  pending_.sets[i] = 0;
  for (std::size_t c = 0; c < columns_; ++c) pending_.codes[c][i] = load_u16(record + kTagBytes + 2 * c);
  ++counts_.records;
  if (tag == last_tag_) return;
  last_tag_ = tag;
  ++counts_.tags;
  for (const std::uint16_t c : shared_.tag_columns)
    if (pending_.codes[c][i] == kTagCode) {
      ++counts_.tags_by_column[c];
      break;
    }
}

void StripeEncoder::flush_records(StripePages& out, bool all) {
  if (pending_size_ < kPendingRecords && !all) return;
  // Vectors keep their length as room; a view of what is filled goes to the encoder.
  std::size_t first = 0;
  pending_.tags.resize(pending_size_);
  const std::size_t keep = all ? 1 : kMostRecordsInPage;
  while (pending_size_ - first >= keep && first < pending_size_) {
    const std::size_t taken = record_pages_.fill(pending_, first);
    writer_.add(out, pending_.tags[first], taken, record_pages_.page());
    first += taken;
  }
  std::vector<const ColumnCode*> codes(columns_);
  for (std::size_t c = 0; c < columns_; ++c) codes[c] = pending_.codes[c].data();
  digest_.add({pending_.tags.data(), first}, codes, {pending_.counts.data(), first});
  const std::size_t room = pending_.counts.size();
  pending_.drop(first);
  pending_size_ -= first;
  pending_.tags.resize(room);
  pending_.counts.resize(room);
  pending_.sets.resize(room);
  for (auto& column : pending_.codes) column.resize(room);
}

void StripeEncoder::entries(std::size_t first_stream, std::size_t begin, std::size_t end, StripePages& out) {
  entries_size_ = 0;
  for (std::size_t p = begin; p < end; ++p) entry_partition(first_stream + p, 1, out);
  flush_entries(out, true);
}

void StripeEncoder::entry_partition(std::size_t stream, std::size_t depth, StripePages& out) {
  const std::uint64_t bytes = shared_.store.bytes(stream);
  if (bytes == 0) return;
  if (bytes > shared_.partition_limit && depth < kEntryBytes) {
    const std::size_t parts = part_further(stream, kEntryBytes, kEntryBytes - 1 - depth);
    for (std::size_t p = 0; p < Scatter::kFan; ++p) entry_partition(parts + p, depth + 1, out);
    return;
  }
  if (depth == kEntryBytes) {  // all alike: one of them is enough
    loaded_.load(shared_.store, stream);
    if (entries_.size() < entries_size_ + 1) entries_.resize(entries_size_ + 1024);
    entries_[entries_size_++] = load_bits(loaded_.parts().front().data());
    loaded_.release(shared_.store);
    return flush_entries(out, false);
  }
  loaded_.load(shared_.store, stream);
  const std::size_t count = bytes / kEntryBytes;
  if (entries_.size() < entries_size_ + count) entries_.resize(entries_size_ + count + count / 4);
  scratch_.resize(std::max(scratch_.size(), count));
  IndexEntry* at = entries_.data() + entries_size_;
  for (const ByteSpan part : loaded_.parts()) {
    for (std::size_t i = 0; i + kEntryBytes <= part.size(); i += kEntryBytes) *at++ = load_bits(part.data() + i);
  }
  loaded_.release(shared_.store);
  IndexEntry* const begin = entries_.data() + entries_size_;
  radix_sort({begin, count}, {scratch_.data(), count}, 0, 64 - 8 * static_cast<unsigned>(depth));
  entries_size_ = static_cast<std::size_t>(std::unique(begin, begin + count) - entries_.data());
  flush_entries(out, false);
}

void StripeEncoder::flush_entries(StripePages& out, bool all) {
  if (entries_size_ < kPendingEntries && !all) return;
  std::size_t first = 0;
  const std::size_t keep = all ? 1 : kMostEntriesInPage;
  while (entries_size_ - first >= keep && first < entries_size_) {
    const std::size_t taken = index_pages_.fill({entries_.data() + first, entries_size_ - first});
    writer_.add(out, entries_[first], taken, index_pages_.page());
    first += taken;
  }
  std::copy(entries_.begin() + static_cast<std::ptrdiff_t>(first),
            entries_.begin() + static_cast<std::ptrdiff_t>(entries_size_), entries_.begin());
  entries_size_ -= first;
}

void StripeEncoder::positions(std::size_t first_stream, std::size_t begin, std::size_t end, StripePages& out) {
  std::vector<TagPosition> found;
  Bytes page;
  const auto flush = [&](bool all) {
    std::size_t first = 0;
    while (found.size() - first >= (all ? 1 : kMostPositionsInPage)) {
      const std::size_t taken = fill_position_page({found.data() + first, found.size() - first}, page);
      writer_.add(out, found[first].tag, taken, page);
      first += taken;
    }
    found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(first));
  };
  for (std::size_t p = begin; p < end; ++p) {
    loaded_.load(shared_.store, first_stream + p);
    const auto old = static_cast<std::ptrdiff_t>(found.size());
    for (const ByteSpan part : loaded_.parts())
      for (std::size_t at = 0; at + kPositionBytes <= part.size(); at += kPositionBytes) {
        const std::uint64_t order = load_u64(part.data() + at + 8);
        const auto block = std::partition_point(shared_.rows_before.begin(), shared_.rows_before.end(),
                                                [order](const BlockRows& b) { return b.block < order >> 32; });
        found.push_back({load_u64(part.data() + at), block->rows_before + (order & 0xffffffff), 0});
      }
    loaded_.release(shared_.store);
    std::sort(found.begin() + old, found.end(), [](const TagPosition& a, const TagPosition& b) {
      return a.tag != b.tag ? a.tag < b.tag : a.row < b.row;
    });
    flush(false);
  }
  flush(true);
}

}  // namespace sidik
