#include "ingest/record_scan.h"

#include <algorithm>
#include <bit>

namespace sidik {

std::size_t count_line_breaks(std::string_view text, bool carriage_return) {
  std::size_t lines = 0;
  bool behind_return = false;
  for (const char c : text) {
    lines += (c == '\n' && !behind_return) || (carriage_return && c == '\r') ? 1U : 0U;
    behind_return = carriage_return && c == '\r';
  }
  return lines;
}

inline void RecordScan::Progress::take(const ByteMasks& masks, std::size_t at) {
  const QuoteTracker::Boundaries found = tracker.next(masks);
  if (found.cell_ends != 0) cell_begin = at + 64 - static_cast<std::size_t>(std::countl_zero(found.cell_ends));
  if (found.record_ends != 0) {
    const int width = 64 - std::countl_zero(found.record_ends);
    record_end = at + static_cast<std::size_t>(width);
    record_lines =
        lines + static_cast<std::size_t>(std::popcount(found.line_breaks & (~std::uint64_t{0} >> (64 - width))));
  }
  lines += static_cast<std::size_t>(std::popcount(found.line_breaks));
}

void RecordScan::extend(const char* text, std::size_t size) {
  std::array<ByteMasks, 64> masks;
  while (size - scanned_ >= 64) {
    const std::size_t chunks = std::min(masks.size(), (size - scanned_) / 64);
    classify(text + scanned_, chunks, separators_.delimiter, masks.data());
    Progress progress = kept_;  // a local copy stays in registers
    for (std::size_t c = 0; c < chunks; ++c) progress.take(masks[c], scanned_ + c * 64);
    kept_ = progress;
    scanned_ += chunks * 64;
  }
  shown_ = kept_;
  if (scanned_ == size) return;
  classify(text + scanned_, 1, separators_.delimiter, masks.data());
  masks[0].keep((std::uint64_t{1} << (size - scanned_)) - 1);
  shown_.take(masks[0], scanned_);
}

}  // namespace sidik
