#include "trace/unregistered_likelihood.h"

#include <algorithm>
#include <bit>
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
  Between(const RowTerms& terms, ExportIndex earlier, ExportIndex later, const Replaced& replaced)
      : terms_(terms),
        earlier_(earlier),
        later_(later),
        replaced_(replaced),
        log_rows_(std::max(terms.log_rows(earlier), terms.log_rows(later))) {}

  /// The best record that either has.
  const ClassMatch* match_of(const AgreementClass& rows) const {
    const auto found = std::find_if(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) {
      return match.held_by(earlier_) || match.held_by(later_);
    });
    return found == rows.matches.end() ? nullptr : &*found;
  }

  RowTerm term(const AgreementClass& rows) const {
    const RowTerm from = term_in(rows, earlier_);
    const RowTerm to = term_in(rows, later_);
    RowTerm best = to.sort > from.sort || (to.sort == from.sort && to.log > from.log) ? to : from;
    best.changed = false;
    return best;
  }

  SourceLikelihood likelihood(const Elsewhere& elsewhere) const {
    const FieldMask fields = (terms_.fields_of(earlier_) | terms_.fields_of(later_)) & ~replaced_.fields;
    SourceLikelihood sum =
        either(add_up(terms_, elsewhere, PaddingRule::kWorse, [&](const AgreementClass& rows) { return term(rows); }),
               by_cells(terms_, {[&](const AgreementClass& rows) { return match_of(rows); }, log_rows_, fields},
                        elsewhere, PaddingRule::kWorse, Columns::kOurs));
    const BetweenCounts counts = count(elsewhere);
    sum.log += log_between(counts) + (counts.both + counts.old + counts.young) * log_rows_;
    return sum;
  }

 private:
  RowTerm term_in(const AgreementClass& rows, ExportIndex e) const {
    RowTerm term = terms_.term(rows, e, terms_.fields_of(e) & ~replaced_.fields, {});
    term.log += terms_.log_rows(e) - log_rows_;
    return term;
  }

  /// How the rows that they explain stand to the two.
  BetweenCounts count(const Elsewhere& elsewhere) const {
    BetweenCounts counts;
    counts.rows_earlier = std::exp(terms_.log_rows(earlier_));
    counts.rows_later = std::exp(terms_.log_rows(later_));
    for (std::size_t c = 0; c < terms_.classes().size(); ++c) {
      const AgreementClass& rows = terms_.classes()[c];
      const ClassMatch* match = match_of(rows);
      const RowTerm best = term(rows);
      const double dirt = best.sort == RowSort::kDamaged ? std::log(kFirstDamaged) : 0;
      if (match == nullptr || best.sort == RowSort::kUnlinked || is_stray(best.log + dirt, elsewhere, c)) continue;
      const bool old = match->held_by(earlier_);
      const bool young = match->held_by(later_);
      (old && young ? counts.both : old ? counts.old : counts.young) += rows.rows;
    }
    return counts;
  }

  const RowTerms& terms_;
  const ExportIndex earlier_, later_;
  const Replaced replaced_;
  const double log_rows_;
};

/// Beyond a feed's first or last date: rows as in that export, or changed since in what time changes.
class Beyond {
 public:
  Beyond(const RowTerms& terms, ExportIndex beside, double change, const Replaced& replaced)
      : terms_(terms), beside_(beside), change_(change), fields_(terms.fields_of(beside) & ~replaced.fields) {
    for (std::size_t f = 0; f < terms.fields(); ++f) {
      const FieldMask bit = FieldMask{1} << f & fields_;
      if (terms.changes_over_time(f)) {
        changing_ |= bit;
      } else if (terms.roles()[f].follows_nik) {
        following_ |= bit;
      }
    }
  }

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
      const ClassMatch* match = best_match(terms_, rows, beside_);
      const std::optional<double> chance = log_changed(match->differs & fields_);
      if (!chance) return term;
      const double log = RowTerms::information(rows, match->agrees & fields_) - terms_.log_rows(beside_) + *chance;
      return RowTerm{RowSort::kClean, log, true};
    };
    SourceLikelihood sum = add_up(terms_, elsewhere, PaddingRule::kWorse, term_of);
    changed = std::min(sum.counts.changed, sum.counts.clean);
    // What add_up takes for rows that could be stale are those that changed.
    NoiseCounts counts = sum.counts;
    counts.changed = 0;
    sum.log += log_noise(counts) - log_noise(sum.counts) + log_beyond(sum.explained() - changed, changed, change_);
    return sum;
  }

  /// ln of the chance that just these fields of a row that changed have changed; nothing where time does not do that.
  std::optional<double> log_changed(FieldMask differs) const {
    constexpr double kAnother = 0.2, kAlong = 0.1;
    if (differs == 0 || (differs & ~(changing_ | following_)) != 0) return std::nullopt;
    const int changes = std::popcount(differs & changing_);
    return -std::log(std::max(1, std::popcount(changing_))) + std::max(0, changes - 1) * std::log(kAnother) +
           std::popcount(differs & following_) * std::log(kAlong);
  }

  const RowTerms& terms_;
  const ExportIndex beside_;
  const double change_;
  const FieldMask fields_;
  FieldMask changing_ = 0, following_ = 0;  // of fields_
};

}  // namespace

SourceLikelihood likelihood_between(const RowTerms& terms, const Neighbours& neighbours, double change,
                                    const Replaced& replaced, const Elsewhere& elsewhere) {
  const ExportIndex beside = neighbours.earlier ? *neighbours.earlier : *neighbours.later;
  SourceLikelihood sum = neighbours.earlier && neighbours.later
                             ? Between(terms, *neighbours.earlier, *neighbours.later, replaced).likelihood(elsewhere)
                             : Beyond(terms, beside, change, replaced).likelihood(elsewhere);
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
