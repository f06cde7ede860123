#include "trace/volume.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "trace/support.h"

namespace sidik {

std::optional<DuplicateEstimate> distinct_among(std::uint64_t records, const RepeatedRows& repeated) {
  if (repeated.rows < 2) return std::nullopt;
  constexpr double kTail = 0.025;
  const auto n = static_cast<double>(records);
  const auto m = static_cast<double>(repeated.rows);
  const double scale = std::max(1.0, n * (n - 1) / (m * (m - 1)));
  // A count's limits are quantiles of the gamma distribution (Garwood, 1936).
  const double low = repeated.pairs < 0.5 ? 0 : boost::math::gamma_p_inv(repeated.pairs, kTail);
  const double high = boost::math::gamma_p_inv(repeated.pairs + 1, 1 - kTail);
  const auto distinct = [&](double pairs) {
    return static_cast<std::uint64_t>(std::llround(n * n / (n + 2 * pairs * scale)));
  };
  DuplicateEstimate estimate;
  estimate.rows = repeated.rows;
  estimate.pairs = static_cast<std::uint64_t>(std::llround(repeated.pairs));
  estimate.distinct_low = distinct(high);
  estimate.distinct_high = distinct(low);
  return estimate;
}

Volume volume_of(std::uint64_t claimed, const ShareInterval& authentic, IdentityCounts identities,
                 const RepeatedRows& repeated) {
  Volume volume;
  volume.claimed = claimed;
  volume.ever_exported = identities.distinct;
  volume.identities = std::move(identities);
  volume.authentic_low = rounded(authentic.low, 4);
  volume.authentic_high = rounded(authentic.high, 4);
  const auto supported = [&](double share) {
    return std::min(volume.ever_exported,
                    static_cast<std::uint64_t>(std::llround(static_cast<double>(claimed) * share)));
  };
  volume.supported_low = supported(volume.authentic_low);
  volume.supported_high = supported(volume.authentic_high);
  volume.duplicates = distinct_among(claimed, repeated);
  return volume;
}

}  // namespace sidik
