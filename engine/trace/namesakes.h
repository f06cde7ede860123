// Columns of a sample that are called as columns of an export's layout are.
#pragma once

#include <vector>

#include "trace/layouts.h"
#include "trace/sample_reader.h"

namespace sidik {

bool same_name(const SampleSurvey& survey, std::size_t column, const ExportColumn& of);

/// Whether nearly all of the sample's columns are called as the layout's, `fit`, and which on both sides.
struct Namesakes {
  std::vector<char> column, of_layout;
  bool fit = false;
  Namesakes(const SampleSurvey& survey, const Layout& layout);
};

}  // namespace sidik
