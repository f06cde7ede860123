#include "trace/order.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
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

std::optional<double> log10_monotone(std::span<const std::uint64_t> positions) {
  if (positions.size() < 2) return std::nullopt;
  const bool rising = std::is_sorted(positions.begin(), positions.end());
  const bool falling = std::is_sorted(positions.rbegin(), positions.rend());
  if (!rising && !falling) return std::nullopt;
  return (boost::math::lgamma(static_cast<double>(positions.size()) + 1) - std::log(2.0)) / kLn10;
}

}  // namespace sidik
