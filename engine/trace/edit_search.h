// Finds out what was done to whole columns of a sample: tried out, and taken for true where rows that are linked by the
// rest agree with it.
#pragma once

#include "trace/column_map.h"

namespace sidik {

/// The map of the sample's columns, with changes of whole columns undone in the survey first. Where every column is
/// mapped by its agreement, nothing is tried. Tried are: cells that stand a row off, from a row on or up to one; dates
/// off by a day (a time zone) or by 1,462 (a spreadsheet's other epoch); columns that hold several of ours ("name /
/// birth date", "Last, First"), and columns of which several are one of ours (first and last name; day, month, year).
ColumnMap map_edited_columns(const std::vector<SampleInput>& sample, SampleSurvey& survey,
                             const FingerprintStore& store, const EpochSecrets& secrets, const TraceOptions& options);

}  // namespace sidik
