// Columns of a sample that show parts of their values: which they are, what was lost, and what they are read as.
#pragma once

#include <span>
#include <vector>

#include "trace/column_map.h"
#include "trace/column_readings.h"

namespace sidik {

/// The first of the open cells, as far as they are worth the time: enough to tell which column is which.
std::span<const OpenCell> first_open_cells(const std::vector<OpenCell>& open);

/// Fills in ColumnMap::partial but for `held`, and completions_a_row, for the columns that are mapped.
void describe_partial(const std::vector<OpenCell>& open, ColumnMap& map);

/// Sets the forms of columns that are mostly open: what they are by what is left of them.
void set_partial_forms(const ReadColumns& read, ColumnMap& map);

/// Measures that were mapped by their name and hardly agree, where all of them are round numbers: from now on they are
/// to be held against the records as what they may have been.
void find_rounded(const SampleSurvey& survey, ColumnMap& map);

}  // namespace sidik
