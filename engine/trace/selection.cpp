#include "trace/selection.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "trace/log_math.h"

namespace sidik {

double log_condition(double rows_inside, double rows_outside, double share) {
  return -rows_inside * std::log(std::clamp(share, 1e-12, 1.0)) + rows_outside * std::log(kEdge);
}

double log_selection(std::span<const double> conditions) {
  if (conditions.empty()) return 0;
  const double each = std::min(kConditionPrior, kConditionsAtMost / static_cast<double>(conditions.size()));
  std::vector<double> terms{std::log(1 - each * static_cast<double>(conditions.size()))};
  for (const double condition : conditions) {
    if (condition > kLogZero) terms.push_back(std::log(each) + condition);
  }
  return log_sum(terms);
}

}  // namespace sidik
