// How many further rows would tell exports apart: what an analyst should ask for next.
#pragma once

#include <map>
#include <set>
#include <span>
#include <vector>

#include "registry/fingerprint_store.h"

namespace sidik {

/// Shares of the rows of one export that another does not hold likewise, of some 2,000 of its identities.
struct Separation {
  double looked = 0;                       // identities
  double by_shown = 0;                     // that differ in columns that the sample shows, or are not there
  std::map<FieldType, double> by_further;  // that differ in columns of this type that it does not show
};

/// One for each of `others`. `shown`: the columns that the sample shows. All exports are of one epoch, `one` is none of
/// `others`.
std::vector<Separation> separations_of(const FingerprintStore& store, ExportIndex one,
                                       std::span<const ExportIndex> others, const std::set<ColumnId>& shown);

/// Rows of which, with 95 %, at least one differs where a share of all does; rounded up to a plain number. 0 for none.
std::uint64_t rows_to_separate(double share);

}  // namespace sidik
