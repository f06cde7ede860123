// How a field's values are looked for where exports are of several fingerprint epochs.
#pragma once

#include <vector>

#include "trace/frequencies.h"
#include "trace/read_rows.h"

namespace sidik {

/// How a field's values are looked for in one epoch.
struct EpochView {
  Epoch epoch = 1;
  std::uint32_t reading = 0;         // the first of the epoch
  ColumnId column = 0;               // of the epoch's columns that the field is, the one of most rows
  std::uint32_t column_reading = 0;  // what that is compared with
};

/// A field's, one an epoch that it is read under.
std::vector<EpochView> views_of(const FieldPlan& plan, const ValueFrequencies& frequencies, std::size_t field);

}  // namespace sidik
