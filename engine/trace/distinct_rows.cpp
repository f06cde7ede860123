#include "trace/distinct_rows.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

#include "ingest/batch.h"
#include "registry/radix_sort.h"

namespace sidik {
namespace {

constexpr std::size_t kRadixAtMost = std::size_t{1} << 21;  // beyond it the second copy would take too much memory

}  // namespace

std::uint64_t row_digest(std::span<const std::string_view> cells) {
  // A chain of one-shot digests: rows are short, and a streaming state costs more than it saves.
  std::uint64_t digest = cells.size();
  for (const std::string_view cell : cells) digest = XXH3_64bits_withSeed(cell.data(), cell.size(), digest);
  return digest;
}

void DistinctCount::add(std::uint64_t digest) {
  if (digest > bound_) return;
  digests_.push_back(digest);
  if (digests_.size() >= 2 * kExact) settle();
}

void DistinctCount::settle() {
  if (digests_.size() <= kRadixAtMost) {
    std::vector<std::uint64_t> scratch(digests_.size());
    radix_sort(digests_, scratch, 0, 64);
  } else {
    std::sort(digests_.begin(), digests_.end());
  }
  digests_.erase(std::unique(digests_.begin(), digests_.end()), digests_.end());
  cut();
}

void DistinctCount::cut() {
  if (digests_.size() <= kExact) return;
  digests_.resize(kExact);
  bound_ = digests_.back();
  pruned_ = true;
}

void DistinctCount::merge(const DistinctCount& other) {
  pruned_ = pruned_ || other.pruned_;
  std::vector<std::uint64_t> united;
  united.reserve(digests_.size() + other.digests_.size());
  std::set_union(digests_.begin(), digests_.end(), other.digests_.begin(), other.digests_.end(),
                 std::back_inserter(united));
  digests_.swap(united);
  bound_ = std::min(bound_, other.bound_);
  cut();
}

std::uint64_t DistinctCount::count() const {
  if (!pruned_) return digests_.size();
  const double covered = std::ldexp(static_cast<double>(digests_.back()), -64);
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(digests_.size() - 1) / covered));
}

void RowDraw::add(std::uint64_t digest, std::uint64_t file_line, std::span<const std::string_view> cells) {
  auto& [rows, text, lengths] = kept_;
  rows.push_back({digest, file_line, 1, static_cast<std::uint32_t>(cells.size()), text.size(), lengths.size()});
  std::size_t size = 0;
  for (const std::string_view cell : cells) size += cell.size() + kTextSlack;
  text.resize(text.size() + size);
  char* out = text.data() + text.size() - size;
  for (const std::string_view cell : cells) {
    lengths.push_back(cell.data() == nullptr ? kNoCell : static_cast<std::uint32_t>(cell.size()));
    out = std::copy(cell.begin(), cell.end(), out);
    out = std::fill_n(out, kTextSlack, '\0');
  }
  if (rows.size() >= 2 * most_ + 64) settle();
}

void RowDraw::copy(const Rows& from, Row row) {
  const auto lengths = lengths_of(from, row);
  std::size_t size = 0;
  for (const std::uint32_t length : lengths) size += (length == kNoCell ? 0 : length) + kTextSlack;
  const char* const text = from.text.data() + row.text;
  row.lengths = kept_.lengths.size();
  row.text = kept_.text.size();
  kept_.lengths.insert(kept_.lengths.end(), lengths.begin(), lengths.end());
  kept_.text.insert(kept_.text.end(), text, text + size);
  kept_.rows.push_back(row);
}

void RowDraw::settle() {
  std::sort(kept_.rows.begin(), kept_.rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.digest, a.file_line) < std::tie(b.digest, b.file_line);
  });
  // The memory of both is kept: fresh pages cost more than what is copied into them.
  std::swap(kept_, sorted_);
  kept_.rows.clear();
  kept_.text.clear();
  kept_.lengths.clear();
  for (const Row& row : sorted_.rows) {
    if (!kept_.rows.empty() && kept_.rows.back().digest == row.digest) {
      kept_.rows.back().copies += row.copies;
      continue;
    }
    if (kept_.rows.size() == most_) break;
    copy(sorted_, row);
  }
  if (kept_.rows.size() == most_) bound_ = kept_.rows.back().digest;
}

void RowDraw::merge(const RowDraw& other) {
  for (const Row& row : other.kept_.rows) {
    if (wants(row.digest)) copy(other.kept_, row);
  }
  settle();
}

}  // namespace sidik
