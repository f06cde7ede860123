#include "trace/unregistered_likelihood.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "trace/export_likelihood.h"
#include "trace/log_math.h"
#include "trace/outside.h"
#include "trace/replaced_columns.h"
#include "trace/united_records.h"
#include "trace/unregistered.h"

namespace sidik {
namespace {

/// Of dates before a feed's first or after its last, one in ten is as far off as may be.
constexpr double kFarOff = 0.1;

RowTerm union_term(const RowTerms& terms, const AgreementClass& rows, double united) {
  const double log_rows = terms.log_rows(terms.largest()) + std::log(united);
  // Such a feed has a date as any other has: that a row is as its person was last and not as before costs it the same.
  const UnitedMatch all = united_match(terms, rows);
  if (all.agrees == 0) return {};
  if (all.differs == 0) return {RowSort::kClean, RowTerms::information(rows, all.agrees) - log_rows, all.changed};
  const Slips slips = slips_of(all, all.differs);
  return {RowSort::kDamaged, terms.log_damaged(rows, all, all.agrees | all.differs) - log_rows, false, slips,
          log_errors_near(slips)};
}

}  // namespace

Elsewhere elsewhere_of(const RowTerms& terms, double united) {
  Elsewhere elsewhere;
  for (const AgreementClass& rows : terms.classes()) {
    elsewhere.outside.push_back(log_add(std::log(0.5) + terms.log_strangers(rows, kUsualClumping), std::log(0.5)));
    const RowTerm term = union_term(terms, rows, united);
    elsewhere.ours.push_back(term.sort == RowSort::kUnlinked  ? kLogZero
                             : term.sort == RowSort::kDamaged ? term.log + std::log(kFirstDamaged)
                                                              : term.log);
    elsewhere.known.push_back(terms.holds_a_number(rows) ? 1 : 0);
  }
  return elsewhere;
}

namespace {

/// Which rows that no export beside has may have changed since: none, those that are no slip of its record, or all
/// that differ in what time changes. What may not is dirt.
enum class MayChange : std::uint8_t { kNone, kNoSlips, kAll };
constexpr MayChange kEachChange[] = {MayChange::kNone, MayChange::kNoSlips, MayChange::kAll};

bool may_have_changed(MayChange may, const ClassMatch& match, FieldMask fields) {
  if (may != MayChange::kNoSlips) return may == MayChange::kAll;
  const Slips slips = slips_of(match, fields);
  return slips.far > slips.near;
}

/// A row, and whether it is as no export beside has it, for it changed since.
struct TimedTerm {
  RowTerm row;
  bool changed = false;
};

/// The records of two neighbouring dates as one source: each row by whichever explains it better.
class Between {
 public:
  Between(const RowTerms& terms, const ChangedRows& changed, const Neighbours& neighbours, double change,
          const Replaced& replaced)
      : terms_(terms),
        changed_(changed),
        earlier_(*neighbours.earlier),
        later_(*neighbours.later),
        before_(neighbours.before),
        change_(change),
        replaced_(replaced),
        fields_((terms.fields_of(earlier_) | terms.fields_of(later_)) & ~replaced.fields),
        log_rows_(std::max(terms.log_rows(earlier_), terms.log_rows(later_))) {
    for (const AgreementClass& rows : terms.classes()) {
      matches_.push_back(find_match(rows));
      best_.push_back(better_of(rows));
    }
  }

  SourceLikelihood likelihood(const Elsewhere& elsewhere) const {
    SourceLikelihood by_rows = with(elsewhere, MayChange::kNone);
    // Nearly all rows leave no choice, so that the best reading is what a choice row by row comes to.
    for (const MayChange may : kEachChange) by_rows.log = std::max(by_rows.log, with(elsewhere, may).log);
    SourceLikelihood cells =
        by_cells(terms_, {[&](const AgreementClass& rows) { return match_of(rows); }, log_rows_, fields_, later_},
                 elsewhere, PaddingRule::kWorse, Columns::kOurs);
    cells.log += log_time(count(elsewhere, MayChange::kNone, cells.log_padded));
    return either(by_rows, cells);
  }

 private:
  /// What differs from both has changed twice between them (`may_change`), or is dirt.
  SourceLikelihood with(const Elsewhere& elsewhere, MayChange may_change) const {
    SourceLikelihood sum = add_up(terms_, elsewhere, PaddingRule::kWorse,
                                  [&](const AgreementClass& rows) { return term(rows, may_change).row; });
    sum.log += log_time(count(elsewhere, may_change, sum.log_padded));
    return sum;
  }

  std::size_t number(const AgreementClass& rows) const {
    return static_cast<std::size_t>(&rows - terms_.classes().data());
  }

  /// The best record that either has.
  const ClassMatch* match_of(const AgreementClass& rows) const { return matches_[number(rows)]; }
  const ClassMatch* find_match(const AgreementClass& rows) const {
    const auto found = std::find_if(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) {
      return match.held_by(earlier_) || match.held_by(later_);
    });
    return found == rows.matches.end() ? nullptr : &*found;
  }

  /// A date between has stale rows as any date has, and pays for having none: those that changed before the earlier of
  /// the two.
  TimedTerm term(const AgreementClass& rows, MayChange may_change) const {
    const RowTerm& best = best_[number(rows)];
    if (may_change == MayChange::kNone || best.sort != RowSort::kDamaged) return {best};
    // Where both have the same, nothing has changed.
    const ClassMatch& match = *match_of(rows);
    if (match.held_by(earlier_) && match.held_by(later_)) return {best};
    if (!may_have_changed(may_change, match, fields_)) return {best};
    const std::optional<double> since = changed_.log_row(rows, match, fields_);
    if (!since) return {best};
    return {{RowSort::kClean, *since - log_rows_, false}, true};
  }

  RowTerm better_of(const AgreementClass& rows) const {
    const RowTerm from = term_in(rows, earlier_);
    const RowTerm to = term_in(rows, later_);
    return to.sort > from.sort || (to.sort == from.sort && to.log > from.log) ? to : from;
  }

  RowTerm term_in(const AgreementClass& rows, ExportIndex e) const {
    RowTerm term = terms_.term(rows, e, terms_.fields_of(e) & ~replaced_.fields, before_);
    term.log += terms_.log_rows(e) - log_rows_;
    return term;
  }

  /// How the rows that they explain stand to the two: those that were no padding, by `log_padded`, where they were
  /// added up.
  BetweenCounts count(const Elsewhere& elsewhere, MayChange may_change, double log_padded) const {
    BetweenCounts counts;
    counts.rows_earlier = std::exp(terms_.log_rows(earlier_));
    counts.rows_later = std::exp(terms_.log_rows(later_));
    for (std::size_t c = 0; c < terms_.classes().size(); ++c) {
      const AgreementClass& rows = terms_.classes()[c];
      const ClassMatch* match = match_of(rows);
      const auto [best, changed] = term(rows, may_change);
      const double dirt = best.sort == RowSort::kDamaged ? std::log(kFirstDamaged) : 0;
      const bool stale = best.sort == RowSort::kStale;  // says nothing about the time between
      if (match == nullptr || stale || best.sort == RowSort::kUnlinked ||
          is_stray(best.log + best.near + dirt, elsewhere, c, log_padded, best.held))
        continue;
      const bool old = match->held_by(earlier_);
      const bool young = match->held_by(later_);
      (changed ? counts.third : old && young ? counts.both : old ? counts.old : counts.young) += rows.rows;
    }
    return counts;
  }

  /// Rows were divided by log_rows_.
  double log_time(const BetweenCounts& counts) const {
    return log_between(counts, change_) + counts.rows() * log_rows_;
  }

  const RowTerms& terms_;
  const ChangedRows& changed_;
  const ExportIndex earlier_, later_;
  const std::span<const ExportIndex> before_;
  const double change_;
  const Replaced replaced_;
  const FieldMask fields_;
  const double log_rows_;
  std::vector<const ClassMatch*> matches_;  // by class
  std::vector<RowTerm> best_;               // by class: of the two the better one's
};

/// Beyond a feed's first or last date: rows as in that export, or changed since in what time changes.
class Beyond {
 public:
  Beyond(const RowTerms& terms, const ChangedRows& changed, const Neighbours& neighbours, double change,
         const Replaced& replaced)
      : terms_(terms),
        changed_(changed),
        beside_(neighbours.beside()),
        before_(neighbours.before),
        change_(change),
        fields_(terms.fields_of(beside_) & ~replaced.fields) {}

  SourceLikelihood likelihood(const Elsewhere& elsewhere) const {
    SourceLikelihood changed = with(elsewhere, MayChange::kAll);
    for (const MayChange may : kEachChange) changed.log = std::max(changed.log, with(elsewhere, may).log);
    const SourceLikelihood far =
        by_cells(terms_, beside_, fields_, elsewhere, PaddingRule::kWorse, Columns::kOurs, Differences::kTime);
    const double log = log_add(std::log(1 - kFarOff) + changed.log, std::log(kFarOff) + far.log);
    SourceLikelihood best = far.log > changed.log ? far : changed;
    best.log = log;
    return best;
  }

 private:
  /// What differs has changed where time changes it (`may_change`), or is dirt.
  SourceLikelihood with(const Elsewhere& elsewhere, MayChange may_change) const {
    SourceLikelihood sum = add_up(terms_, elsewhere, PaddingRule::kWorse,
                                  [&](const AgreementClass& rows) { return term(rows, may_change).row; });
    double changed = 0;
    for (std::size_t c = 0; may_change != MayChange::kNone && c < terms_.classes().size(); ++c) {
      const TimedTerm one = term(terms_.classes()[c], may_change);
      if (one.changed && !is_stray(one.row.log, elsewhere, c, sum.log_padded)) changed += terms_.classes()[c].rows;
    }
    const double known = sum.counts.clean + sum.counts.damaged;
    changed = std::min(changed, sum.counts.clean);
    sum.log += log_beyond(known - changed, changed, change_);
    return sum;
  }

  TimedTerm term(const AgreementClass& rows, MayChange may_change) const {
    const RowTerm here = terms_.term(rows, beside_, fields_, before_);
    if (may_change == MayChange::kNone || here.sort != RowSort::kDamaged) return {here};
    const ClassMatch& match = *best_match(terms_, rows, beside_);
    if (!may_have_changed(may_change, match, fields_)) return {here};
    const std::optional<double> since = changed_.log_row(rows, match, fields_);
    if (!since) return {here};
    return {{RowSort::kClean, *since - terms_.log_rows(beside_), false}, true};
  }

  const RowTerms& terms_;
  const ChangedRows& changed_;
  const ExportIndex beside_;
  const std::span<const ExportIndex> before_;
  const double change_;
  const FieldMask fields_;
};

}  // namespace

SourceLikelihood likelihood_between(const RowTerms& terms, const ChangedRows& changed, const Neighbours& neighbours,
                                    double change, const Replaced& replaced, const Elsewhere& elsewhere) {
  SourceLikelihood sum = neighbours.earlier && neighbours.later
                             ? Between(terms, changed, neighbours, change, replaced).likelihood(elsewhere)
                             : Beyond(terms, changed, neighbours, change, replaced).likelihood(elsewhere);
  const ExportIndex beside = neighbours.beside();
  sum.log += replaced.log + log_columns_not_theirs(terms, terms.fields_of(beside), {&beside, 1});
  sum.log += log_gone(terms, beside, neighbours.before, sum);
  sum.foreign = replaced.fields;
  return sum;
}

SourceLikelihood likelihood_of_union(const RowTerms& terms, double united, const Elsewhere& elsewhere) {
  SourceLikelihood sum = add_up(terms, elsewhere, PaddingRule::kWorse,
                                [&](const AgreementClass& rows) { return union_term(terms, rows, united); });
  std::vector<ExportIndex> all(terms.exports().size());
  std::iota(all.begin(), all.end(), 0U);
  sum.log += log_columns_not_theirs(terms, united_fields(terms), all);
  return sum;
}

double log_of_date(const RowTerms& terms, const Elsewhere& elsewhere, std::span<const Feed> feeds,
                   std::span<const SourceLikelihood> likelihoods, const std::vector<std::vector<double>>& gaps) {
  double most = kLogZero;
  std::size_t best = feeds.size();
  for (std::size_t f = 0; f < feeds.size(); ++f) {
    for (const ExportIndex e : feeds[f].exports) {
      if (best < feeds.size() && likelihoods[e].log <= most) continue;
      most = likelihoods[e].log;
      best = f;
    }
  }
  if (best == feeds.size()) return 0;
  const std::vector<ExportIndex>& dates = feeds[best].exports;
  std::vector<double> logs = gaps[best];
  for (const ExportIndex e : dates) logs.push_back(likelihoods[e].log);
  most = *std::max_element(logs.begin(), logs.end());
  if (dates.size() > 1) {
    const SourceLikelihood any = add_up(terms, elsewhere, PaddingRule::kWorse, [&](const AgreementClass& rows) {
      RowTerm term;
      for (std::size_t i = 0; i < dates.size(); ++i) {
        const ExportIndex e = dates[i];
        if (likelihoods[e].explained() == 0) continue;  // of no use, or out of the running
        RowTerm one = terms.term(rows, e, terms.fields_of(e), std::span(dates).first(i));
        if (one.sort == RowSort::kStale) one = {RowSort::kClean, one.log, false};  // as an earlier date has it
        if (one.sort > term.sort || (one.sort == term.sort && one.log > term.log)) term = one;
      }
      return term;
    });
    // Errors come by rows half the time: as in all that it is held against.
    most = std::max(most, any.log - std::log(2.0));
  }
  return log_sum(logs) - std::log(static_cast<double>(logs.size())) - most;
}

}  // namespace sidik
