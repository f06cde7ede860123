// Which rows lend their values to canaries: each canary asks for the row whose keyed number comes next behind its own,
// so that its donors stay the same from month to month as long as they stay in the data, and change as often as people
// come and go.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fingerprints/fingerprinter.h"
#include "seal/seal_secrets.h"

namespace sidik {

/// A row that lends values.
struct Donor {
  std::uint64_t number = ~std::uint64_t{0};  // its place on the ring
  std::uint64_t row_order = 0;               // Batch::row_order
  std::vector<std::string> cells;            // as written
  bool found() const { return !cells.empty(); }
  void take(std::uint64_t its_number, std::uint64_t its_order, std::span<const std::string_view> its_cells) {
    number = its_number;
    row_order = its_order;
    cells.assign(its_cells.begin(), its_cells.end());
  }
};

/// Numbers on the ring, keyed by `secret`, `role` and their own from 0: more of them leave the first as they are.
class RingPoints {
 public:
  RingPoints(const Secret& secret, std::string_view role, std::size_t points);
  std::size_t size() const { return points_.size(); }
  /// How many points are at most `number`.
  std::size_t first_after(std::uint64_t number) const;
  /// The place, in rising order, of a point.
  std::size_t place_of(std::size_t point) const { return order_[point]; }

 private:
  std::vector<std::uint64_t> points_;  // rising
  std::vector<std::size_t> order_;     // order_[i] is the place of point i in points_
};

/// Points, each with the row that comes next. Not thread-safe.
class DonorRing {
 public:
  DonorRing(const Secret& secret, std::string_view role, std::size_t points)
      : points_(secret, role, points), donors_(points) {}

  /// Offers a row. Costs one comparison for most.
  void offer(std::uint64_t number, std::uint64_t row_order, std::span<const std::string_view> cells) {
    if (points_.size() == 0) return;
    for (std::size_t i = points_.first_after(number); i > 0 && donors_[i - 1].number > number; --i)
      donors_[i - 1].take(number, row_order, cells);
    if (number < smallest_.number) smallest_.take(number, row_order, cells);
  }
  /// The donor of a point; behind the last row the ring begins again. Not found() where there were no rows.
  const Donor& of(std::size_t point) const;

 private:
  RingPoints points_;
  std::vector<Donor> donors_;  // by place
  Donor smallest_;
};

/// Rows of one household: those that share an address.
struct Household {
  std::uint64_t number = ~std::uint64_t{0};  // its place on the ring
  std::vector<Donor> rows;                   // in the order of the table; Donor::number is the row's own
  bool found() const { return !rows.empty(); }
};

/// So many rows are a household at most; where more have one address it is none, and one of them stands for it.
inline constexpr std::size_t kLargestHousehold = 12;

/// Points, each with the household that comes next. Whatever the order of the rows, the same. Not thread-safe.
class HouseholdRing {
 public:
  HouseholdRing(const Secret& secret, std::string_view role, std::size_t points)
      : points_(secret, role, points), households_(points) {}

  /// Offers a row of the household `number`; `own` is the row's own number.
  void offer(std::uint64_t number, std::uint64_t own, std::uint64_t row_order,
             std::span<const std::string_view> cells) {
    if (points_.size() == 0) return;
    for (std::size_t i = points_.first_after(number); i > 0 && households_[i - 1].number >= number; --i)
      add(households_[i - 1], number, own, row_order, cells);
    if (number <= smallest_.number) add(smallest_, number, own, row_order, cells);
  }
  std::size_t points() const { return points_.size(); }
  Household of(std::size_t point) const;
  void for_each_row(const std::function<void(const Donor&)>& work) const;

 private:
  static void add(Household& household, std::uint64_t number, std::uint64_t own, std::uint64_t row_order,
                  std::span<const std::string_view> cells);

  RingPoints points_;
  std::vector<Household> households_;  // by place; up to one row too many, those of the smallest own numbers
  Household smallest_;
};

/// Of each kind of row (women of one province) a keyed draw of some, to lend to rows of the same kind. Not thread-safe.
class DonorPool {
 public:
  /// `own` is the row's number on the ring, drawn or not by `draw`, another number of it.
  void offer(std::uint32_t kind, std::uint64_t own, std::uint64_t draw, std::uint64_t row_order,
             std::span<const std::string_view> cells);
  /// The row of that kind that comes next behind `number`, of those that `fitness` gives most; apart from the row whose
  /// own number is `but`. Not found() where there is no other.
  const Donor& next(std::uint32_t kind, std::uint64_t number, std::uint64_t but,
                    const std::function<int(const Donor&)>& fitness) const;
  void for_each_row(const std::function<void(const Donor&)>& work) const;

 private:
  struct Kind {
    std::vector<std::pair<std::uint64_t, Donor>> drawn;  // a heap: the largest draw first
  };
  std::map<std::uint32_t, Kind> kinds_;
};

/// Keyed numbers of rows by their tags, for rings.
class RingNumbers {
 public:
  RingNumbers(const Secret& secret, std::string_view name);
  void compute(std::span<const std::uint64_t> tags, std::vector<std::uint64_t>& out);

 private:
  Cmac cmac_;
};

}  // namespace sidik
