// What a whole sample is worth under one registered export, and under one whose columns were shuffled or made up.
#pragma once

#include <span>

#include "trace/row_sums.h"

namespace sidik {

/// `earlier` are the exports of its feed before it: rows may be stale.
SourceLikelihood likelihood_of_export(const RowTerms& terms, ExportIndex e, std::span<const ExportIndex> earlier,
                                      const Elsewhere& elsewhere);

/// ln of "rows of export `e`, some of whose columns were shuffled or made up": which, the agreement tells; how many,
/// anything. kLogZero where no column is contradicted in half of its values or more: what nobody changed is the copy.
double log_reassembled_export(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere);

}  // namespace sidik
