#include "fingerprints/reuse_costs.h"

#include <algorithm>

namespace sidik {
namespace {

constexpr std::size_t kTelling = 256;  // values below which the clock says more of itself than of them
constexpr double kNews = 0.25;         // how far one batch moves a mean
constexpr double kMargin = 1.25;       // a table drives what others need out of the processor's caches
constexpr double kLeast = 0.02, kMost = 0.95;
constexpr std::uint32_t kTryAgain = 32;  // batches after which runs are looked for once more

}  // namespace

void MeanCost::add(double nanoseconds, std::size_t values) {
  if (values < kTelling) return;
  const double cost = nanoseconds / static_cast<double>(values);
  mean_ = guessed_ ? cost : mean_ + kNews * (std::min(cost, 4 * mean_) - mean_);
  guessed_ = false;
}

bool ReuseCosts::wants_runs() {
  if (batch_++ % kTryAgain == 0) return true;
  const double next = uses_cache_ ? look_up.value() : compute.value();
  return repeated_ * next > runs_.value();
}

void ReuseCosts::saw_runs(double nanoseconds, std::size_t rows, std::size_t runs) {
  if (rows < kTelling) return;
  runs_.add(nanoseconds, rows);
  const double share = 1 - static_cast<double>(runs) / static_cast<double>(rows);
  repeated_ = batch_ == 1 ? share : repeated_ + kNews * (share - repeated_);
}

double ReuseCosts::worthwhile() const {
  const double share = kMargin * look_up.value() / std::max(1.0, compute.value());
  return share > kMost ? kNever : std::max(share, kLeast);
}

}  // namespace sidik
