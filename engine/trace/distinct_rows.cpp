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
  Row row{digest, file_line, 1, static_cast<std::uint32_t>(cells.size()), text_.size(), lengths_.size()};
  std::size_t size = 0;
  for (const std::string_view cell : cells) size += cell.size() + kTextSlack;
  text_.resize(row.text + size);
  char* out = text_.data() + row.text;
  for (const std::string_view cell : cells) {
    lengths_.push_back(cell.data() == nullptr ? kNoCell : static_cast<std::uint32_t>(cell.size()));
    std::copy(cell.begin(), cell.end(), out);
    out += cell.size() + kTextSlack;
  }
  rows_.push_back(row);
  if (rows_.size() >= 2 * most_ + 64) settle();
}

std::size_t RowDraw::text_size(const Row& row) const {
  std::size_t size = 0;
  for (const std::uint32_t length : lengths(row)) size += (length == kNoCell ? 0 : length) + kTextSlack;
  return size;
}

void RowDraw::copy(const RowDraw& from, Row row) {
  const auto lengths = from.lengths(row);
  const std::size_t size = from.text_size(row);
  const char* const text = from.text_.data() + row.text;
  row.lengths = lengths_.size();
  row.text = text_.size();
  lengths_.insert(lengths_.end(), lengths.begin(), lengths.end());
  text_.insert(text_.end(), text, text + size);
  rows_.push_back(row);
}

void RowDraw::settle() {
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return std::tie(a.digest, a.file_line) < std::tie(b.digest, b.file_line);
  });
  RowDraw kept(most_);
  kept.text_.reserve(text_.size() / 2);
  for (const Row& row : rows_) {
    if (!kept.rows_.empty() && kept.rows_.back().digest == row.digest) {
      kept.rows_.back().copies += row.copies;
      continue;
    }
    if (kept.rows_.size() == most_) break;
    kept.copy(*this, row);
  }
  rows_.swap(kept.rows_);
  text_.swap(kept.text_);
  lengths_.swap(kept.lengths_);
  if (rows_.size() == most_) bound_ = rows_.back().digest;
}

void RowDraw::merge(const RowDraw& other) {
  for (const Row& row : other.rows_) {
    if (wants(row.digest)) copy(other, row);
  }
  settle();
}

}  // namespace sidik
