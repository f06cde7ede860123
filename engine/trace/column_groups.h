// Whose values each column of a sample holds, where one source's columns stand beside another's.
#pragma once

#include <vector>

#include "trace/attribution.h"
#include "trace/verdict.h"

namespace sidik {

/// The columns that agree with the best source, and those that hardly ever do in the rows that it knows by the rest
/// (one row in ten at most), by the registered export that has their values in the same rows, or none. Empty where all
/// are the best source's, and of mixtures, whose rows are of several sources and not their columns.
std::vector<ColumnGroup> column_groups(const RowTerms& terms, const ColumnMap& map, const SampleSurvey& survey,
                                       const Attribution& found);

}  // namespace sidik
