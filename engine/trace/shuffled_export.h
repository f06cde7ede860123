// Fabrication by shuffling: all columns of one copy, each shuffled by itself. Pure.
#pragma once

#include <vector>

#include "trace/row_terms.h"
#include "trace/sample_reader.h"

namespace sidik {

/// Of each mapped column the odds that another of the sample's rows shows the same value: 1 where it was filtered to
/// one. By the first 2,000 of the screened rows; 0 of fewer than two.
std::vector<double> value_repeats(const SampleSurvey& survey, const ColumnMap& map);

/// ln of "columns of export `e`, each shuffled by itself", relative to the product of the values' frequencies: a value
/// meets its own row's record by frequency, or because it came back to it (log_shuffled, outside.h). Rows whose values
/// the copy does not hold were not drawn from it: the share of those that were is anything (strangers' values, too, are
/// ours now and then).
double log_shuffled_export(const RowTerms& terms, ExportIndex e);

}  // namespace sidik
