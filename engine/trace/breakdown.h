// How often the values that an investigator names stand in a column of the sample.
#pragma once

#include <map>
#include <string>

#include "trace/column_map.h"
#include "trace/trace.h"

namespace sidik {

/// By value as named: the share of the screened distinct rows that have a value in that column and have this one, in
/// whatever spelling. Throws Error(kUsage) where no column of the sample, nor one that it was matched to, is called so.
std::map<std::string, double> share_by_value(const Breakdown& breakdown, const SampleSurvey& survey,
                                             const ColumnMap& map);

}  // namespace sidik
