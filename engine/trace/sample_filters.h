// What filtering is worth to each hypothesis on this sample: the conditions that describe registered feeds, and which
// rows are inside them.
#pragma once

#include <vector>

#include "trace/feed_conditions.h"
#include "trace/row_terms.h"

namespace sidik {

/// Immutable; keeps references.
class SampleFilters {
 public:
  SampleFilters(const RowTerms& terms, const ExportParts& parts);

  /// The prior weight of each condition.
  double weight() const;
  /// ln of P(S | h) / P(S | h, unfiltered) for strangers and unregistered feeds: of all linked rows, those inside each
  /// condition.
  double log_of_all() const;
  /// The same for an export, over the rows that it explains. A row has as many candidates inside a condition as the
  /// condition's feed has, not as many as the whole export.
  double log_of(ExportIndex e) const;

 private:
  double candidates(const AgreementClass& rows, ExportIndex e) const;

  const RowTerms& terms_;
  const ExportParts& parts_;
  std::vector<std::vector<double>> inside_;  // by condition and class: candidates inside it
};

}  // namespace sidik
