// From likelihoods and priors of all propositions to the odds of the hypotheses, and how far these hang on the priors.
#pragma once

#include <vector>

#include "trace/attribution.h"
#include "trace/proposition_prior.h"
#include "trace/rival_values.h"

namespace sidik {

/// Ours: registered or not, or a mixture.
bool is_ours(Hypothesis h);

/// Immutable; keeps references.
class PropositionOdds {
 public:
  PropositionOdds(const PropositionPrior& prior, const RivalClues& clues) : prior_(prior), clues_(clues) {}

  /// Fills in the propositions' priors and posteriors, and of `result` the hypotheses, `ours` and `log_lr`.
  void weigh(const Priors& priors, std::vector<Proposition>& propositions, Attribution& result) const;
  /// Whether origin and top source stay as `result` has them with the odds of ours and each kind times 10 and by 10,
  /// one at a time.
  bool is_robust(const Priors& priors, const Attribution& result) const;

 private:
  const PropositionPrior& prior_;
  const RivalClues clues_;
};

}  // namespace sidik
