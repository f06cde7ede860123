#include "trace/volume.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "trace/support.h"

namespace sidik {

std::uint64_t ever_exported(const std::vector<ExportManifest>& exports) {
  std::map<FieldType, std::uint64_t> sums;
  std::uint64_t untyped = 0;
  for (const ExportManifest& manifest : exports) {
    if (manifest.description.kind == ExportKind::kExternal) continue;
    for (const IdentityCount& identity : manifest.identities) sums[identity.type] += identity.distinct;
    untyped += manifest.whole_row_tagged;
  }
  std::uint64_t sum = untyped;
  for (const auto& [type, count] : sums) sum += count;
  return sum;
}

Volume volume_of(std::uint64_t claimed, double explained, double rows, std::uint64_t ever_exported) {
  constexpr double kZ = 1.959963984540054;
  constexpr double kDesignEffect = 2;
  Volume volume;
  volume.claimed = claimed;
  volume.ever_exported = ever_exported;
  const double n = std::max(1.0, rows / kDesignEffect);
  const double p = rows > 0 ? explained / rows : 0;
  const double centre = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ / (1 + kZ * kZ / n) * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  volume.authentic_low = rows > 0 ? rounded(std::max(0.0, centre - half), 4) : 0;
  volume.authentic_high = rows > 0 ? rounded(std::min(1.0, centre + half), 4) : 1;
  const auto supported = [&](double share) {
    return std::min(ever_exported, static_cast<std::uint64_t>(std::llround(static_cast<double>(claimed) * share)));
  };
  volume.supported_low = supported(volume.authentic_low);
  volume.supported_high = supported(volume.authentic_high);
  return volume;
}

}  // namespace sidik
