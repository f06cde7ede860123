// What a whole sample is worth under one registered export, and under one whose columns were shuffled or made up.
#pragma once

#include <span>

#include "trace/row_sums.h"

namespace sidik {

/// ln of what stale rows cost whose people the export does not have any more. Now and then somebody leaves; of a feed
/// that holds new rows each time all have left, and there are many dates for them to be of: then a row is one of theirs
/// once in so many.
double log_gone(const RowTerms& terms, ExportIndex e, std::span<const ExportIndex> earlier,
                const SourceLikelihood& found);

/// `earlier` are the exports of its feed before it: rows may be stale.
SourceLikelihood likelihood_of_export(const RowTerms& terms, ExportIndex e, std::span<const ExportIndex> earlier,
                                      const Elsewhere& elsewhere);

/// ln of "rows of export `e`, some of whose columns were shuffled or made up": which, the agreement tells; how many,
/// anything. kLogZero where no column is contradicted in half of its values or more: what nobody changed is the copy.
double log_reassembled_export(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere);

}  // namespace sidik
