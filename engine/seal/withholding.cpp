#include "seal/withholding.h"

#include <cmath>

#include "base/bytes.h"
#include "fingerprints/key.h"

namespace sidik {

Withholding::Withholding(const SealSecrets& secrets, double share)
    : cmac_(derive(secrets.recipient, "sidik/1/seal/withheld", 16)),
      bound_(static_cast<std::uint64_t>(std::ldexp(share, 53))) {}

void Withholding::decide(std::span<const RowTag> tags, std::vector<std::uint8_t>& out) {
  Bytes text(tags.size() * 8 + kTextSlack);
  std::vector<std::uint32_t> begin(tags.size() + 1);
  for (std::size_t i = 0; i < tags.size(); ++i) {
    begin[i] = static_cast<std::uint32_t>(8 * i);
    store_u64(text.data() + 8 * i, tags[i]);
  }
  begin[tags.size()] = static_cast<std::uint32_t>(8 * tags.size());
  std::vector<Fingerprint> numbers(tags.size());
  cmac_.compute(text.data(), begin, numbers);
  out.resize(tags.size());
  for (std::size_t i = 0; i < tags.size(); ++i) out[i] = (numbers[i] >> 11) < bound_ ? 1 : 0;
}

double log_withheld_ratio(std::uint64_t rows, std::uint64_t withheld, double share) {
  // Foreign shares on a grid that is even in their logarithm, from one in a thousand to nearly all.
  constexpr int kSteps = 24;
  double best = -1e300;
  double logs[kSteps];
  for (int i = 0; i < kSteps; ++i) {
    const double foreign = std::pow(10.0, -3.0 + 3.0 * (i + 0.5) / kSteps);
    const double seen = foreign * share;
    logs[i] = static_cast<double>(withheld) * std::log(seen / share) +
              static_cast<double>(rows - withheld) * (std::log1p(-seen) - std::log1p(-share));
    best = std::max(best, logs[i]);
  }
  double sum = 0;
  for (const double log : logs) sum += std::exp(log - best);
  return best + std::log(sum / kSteps);
}

}  // namespace sidik
