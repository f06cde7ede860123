// What filtering is worth to each hypothesis on this sample: the conditions that describe registered feeds, and which
// rows are inside them.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "trace/feed_conditions.h"
#include "trace/mixture_search.h"
#include "trace/noise.h"
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
  /// The same where only so many of the linked rows are explained.
  double log_of_all(double explained) const;
  /// The same for an export, over the rows that it explains. A row has as many candidates inside a condition as the
  /// condition's feed has, not as many as the whole export. `log_padded`: as is_stray has it, for rows of strangers.
  double log_of(ExportIndex e, double log_padded = std::log(kUnlinkedRow)) const;
  /// The ways in which a mixture may be filtered: not at all, or by a condition that nearly all linked rows fulfil.
  std::vector<MixtureFilter> of_mixtures() const;
  /// As log_of for a mixture of exports, of which each has a share of the rows; what no export explains has the rest.
  double log_of(std::span<const ExportIndex> sources, std::span<const double> shares,
                double log_padded = std::log(kUnlinkedRow)) const;

 private:
  /// Of the candidates inside condition `c` of class `i` those that `e` has: where rows of both were counted, and
  /// values do not single a person out, the records that both have. People of a disjoint feed share names with ours.
  double inside_of(std::size_t c, std::size_t i, ExportIndex e) const;
  double candidates(const AgreementClass& rows, ExportIndex e, double log_padded = std::log(kUnlinkedRow)) const;

  const RowTerms& terms_;
  const ExportParts& parts_;
  std::vector<std::vector<double>> inside_;  // by condition and class: candidates inside it
};

}  // namespace sidik
