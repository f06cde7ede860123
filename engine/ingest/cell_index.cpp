#include "ingest/cell_index.h"

#include <algorithm>
#include <bit>

namespace sidik {
namespace {

// A stretch and its index stay in the first-level cache: 16 KiB of text, some 5 KiB of cell starts, 10 KiB of masks.
constexpr std::size_t kStretch = 16 * 1024;
constexpr std::size_t kStretchChunks = kStretch / 64;
constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63;

/// Writes base + position of each set bit, in rising order; up to 64 words behind `out` may be overwritten.
/// Eight at a time without asking: a loop that ends with the last bit costs a mispredicted jump for each 64 bytes.
inline void write_positions(std::uint64_t bits, std::uint32_t base, std::size_t count, std::uint32_t* out) {
  for (std::size_t done = 0; done < count; done += 8) {
    for (int i = 0; i < 8; ++i) {
      out[done + static_cast<std::size_t>(i)] = base + static_cast<std::uint32_t>(__builtin_ctzll(bits | kTopBit));
      bits &= bits - 1;
    }
  }
}

inline std::uint64_t up_to(std::uint64_t bit) { return bit | (bit - 1); }

}  // namespace

void CellIndex::start(std::string_view text, const Separators& separators) {
  text_ = text;
  separators_ = separators;
  tracker_ = QuoteTracker(separators);
  if (starts_.empty()) {
    starts_.resize(kStretch + 128);
    records_.resize(kStretch + 1);
    masks_.resize(kStretchChunks);
  }
  starts_[0] = 0;
  position_ = 0;
  start_count_ = 1;
  record_count_ = 0;
  first_open_ = 0;
  lines_ = open_line_ = 0;
  irregular_ = quote_in_open_ = non_ascii_in_open_ = any_quote_ = any_non_ascii_ = unclosed_ = false;
  finished_ = text.empty();
}

void CellIndex::keep_open_record() {
  std::copy(starts_.begin() + static_cast<std::ptrdiff_t>(first_open_),
            starts_.begin() + static_cast<std::ptrdiff_t>(start_count_), starts_.begin());
  start_count_ -= first_open_;
  first_open_ = 0;
  const std::size_t most = start_count_ + kStretch + 128;
  if (starts_.size() < most) starts_.resize(std::max(most, starts_.size() * 2));
  // What the open record has seen belongs to the stretch in which it will end.
  quote_in_open_ = record_count_ == 0 ? quote_in_open_ || any_quote_ : any_quote_;
  non_ascii_in_open_ = record_count_ == 0 ? non_ascii_in_open_ || any_non_ascii_ : any_non_ascii_;
  record_count_ = 0;
}

bool CellIndex::advance() {
  if (finished_) {
    record_count_ = 0;
    return false;
  }
  keep_open_record();
  const std::size_t size = std::min(kStretch, text_.size() - position_);
  const std::size_t chunks = (size + 63) / 64;
  classify(text_.data() + position_, chunks, separators_.delimiter, masks_.data());
  if (size % 64 != 0) masks_[chunks - 1].keep((std::uint64_t{1} << (size % 64)) - 1);

  QuoteTracker tracker = tracker_;  // a local copy stays in registers
  std::uint64_t quotes = 0;
  std::uint64_t non_ascii = 0;
  std::size_t count = start_count_;
  std::size_t records = 0;
  std::uint32_t lines = lines_;
  for (std::size_t c = 0; c < chunks; ++c) {
    const ByteMasks& masks = masks_[c];
    quotes |= masks.quote;
    non_ascii |= masks.non_ascii;
    const QuoteTracker::Boundaries found = tracker.next(masks);
    const std::size_t before = count;
    const auto base = static_cast<std::uint32_t>(position_ + c * 64 + 1);
    const auto cells = static_cast<std::size_t>(std::popcount(found.cell_ends));
    write_positions(found.cell_ends, base, cells, starts_.data() + count);
    count += cells;
    if (irregular_ && cells != 0) {
      starts_[before] |= kIrregular;
      irregular_ = false;
    }
    for (std::uint64_t left = found.irregular; left != 0; left &= left - 1) {
      const std::uint64_t below = (left & (~left + 1)) - 1;
      const std::size_t end = before + static_cast<std::size_t>(std::popcount(found.cell_ends & below));
      if (end < count)
        starts_[end] |= kIrregular;
      else
        irregular_ = true;
    }
    for (std::uint64_t left = found.record_ends; left != 0; left &= left - 1) {
      const std::uint64_t through = up_to(left & (~left + 1));
      // The record's last cell ends at cell start `next`, which is also where the next record begins.
      const std::size_t next = before + static_cast<std::size_t>(std::popcount(found.cell_ends & through)) - 1;
      records_[records++] = {static_cast<std::uint32_t>(first_open_), static_cast<std::uint32_t>(next - first_open_),
                             open_line_};
      first_open_ = next;
      open_line_ = lines + static_cast<std::uint32_t>(std::popcount(found.line_breaks & through));
    }
    lines += static_cast<std::uint32_t>(std::popcount(found.line_breaks));
  }
  tracker_ = tracker;
  position_ += size;
  start_count_ = count;
  record_count_ = records;
  lines_ = lines;
  any_quote_ = quote_in_open_ || quotes != 0;
  any_non_ascii_ = non_ascii_in_open_ || non_ascii != 0;
  if (position_ == text_.size()) finish();
  // For the record that stays open, only this stretch's bytes and, where none ended, what it had already seen.
  return true;
}

void CellIndex::finish() {
  finished_ = true;
  unclosed_ = separators_.quoted && tracker_.inside();
  const std::size_t begin = starts_[start_count_ - 1] & ~kIrregular;
  if (start_count_ - 1 == first_open_ && begin == text_.size()) return;
  starts_[start_count_++] = static_cast<std::uint32_t>(text_.size() + 1) | (irregular_ ? kIrregular : 0);
  records_[record_count_++] = {static_cast<std::uint32_t>(first_open_),
                               static_cast<std::uint32_t>(start_count_ - 1 - first_open_), open_line_};
}

}  // namespace sidik
