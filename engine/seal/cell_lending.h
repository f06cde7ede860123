// What a canary keeps of the row that it was made from, taken from several rows instead: who joins each row with its
// nearest finds no two that share more than rows share by chance.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fields/schema.h"
#include "seal/canary_code.h"
#include "seal/column_ties.h"
#include "seal/donor_ring.h"
#include "seal/table_shape.h"

namespace sidik {

/// So many rows of a table lend.
inline constexpr std::size_t kCellLenders = 4096;

/// Immutable once made: one object may serve many threads.
class CellLending {
 public:
  /// `lenders` are of kind 0, with all of their columns, and outlive the object; so do the others. `rows`: of the
  /// table.
  CellLending(const Schema& schema, const DonorPool& lenders, std::uint64_t rows, const TableShape& shape);

  /// The rows of `base`, each with some of its cells from other rows: columns that go together come from one row, and
  /// those that go with what is there already from one that is like it. What canaries get made anew (numbers, names,
  /// houses) stays, and so does what all of several rows have in common: it is the person's. `family` keys the choice.
  Household mixed(const Household& base, CanaryCode& code, std::size_t family) const;

 private:
  struct Group;
  std::vector<Group> grouped(double budget, const std::vector<bool>& stays) const;
  void lend(const Household& base, const std::vector<bool>& stays, CanaryCode& code, const std::string& number,
            std::vector<std::string_view>& cells) const;
  struct Placed;
  bool is_in_order(const Group& group, const Placed& placed, const Donor& lender) const;
  const Donor* lender_for(const Group& group, const Placed& placed, std::uint64_t number,
                          const std::vector<const Donor*>& used) const;

  const Schema& schema_;
  std::vector<const Donor*> lenders_;
  std::vector<double> scaled_;      // column by column, by lender
  std::vector<bool> looked_at_;     // columns
  std::vector<bool> lendable_;      // of those
  std::optional<ColumnTies> ties_;  // none where nothing is to be lent
  double budget_ = 0;               // nats that two rows may share
};

}  // namespace sidik
