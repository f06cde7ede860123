#include "trace/log_math.h"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <vector>

namespace sidik {

double log_add(double a, double b) {
  const double high = std::max(a, b);
  if (high <= kLogZero) return kLogZero;
  return high + std::log1p(std::exp(std::min(a, b) - high));
}

double log_sum(std::span<const double> logs) {
  double high = kLogZero;
  for (const double x : logs) high = std::max(high, x);
  if (high <= kLogZero) return kLogZero;
  double sum = 0;
  for (const double x : logs) sum += std::exp(x - high);
  return high + std::log(sum);
}

double log_beta(double a, double b) {
  // Boost's, for std::lgamma writes a global and its last digits differ from one C library to the next.
  return boost::math::lgamma(a) + boost::math::lgamma(b) - boost::math::lgamma(a + b);
}

double log_beta_binomial(double a, double b, double hits, double misses) {
  return log_beta(a + hits, b + misses) - log_beta(a, b);
}

namespace {

constexpr double kDrop = 40;  // e^-40 of the mode's height no longer counts
constexpr int kGrid = 64;
constexpr int kPanels = 8;

double mode_of(const std::function<double(double)>& f, double low, double high) {
  int best = 0;
  double best_value = kLogZero;
  for (int i = 0; i < kGrid; ++i) {
    const double value = f(low + (high - low) * (i + 0.5) / kGrid);
    if (value > best_value) {
      best_value = value;
      best = i;
    }
  }
  double from = low + (high - low) * std::max(0, best - 1) / kGrid;
  double to = low + (high - low) * std::min(kGrid, best + 2) / kGrid;
  for (int i = 0; i < 60; ++i) {
    const double third = (to - from) / 3;
    if (f(from + third) < f(to - third)) {
      from += third;
    } else {
      to -= third;
    }
  }
  return (from + to) / 2;
}

/// Where, between the mode and `end`, f has fallen by kDrop; `end` where it never does.
double edge_of(const std::function<double(double)>& f, double mode, double end) {
  const double floor = f(mode) - kDrop;
  if (f(mode + (end - mode) * (1 - 1e-12)) > floor) return end;
  double inside = 0;
  double outside = 1;
  for (int i = 0; i < 80; ++i) {
    // Bisection of the logarithm first, for the peak may be a millionth of the interval wide.
    const double middle = inside > 0 ? (inside + outside) / 2 : outside / 8;
    (f(mode + (end - mode) * middle) > floor ? inside : outside) = middle;
    if (inside > 0 && outside - inside < 1e-3 * outside) break;
  }
  return mode + (end - mode) * outside;
}

}  // namespace

double log_integral(const std::function<double(double)>& f, double low, double high) {
  const double mode = mode_of(f, low, high);
  const double top = f(mode);
  if (top <= kLogZero) return kLogZero;
  const double from = edge_of(f, mode, low);
  const double to = edge_of(f, mode, high);
  const auto scaled = [&](double x) { return std::exp(f(x) - top); };
  double sum = 0;
  for (const auto& [begin, end] : {std::pair{from, mode}, std::pair{mode, to}}) {
    for (int panel = 0; panel < kPanels; ++panel) {
      const double a = begin + (end - begin) * panel / kPanels;
      const double b = begin + (end - begin) * (panel + 1) / kPanels;
      if (b > a) sum += boost::math::quadrature::gauss<double, 20>::integrate(scaled, a, b);
    }
  }
  return sum > 0 ? top + std::log(sum) : kLogZero;
}

}  // namespace sidik
