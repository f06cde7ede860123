// Columns that repeat each other in some rows: a name and the name on the card, the day of a registration and of the
// last change. Such a value is as common as such rows are.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trace/reading.h"

namespace sidik {

struct RepeatedColumn {
  std::size_t first = 0, second = 0;
  double share = 0;  // of the rows that show both
};

/// Of columns of a sample, as they were read (nothing: one that was not), the pairs of one type and epoch that hold the
/// same in some row.
std::vector<RepeatedColumn> repeated_columns(std::span<const ReadValues* const> columns);

}  // namespace sidik
