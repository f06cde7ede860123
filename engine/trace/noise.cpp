#include "trace/noise.h"

#include "trace/log_math.h"

namespace sidik {

double hit_rate(FieldType type) {
  switch (type) {
    case FieldType::kNik:
    case FieldType::kIdentifier:
    case FieldType::kDate:
    case FieldType::kTimestamp:
      return 0.15;
    case FieldType::kPhone:
    case FieldType::kEmail:
    case FieldType::kPersonName:
      return 0.25;
    case FieldType::kAddress:
    case FieldType::kText:
      return 0.35;
    default:
      return 0.1;
  }
}

double log_noise(const NoiseCounts& counts) {
  const double damaged = log_beta_binomial(kDamagedAlpha, kDamagedBeta, counts.damaged, counts.clean + counts.stale);
  const double stale =
      counts.changed > 0 ? log_beta_binomial(kStaleAlpha, kStaleBeta, counts.stale, counts.changed - counts.stale) : 0;
  return damaged + stale;
}

}  // namespace sidik
