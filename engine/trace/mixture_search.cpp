#include "trace/mixture_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "trace/log_math.h"
#include "trace/noise.h"
#include "trace/padding.h"
#include "trace/replaced_columns.h"

namespace sidik {
namespace {

constexpr std::size_t kPairs = 64;      // fitted in full at most
constexpr std::size_t kLookedAt = 256;  // of those that score best
constexpr std::size_t kScored = 4096;   // classes that they are scored by
constexpr double kClose = 15;           // nats behind the best that a pair may be
constexpr double kFewestRows = 1;       // that each of two sources explains better than the other
constexpr double kFewestJoined = 3;     // that contradict a column which was joined on
constexpr std::size_t kPartners = 6;    // tried beside a set that is grown
constexpr double kUsualDamaged = 0.02;  // E[w], before anything is counted
/// The least that a source makes of a row, against the outsiders' term.
const double kLeastOfSource = std::log(kUnlinkedRow) - 10;
constexpr double kBetter = 1.0;  // nats by which a row must be explained better to count as explained there alone

/// The terms of every class under one export.
struct Column {
  ExportIndex e;
  std::vector<RowTerm> terms;
  std::vector<double> logs;  // of them, with the usual share of damaged rows
};

/// Classes that differ in nothing that tells the components apart are one: of a million rows a few hundred are left.
/// `log` is what all components have in common.
struct Alike {
  std::vector<MixtureClass> classes;
  double log = 0;
};
Alike alike(const std::vector<MixtureClass>& classes) {
  constexpr double kStep = 1.0 / 1024, kLeast = -60;  // nats
  struct Step {
    std::array<std::int32_t, kMostSources + 1> logs{};
    double rows = 0;
  };
  Alike found;
  const std::size_t components = classes.empty() ? 0 : classes.front().logs.size();
  std::vector<Step> steps;
  steps.reserve(classes.size());
  for (const MixtureClass& one : classes) {
    const double high = *std::max_element(one.logs.begin(), one.logs.end());
    found.log += one.rows * high;
    Step& step = steps.emplace_back();
    step.rows = one.rows;
    for (std::size_t c = 0; c < components; ++c)
      step.logs[c] = static_cast<std::int32_t>(std::lround(std::max(kLeast, one.logs[c] - high) / kStep));
  }
  std::stable_sort(steps.begin(), steps.end(), [](const Step& x, const Step& y) { return x.logs < y.logs; });
  for (std::size_t i = 0; i < steps.size();) {
    MixtureClass& one = found.classes.emplace_back();
    for (std::size_t c = 0; c < components; ++c) one.logs.push_back(static_cast<double>(steps[i].logs[c]) * kStep);
    for (const std::size_t first = i; i < steps.size() && steps[i].logs == steps[first].logs; ++i)
      one.rows += steps[i].rows;
  }
  return found;
}

class Search {
 public:
  Search(const RowTerms& terms, std::span<const double> outside, const MixtureFilter& filter)
      : terms_(terms), outside_(outside), filter_(filter), most_rows_(outside.size()) {
    // Pairs are scored by the classes of most rows.
    std::iota(most_rows_.begin(), most_rows_.end(), 0U);
    std::stable_sort(most_rows_.begin(), most_rows_.end(),
                     [&](std::size_t a, std::size_t b) { return terms.classes()[a].rows > terms.classes()[b].rows; });
    if (most_rows_.size() > kScored) most_rows_.resize(kScored);
  }

  Column column_of(ExportIndex e) const {
    Column column{e, {}, {}};
    for (std::size_t c = 0; c < outside_.size(); ++c) {
      // Stale rows explain themselves by a second source here: only what is in the export counts.
      column.terms.push_back(terms_.term(terms_.classes()[c], e, terms_.fields_of(e), {}));
      column.terms.back().log += filter_.gain(c, e);
      column.logs.push_back(log_of(column.terms.back()));
    }
    return column;
  }

  double log_of(const RowTerm& term) const {
    if (term.sort == RowSort::kClean) return term.log + std::log1p(-damaged_);
    if (term.sort == RowSort::kDamaged) return term.log + std::log(damaged_);
    return kLogZero;
  }

  /// ln P(S | both) lies between these: each row given to whichever explains it best, at the shares that they have
  /// then; and as if that were known of every row.
  struct Bounds {
    double least = 0, most = 0;
  };
  Bounds bounds_of_pair(const Column& a, const Column& b) const {
    double sum = 0;
    double rows[3] = {};
    for (const std::size_t c : most_rows_) {
      const double logs[] = {a.logs[c], b.logs[c], outside_[c]};
      const auto best = static_cast<std::size_t>(std::max_element(logs, logs + 3) - logs);
      sum += terms_.classes()[c].rows * logs[best];
      rows[best] += terms_.classes()[c].rows;
    }
    const double all = rows[0] + rows[1] + rows[2];
    double cost = 0;
    for (const double part : rows) cost += part > 0 ? part * std::log(part / all) : 0;
    return {sum + cost, sum};
  }

  /// About ln P(S | both), at the shares that fit best. A small export that lies within a large one explains its rows
  /// better, wherever they come from: given to it, they would cost more than they gain.
  double log_of_pair(const Column& a, const Column& b) const {
    constexpr int kRounds = 12;
    std::vector<std::array<double, 3>> factors;
    factors.reserve(most_rows_.size());
    double log = 0;
    double all = 0;
    for (const std::size_t c : most_rows_) {
      const double high = std::max({a.logs[c], b.logs[c], outside_[c]});
      factors.push_back({std::exp(a.logs[c] - high), std::exp(b.logs[c] - high), std::exp(outside_[c] - high)});
      log += terms_.classes()[c].rows * high;
      all += terms_.classes()[c].rows;
    }
    std::array<double, 3> shares{0.45, 0.45, 0.1};
    for (int round = 0; round < kRounds; ++round) {
      std::array<double, 3> sums{};
      for (std::size_t i = 0; i < factors.size(); ++i) {
        const std::array<double, 3>& of = factors[i];
        const double scale =
            terms_.classes()[most_rows_[i]].rows / (shares[0] * of[0] + shares[1] * of[1] + shares[2] * of[2]);
        for (std::size_t s = 0; s < 3; ++s) sums[s] += scale * shares[s] * of[s];
      }
      for (std::size_t s = 0; s < 3; ++s) shares[s] = std::max(1e-9, sums[s] / all);
    }
    for (std::size_t i = 0; i < factors.size(); ++i) {
      const std::array<double, 3>& of = factors[i];
      log += terms_.classes()[most_rows_[i]].rows * std::log(shares[0] * of[0] + shares[1] * of[1] + shares[2] * of[2]);
    }
    return log;
  }

  /// Rows that `column` holds as they are and explains better than any of `sources` does. An export of few columns
  /// calls a damaged row clean where it does not have the damaged column: that explains nothing that the others do not
  /// know.
  double rows_gained(const Column& column, const std::vector<const Column*>& sources) const {
    double sum = 0;
    for (std::size_t c = 0; c < outside_.size(); ++c) {
      const double own = column.logs[c];
      if (column.terms[c].sort != RowSort::kClean || is_padding(own, outside_[c])) continue;
      double best = outside_[c];
      bool known = false;
      for (const Column* source : sources) {
        best = std::max(best, source->logs[c]);
        known = known || (source->terms[c].sort != RowSort::kClean &&
                          knows(terms_.classes()[c], source->e, terms_.fields_of(column.e)));
      }
      if (!known && own > best + kBetter) sum += terms_.classes()[c].rows;
    }
    return sum;
  }

  /// Whether an export has the row as it is in some fields.
  static bool knows(const AgreementClass& rows, ExportIndex e, FieldMask fields) {
    return std::any_of(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) {
      return (match.differs & fields) == 0 && (match.agrees & fields) != 0 && match.held_by(e);
    });
  }

  /// Two rounds: the share of damaged rows that the first one finds is plugged into the second, and what integrating
  /// over it is worth instead is made up for.
  MixtureFinding fit(const std::vector<const Column*>& sources) {
    damaged_ = kUsualDamaged;
    const double damaged = fit_once(sources, false).second;
    damaged_ = damaged;
    MixtureFinding found = fit_once(sources, true).first;
    damaged_ = kUsualDamaged;
    return found;
  }

 private:
  /// What was found, its marginal only where `whole`, and the share of damaged rows.
  std::pair<MixtureFinding, double> fit_once(const std::vector<const Column*>& sources, bool whole) const {
    std::vector<MixtureClass> classes;
    classes.reserve(outside_.size());
    bool padding = false;
    for (std::size_t c = 0; c < outside_.size(); ++c) {
      MixtureClass one{terms_.classes()[c].rows, {}};
      one.logs.reserve(sources.size() + 1);
      double best = kLogZero;
      for (const Column* source : sources) {
        one.logs.push_back(std::max(log_of(source->terms[c]), outside_[c] + kLeastOfSource));
        best = std::max(best, one.logs.back());
      }
      padding = padding || is_padding(best, outside_[c]);
      one.logs.push_back(outside_[c]);
      classes.push_back(std::move(one));
    }
    std::size_t components = sources.size() + 1;
    if (!padding) {
      --components;
      for (MixtureClass& one : classes) one.logs.pop_back();
    }
    const Alike few = alike(classes);
    const MixtureFit fitted = whole ? fit_mixture(few.classes, components) : fit_shares(few.classes, components);
    MixtureFinding found;
    for (std::size_t s = 0; s < sources.size(); ++s) {
      found.sources.push_back(sources[s]->e);
      found.shares.push_back(fitted.shares[s]);
    }
    const auto expected = expected_rows(sources, classes, fitted);
    const NoiseCounts counts = expected_counts(sources, expected);
    if (whole)
      found.log_marginal = few.log + fitted.log_marginal + (padding ? std::log(kPadded) : std::log(1 - kPadded)) +
                           log_noise(counts) - counts.clean * std::log1p(-damaged_) -
                           counts.damaged * std::log(damaged_) + log_columns_lacking(sources, expected) +
                           log_padding_known(expected);
    return {std::move(found),
            (kDamagedAlpha + counts.damaged) / (kDamagedAlpha + kDamagedBeta + counts.clean + counts.damaged)};
  }

  /// Rows of each class that fall to each source: by source, then class.
  static std::vector<std::vector<double>> expected_rows(const std::vector<const Column*>& sources,
                                                        const std::vector<MixtureClass>& classes,
                                                        const MixtureFit& fitted) {
    std::vector<std::vector<double>> expected(sources.size(), std::vector<double>(classes.size()));
    std::vector<double> parts;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      const std::vector<double>& logs = classes[c].logs;
      const double high = *std::max_element(logs.begin(), logs.end());
      parts.clear();
      for (std::size_t s = 0; s < logs.size(); ++s) parts.push_back(fitted.shares[s] * std::exp(logs[s] - high));
      const double all = std::accumulate(parts.begin(), parts.end(), 0.0);
      for (std::size_t s = 0; s < sources.size() && all > 0; ++s) expected[s][c] = classes[c].rows * parts[s] / all;
    }
    return expected;
  }

  /// Rows of each sort that fall to the sources, not to the padding.
  static NoiseCounts expected_counts(const std::vector<const Column*>& sources,
                                     const std::vector<std::vector<double>>& expected) {
    NoiseCounts counts;
    for (std::size_t s = 0; s < sources.size(); ++s) {
      for (std::size_t c = 0; c < expected[s].size(); ++c) {
        if (sources[s]->terms[c].sort == RowSort::kClean) counts.clean += expected[s][c];
        if (sources[s]->terms[c].sort == RowSort::kDamaged) counts.damaged += expected[s][c];
      }
    }
    return counts;
  }

  /// ln of what the rows cost that fall to no source, where they are those of people whom we know.
  double log_padding_known(const std::vector<std::vector<double>>& expected) const {
    StrangersKnown known(terms_);
    for (std::size_t c = 0; c < outside_.size(); ++c) {
      double padding = terms_.classes()[c].rows;
      for (const std::vector<double>& of : expected) padding -= of[c];
      known.add(std::max(0.0, padding), c);
    }
    return known.log();
  }

  /// ln of what columns cost that a source lacks and its rows show all the same: they were joined on from elsewhere
  /// where what other records know of those people contradicts them. What no source has is charged as to one export;
  /// where one lacks what another has, a few rows are enough, or the one would explain what is damaged in the other.
  double log_columns_lacking(const std::vector<const Column*>& sources,
                             const std::vector<std::vector<double>>& expected) const {
    FieldMask any = 0;
    FieldMask all = ~FieldMask{0};
    for (const Column* source : sources) {
      any |= terms_.fields_of(source->e);
      all &= terms_.fields_of(source->e);
    }
    std::vector<ExportIndex> exports;
    for (const Column* source : sources) exports.push_back(source->e);
    double cost = log_joined_columns(terms_, any) + log_recoded_columns(terms_, exports);
    for (std::size_t f = 0; f < terms_.fields(); ++f) {
      const FieldMask bit = FieldMask{1} << f;
      if ((any & bit) == 0 || (all & bit) != 0) continue;
      for (std::size_t s = 0; s < sources.size(); ++s) {
        if ((terms_.fields_of(sources[s]->e) & bit) != 0) continue;
        const FoundInRows found = known_in_rows(terms_, f, expected[s]);
        if (found.differing >= kFewestJoined && found.differing > kForeignColumn * (found.agreeing + found.differing))
          cost += log_replaced(terms_, f);
      }
    }
    return cost;
  }

  const RowTerms& terms_;
  std::span<const double> outside_;
  const MixtureFilter& filter_;
  std::vector<std::size_t> most_rows_;
  double damaged_ = kUsualDamaged;
};

/// Two exports and about how well they explain the sample.
struct Pair {
  double log;     // of the rows
  double beside;  // of what else speaks for them
  const Column* a;
  const Column* b;
};

/// What else speaks for pairs of candidates, by their places: the same under every filter.
using Beside = std::vector<std::vector<double>>;

/// The pairs that explain most: those within kClose of the best. Dates of one feed explain nearly the same rows, and
/// each of them is a pair of its own.
std::vector<Pair> best_pairs(const Search& search, const std::vector<Column>& columns, const Beside& beside) {
  std::vector<Pair> pairs;
  double least = kLogZero;  // that the best one comes to
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (std::size_t j = i + 1; j < columns.size(); ++j) {
      const Search::Bounds bounds = search.bounds_of_pair(columns[i], columns[j]);
      pairs.push_back({bounds.most, beside[i][j], &columns[i], &columns[j]});
      least = std::max(least, bounds.least + beside[i][j]);
    }
  }
  const auto better = [](const Pair& x, const Pair& y) { return x.log + x.beside > y.log + y.beside; };
  std::erase_if(pairs, [&](const Pair& pair) { return pair.log + pair.beside < least - kClose; });
  std::stable_sort(pairs.begin(), pairs.end(), better);
  if (pairs.size() > kLookedAt) pairs.resize(kLookedAt);
  for (Pair& pair : pairs) pair.log = search.log_of_pair(*pair.a, *pair.b);
  std::stable_sort(pairs.begin(), pairs.end(), better);
  std::vector<Pair> best;
  for (const Pair& pair : pairs) {
    if (best.size() == kPairs ||
        (!best.empty() && better(best.front(), {pair.log + kClose, pair.beside, pair.a, pair.b})))
      break;
    if (search.rows_gained(*pair.a, {pair.b}) < kFewestRows || search.rows_gained(*pair.b, {pair.a}) < kFewestRows)
      continue;
    best.push_back(pair);
  }
  return best;
}

std::vector<ExportIndex> set_of(const std::vector<ExportIndex>& sources) {
  std::vector<ExportIndex> set = sources;
  std::sort(set.begin(), set.end());
  return set;
}

std::vector<MixtureFinding> search_under(const RowTerms& terms, const std::vector<ExportIndex>& candidates,
                                         std::span<const double> outside, const MixtureFilter& filter,
                                         const Beside& beside, const LogBeside& log_beside) {
  std::vector<MixtureFinding> found;
  Search search(terms, outside, filter);
  std::vector<Column> columns;
  for (const ExportIndex e : candidates) columns.push_back(search.column_of(e));

  const auto partners = [&](const std::vector<const Column*>& sources) {
    std::vector<std::pair<double, const Column*>> gains;
    for (const Column& column : columns) {
      if (std::find(sources.begin(), sources.end(), &column) != sources.end()) continue;
      const double rows = search.rows_gained(column, sources);
      if (rows >= kRowsOnlyHere && rows >= kShareOnlyHere * terms.rows()) gains.emplace_back(rows, &column);
    }
    std::stable_sort(gains.begin(), gains.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    if (gains.size() > kPartners) gains.resize(kPartners);
    return gains;
  };
  const auto known = [&](const std::vector<const Column*>& sources) {
    std::vector<ExportIndex> set;
    for (const Column* source : sources) set.push_back(source->e);
    return std::any_of(found.begin(), found.end(),
                       [&](const MixtureFinding& other) { return set_of(other.sources) == set_of(set); });
  };

  std::vector<const Column*> best;
  double best_log = kLogZero;
  for (const Pair& pair : best_pairs(search, columns, beside)) {
    found.push_back(search.fit({pair.a, pair.b}));
    const double log = found.back().log_marginal + pair.beside;
    if (log <= best_log) continue;
    best_log = log;
    best = {pair.a, pair.b};
  }
  while (!best.empty() && best.size() < kMostSources) {
    std::vector<const Column*> next;
    for (const auto& [rows, partner] : partners(best)) {
      std::vector<const Column*> larger = best;
      larger.push_back(partner);
      if (known(larger)) continue;
      MixtureFinding finding = search.fit(larger);
      const double log = finding.log_marginal + log_beside(finding.sources);
      if (log > best_log) {
        best_log = log;
        next = larger;
      }
      found.push_back(std::move(finding));
    }
    if (next.empty()) break;
    best = next;
  }
  for (MixtureFinding& finding : found) finding.log_marginal += filter.log_prior;
  return found;
}

}  // namespace

std::vector<MixtureFinding> search_mixtures(const RowTerms& terms, const std::vector<ExportIndex>& candidates,
                                            std::span<const double> outside, std::span<const MixtureFilter> filters,
                                            const LogBeside& log_beside) {
  std::vector<MixtureFinding> found;
  if (candidates.size() < 2) return found;
  Beside beside(candidates.size(), std::vector<double>(candidates.size()));
  for (std::size_t i = 0; i < candidates.size(); ++i)
    for (std::size_t j = i + 1; j < candidates.size(); ++j) beside[i][j] = log_beside({candidates[i], candidates[j]});
  for (const MixtureFilter& filter : filters) {
    for (MixtureFinding& finding : search_under(terms, candidates, outside, filter, beside, log_beside)) {
      const auto same = std::find_if(found.begin(), found.end(), [&](const MixtureFinding& other) {
        return set_of(other.sources) == set_of(finding.sources);
      });
      if (same == found.end()) {
        found.push_back(std::move(finding));
        continue;
      }
      const double both = log_add(same->log_marginal, finding.log_marginal);
      if (finding.log_marginal > same->log_marginal) *same = std::move(finding);
      same->log_marginal = both;
    }
  }
  return found;
}

}  // namespace sidik
