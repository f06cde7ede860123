#include "trace/unregistered_likelihood.h"

#include <algorithm>
#include <cmath>

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
  return {RowSort::kDamaged, terms.log_damaged(rows, all, all.agrees | all.differs) - log_rows, false};
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

/// The records of two neighbouring dates as one source: each row by whichever explains it better.
class Between {
 public:
  Between(const RowTerms& terms, const ChangedRows& changed, ExportIndex earlier, ExportIndex later, double change,
          const Replaced& replaced)
      : terms_(terms),
        changed_(changed),
        earlier_(earlier),
        later_(later),
        change_(change),
        replaced_(replaced),
        fields_((terms.fields_of(earlier) | terms.fields_of(later)) & ~replaced.fields),
        log_rows_(std::max(terms.log_rows(earlier), terms.log_rows(later))) {}

  SourceLikelihood likelihood(const Elsewhere& elsewhere) const {
    SourceLikelihood by_rows = with(elsewhere, false);
    by_rows.log = log_add(by_rows.log, with(elsewhere, true).log);
    const BetweenCounts counts = count(elsewhere, false);
    SourceLikelihood cells =
        by_cells(terms_, {[&](const AgreementClass& rows) { return match_of(rows); }, log_rows_, fields_}, elsewhere,
                 PaddingRule::kWorse, Columns::kOurs);
    cells.log += log_time(counts);
    return either(by_rows, cells);
  }

 private:
  /// What differs from both has changed twice between them (`may_change`), or is dirt.
  SourceLikelihood with(const Elsewhere& elsewhere, bool may_change) const {
    SourceLikelihood sum = add_up(terms_, elsewhere, PaddingRule::kWorse,
                                  [&](const AgreementClass& rows) { return term(rows, may_change); });
    NoiseCounts counts = sum.counts;
    counts.changed = 0;  // those that add_up takes for rows that could be stale
    sum.log += log_noise(counts) - log_noise(sum.counts) + log_time(count(elsewhere, may_change));
    return sum;
  }

  /// The best record that either has.
  const ClassMatch* match_of(const AgreementClass& rows) const {
    const auto found = std::find_if(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) {
      return match.held_by(earlier_) || match.held_by(later_);
    });
    return found == rows.matches.end() ? nullptr : &*found;
  }

  RowTerm term(const AgreementClass& rows, bool may_change) const {
    const RowTerm from = term_in(rows, earlier_);
    const RowTerm to = term_in(rows, later_);
    RowTerm best = to.sort > from.sort || (to.sort == from.sort && to.log > from.log) ? to : from;
    best.changed = false;
    if (!may_change || best.sort != RowSort::kDamaged) return best;
    const std::optional<double> since = changed_.log_row(rows, *match_of(rows), fields_);
    return since ? RowTerm{RowSort::kClean, *since - log_rows_, true} : best;
  }

  RowTerm term_in(const AgreementClass& rows, ExportIndex e) const {
    RowTerm term = terms_.term(rows, e, terms_.fields_of(e) & ~replaced_.fields, {});
    term.log += terms_.log_rows(e) - log_rows_;
    return term;
  }

  /// How the rows that they explain stand to the two.
  BetweenCounts count(const Elsewhere& elsewhere, bool may_change) const {
    BetweenCounts counts;
    counts.rows_earlier = std::exp(terms_.log_rows(earlier_));
    counts.rows_later = std::exp(terms_.log_rows(later_));
    for (std::size_t c = 0; c < terms_.classes().size(); ++c) {
      const AgreementClass& rows = terms_.classes()[c];
      const ClassMatch* match = match_of(rows);
      const RowTerm best = term(rows, may_change);
      const double dirt = best.sort == RowSort::kDamaged ? std::log(kFirstDamaged) : 0;
      if (match == nullptr || best.sort == RowSort::kUnlinked || is_stray(best.log + dirt, elsewhere, c)) continue;
      const bool old = match->held_by(earlier_);
      const bool young = match->held_by(later_);
      (best.changed ? counts.third : old && young ? counts.both : old ? counts.old : counts.young) += rows.rows;
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
  const double change_;
  const Replaced replaced_;
  const FieldMask fields_;
  const double log_rows_;
};

/// Beyond a feed's first or last date: rows as in that export, or changed since in what time changes.
class Beyond {
 public:
  Beyond(const RowTerms& terms, const ChangedRows& changed, ExportIndex beside, double change, const Replaced& replaced)
      : terms_(terms),
        changed_(changed),
        beside_(beside),
        change_(change),
        fields_(terms.fields_of(beside) & ~replaced.fields) {}

  SourceLikelihood likelihood(const Elsewhere& elsewhere) const {
    SourceLikelihood changed = with(elsewhere, true);
    const SourceLikelihood dirty = with(elsewhere, false);
    changed.log = log_add(changed.log, dirty.log);
    const SourceLikelihood far =
        by_cells(terms_, beside_, fields_, elsewhere, PaddingRule::kWorse, Columns::kOurs, Differences::kTime);
    const double log = log_add(std::log(1 - kFarOff) + changed.log, std::log(kFarOff) + far.log);
    SourceLikelihood best = far.log > changed.log ? far : changed;
    best.log = log;
    return best;
  }

 private:
  /// What differs has changed where time changes it (`may_change`), or is dirt.
  SourceLikelihood with(const Elsewhere& elsewhere, bool may_change) const {
    double changed = 0;
    const auto term_of = [&](const AgreementClass& rows) {
      RowTerm term = terms_.term(rows, beside_, fields_, {});
      term.changed = false;
      if (!may_change || term.sort != RowSort::kDamaged) return term;
      const std::optional<double> since = changed_.log_row(rows, *best_match(terms_, rows, beside_), fields_);
      return since ? RowTerm{RowSort::kClean, *since - terms_.log_rows(beside_), true} : term;
    };
    SourceLikelihood sum = add_up(terms_, elsewhere, PaddingRule::kWorse, term_of);
    changed = std::min(sum.counts.changed, sum.counts.clean);
    // What add_up takes for rows that could be stale are those that changed.
    NoiseCounts counts = sum.counts;
    counts.changed = 0;
    sum.log += log_noise(counts) - log_noise(sum.counts) + log_beyond(sum.explained() - changed, changed, change_);
    return sum;
  }

  const RowTerms& terms_;
  const ChangedRows& changed_;
  const ExportIndex beside_;
  const double change_;
  const FieldMask fields_;
};

}  // namespace

SourceLikelihood likelihood_between(const RowTerms& terms, const ChangedRows& changed, const Neighbours& neighbours,
                                    double change, const Replaced& replaced, const Elsewhere& elsewhere) {
  const ExportIndex beside = neighbours.earlier ? *neighbours.earlier : *neighbours.later;
  SourceLikelihood sum =
      neighbours.earlier && neighbours.later
          ? Between(terms, changed, *neighbours.earlier, *neighbours.later, change, replaced).likelihood(elsewhere)
          : Beyond(terms, changed, beside, change, replaced).likelihood(elsewhere);
  sum.log += replaced.log + log_joined_columns(terms, terms.fields_of(beside));
  sum.foreign = replaced.fields;
  return sum;
}

SourceLikelihood likelihood_of_union(const RowTerms& terms, double united, const Elsewhere& elsewhere) {
  SourceLikelihood sum = add_up(terms, elsewhere, PaddingRule::kWorse,
                                [&](const AgreementClass& rows) { return union_term(terms, rows, united); });
  sum.log += log_joined_columns(terms, united_fields(terms));
  return sum;
}

}  // namespace sidik
