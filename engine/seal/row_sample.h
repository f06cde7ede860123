// Rows drawn evenly from a table of any length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/batch.h"

namespace sidik {

/// Which rows are drawn hangs on how many the table has and where each stands in it, on nothing else. One object a
/// thread; merge() takes another's rows in.
class RowSample {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 17;
  /// Of a table of about so many rows; of one that has more, fewer are drawn: at most `most`.
  RowSample(std::size_t columns, std::uint64_t rows, std::size_t most = kMost);
  /// A block of the table, once; blocks in any order.
  void observe(const Batch& batch);
  void merge(RowSample&& other);
  /// One in so many rows is drawn: all, where they are at most `most`.
  std::uint64_t one_in() const { return std::uint64_t{1} << halved_; }
  std::size_t rows() const { return marks_.size(); }
  /// Their cells, by column. They live as long as nothing is added.
  std::vector<std::vector<std::string_view>> columns() const;

 private:
  bool is_drawn(std::uint64_t mark) const { return halved_ == 0 || mark >> (64 - halved_) == 0; }
  void drop_surplus();
  void drop_undrawn();

  std::size_t columns_, most_;
  unsigned halved_;
  // By row: a number of its place, evenly spread.
  std::vector<std::uint64_t> marks_;
  std::vector<std::uint32_t> sizes_;  // of the cells, row by row
  std::string text_;                  // of the cells
};

}  // namespace sidik
