#include "trace/unregistered.h"

#include <algorithm>
#include <cmath>

#include "trace/log_math.h"

namespace sidik {

double log_between(const BetweenCounts& counts, double change) {
  constexpr double kRows = 100;
  const double rows = counts.rows();
  const double third =
      std::clamp((counts.old + counts.young + counts.third + change * kRows) / (rows + kRows) / 2, 1e-6, 0.5);
  const double log_thirds =
      counts.third > 0 ? counts.third * std::log(third) + (counts.old + counts.young) * std::log1p(-third) : 0;
  const auto integrand = [&](double t) {
    const double n = (1 - t) * counts.rows_earlier + t * counts.rows_later;
    double sum = -rows * std::log(n);
    if (counts.old > 0) sum += counts.old * std::log1p(-t);
    if (counts.young > 0) sum += counts.young * std::log(t);
    return sum;
  };
  if (counts.rows_earlier == counts.rows_later) {
    return log_thirds + log_beta(1 + counts.young, 1 + counts.old) - rows * std::log(counts.rows_later);
  }
  return log_thirds + log_integral(integrand, 0, 1);
}

double log_beyond(double same, double other, double change) {
  const double rate = std::clamp(change, 1e-6, 0.5);
  const auto integrand = [&](double t) {
    double sum = same * std::log1p(-rate * t);
    if (other > 0) sum += other * std::log(rate * t);
    return sum;
  };
  return log_integral(integrand, 0, 1);
}

}  // namespace sidik
