// What looking for repeated values costs in one column and what it saves, measured while it is done: which of the ways
// pays depends on the data, the processor's caches and who else uses them, and no constant knows all three.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sidik {

/// A running mean of nanoseconds a value, of which no single batch moves much: another process may have had the
/// processor.
class MeanCost {
 public:
  explicit MeanCost(double guess) : mean_(guess) {}
  void add(double nanoseconds, std::size_t values);
  double value() const { return mean_; }

 private:
  double mean_;
  bool guessed_ = true;
};

/// Nanoseconds since it was made or last asked.
class Lap {
 public:
  double take() {
    const auto now = std::chrono::steady_clock::now();
    const double nanoseconds = std::chrono::duration<double, std::nano>(now - begun_).count();
    begun_ = now;
    return nanoseconds;
  }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// One object a column and thread. Decides which ways of reuse the next batch takes; results are the same in all of
/// them.
class ReuseCosts {
 public:
  MeanCost compute{40};  // canonicalising and fingerprinting, a value
  MeanCost look_up{8};   // in the cache, a value

  /// Whether runs of equal neighbours are worth looking for in this batch.
  bool wants_runs();
  /// What looking for them took, and how many rows of how many went by it.
  void saw_runs(double nanoseconds, std::size_t rows, std::size_t runs);
  /// The share of values met before from which on the cache saves more than it costs; kNever where a look-up costs as
  /// much as what it may save.
  static constexpr double kNever = 2;
  double worthwhile() const;
  void used_cache(bool used) { uses_cache_ = used; }

 private:
  MeanCost runs_{2};
  double repeated_ = 1;  // share of rows that equal the one before, a running mean
  bool uses_cache_ = false;
  std::uint32_t batch_ = 0;
};

}  // namespace sidik
