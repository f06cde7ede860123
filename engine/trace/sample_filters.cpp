#include "trace/sample_filters.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trace/noise.h"
#include "trace/selection.h"

namespace sidik {

SampleFilters::SampleFilters(const RowTerms& terms, const ExportParts& parts) : terms_(terms), parts_(parts) {
  for (const FeedCondition& condition : parts.conditions) {
    auto& inside = inside_.emplace_back();
    for (const AgreementClass& rows : terms.classes()) {
      double most = 0;
      for (const ExportIndex e : condition.exports) most = std::max(most, candidates(rows, e));
      inside.push_back(most);
    }
  }
}

double SampleFilters::weight() const {
  const double conditions = static_cast<double>(parts_.conditions.size());
  return conditions > 0 ? std::min(kConditionPrior, kConditionsAtMost / conditions) : 0;
}

double SampleFilters::log_of_all() const { return log_of_all(terms_.rows()); }

double SampleFilters::log_of_all(double explained) const {
  std::vector<double> logs;
  for (std::size_t c = 0; c < inside_.size(); ++c) {
    double inside = 0;
    double outside = 0;
    double fewer = 0;
    for (std::size_t i = 0; i < inside_[c].size(); ++i) {
      const AgreementClass& rows = terms_.classes()[i];
      if (rows.matches.empty()) continue;
      (inside_[c][i] > 0 ? inside : outside) += rows.rows;
      const double own = candidates(rows, terms_.largest());
      if (inside_[c][i] > 0 && inside_[c][i] < own) fewer += rows.rows * std::log(inside_[c][i] / own);
    }
    const double part = std::min(1.0, explained / std::max(1.0, inside + outside));
    logs.push_back(log_condition(inside * part, outside * part, parts_.conditions[c].share) + part * fewer);
  }
  return log_selection(logs);
}

double SampleFilters::inside_of(std::size_t c, std::size_t i, ExportIndex e) const {
  const double all = inside_[c][i];
  const FeedCondition& condition = parts_.conditions[c];
  if (all == 0 || condition.counted[e] == 0) return all;
  const AgreementClass& rows = terms_.classes()[i];
  double both = 0;
  for (const ClassMatch& match : rows.matches) {
    if (!match.held_by(e)) continue;
    if (terms_.singles_out(rows, match.agrees)) return all;
    if (std::any_of(condition.exports.begin(), condition.exports.end(),
                    [&](ExportIndex other) { return match.held_by(other); }))
      both += match.records;
  }
  return std::min(all, both);
}

double SampleFilters::log_of(ExportIndex e, double log_padded) const {
  std::vector<double> logs;
  for (std::size_t c = 0; c < inside_.size(); ++c) {
    double inside = 0;
    double outside = 0;
    double fewer = 0;
    for (std::size_t i = 0; i < inside_[c].size(); ++i) {
      const AgreementClass& rows = terms_.classes()[i];
      const double own = candidates(rows, e, log_padded);
      if (own == 0) continue;
      const double held = inside_of(c, i, e);
      (held > 0 ? inside : outside) += rows.rows;
      if (held > 0 && held < own) fewer += rows.rows * std::log(held / own);
    }
    // A part of an export holds at least the rows that were seen of it.
    const double least = inside / std::exp(terms_.log_rows(e));
    const double share = std::max(least, parts_.conditions[c].within[e]);
    logs.push_back(log_condition(inside, outside, std::min(1.0, share)) + fewer);
  }
  return log_selection(logs);
}

double SampleFilters::log_of(std::span<const ExportIndex> sources, std::span<const double> shares,
                             double log_padded) const {
  std::vector<double> logs;
  for (std::size_t c = 0; c < inside_.size(); ++c) {
    double inside = 0;
    double outside = 0;
    double fewer = 0;  // of the records that a row may be
    for (std::size_t i = 0; i < inside_[c].size(); ++i) {
      const AgreementClass& rows = terms_.classes()[i];
      double own = 0;
      double held = 0;
      for (const ExportIndex e : sources) {
        own = std::max(own, candidates(rows, e, log_padded));
        held = std::max(held, inside_of(c, i, e));
      }
      if (own == 0) continue;
      (held > 0 ? inside : outside) += rows.rows;
      if (held > 0 && held < own) fewer += rows.rows * std::log(held / own);
    }
    if (inside + outside == 0) continue;
    const double part = inside / (inside + outside);
    const double all = terms_.rows() * std::accumulate(shares.begin(), shares.end(), 0.0);
    const double seen = std::min(1.0, (inside + outside) / std::max(1.0, all));
    double log = fewer;
    for (std::size_t s = 0; s < sources.size(); ++s) {
      const double rows = terms_.rows() * shares[s] * seen;
      const double least = rows * part / std::exp(terms_.log_rows(sources[s]));
      log += log_condition(rows * part, rows * (1 - part),
                           std::min(1.0, std::max(least, parts_.conditions[c].at_most[sources[s]])));
    }
    logs.push_back(log);
  }
  return log_selection(logs);
}

std::vector<MixtureFilter> SampleFilters::of_mixtures() const {
  constexpr double kNearlyAll = 0.9;
  const std::size_t exports = terms_.exports().size();
  std::vector<MixtureFilter> filters{{std::log(1 - weight() * static_cast<double>(inside_.size()))}};
  for (std::size_t c = 0; c < inside_.size(); ++c) {
    double inside = 0;
    double outside = 0;
    for (std::size_t i = 0; i < inside_[c].size(); ++i) {
      const AgreementClass& rows = terms_.classes()[i];
      bool held = inside_[c][i] > 0;
      for (ExportIndex e = 0; e < exports && !held; ++e) held = candidates(rows, e) > 0;
      if (held) (inside_[c][i] > 0 ? inside : outside) += rows.rows;
    }
    if (inside == 0 || inside < kNearlyAll * (inside + outside)) continue;
    MixtureFilter filter{std::log(weight()) + log_condition(0, outside, 1)};
    filter.gain = [this, c](std::size_t i, ExportIndex e) {
      const double held = inside_of(c, i, e);
      if (held == 0) return 0.0;
      const double own = candidates(terms_.classes()[i], e);
      const double part = std::clamp(parts_.conditions[c].at_most[e], 1 / std::exp(terms_.log_rows(e)), 1.0);
      return -std::log(part) + (held < own ? std::log(held / own) : 0);
    };
    filters.push_back(std::move(filter));
  }
  return filters;
}

/// Records of an export that a class may be: those that agree in all, or else one that agrees in part. None where the
/// export explains the rows no better than padding: they were met by chance.
double SampleFilters::candidates(const AgreementClass& rows, ExportIndex e, double log_padded) const {
  const FieldMask fields = terms_.fields_of(e);
  const RowTerm term = terms_.term(rows, e, fields, {});
  if (term.sort == RowSort::kUnlinked) return 0;
  const double usual = term.sort == RowSort::kDamaged ? std::log(kDamagedAlpha / (kDamagedAlpha + kDamagedBeta)) : 0;
  if (term.log + usual < std::log(kUnlinkedRow)) return 0;
  if (term.log + usual < log_padded && !terms_.holds_a_number(rows)) return 0;
  double clean = 0;
  for (const ClassMatch& match : rows.matches) {
    if (!match.held_by(e)) continue;
    if ((match.differs & fields) == 0) clean += match.records;
  }
  return clean > 0 ? clean : 1;
}

}  // namespace sidik
