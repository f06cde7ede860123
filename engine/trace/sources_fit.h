// How well some exports explain a sample together: each row by whichever does it best, their shares by expectation
// maximisation, errors by rows or by cells as under a single export.
#pragma once

#include <span>
#include <vector>

#include "trace/row_sums.h"

namespace sidik {

/// What every class is worth under one of several sources. Stale rows explain themselves by a second source here: only
/// what is in the export counts.
struct SourceTerms {
  ExportIndex e;
  std::vector<RowTerm> terms;  // by class, `gains` in them
  std::vector<double> gains;   // what a filter adds to a class's rows
  std::vector<double> logs;    // of the terms, with the usual share of damaged rows
};
/// ln of what a row of a class is worth, `damaged` the share of damaged rows (kFirstDamaged before they are counted).
double log_of(const RowTerm& term, double damaged);

inline constexpr std::size_t kMostSources = 6;
struct MixtureFinding {
  std::vector<ExportIndex> sources;
  std::vector<double> shares;  // of the rows, one a source
  double log_marginal = 0;     // as SourceLikelihood::log
  bool by_cells = false;       // errors come by cells rather than by rows
};

/// Fits the shares of some sources, integrates over them, and adds what the columns cost that a source lacks and the
/// rows that pad them (`outside`: of each class). `terms` and `sources` have the same classes.
MixtureFinding fit_sources(const RowTerms& terms, std::span<const double> outside,
                           const std::vector<const SourceTerms*>& sources);

}  // namespace sidik
