#include "trace/distinct_rows.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>

#include "ingest/batch.h"

namespace sidik {

std::uint64_t row_digest(std::span<const std::string_view> cells) {
  // A chain of one-shot digests: rows are short, and a streaming state costs more than it saves.
  std::uint64_t digest = cells.size();
  for (const std::string_view cell : cells) digest = XXH3_64bits_withSeed(cell.data(), cell.size(), digest);
  return digest;
}

void DistinctCount::add(std::uint64_t digest) {
  if (digest > bound_) return;
  digests_.push_back(digest);
  if (digests_.size() >= 2 * kExact) prune();
}

void DistinctCount::merge(const DistinctCount& other) {
  pruned_ = pruned_ || other.pruned_;
  bound_ = std::min(bound_, other.bound_);
  digests_.insert(digests_.end(), other.digests_.begin(), other.digests_.end());
  prune();
}

void DistinctCount::prune() {
  std::sort(digests_.begin(), digests_.end());
  digests_.erase(std::unique(digests_.begin(), digests_.end()), digests_.end());
  if (digests_.size() <= kExact) return;
  digests_.resize(kExact);
  bound_ = digests_.back();
  pruned_ = true;
}

std::uint64_t DistinctCount::count() {
  prune();
  if (!pruned_) return digests_.size();
  const double covered = std::ldexp(static_cast<double>(digests_.back()), -64);
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(digests_.size() - 1) / covered));
}

void RowDraw::add(std::uint64_t digest, std::uint32_t file, std::uint64_t line,
                  std::span<const std::string_view> cells) {
  const std::uint64_t file_line = (static_cast<std::uint64_t>(file) << 40) | line;
  if (const auto found = rows_.find(digest); found != rows_.end()) {
    ++found->second.copies;
    if (file_line < found->second.file_line) {
      found->second.file_line = file_line;
      found->second.file = file;
    }
    return;
  }
  Row row;
  row.digest = digest;
  row.file_line = file_line;
  row.copies = 1;
  row.file = file;
  std::size_t size = 0;
  for (const std::string_view cell : cells) size += cell.size() + kTextSlack;
  row.text.resize(size);
  char* out = row.text.data();
  for (const std::string_view cell : cells) {
    row.cell_end.push_back(cell.data() == nullptr ? Row::kNoCell : static_cast<std::uint32_t>(cell.size()));
    std::copy(cell.begin(), cell.end(), out);
    out += cell.size() + kTextSlack;
  }
  put(std::move(row));
}

void RowDraw::put(Row row) {
  const std::uint64_t digest = row.digest;
  const auto [place, fresh] = rows_.try_emplace(digest, std::move(row));
  if (!fresh) {
    place->second.copies += row.copies;
    if (row.file_line < place->second.file_line) {
      place->second.file_line = row.file_line;
      place->second.file = row.file;
    }
  }
  if (rows_.size() >= 2 * most_ + 64) prune();
}

void RowDraw::prune() {
  if (rows_.size() <= most_) return;
  std::vector<std::uint64_t> digests;
  digests.reserve(rows_.size());
  for (const auto& [digest, row] : rows_) digests.push_back(digest);
  const auto last = digests.begin() + static_cast<std::ptrdiff_t>(most_ - 1);
  std::nth_element(digests.begin(), last, digests.end());
  bound_ = *last;
  std::erase_if(rows_, [&](const auto& entry) { return entry.first > bound_; });
}

void RowDraw::merge(RowDraw&& other) {
  for (auto& [digest, row] : other.rows_) {
    if (wants(digest)) put(std::move(row));
  }
}

std::vector<RowDraw::Row> RowDraw::take() {
  prune();
  std::vector<Row> rows;
  rows.reserve(rows_.size());
  for (auto& [digest, row] : rows_) rows.push_back(std::move(row));
  rows_.clear();
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.digest < b.digest; });
  return rows;
}

}  // namespace sidik
