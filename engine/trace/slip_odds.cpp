#include "trace/slip_odds.h"

#include <cmath>

#include "trace/log_math.h"

namespace sidik {
namespace {

constexpr double kOtherErrors = 0.3, kSlipsAlpha = 4, kSlipsBeta = 1;
constexpr double kOthersSlips = 0.2, kOthersAlpha = 1, kOthersBeta = 9;

/// ln of the integral over t ~ Beta of (t/c)^near ((1 - t)/(1 - c))^far.
double log_against_chance(const Slips& slips, double alpha, double beta) {
  const double log_chance = slips.log_chance / (slips.near + slips.far);
  return log_beta_binomial(alpha, beta, slips.near, slips.far) - slips.near * log_chance -
         slips.far * std::log1p(-std::exp(log_chance));
}

}  // namespace

double log_errors_near(const Slips& slips) {
  if (slips.none()) return 0;
  return log_add(std::log(kOtherErrors),
                 std::log(1 - kOtherErrors) + log_against_chance(slips, kSlipsAlpha, kSlipsBeta));
}

double log_others_near(const Slips& slips) {
  if (slips.none()) return 0;
  return log_add(std::log(1 - kOthersSlips),
                 std::log(kOthersSlips) + log_against_chance(slips, kOthersAlpha, kOthersBeta));
}

}  // namespace sidik
