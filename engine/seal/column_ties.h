// Which columns of a table go together, and how closely: by whether rows that are near each other in one are near each
// other in another. Whoever puts a row together from several keeps what goes together.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fields/schema.h"

namespace sidik {

/// A column's values as numbers: amounts, counts and days by their rank, others by which value they are.
class ColumnScale {
 public:
  /// `cells` outlive the object.
  ColumnScale(const ColumnSchema& column, const std::vector<std::string_view>& cells);
  /// Of a measure its rank in (0, 1), the mean of equal ones'; of another value a number of its own; negative where the
  /// cell holds none, or one that none of the rows had.
  double of(std::string_view cell) const;
  bool is_measure() const { return measure_; }
  /// How much nearer two values are than chance: 1 for equal ones, 0 in the mean over any two, less for those further
  /// apart.
  double nearness(double a, double b) const {
    if (a < 0 || b < 0) return a < 0 && b < 0 ? 1 : 0;
    if (measure_) return 1 - 3 * std::abs(a - b);
    return a == b ? 1 : unlike_;
  }
  /// ln(1/frequency) of a value, in the mean over the rows; and of a cell.
  double information() const { return information_; }
  double information(std::string_view cell) const;
  /// What a measure's cell says as a number; NaN where it is none.
  double measure(std::string_view cell) const;

 private:
  ColumnSchema column_;
  bool measure_ = false;
  std::vector<double> sorted_;  // measures
  struct Value {
    double number = 0;
    std::size_t count = 0;
  };
  std::unordered_map<std::string_view, Value> values_;
  double all_ = 0;     // cells that hold one
  double unlike_ = 0;  // how near two different values are: less than chance
  double information_ = 0;
};

/// Immutable once made: one object may serve many threads.
class ColumnTies {
 public:
  /// From a table's rows by column (a few thousand are enough), which outlive the object. `looked_at`: the columns that
  /// are held against each other; the others go with nothing.
  ColumnTies(const Schema& schema, const std::vector<std::vector<std::string_view>>& columns,
             const std::vector<bool>& looked_at);

  const ColumnScale& scale(std::size_t column) const { return scales_[column]; }
  /// How well `column` is known where `other` is: 0 not at all, 1 wholly.
  double strength(std::size_t other, std::size_t column) const { return strength_[other * scales_.size() + column]; }
  /// Of columns whose cells are to come from one row, for one follows from the other, or from it and a third: the same
  /// number, the smallest of theirs.
  std::size_t block(std::size_t column) const { return block_[column]; }
  /// Measures of which the first is never larger than the second (a net amount, a day of birth), inseparable ones left
  /// out.
  const std::vector<std::pair<std::size_t, std::size_t>>& orders() const { return orders_; }

 private:
  struct Rows;
  void join(std::size_t a, std::size_t b);
  void find_pairs(const Rows& rows);
  void find_orders(const Rows& rows);
  void find_sums(const Rows& rows);
  void find_told_by_two(const Rows& rows);

  std::vector<ColumnScale> scales_;
  std::vector<double> strength_;
  std::vector<std::size_t> block_;
  std::vector<std::pair<std::size_t, std::size_t>> orders_;
};

}  // namespace sidik
