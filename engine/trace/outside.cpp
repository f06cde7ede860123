#include "trace/outside.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trace/log_math.h"

namespace sidik {

double clumping(std::span<const Cell> random_cells) {
  double squares = 0;
  double excess = 0;
  for (const Cell& cell : random_cells) {
    squares += cell.expected * cell.expected;
    excess += (cell.records - cell.expected) * (cell.records - cell.expected) - cell.records;
  }
  return excess > 0 && squares > 0 ? squares / excess : std::numeric_limits<double>::infinity();
}

double log_stranger(const Cell& cell, double a) {
  if (std::isinf(a)) return 0;
  return std::log((cell.records + a) / (cell.expected + a));
}

std::optional<BetaPrior> foreign_prior(ForeignAgreement kind) {
  switch (kind) {
    case ForeignAgreement::kContact:
    case ForeignAgreement::kAttribute:
      return BetaPrior{2, 4};
    case ForeignAgreement::kOwnNumber:
      return BetaPrior{1, 99};
    case ForeignAgreement::kGranted:
      break;
  }
  return std::nullopt;
}

void FieldAgreement::add(Bins& bins, double information, double rows) {
  if (bins.empty()) bins.resize(kBins);
  const double bin = std::clamp(information / kBinWidth, 0.0, static_cast<double>(kBins - 1));
  bins[static_cast<std::size_t>(bin)].rows += rows;
  bins[static_cast<std::size_t>(bin)].information += rows * information;
}

void FieldAgreement::agree(double information, double rows, double alone) {
  if (alone_.empty() && alone != information) {
    alone_ = bins_;
    alone_.resize(kBins);
  }
  add(bins_, information, rows);
  if (!alone_.empty()) add(alone_, alone, rows);
  agreeing_ += rows;
  information_ += rows * information;
}

double FieldAgreement::mean_frequency(const Bins& bins) {
  double rows = 0, sum = 0;
  for (const Bin& bin : bins) {
    if (bin.rows <= 0) continue;
    rows += bin.rows;
    sum += bin.rows * std::exp(-bin.information / bin.rows);
  }
  return rows > 0 ? sum / rows : 0;
}

double FieldAgreement::log_foreign(const BetaPrior& prior) const {
  double told_otherwise = 0;
  if (!alone_.empty() && differing_ > 0) {
    constexpr double kMost = 0.99;  // nothing is told for certain
    told_otherwise =
        std::log1p(-std::min(kMost, mean_frequency(bins_))) - std::log1p(-std::min(kMost, mean_frequency(alone_)));
  }
  return log_integral_of(bins_, prior) + differing_ * std::min(0.0, told_otherwise);
}

double FieldAgreement::log_integral_of(const Bins& bins, const BetaPrior& prior) const {
  if (agreeing_ + differing_ == 0) return 0;
  if (agreeing_ == 0) return log_beta_binomial(prior.alpha, prior.beta, 0, differing_);
  struct Term {
    double rows, odds;
  };
  std::vector<Term> terms;
  for (const Bin& bin : bins) {
    if (bin.rows > 0) terms.push_back({bin.rows, std::exp(bin.information / bin.rows)});
  }
  // The logit keeps both ends in sight: q dq/d(logit) = q (1 - q).
  const auto integrand = [&](double logit) {
    const double odds_against = std::exp(-logit);
    const double q = 1 / (1 + odds_against);
    const double log_q = -std::log1p(odds_against);
    const double log_p = log_q - logit;
    double sum = (prior.alpha + told_) * log_q + (prior.beta + differing_) * log_p;
    for (const Term& term : terms) sum += term.rows * std::log1p(q * (term.odds - 1));
    return sum;
  };
  return log_integral(integrand, -40, 40) - log_beta(prior.alpha, prior.beta);
}

double FieldAgreement::log_errors(const BetaPrior& errors) const {
  // (1 - d)/u + d = (1 - d (1 - u))/u, and 1 - d (1 - u) is (1 - d)^(1 - u) but for u (1 - u) d^2 / 2: a Beta integral
  // where errors are few.
  constexpr double kNothing = 0.05;  // nats
  double by_chance = 0;
  double unlike = 0;
  double information = 0;
  const Bins& bins = alone_.empty() ? bins_ : alone_;
  for (const Bin& bin : bins) {
    if (bin.rows <= 0) continue;
    const double u = std::exp(-bin.information / bin.rows);
    information += bin.information;
    by_chance += bin.rows * u;
    unlike += bin.rows * u * (1 - u);
  }
  const double share = (errors.alpha + 1 + differing_) / (errors.alpha + errors.beta + differing_ + agreeing_);
  if (share * share / 2 * unlike < kNothing)
    return log_beta_binomial(errors.alpha, errors.beta, differing_, agreeing_ - by_chance);
  return log_integral_of(bins, {errors.beta, errors.alpha}) - information;
}

double log_foreign_fields(std::span<const ForeignField> fields) {
  // logs[k]: ln of the sum over all ways to share k of the fields seen so far.
  std::vector<double> logs{0};
  for (const ForeignField& field : fields) {
    logs.push_back(kLogZero);
    for (std::size_t k = logs.size(); k-- > 0;) {
      const double gathered = logs[k] > kLogZero ? logs[k] + field.gathered : kLogZero;
      const bool may = k > 0 && logs[k - 1] > kLogZero && field.shared > kLogZero;
      logs[k] = log_add(gathered, may ? logs[k - 1] + field.shared : kLogZero);
    }
  }
  for (std::size_t k = 0; k < logs.size(); ++k) {
    if (logs[k] > kLogZero) {
      logs[k] += log_beta_binomial(1, 9, static_cast<double>(k), static_cast<double>(logs.size() - 1 - k));
    }
  }
  return log_sum(logs);
}

double log_invented(double seen, double unseen) {
  // A value that the registry holds may be drawn or invented; a whole column of the latter has hardly any.
  return unseen > 0 ? log_add(log_beta_binomial(1, 9, unseen, 0), log_beta_binomial(9, 1, unseen, seen)) - std::log(2.0)
                    : 0;
}

double log_shuffled(double information, double back) { return std::log1p(back * std::expm1(information)); }

double log_strangers_found(double seen, double unseen) { return log_beta_binomial(1, 9, seen, unseen); }

double log_forger_found(std::span<const FoundValues> columns) {
  double any = 0;      // drawn or made up
  double made_up = 0;  // all of them
  for (const FoundValues& column : columns) {
    const double strange = log_beta_binomial(1, 9, column.seen, column.unseen) - std::log(2.0);
    const double drawn = log_beta_binomial(9, 1, column.seen, column.unseen) - std::log(2.0);
    any += log_add(strange, drawn);
    made_up += strange;
  }
  const double rest = -std::expm1(made_up - any);
  return columns.empty() || rest <= 0 ? kLogZero : any + std::log(rest);
}

}  // namespace sidik
