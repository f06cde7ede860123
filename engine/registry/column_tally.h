// What a column's values look like in numbers: counts of codes, distinct values, nulls. Gathered while rows come in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fingerprints/record.h"
#include "registry/column_model.h"
#include "registry/manifest.h"

namespace sidik {

/// One column of one thread; added together at the end.
///
/// Distinct values are counted by whole fingerprints, for two values may share a code: exactly up to 1,024, beyond that
/// by HyperLogLog (Flajolet and others, 2007) with 2^14 registers and Ertl's estimator (2017), standard error 0.8 %.
class ColumnTally {
 public:
  static constexpr std::size_t kExactDistinct = 1024;
  static constexpr std::size_t kMostFrequent = 64;

  ColumnTally();
  /// fingerprints[i] is 0 where codes[i] is kNullCode.
  void add(std::span<const Fingerprint> fingerprints, std::span<const ColumnCode> codes);
  void add(const ColumnTally& other);

  /// All codes that occurred, and how often.
  std::vector<CodeFrequency> frequencies() const;
  /// nulls, distinct and frequent are filled in; invalid is left.
  void describe(ColumnStatistics& out) const;

 private:
  void add_distinct(Fingerprint fingerprint);
  void add_exact(Fingerprint fingerprint);
  double estimate() const;
  std::uint64_t count(std::size_t code) const { return counts_[code] + (wraps_.empty() ? 0 : wraps_[code] << 16); }

  // By code. Narrow, so that the counters of nine columns stay in the second-level cache; how often they wrapped round
  // stands apart.
  std::vector<std::uint16_t> counts_;
  std::vector<std::uint64_t> wraps_;
  std::vector<std::uint8_t> registers_;  // HyperLogLog
  std::vector<Fingerprint> exact_;       // open addressing; 0 is free; empty when there were too many
  std::size_t exact_count_ = 0;
  std::vector<Fingerprint> recent_;  // values seen a moment ago need no second look
};

}  // namespace sidik
