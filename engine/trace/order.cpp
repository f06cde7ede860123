#include "trace/order.h"

#include <algorithm>
#include <cmath>

#include "trace/log_math.h"

namespace sidik {

std::optional<double> log10_slice(std::span<const std::uint64_t> positions, std::uint64_t rows) {
  if (positions.size() < 2 || rows < 3) return std::nullopt;
  const auto [low, high] = std::minmax_element(positions.begin(), positions.end());
  const double k = static_cast<double>(positions.size());
  const double n = static_cast<double>(rows);
  const double range = std::max(1.0, static_cast<double>(*high - *low));
  return ((1 - k) * std::log(range) + k * std::log(n) - std::log(k * (k - 1) * n * std::log(n))) / kLn10;
}

std::optional<double> log10_slice_within(std::span<const std::uint64_t> positions, std::uint64_t rows) {
  if (positions.size() < 2) return std::nullopt;
  const auto [low, high] = std::minmax_element(positions.begin(), positions.end());
  return log10_slice(positions, std::max<std::uint64_t>({rows, *high - *low + 1, 3}));
}

namespace {

/// Length of the longest strictly rising sequence (patience sorting).
std::size_t longest_rising(std::span<const std::uint64_t> positions) {
  std::vector<std::uint64_t> ends;
  for (const std::uint64_t position : positions) {
    const auto at = std::lower_bound(ends.begin(), ends.end(), position);
    if (at == ends.end()) {
      ends.push_back(position);
    } else {
      *at = position;
    }
  }
  return ends.size();
}

/// log10 of l!/C(k, l).
double log10_in_order(std::size_t l, std::size_t k) {
  const auto log_factorial = [](std::size_t n) { return log_gamma(static_cast<double>(n) + 1); };
  return (2 * log_factorial(l) + log_factorial(k - l) - log_factorial(k)) / kLn10;
}

}  // namespace

std::optional<double> log10_monotone(std::span<const std::vector<std::uint64_t>> groups) {
  double rising = 0;
  double falling = 0;
  bool any = false;
  for (const std::vector<std::uint64_t>& group : groups) {
    if (group.size() < 2) continue;
    any = true;
    const std::vector<std::uint64_t> turned(group.rbegin(), group.rend());
    rising += log10_in_order(longest_rising(group), group.size());
    falling += log10_in_order(longest_rising(turned), group.size());
  }
  if (!any) return std::nullopt;
  return std::max(rising, falling) - std::log10(2.0);
}

double log_order(std::optional<double> slice, std::optional<double> monotone) {
  double sum = 0;
  for (const auto& part : {slice, monotone}) {
    if (part) sum += log_add(std::log(1 - kKeepsOrder), std::log(kKeepsOrder) + *part * kLn10);
  }
  return sum - log_add(std::log1p(-kOrderElsewhere), std::log(kOrderElsewhere) + sum);
}

}  // namespace sidik
