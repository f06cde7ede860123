#include "trace/log_math.h"

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <utility>
#include <vector>

namespace sidik {

double log_add(double a, double b) {
  constexpr double kNothing = -746;  // e to less is 0, and takes long to be found so
  const double high = std::max(a, b);
  if (high <= kLogZero) return kLogZero;
  const double behind = std::min(a, b) - high;
  return behind < kNothing ? high : high + std::log1p(std::exp(behind));
}

double log_sum(std::span<const double> logs) {
  double high = kLogZero;
  for (const double x : logs) high = std::max(high, x);
  if (high <= kLogZero) return kLogZero;
  double sum = 0;
  for (const double x : logs) sum += std::exp(x - high);
  return high + std::log(sum);
}

namespace {

double log_gamma_of(double x) {
  // Boost's, for std::lgamma writes a global and its last digits differ from one C library to the next; not by way of
  // long doubles, which differ from one machine to the next.
  using Plain = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  return boost::math::lgamma(x, Plain());
}

/// Counts of rows are whole numbers, and few.
constexpr std::size_t kTable = 512;
std::array<double, kTable> whole_log_gammas() {
  std::array<double, kTable> table{};
  for (std::size_t n = 1; n < kTable; ++n) table[n] = log_gamma_of(static_cast<double>(n));
  return table;
}

}  // namespace

double log_gamma(double x) {
  static const std::array<double, kTable> table = whole_log_gammas();
  if (x >= 1 && x < kTable) {
    const auto n = static_cast<std::size_t>(x);
    if (static_cast<double>(n) == x) return table[n];
  }
  return log_gamma_of(x);
}

double log_beta(double a, double b) { return log_gamma(a) + log_gamma(b) - log_gamma(a + b); }

double log_beta_binomial(double a, double b, double hits, double misses) {
  return log_beta(a + hits, b + misses) - log_beta(a, b);
}

double log_share(double a, double b, double hits, double misses) {
  const double all = hits + misses;
  const auto part = [&](double of) { return of > 0 ? of * std::log(of / all) : 0; };
  return log_beta_binomial(a, b, hits, misses) - part(hits) - part(misses);
}

namespace {

constexpr double kDrop = 40;  // e^-40 of the mode's height no longer counts
constexpr int kGrid = 64;
constexpr int kPanels = 4;
constexpr int kNarrowings = 40;  // to some 1e-10 of the interval

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
  constexpr double kGolden = 0.6180339887498949;
  double left = to - kGolden * (to - from), right = from + kGolden * (to - from);
  double at_left = f(left), at_right = f(right);
  for (int i = 0; i < kNarrowings; ++i) {
    if (at_left < at_right) {
      from = std::exchange(left, right);
      at_left = at_right;
      right = from + kGolden * (to - from);
      at_right = f(right);
    } else {
      to = std::exchange(right, left);
      at_right = at_left;
      left = to - kGolden * (to - from);
      at_left = f(left);
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
      if (b > a) sum += boost::math::quadrature::gauss<double, 15>::integrate(scaled, a, b);
    }
  }
  return sum > 0 ? top + std::log(sum) : kLogZero;
}

}  // namespace sidik
