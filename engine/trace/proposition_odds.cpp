#include "trace/proposition_odds.h"

#include <algorithm>
#include <cmath>

#include "trace/log_math.h"

namespace sidik {
namespace {

/// Shares out what two hypotheses have together, `log` more for the first.
void share_out(double& first, double& second, double log) {
  const double both = first + second;
  if (first <= 0 || second <= 0) return;
  first = both / (1 + std::exp(-(std::log(first) - std::log(second) + log)));
  second = both - first;
}

}  // namespace

bool is_ours(Hypothesis h) {
  return h == Hypothesis::kRegisteredExport || h == Hypothesis::kMixture || h == Hypothesis::kUnregisteredExport;
}

void PropositionOdds::weigh(const Priors& priors, std::vector<Proposition>& propositions, Attribution& result) const {
  std::vector<double> logs;
  for (Proposition& one : propositions) {
    const double prior = prior_.of(one, priors);
    one.log_prior = prior > 0 ? std::log(prior) : kLogZero;
    logs.push_back(one.log_prior + one.log_likelihood);
  }
  const double all = log_sum(logs);
  std::fill(std::begin(result.hypotheses), std::end(result.hypotheses), 0.0);
  std::vector<double> ours;
  std::vector<double> not_ours;
  std::vector<double> prior_ours;
  std::vector<double> prior_not_ours;
  for (std::size_t i = 0; i < propositions.size(); ++i) {
    propositions[i].posterior = std::exp(logs[i] - all);
    result.hypotheses[static_cast<int>(propositions[i].kind)] += propositions[i].posterior;
    (is_ours(propositions[i].kind) ? ours : not_ours).push_back(logs[i]);
    (is_ours(propositions[i].kind) ? prior_ours : prior_not_ours).push_back(propositions[i].log_prior);
  }
  double& same = result.hypotheses[static_cast<int>(Hypothesis::kSamePeopleElsewhere)];
  double& strangers = result.hypotheses[static_cast<int>(Hypothesis::kStrangers)];
  double& fabricated = result.hypotheses[static_cast<int>(Hypothesis::kFabricated)];
  if (clues_.numbers_unknown) {
    strangers += same + fabricated;
    same = fabricated = 0;
  }
  // Rivals share what they have together: which of them it is, values tell that we hold or do not.
  share_out(strangers, fabricated, clues_.strangers_found);
  share_out(same, fabricated, clues_.same_found);
  result.log_lr = (log_sum(ours) - log_sum(prior_ours)) - (log_sum(not_ours) - log_sum(prior_not_ours));
  result.ours = result.hypotheses[0] + result.hypotheses[1] + result.hypotheses[2];
}

bool PropositionOdds::is_robust(const Priors& given, const Attribution& result) const {
  static constexpr double Priors::*kKinds[] = {
      &Priors::mixture,   &Priors::unregistered_date, &Priors::same_people_elsewhere,
      &Priors::strangers, &Priors::fabricated,        &Priors::known_leak};
  const auto origin = [](double ours) { return ours >= kOursFrom ? 1 : ours <= kNotOursTo ? -1 : 0; };
  const auto top = [](const std::vector<Proposition>& propositions) {
    const Proposition* best = nullptr;
    for (const Proposition& one : propositions) {
      if (is_ours(one.kind) && !one.sources.empty() && (best == nullptr || one.posterior > best->posterior))
        best = &one;
    }
    return best == nullptr ? std::vector<ExportIndex>{} : best->sources;
  };
  const auto holds = [&](const Priors& priors) {
    Attribution other;
    std::vector<Proposition> propositions = result.propositions;
    weigh(priors, propositions, other);
    if (origin(other.ours) != origin(result.ours)) return false;
    return origin(result.ours) != 1 || result.groups.size() > 0 || top(propositions) == top(result.propositions);
  };
  for (const double factor : {10.0, 0.1}) {
    Priors ours = given;
    const double odds = ours.ours / (1 - ours.ours) * factor;
    ours.ours = odds / (1 + odds);
    if (!holds(ours)) return false;
    for (double Priors::*const kind : kKinds) {
      Priors priors = given;
      priors.*kind = std::min(0.9, priors.*kind * factor);
      if (!holds(priors)) return false;
    }
  }
  return true;
}

}  // namespace sidik
