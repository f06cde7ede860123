#include "trace/mixture_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "trace/log_math.h"
#include "trace/noise.h"
#include "trace/padding.h"

namespace sidik {
namespace {

constexpr std::size_t kPairs = 64;      // fitted in full at most
constexpr std::size_t kLookedAt = 256;  // of those that score best
constexpr std::size_t kScored = 4096;   // classes that they are scored by
constexpr double kClose = 15;           // nats behind the best that a pair may be
constexpr double kFewestRows = 1;       // that each of two sources explains better than the other
constexpr std::size_t kPartners = 6;    // tried beside a set that is grown
constexpr double kBetter = 1.0;  // nats by which a row must be explained better to count as explained there alone

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

  SourceTerms terms_of(ExportIndex e) const {
    SourceTerms source{e, {}, {}, {}};
    for (std::size_t c = 0; c < outside_.size(); ++c) {
      source.gains.push_back(filter_.gain(c, e));
      source.terms.push_back(terms_.term(terms_.classes()[c], e, terms_.fields_of(e), {}));
      source.terms.back().log += source.gains.back();
      source.logs.push_back(log_of(source.terms.back(), kFirstDamaged));
    }
    return source;
  }

  MixtureFinding fit(const std::vector<const SourceTerms*>& sources) const {
    return fit_sources(terms_, outside_, sources);
  }

  /// ln P(S | both) lies between these: each row given to whichever explains it best, at the shares that they have
  /// then; and as if that were known of every row.
  struct Bounds {
    double least = 0, most = 0;
  };
  Bounds bounds_of_pair(const SourceTerms& a, const SourceTerms& b) const {
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
  double log_of_pair(const SourceTerms& a, const SourceTerms& b) const {
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
  double rows_gained(const SourceTerms& column, const std::vector<const SourceTerms*>& sources) const {
    double sum = 0;
    for (std::size_t c = 0; c < outside_.size(); ++c) {
      const double own = column.logs[c];
      if (column.terms[c].sort != RowSort::kClean || is_padding(own, outside_[c])) continue;
      double best = outside_[c];
      bool known = false;
      for (const SourceTerms* source : sources) {
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

 private:
  const RowTerms& terms_;
  std::span<const double> outside_;
  const MixtureFilter& filter_;
  std::vector<std::size_t> most_rows_;
};

/// Two exports and about how well they explain the sample.
struct Pair {
  double log;     // of the rows
  double beside;  // of what else speaks for them
  const SourceTerms* a;
  const SourceTerms* b;
};

/// What else speaks for pairs of candidates, by their places: the same under every filter.
using Beside = std::vector<std::vector<double>>;

/// The pairs that explain most: those within kClose of the best. Dates of one feed explain nearly the same rows, and
/// each of them is a pair of its own.
std::vector<Pair> best_pairs(const Search& search, const std::vector<SourceTerms>& columns, const Beside& beside) {
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
  const Search search(terms, outside, filter);
  std::vector<SourceTerms> columns;
  for (const ExportIndex e : candidates) columns.push_back(search.terms_of(e));

  const auto partners = [&](const std::vector<const SourceTerms*>& sources) {
    std::vector<std::pair<double, const SourceTerms*>> gains;
    for (const SourceTerms& column : columns) {
      if (std::find(sources.begin(), sources.end(), &column) != sources.end()) continue;
      const double rows = search.rows_gained(column, sources);
      if (rows >= kRowsOnlyHere && rows >= kShareOnlyHere * terms.rows()) gains.emplace_back(rows, &column);
    }
    std::stable_sort(gains.begin(), gains.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    if (gains.size() > kPartners) gains.resize(kPartners);
    return gains;
  };
  const auto known = [&](const std::vector<const SourceTerms*>& sources) {
    std::vector<ExportIndex> set;
    for (const SourceTerms* source : sources) set.push_back(source->e);
    return std::any_of(found.begin(), found.end(),
                       [&](const MixtureFinding& other) { return set_of(other.sources) == set_of(set); });
  };

  std::vector<const SourceTerms*> best;
  double best_log = kLogZero;
  for (const Pair& pair : best_pairs(search, columns, beside)) {
    found.push_back(search.fit({pair.a, pair.b}));
    const double log = found.back().log_marginal + pair.beside;
    if (log <= best_log) continue;
    best_log = log;
    best = {pair.a, pair.b};
  }
  while (!best.empty() && best.size() < kMostSources) {
    std::vector<const SourceTerms*> next;
    for (const auto& [rows, partner] : partners(best)) {
      std::vector<const SourceTerms*> larger = best;
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
