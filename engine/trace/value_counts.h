// How many of a sample's values the registry holds: by what is linked, by the statistics, or by asking the indexes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trace/epoch_views.h"
#include "trace/link.h"
#include "trace/read_rows.h"

namespace sidik {

/// How each field's values are looked for. Immutable; what it is made of must outlive it.
class ValueViews {
 public:
  ValueViews(const FieldPlan& plan, const ValueFrequencies& frequencies, const FingerprintStore& store);
  const FieldPlan& plan() const { return plan_; }
  const ValueFrequencies& frequencies() const { return frequencies_; }
  const std::vector<EpochView>& of(std::size_t f) const { return views_[f]; }
  /// Of them the readings that an index holds.
  const std::vector<std::uint32_t>& asked(std::size_t f) const { return asked_[f]; }

 private:
  const FieldPlan& plan_;
  const ValueFrequencies& frequencies_;
  std::vector<std::vector<EpochView>> views_;
  std::vector<std::vector<std::uint32_t>> asked_;
};

/// One thread's counts.
class ValueCounts {
 public:
  explicit ValueCounts(const ValueViews& views);
  /// The values of row `row`, whose best record agrees in `agrees`. A value counts as seen where exports of any epoch
  /// have it, and as unseen where those of each have it not.
  void count(const ReadRows& rows, std::size_t row, FieldMask agrees, const Links& links, std::size_t place);

 private:
  friend void add_up(std::span<const ValueCounts* const> counts, const ValueViews& views, const FingerprintStore& store,
                     unsigned threads, std::span<double> seen, std::span<double> unseen);
  const ValueViews& views_;
  std::vector<double> seen_, unseen_;  // one a field, where the statistics tell
  // By field: values that no linked record has, each once for each reading that is asked for.
  std::vector<std::vector<IndexValue>> wanted_;
};

/// Adds the counts to `seen` and `unseen`, one a field, and asks the indexes for the values that no linked record has.
/// Throws what the store throws.
void add_up(std::span<const ValueCounts* const> counts, const ValueViews& views, const FingerprintStore& store,
            unsigned threads, std::span<double> seen, std::span<double> unseen);

}  // namespace sidik
