#include "seal/row_sample.h"

#include <algorithm>
#include <cstring>

#include "base/spread.h"

namespace sidik {
namespace {

std::uint64_t mark_of(std::uint64_t row_order) { return spread(row_order + 1); }  // the first row's is not 0

}  // namespace

RowSample::RowSample(std::size_t columns, std::uint64_t rows, std::size_t most)
    : columns_(columns), most_(most), halved_(0) {
  while (rows >> halved_ > most_) ++halved_;
}

void RowSample::observe(const Batch& batch) {
  for (std::size_t r = 0; r < batch.rows; ++r) {
    const std::uint64_t mark = mark_of(batch.row_order[r]);
    if (!is_drawn(mark)) continue;
    marks_.push_back(mark);
    for (std::size_t c = 0; c < columns_; ++c) {
      const std::string_view cell = batch.columns[c][r];
      sizes_.push_back(static_cast<std::uint32_t>(cell.size()));
      text_.append(cell);
    }
  }
  drop_surplus();
}

void RowSample::merge(RowSample&& other) {
  halved_ = std::max(halved_, other.halved_);
  marks_.insert(marks_.end(), other.marks_.begin(), other.marks_.end());
  sizes_.insert(sizes_.end(), other.sizes_.begin(), other.sizes_.end());
  text_.append(other.text_);
  drop_undrawn();
  drop_surplus();
}

void RowSample::drop_surplus() {
  while (marks_.size() > most_) {
    ++halved_;
    drop_undrawn();
  }
}

void RowSample::drop_undrawn() {
  std::size_t rows = 0, kept_text = 0;
  const std::uint32_t* size = sizes_.data();
  const char* cell = text_.data();
  for (std::size_t r = 0; r < marks_.size(); ++r, size += columns_) {
    std::size_t bytes = 0;
    for (std::size_t c = 0; c < columns_; ++c) bytes += size[c];
    if (is_drawn(marks_[r])) {
      marks_[rows] = marks_[r];
      std::memmove(sizes_.data() + rows * columns_, size, columns_ * sizeof *size);
      std::memmove(text_.data() + kept_text, cell, bytes);
      ++rows;
      kept_text += bytes;
    }
    cell += bytes;
  }
  marks_.resize(rows);
  sizes_.resize(rows * columns_);
  text_.resize(kept_text);
}

std::vector<std::vector<std::string_view>> RowSample::columns() const {
  std::vector<std::vector<std::string_view>> columns(columns_);
  for (auto& column : columns) column.reserve(rows());
  const char* cell = text_.data();
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    columns[i % columns_].emplace_back(cell, sizes_[i]);
    cell += sizes_[i];
  }
  return columns;
}

}  // namespace sidik
