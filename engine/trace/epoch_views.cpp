#include "trace/epoch_views.h"

#include <algorithm>

namespace sidik {

std::vector<EpochView> views_of(const FieldPlan& plan, const ValueFrequencies& frequencies, std::size_t field) {
  std::vector<EpochView> views;
  const std::vector<Reading>& readings = plan.readings();
  for (std::uint32_t k = plan.first_reading(field); k < readings.size() && plan.field_of(k) == field; ++k) {
    const auto known =
        std::any_of(views.begin(), views.end(), [&](const EpochView& view) { return view.epoch == readings[k].epoch; });
    if (!known) views.push_back({readings[k].epoch, k, 0, k});
  }
  for (EpochView& view : views) {
    double most = -1;
    for (const FieldPlan::Compared& one : plan.compared()) {
      if (one.field != field || one.also || readings[one.reading].epoch != view.epoch) continue;
      if (frequencies.rows(one.column) <= most) continue;
      most = frequencies.rows(one.column);
      view.column = one.column;
      view.column_reading = one.reading;
    }
  }
  return views;
}

}  // namespace sidik
