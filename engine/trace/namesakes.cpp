#include "trace/namesakes.h"

#include "fields/schema.h"

namespace sidik {
namespace {

constexpr double kNamesFit = 0.8;  // of the sample's columns, from which on a layout's names are its names

}  // namespace

bool same_name(const SampleSurvey& survey, std::size_t column, const ExportColumn& of) {
  const auto& name = survey.names[column];
  return name && !name->empty() && normalised_name(*name) == normalised_name(of.schema.name);
}

Namesakes::Namesakes(const SampleSurvey& survey, const Layout& layout)
    : column(survey.names.size()), of_layout(layout.size()) {
  double fitting = 0;
  for (std::size_t c = 0; c < column.size(); ++c) {
    for (std::size_t f = 0; f < layout.size(); ++f)
      if (same_name(survey, c, *layout[f].second)) column[c] = of_layout[f] = 1;
    fitting += column[c];
  }
  fit = fitting >= 3 && fitting >= kNamesFit * static_cast<double>(column.size());
}

}  // namespace sidik
