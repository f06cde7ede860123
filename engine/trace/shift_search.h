// Columns of a sample that stand a row off against the others: everything below a cell that was lost or added.
#pragma once

#include "trace/column_map.h"

namespace sidik {

/// The shifts by which columns that hardly agree come to agree, in the rows that the other columns link. Reads the
/// sample again where there are such columns.
std::vector<ColumnShift> find_shifts(const std::vector<SampleInput>& sample, const SampleSurvey& survey,
                                     const ColumnMap& map, const FingerprintStore& store, const EpochSecrets& secrets,
                                     const TraceOptions& options);

}  // namespace sidik
