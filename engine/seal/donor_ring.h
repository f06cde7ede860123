// Which rows lend their values to canaries: each canary asks for the row whose keyed number comes next behind its own,
// so that its donors stay the same from month to month as long as they stay in the data, and change as often as people
// come and go.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
};

/// `points` numbers on the ring, each with the row that comes next. Not thread-safe.
class DonorRing {
 public:
  /// Points are keyed by `secret`, `role` and their numbers from 0: more of them leave the first as they are.
  DonorRing(const Secret& secret, std::string_view role, std::size_t points);

  /// Offers a row. Costs one comparison for most.
  void offer(std::uint64_t number, std::uint64_t row_order, std::span<const std::string_view> cells) {
    if (order_.empty()) return;
    for (std::size_t i = first_after(number); i > 0 && donors_[i - 1].number > number; --i) {
      Donor& donor = donors_[i - 1];
      donor.number = number;
      donor.row_order = row_order;
      donor.cells.assign(cells.begin(), cells.end());
    }
    if (number < smallest_.number) {
      smallest_.number = number;
      smallest_.row_order = row_order;
      smallest_.cells.assign(cells.begin(), cells.end());
    }
  }
  /// The donor of a point; behind the last row the ring begins again. Not found() where there were no rows.
  const Donor& of(std::size_t point) const;

 private:
  std::size_t first_after(std::uint64_t number) const;

  std::vector<std::uint64_t> points_;  // rising
  std::vector<std::size_t> order_;     // order_[i] is the place of point i in points_
  std::vector<Donor> donors_;          // of points_
  Donor smallest_;
};

/// Keyed numbers of rows by their tags, for rings.
class RingNumbers {
 public:
  explicit RingNumbers(const Secret& secret);
  void compute(std::span<const std::uint64_t> tags, std::vector<std::uint64_t>& out);

 private:
  Cmac cmac_;
};

}  // namespace sidik
