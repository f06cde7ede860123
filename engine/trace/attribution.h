// From classes of rows to the odds of every hypothesis: each registered export, mixtures of them, dates and feeds that
// nobody registered, known leaks, the same people elsewhere, fabrication, strangers.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "trace/feed_conditions.h"
#include "trace/feed_dates.h"
#include "trace/form.h"
#include "trace/incremental_feeds.h"
#include "trace/priors.h"
#include "trace/row_sums.h"
#include "trace/screening.h"
#include "trace/seal_evidence.h"

namespace sidik {

/// Ours from this probability on, not ours up to that one, undetermined between. Said with nineteen to one, or not
/// said.
inline constexpr double kOursFrom = 0.95, kNotOursTo = 0.05;

/// One hypothesis with its likelihood.
struct Proposition {
  Hypothesis kind = Hypothesis::kStrangers;
  std::vector<ExportIndex> sources;  // of a registered export, a mixture, a known leak; the frame of the same people
  std::size_t feed = 0;              // of an unregistered date
  std::size_t gap = 0;  // before the feed's export number `gap`; behind the last where it equals their number
  bool unregistered_feed = false;
  double log_likelihood = 0;
  double log_prior = 0;  // under the priors given
  double posterior = 0;
  std::vector<double> shares;  // of a mixture's sources
};

/// One export as a source.
struct SourceFinding {
  ExportIndex e = 0;
  double posterior = 0;
  double share = 0;
  double rows_explained = 0;  // share of distinct rows
  double rows_only_here = 0;
  double log_outside = 0;  // ln LR against what is not ours
  std::optional<double> membership, versions, form, parsimony, order, canaries, marks, withheld;  // its parts, ln
  SourceLikelihood likelihood;
};

struct Attribution {
  std::vector<Proposition> propositions;
  double hypotheses[kHypotheses] = {};
  double ours = 0.5;
  double log_lr = 0;                   // ln P(S | ours) / P(S | not ours)
  std::vector<SourceFinding> sources;  // best first
  std::vector<std::vector<ExportIndex>> groups;
  double unexplained = 0;
  std::vector<char> explained;  // one a class: whether any registered export explains it
  bool robust = false;
  std::vector<std::size_t> new_rows;  // feeds whose rows of dates that nobody registered may be these
};

struct AttributionInput {
  const RowTerms& terms;
  const Agreement& agreement;
  const std::vector<Feed>& feeds;
  const ExportParts& parts;
  std::vector<FormScore> forms;  // one an export
  Priors priors;
  const SealEvidence* seals = nullptr;             // nothing where no export is sealed
  std::vector<std::optional<double>> orders = {};  // one an export, ln; empty where no position was asked
  const Screening& screening = kNoScreening;       // which exports are weighed in full; `terms` must be of these
  unsigned threads = 1;                            // the result is the same whatever they are
  /// Asked where the best explanation is not ours. May be empty.
  std::function<std::vector<IncrementalFeed>()> incremental = {};
};

Attribution attribute(const AttributionInput& input);

/// screen_exports with what each copy carries in itself.
Screening screen(const AttributionInput& input);

}  // namespace sidik
