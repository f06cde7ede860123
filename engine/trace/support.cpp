#include "trace/support.h"

#include <algorithm>
#include <cmath>

namespace sidik {

std::string_view support_of(double log10_lr) {
  const double ratio = std::pow(10, std::min(log10_lr, 12.0));
  if (ratio <= 2) return "none";
  if (ratio <= 10) return "weak";
  if (ratio <= 100) return "moderate";
  // A ratio of just a thousand that was cut to it must not step up by the last digit of a power.
  if (ratio <= 1000 * (1 + 1e-9)) return "moderately strong";
  if (ratio <= 10000) return "strong";
  if (ratio <= 1000000) return "very strong";
  return "extremely strong";
}

double validated(double log10_lr) { return std::clamp(log10_lr, -kValidatedLog10, kValidatedLog10); }

double rounded(double value, int digits) {
  const double scale = std::pow(10, digits);
  const double scaled = std::round(value * scale);
  return scaled == 0 ? 0 : scaled / scale;
}

}  // namespace sidik
