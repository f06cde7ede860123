// What each proposition is worth before the sample is looked at: by kind, then feed, then date (FORMULAS, "Priors").
#pragma once

#include <map>
#include <vector>

#include "trace/attribution.h"

namespace sidik {

/// Immutable; refers to the feeds that it is made from. The priors of all propositions add up to 1 but for mixtures
/// that nobody looks at.
class PropositionPrior {
 public:
  /// `exports` in the numbering of `feeds`.
  PropositionPrior(const std::vector<Feed>& feeds, const std::vector<ExportManifest>& exports);

  /// The prior probability of a proposition whose `sources`, `feed` and `gap` are among these exports and feeds.
  double of(const Proposition& one, const Priors& priors) const;

 private:
  double registered(ExportIndex e, const Priors& priors) const;
  double unregistered(const Proposition& one, const Priors& priors) const;

  const std::vector<Feed>& feeds_;
  std::map<ExportIndex, const Feed*> feed_of_;
  double externals_ = 0;
};

}  // namespace sidik
