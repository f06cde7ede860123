// What a whole sample is worth under an export that nobody registered: of another date of a feed, or of a feed that is
// not known.
#pragma once

#include <optional>
#include <span>

#include "trace/changed_rows.h"
#include "trace/feed_dates.h"
#include "trace/row_sums.h"

namespace sidik {

/// Where rows may come from that a source does not explain: strangers and values put together at random, half and half;
/// or the union of all that is registered, `united` times the rows of the largest export.
Elsewhere elsewhere_of(const RowTerms& terms, double united);

/// Rows of an export that nobody registered, between two of one feed (`later` nothing: after `earlier`; and the other
/// way round).
struct Neighbours {
  std::optional<ExportIndex> earlier, later;
  std::span<const ExportIndex> before = {};  // the feed's exports before `earlier`: whose rows would be stale
  ExportIndex beside() const { return earlier ? *earlier : *later; }
};
/// The columns that hold another source's values, and ln of what that costs: as the export beside it has them.
struct Replaced {
  FieldMask fields = 0;
  double log = 0;
};
/// `change`: the share of rows that change from one date of the feed to the next, as `changed` says.
SourceLikelihood likelihood_between(const RowTerms& terms, const ChangedRows& changed, const Neighbours& neighbours,
                                    double change, const Replaced& replaced, const Elsewhere& elsewhere);

/// Rows of a feed that nobody registered: the union of all that is known, `united` times the rows of the largest
/// export.
SourceLikelihood likelihood_of_union(const RowTerms& terms, double united, const Elsewhere& elsewhere);

/// What a feed that nobody registered pays for having the sample's date, whatever that is: the mean over the dates of
/// the feed that fits best, registered or between those, against each row by whichever of the dates explains it best.
/// Nothing where all fit alike. `likelihoods`: one an export; `gaps`: by feed, ln P(S | an unregistered date) of each
/// place before, between and behind its exports.
double log_of_date(const RowTerms& terms, const Elsewhere& elsewhere, std::span<const Feed> feeds,
                   std::span<const SourceLikelihood> likelihoods, const std::vector<std::vector<double>>& gaps);

}  // namespace sidik
