// From evidence and header to a column's type.
#pragma once

#include <string>

#include "fields/column_evidence.h"
#include "fields/column_names.h"
#include "fields/field_type.h"

namespace sidik {

struct ColumnDecision {
  FieldType type = FieldType::kText;
  std::string reason;         // for the user; holds no values
  bool numbers_rows = false;  // a counter of this file's rows: identifies nothing
};

/// `distinct` and `distinct_share` are of the whole column, where more is known than the evidence's sample shows.
ColumnDecision decide_column(const ColumnEvidence& evidence, HeaderMeaning meaning, double distinct,
                             double distinct_share);

}  // namespace sidik
