#include "trace/copy_evidence.h"

#include <algorithm>

#include "trace/log_math.h"

namespace sidik {

double form_evidence(const AttributionInput& in, ExportIndex e) {
  const auto& form = in.forms[e].log10;
  return form ? *form * kLn10 : 0;
}

double order_evidence(const AttributionInput& in, ExportIndex e) {
  return e < in.orders.size() ? in.orders[e].value_or(0) : 0;
}

double best_order_evidence(const AttributionInput& in) {
  double best = 0;
  for (ExportIndex e = 0; e < in.orders.size(); ++e) best = std::max(best, order_evidence(in, e));
  return best;
}

double own_evidence(const AttributionInput& in, ExportIndex e) {
  double own = order_evidence(in, e);
  if (in.seals == nullptr) return own;
  const SealScore& seal = in.seals->of(e);
  return own + seal.marks.value_or(0) + (seal.canaries_seen == 0 ? seal.canaries.value_or(0) : 0);
}

}  // namespace sidik
