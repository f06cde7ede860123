// Feeds whose exports hold new rows each time (a month's payments, a day's log), or new values of the same rows (a
// month's meter readings): what nobody registered of such a feed is in no record, and what is like it cannot be told
// from others' but by values that return.
#pragma once

#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/column_map.h"
#include "trace/feed_dates.h"

namespace sidik {

/// The share of a date's values that the date before had as well: between these (two deviations).
struct Returning {
  double low = 0, high = 1;
};

/// Rows that what returned between two dates counts for.
inline constexpr double kReturningWorth = 8;

struct IncrementalFeed {
  std::size_t feed = 0;              // place in the feeds
  bool new_rows = true;              // no more than half of the identities stood in the export before
  std::vector<Returning> returning;  // one a mapped column; of the same rows, a row's value
};

/// Those of the feeds that have all columns of the sample that were mapped, nine in ten of its `columns` at least, and
/// of whose last export no more than one row in twenty stood in the export before: told by 2,048 records of each.
/// Throws what the store throws.
std::vector<IncrementalFeed> find_incremental_feeds(const FingerprintStore& store, const ColumnMap& map,
                                                    std::size_t columns, const std::vector<Feed>& feeds);

/// ln of what a field of new rows is worth, `seen` of whose values are registered and `unseen` are not, against any
/// share at all: less than 0 where fewer are than return from one date to the next, or more of what never returns.
double log_of_returning(double seen, double unseen, const Returning& returning);

}  // namespace sidik
