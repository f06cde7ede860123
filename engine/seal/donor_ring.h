// Which rows lend their values to canaries: each canary asks for the row whose keyed number comes next behind its own,
// so that its donors stay the same from month to month as long as they stay in the data, and change as often as people
// come and go.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fingerprints/fingerprinter.h"
#include "seal/seal_secrets.h"

namespace sidik {

/// A row's cells in one piece of memory: many rows are kept for a while.
class DonorCells {
 public:
  void assign(std::span<const std::string_view> cells) {
    std::size_t bytes = 0;
    for (const std::string_view cell : cells) bytes += cell.size();
    char* at = begin(cells.size(), bytes);
    for (std::size_t c = 0; c < cells.size(); ++c) at = put(c, cells[c], at);
  }
  /// Those of `columns`, which rise; the others are empty.
  void assign(std::span<const std::string_view> cells, std::span<const std::size_t> columns) {
    std::size_t bytes = 0;
    for (const std::size_t column : columns) bytes += cells[column].size();
    char* at = begin(cells.size(), bytes);
    std::size_t next = 0;
    for (const std::size_t column : columns) {
      while (next < column) at = put(next++, {}, at);
      at = put(next++, cells[column], at);
    }
    while (next < cells.size()) at = put(next++, {}, at);
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view operator[](std::size_t c) const {
    const std::uint32_t from = c == 0 ? static_cast<std::uint32_t>(size_ * sizeof(std::uint32_t)) : end(c - 1);
    return std::string_view(bytes_).substr(from, end(c) - from);
  }
  std::vector<std::string> strings() const {
    std::vector<std::string> out;
    for (std::size_t c = 0; c < size_; ++c) out.emplace_back((*this)[c]);
    return out;
  }

 private:
  char* begin(std::size_t cells, std::size_t bytes) {
    size_ = cells;
    const std::size_t ends = cells * sizeof(std::uint32_t);
    if (bytes_.size() < ends + bytes) bytes_.resize(ends + bytes);
    return bytes_.data() + ends;
  }
  char* put(std::size_t c, std::string_view cell, char* at) {
    if (!cell.empty()) std::memcpy(at, cell.data(), cell.size());
    at += cell.size();
    const auto to = static_cast<std::uint32_t>(at - bytes_.data());
    std::memcpy(bytes_.data() + c * sizeof to, &to, sizeof to);
    return at;
  }
  std::uint32_t end(std::size_t c) const {
    std::uint32_t to = 0;
    std::memcpy(&to, bytes_.data() + c * sizeof to, sizeof to);
    return to;
  }

  std::string bytes_;  // where each cell ends, then the cells; more than that of a longer row before
  std::size_t size_ = 0;
};

/// A row that lends values.
struct Donor {
  std::uint64_t number = ~std::uint64_t{0};  // its place on the ring
  std::uint64_t row_order = 0;               // Batch::row_order
  DonorCells cells;                          // as written
  bool found() const { return !cells.empty(); }
  void take(std::uint64_t its_number, std::uint64_t its_order, std::span<const std::string_view> its_cells) {
    number = its_number;
    row_order = its_order;
    cells.assign(its_cells);
  }
  /// The cells of `columns` only; the others are empty.
  void take(std::uint64_t its_number, std::uint64_t its_order, std::span<const std::string_view> its_cells,
            std::span<const std::size_t> columns) {
    number = its_number;
    row_order = its_order;
    cells.assign(its_cells, columns);
  }
};

/// Points on the ring.
class RingPoints {
 public:
  /// Numbers keyed by `secret`, `role` and their own from 0: more of them leave the first as they are.
  RingPoints(const Secret& secret, std::string_view role, std::size_t points);
  explicit RingPoints(std::span<const std::uint64_t> numbers);
  std::size_t size() const { return points_.size(); }
  /// How many points are at most `number`.
  std::size_t first_after(std::uint64_t number) const {
    std::size_t at = bucket_[static_cast<std::size_t>(number >> shift_)];
    while (at < points_.size() && points_[at] <= number) ++at;
    return at;
  }
  /// The place, in rising order, of a point.
  std::size_t place_of(std::size_t point) const { return order_[point]; }

 private:
  std::vector<std::uint64_t> points_;  // rising
  std::vector<std::size_t> order_;     // order_[i] is the place of point i in points_
  std::vector<std::uint32_t> bucket_;  // points are evenly spread: where those of each range of numbers begin
  unsigned shift_ = 63;
};

/// Points, each with the place of the row that comes next. Not thread-safe.
class PlaceRing {
 public:
  explicit PlaceRing(std::span<const std::uint64_t> numbers) : points_(numbers), places_(numbers.size()) {}

  /// Offers a row. Costs one comparison for most.
  void offer(std::uint64_t number, std::uint64_t row_order) {
    if (points_.size() == 0) return;
    const Place place{number, row_order};
    for (std::size_t i = points_.first_after(number); i > 0 && place < places_[i - 1]; --i) places_[i - 1] = place;
    if (place < smallest_) smallest_ = place;
  }
  /// Of two rings of the same points: as if all rows had been offered to this one.
  void merge(const PlaceRing& other);
  /// Batch::row_order of a point's row; behind the last row the ring begins again. Nothing where no row was offered.
  std::optional<std::uint64_t> of(std::size_t point) const;
  /// The same, of the point of that number. REQUIRES: there is one.
  std::optional<std::uint64_t> of_number(std::uint64_t number) const;

 private:
  struct Place {
    std::uint64_t number = ~std::uint64_t{0}, row_order = ~std::uint64_t{0};
    bool operator<(const Place& other) const {
      return number != other.number ? number < other.number : row_order < other.row_order;
    }
    bool found() const { return row_order != ~std::uint64_t{0}; }
  };
  std::optional<std::uint64_t> row_of(const Place& next) const;

  RingPoints points_;
  std::vector<Place> places_;  // by place
  Place smallest_;
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

  /// Whether offer() would take a row of that household.
  bool wants(std::uint64_t number) const {
    if (points_.size() == 0) return false;
    const std::size_t i = points_.first_after(number);
    return (i > 0 && households_[i - 1].number >= number) || number <= smallest_.number;
  }
  /// Offers a row of the household `number`; `own` is the row's own number.
  void offer(std::uint64_t number, std::uint64_t own, std::uint64_t row_order,
             std::span<const std::string_view> cells) {
    if (points_.size() == 0) return;
    for (std::size_t i = points_.first_after(number); i > 0 && households_[i - 1].number >= number; --i)
      add(households_[i - 1], number, own, row_order, cells);
    if (number <= smallest_.number) add(smallest_, number, own, row_order, cells);
  }
  /// Of two rings of the same points and secret: as if all rows had been offered to this one.
  void merge(HouseholdRing&& other);
  std::size_t points() const { return points_.size(); }
  Household of(std::size_t point) const;
  void for_each_row(const std::function<void(const Donor&)>& work) const;

 private:
  static void add(Household& household, std::uint64_t number, std::uint64_t own, std::uint64_t row_order,
                  std::span<const std::string_view> cells);
  static void merge(Household& household, Household&& other);

  RingPoints points_;
  std::vector<Household> households_;  // by place; up to one row too many, those of the smallest own numbers
  Household smallest_;
};

/// Of each kind of row (women of one province) a keyed draw of some, to lend to rows of the same kind. Not thread-safe.
class DonorPool {
 public:
  /// Rows lend the values of these columns; the others are not kept. At most so many rows of a kind are.
  explicit DonorPool(std::vector<std::size_t> columns, std::size_t rows_of_a_kind = 256);
  /// Whether offer() would take a row of that kind and draw.
  bool wants(std::uint32_t kind, std::uint64_t draw) const {
    if (kind < kShared && draw > (*largest_)[kind].load(std::memory_order_relaxed)) return false;
    return kind >= kinds_.size() || draw <= kinds_[kind].last.first;
  }
  /// From now on takes no row that would not stay when it is merged with `other`, which may be used by another thread.
  void share(const DonorPool& other) { largest_ = other.largest_; }
  /// `own` is the row's number on the ring, drawn or not by `draw`, another number of it. Kinds are small numbers.
  void offer(std::uint32_t kind, std::uint64_t own, std::uint64_t draw, std::uint64_t row_order,
             std::span<const std::string_view> cells);
  /// As if all rows of `other` had been offered to this one.
  void merge(DonorPool&& other);
  /// The row of that kind that comes next behind `number`, of those that `fitness` gives most; apart from the row whose
  /// own number is `but`. Not found() where there is no other.
  const Donor& next(std::uint32_t kind, std::uint64_t number, std::uint64_t but,
                    const std::function<int(const Donor&)>& fitness) const;
  void for_each_row(const std::function<void(const Donor&)>& work) const;
  void for_each_row(std::uint32_t kind, const std::function<void(const Donor&)>& work) const;

 private:
  /// By draw, those of one person by their order: what is taken does not hang on who came first.
  using Draw = std::pair<std::uint64_t, std::uint64_t>;
  struct Kind {
    std::vector<std::pair<Draw, std::uint32_t>> drawn;  // a heap, the largest draw first: places in rows
    std::vector<Donor> rows;
    Draw last{~std::uint64_t{0}, ~std::uint64_t{0}};
  };
  /// Where a row of that draw goes, whose memory is used again; settle() it there.
  Donor& next_of(Kind& kind, const Draw& draw);
  void settle(std::uint32_t kind);
  static constexpr std::uint32_t kShared = 1024;  // kinds; of the others each pool keeps its own
  /// By kind, a draw that so many rows of one of the pools are not behind that none behind it is taken.
  using Largest = std::array<std::atomic<std::uint64_t>, kShared>;
  std::vector<std::size_t> columns_;
  std::size_t rows_of_a_kind_;
  std::vector<Kind> kinds_;
  std::shared_ptr<Largest> largest_;
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
