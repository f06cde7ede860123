#include "trace/sources_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>

#include "trace/log_math.h"
#include "trace/mixture.h"
#include "trace/noise.h"
#include "trace/padding.h"
#include "trace/replaced_columns.h"
#include "trace/row_sums.h"

namespace sidik {
namespace {

constexpr double kFewestJoined = 3;  // rows that contradict a column which was joined on
/// The least that a source makes of a row, against the outsiders' term.
const double kLeastOfSource = std::log(kUnlinkedRow) - 10;

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

/// A figure of every class, by source.
using BySource = std::vector<std::vector<double>>;

/// The classes' best records under each source, field by field.
class Cells {
 public:
  Cells(const RowTerms& terms, const std::vector<const SourceTerms*>& sources) : terms_(terms) {
    for (const SourceTerms* source : sources) {
      const FieldMask fields = terms.fields_of(source->e);
      std::vector<Cell>& cells = cells_.emplace_back();
      for (std::size_t c = 0; c < terms.classes().size(); ++c) {
        const AgreementClass& rows = terms.classes()[c];
        Cell& cell = cells.emplace_back();
        const ClassMatch* const match = best_match(terms, rows, source->e);
        if (match == nullptr) continue;
        const std::pair masks{match->agrees & fields, match->differs & fields};
        cell.masks = masks_.try_emplace(masks, masks_.size()).first->second;
        cell.log = RowTerms::information(rows, masks.first) - terms.log_rows(source->e) + source->gains[c] +
                   (masks.second == 0 ? std::log(match->records) : 0);
        cell.match = match;
        cell.near = log_errors_near(slips_of(*match, fields));
        cell.agrees = masks.first;
        cell.differs = masks.second;
      }
    }
  }

  /// ln of each class under each source, `dirt` the share of errors of each column.
  BySource logs(std::span<const double> dirt) const {
    std::vector<double> of_masks(masks_.size());
    for (const auto& [masks, number] : masks_) {
      for (std::size_t f = 0; f < dirt.size(); ++f) {
        if ((masks.first >> f & 1) != 0) of_masks[number] += std::log1p(-dirt[f]);
        if ((masks.second >> f & 1) != 0) of_masks[number] += std::log(dirt[f]);
      }
    }
    BySource logs;
    for (const std::vector<Cell>& cells : cells_) {
      std::vector<double>& of = logs.emplace_back();
      for (const Cell& cell : cells)
        of.push_back(cell.log <= kLogZero ? kLogZero : cell.log + cell.near + of_masks[cell.masks]);
    }
    return logs;
  }

  /// What slips were worth row by row.
  double log_near(const BySource& expected) const {
    double sum = 0;
    for (std::size_t s = 0; s < cells_.size(); ++s)
      for (std::size_t c = 0; c < cells_[s].size(); ++c) sum += expected[s][c] * cells_[s][c].near;
    return sum;
  }

  /// How the columns agree in the rows that fall to the sources.
  std::vector<FieldAgreement> columns(const BySource& expected) const {
    std::vector<FieldAgreement> columns(terms_.fields());
    for (std::size_t s = 0; s < cells_.size(); ++s) {
      for (std::size_t c = 0; c < cells_[s].size(); ++c) {
        const Cell& cell = cells_[s][c];
        if (expected[s][c] <= 0 || cell.log <= kLogZero) continue;
        for (std::size_t f = 0; f < columns.size(); ++f) {
          if ((cell.agrees >> f & 1) != 0)
            count_agreeing(terms_, terms_.classes()[c], f, expected[s][c], columns[f]);
          else if ((cell.differs >> f & 1) != 0)
            count_differing(*cell.match, f, expected[s][c], columns[f]);
        }
      }
    }
    return columns;
  }

 private:
  struct Cell {
    double log = kLogZero;  // but for errors
    std::size_t masks = 0;  // place of its masks' errors
    FieldMask agrees = 0, differs = 0;
    const ClassMatch* match = nullptr;
    double near = 0;  // log_errors_near() of the row by itself
  };
  const RowTerms& terms_;
  std::map<std::pair<FieldMask, FieldMask>, std::size_t> masks_;
  std::vector<std::vector<Cell>> cells_;  // by source, then class
};

/// Shares of the sources, the rows of each class that fall to each, and ln of the whole.
struct Fitted {
  std::vector<double> shares;
  BySource expected;
  double log = 0;
};

class Fit {
 public:
  Fit(const RowTerms& terms, std::span<const double> outside, const std::vector<const SourceTerms*>& sources)
      : terms_(terms), outside_(outside), sources_(sources) {}

  MixtureFinding finding() const {
    NoiseCounts counts;
    Fitted found = by_rows(counts);
    bool cells_better = false;
    double log = found.log;
    if (counts.damaged > 0) {
      Fitted cells = by_cells();
      cells_better = cells.log > found.log;
      log = log_add(log, cells.log);
      if (cells_better) found = std::move(cells);
    }
    MixtureFinding finding{{}, found.shares, log - std::log(2.0), cells_better};
    for (const SourceTerms* source : sources_) finding.sources.push_back(source->e);
    return finding;
  }

 private:
  /// Errors come by rows. Two rounds: the share of damaged rows that the first one finds is plugged into the second,
  /// and what integrating over it is worth instead is made up for.
  Fitted by_rows(NoiseCounts& counts) const {
    const auto logs_with = [&](double damaged) {
      BySource logs(sources_.size());
      for (std::size_t s = 0; s < sources_.size(); ++s)
        for (const RowTerm& term : sources_[s]->terms) logs[s].push_back(log_of(term, damaged));
      return logs;
    };
    counts = expected_counts(fitted(logs_with(kFirstDamaged), false).expected);
    const double damaged =
        (kDamagedAlpha + counts.damaged) / (kDamagedAlpha + kDamagedBeta + counts.clean + counts.damaged);
    Fitted found = fitted(logs_with(damaged), true);
    counts = expected_counts(found.expected);
    found.log += log_noise(counts) - counts.clean * std::log1p(-damaged) - counts.damaged * std::log(damaged) +
                 log_slips_together(found.expected);
    return found;
  }

  /// Errors come by cells: the same with a share of errors for each column, each reading of it integrated over.
  Fitted by_cells() const {
    constexpr int kRounds = 3;
    const Cells cells(terms_, sources_);
    std::vector<double> dirt(terms_.fields(), kFirstDamaged);
    for (int round = 0;; ++round) {
      Fitted found = fitted(cells.logs(dirt), round + 1 == kRounds);
      const std::vector<FieldAgreement> columns = cells.columns(found.expected);
      if (round + 1 < kRounds) {
        for (std::size_t f = 0; f < columns.size(); ++f)
          dirt[f] = (kDamagedAlpha + columns[f].differing()) /
                    (kDamagedAlpha + kDamagedBeta + columns[f].agreeing() + columns[f].differing());
        continue;
      }
      for (std::size_t f = 0; f < columns.size(); ++f)
        found.log += log_of_column(terms_, f, columns[f], Columns::kOurs, Differences::kErrors) -
                     columns[f].agreeing() * std::log1p(-dirt[f]) - columns[f].differing() * std::log(dirt[f]);
      found.log -= cells.log_near(found.expected);
      return found;
    }
  }

  /// `log` only where `whole`.
  Fitted fitted(const BySource& logs, bool whole) const {
    std::vector<MixtureClass> classes;
    classes.reserve(outside_.size());
    bool padding = false;
    for (std::size_t c = 0; c < outside_.size(); ++c) {
      MixtureClass one{terms_.classes()[c].rows, {}};
      one.logs.reserve(sources_.size() + 1);
      double best = kLogZero;
      for (std::size_t s = 0; s < logs.size(); ++s) {
        const double least = sources_[s]->terms[c].unreachable ? 0 : kLeastOfSource;
        one.logs.push_back(std::max(logs[s][c], outside_[c] + least));
        best = std::max(best, one.logs.back());
      }
      padding = padding || is_padding(best, outside_[c]);
      one.logs.push_back(outside_[c]);
      classes.push_back(std::move(one));
    }
    std::size_t components = sources_.size() + 1;
    if (!padding) {
      --components;
      for (MixtureClass& one : classes) one.logs.pop_back();
    }
    const Alike few = alike(classes);
    const MixtureFit fit = whole ? fit_mixture(few.classes, components) : fit_shares(few.classes, components);
    Fitted found{{fit.shares.begin(), fit.shares.begin() + static_cast<std::ptrdiff_t>(sources_.size())},
                 expected_rows(classes, fit),
                 0};
    if (whole)
      found.log = few.log + fit.log_marginal + (padding ? std::log(kPadded) : std::log(1 - kPadded)) +
                  log_columns_lacking(found.expected) + log_padding_known(found.expected);
    return found;
  }

  BySource expected_rows(const std::vector<MixtureClass>& classes, const MixtureFit& fit) const {
    BySource expected(sources_.size(), std::vector<double>(classes.size()));
    std::vector<double> parts;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      const std::vector<double>& logs = classes[c].logs;
      const double high = *std::max_element(logs.begin(), logs.end());
      parts.clear();
      for (std::size_t s = 0; s < logs.size(); ++s) parts.push_back(fit.shares[s] * std::exp(logs[s] - high));
      const double all = std::accumulate(parts.begin(), parts.end(), 0.0);
      for (std::size_t s = 0; s < sources_.size() && all > 0; ++s) expected[s][c] = classes[c].rows * parts[s] / all;
    }
    return expected;
  }

  /// Rows of each sort that fall to the sources, not to the padding.
  NoiseCounts expected_counts(const BySource& expected) const {
    NoiseCounts counts;
    for (std::size_t s = 0; s < sources_.size(); ++s) {
      for (std::size_t c = 0; c < expected[s].size(); ++c) {
        if (sources_[s]->terms[c].sort == RowSort::kClean) counts.clean += expected[s][c];
        if (sources_[s]->terms[c].sort == RowSort::kDamaged) counts.damaged += expected[s][c];
      }
    }
    return counts;
  }

  /// ln of what all errors' slips together are worth more than those of each row by itself.
  double log_slips_together(const BySource& expected) const {
    Slips slips;
    double each = 0;
    for (std::size_t s = 0; s < sources_.size(); ++s) {
      for (std::size_t c = 0; c < expected[s].size(); ++c) {
        slips.add(sources_[s]->terms[c].slips, expected[s][c]);
        each += expected[s][c] * sources_[s]->terms[c].near;
      }
    }
    return log_errors_near(slips) - each;
  }

  /// ln of what the rows cost that fall to no source, where they are those of people whom we know.
  double log_padding_known(const BySource& expected) const {
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
  double log_columns_lacking(const BySource& expected) const {
    FieldMask any = 0;
    FieldMask all = ~FieldMask{0};
    for (const SourceTerms* source : sources_) {
      any |= terms_.fields_of(source->e);
      all &= terms_.fields_of(source->e);
    }
    std::vector<ExportIndex> exports;
    for (const SourceTerms* source : sources_) exports.push_back(source->e);
    double cost = log_columns_not_theirs(terms_, any, exports);
    for (std::size_t f = 0; f < terms_.fields(); ++f) {
      const FieldMask bit = FieldMask{1} << f;
      if ((any & bit) == 0 || (all & bit) != 0) continue;
      for (std::size_t s = 0; s < sources_.size(); ++s) {
        if ((terms_.fields_of(sources_[s]->e) & bit) != 0) continue;
        const FoundInRows found = known_in_rows(terms_, f, expected[s]);
        if (found.differing >= kFewestJoined && found.differing > kForeignColumn * (found.agreeing + found.differing))
          cost += terms_.log_replaced(f);
      }
    }
    return cost;
  }

  const RowTerms& terms_;
  const std::span<const double> outside_;
  const std::vector<const SourceTerms*>& sources_;
};

}  // namespace

double log_of(const RowTerm& term, double damaged) {
  if (term.sort == RowSort::kClean) return term.log + std::log1p(-damaged);
  if (term.sort == RowSort::kDamaged) return term.log + term.near + std::log(damaged);
  return kLogZero;
}

MixtureFinding fit_sources(const RowTerms& terms, std::span<const double> outside,
                           const std::vector<const SourceTerms*>& sources) {
  return Fit(terms, outside, sources).finding();
}

}  // namespace sidik
