// What a whole sample is worth under one source, its rows added up: errors by rows or by cells, shares of dirt
// integrated over, padding allowed for.
#pragma once

#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "trace/noise.h"
#include "trace/outside.h"
#include "trace/padding.h"
#include "trace/row_terms.h"

namespace sidik {

struct SourceLikelihood {
  double log = 0;  // ln P(S | source), unfiltered, relative to the product of frequencies
  NoiseCounts counts;
  double padding = 0;                          // rows that it does not explain
  FieldMask foreign = 0;                       // fields that came from elsewhere as a whole
  double events = 0;                           // ln of what those cost, part of `log`
  double log_padded = std::log(kUnlinkedRow);  // of the strangers among its rows (padding.h)
  double explained() const { return counts.clean + counts.damaged + counts.stale; }
};

/// The shares of damaged and stale rows before they are counted.
inline constexpr double kFirstDamaged = 0.02, kFirstStale = 0.05;

/// Which rows are padding: those that the outside explains far better, or those only that are not linked (where a row's
/// term is but a part of what it is worth), or those as well whose identity differs in what errors hardly ever reach;
/// the last where a good part of the sample is padding. Both also without the columns that agree in hardly a row
/// (RowTerms::replaced), which are one event each. Or, in such a sample, those that are so by the columns which others
/// have in common with us: who the people are, others' own columns do not say.
enum class PaddingRule {
  kWorse,
  kUnlinked,
  kUnsure,
  kUnsurePadded,
  kUnsureButForReplaced,
  kUnsurePaddedButForReplaced,
  kByCommon
};
inline bool is_padded(PaddingRule rule) {
  return rule == PaddingRule::kUnsurePadded || rule == PaddingRule::kUnsurePaddedButForReplaced;
}
inline bool is_but_for_replaced(PaddingRule rule) {
  return rule == PaddingRule::kUnsureButForReplaced || rule == PaddingRule::kUnsurePaddedButForReplaced;
}

/// The best record that `e` has for a class; nothing where it has none.
inline const ClassMatch* best_match(const RowTerms& terms, const AgreementClass& rows, ExportIndex e) {
  return terms.standing(rows, e).match;
}

/// The best record that `e` has for a class, if the row is far from being better explained by the outside even where
/// all that differs is another's: others' books are padded with strangers as our exports are.
const ClassMatch* known_match(const RowTerms& terms, const AgreementClass& rows, ExportIndex e,
                              const Elsewhere& elsewhere, PaddingRule rule);

/// Of a sample, where it is padded (PaddingRule::kUnsurePadded).
inline constexpr double kGoodPart = 0.3;

/// The same of any record: `log` is ln of what the row is worth as it is, its place among classes() is `c`; a padded
/// sample is so to the share e^`log_good_part`.
bool is_known(const RowTerms& terms, const ClassMatch& match, double log, const Elsewhere& elsewhere, std::size_t c,
              PaddingRule rule, double log_good_part = std::log(kGoodPart));

/// Counts `n` rows of a class whose value of field `f` agrees.
inline void count_agreeing(const RowTerms& terms, const AgreementClass& rows, std::size_t f, double n,
                           FieldAgreement& agreement) {
  if (terms.follows(rows, f))
    agreement.agree_as_told(n);
  else
    agreement.agree(rows.information[f], n, rows.alone[f]);
}

/// Counts `n` rows whose value of field `f` differs from the record `match`.
inline void count_differing(const ClassMatch& match, std::size_t f, double n, FieldAgreement& agreement) {
  agreement.differ(n);
  for (const FieldSlips& one : match.slips)
    if (one.field == f) agreement.add_slips(one.slips, n);
}

/// Agreement of one field over the rows that `match_of` gives a record for.
template <typename MatchOf>
FieldAgreement agreement_of(const RowTerms& terms, std::size_t f, MatchOf&& match_of) {
  FieldAgreement agreement;
  const FieldMask bit = FieldMask{1} << f;
  for (const AgreementClass& rows : terms.classes()) {
    const ClassMatch* match = match_of(rows);
    if (match == nullptr) continue;
    if ((match->agrees & bit) != 0) count_agreeing(terms, rows, f, rows.rows, agreement);
    if ((match->differs & bit) != 0) count_differing(*match, f, rows.rows, agreement);
  }
  return agreement;
}

/// What differs from an export is an error, or has changed since.
enum class Differences { kErrors, kTime };

/// Whose columns they are: copies of ours, or others' of their own.
enum class Columns { kOurs, kTheirs };

/// A column's errors, its share of them integrated over: d ~ Beta(1, 49); or it was misread throughout, at a share that
/// is anything (what differs then is new, not another's, but where the row's number tells what should be there); or it
/// was changed as a whole where it was not the same already. ln of that against the information of the values that
/// agree.
double log_of_column(const RowTerms& terms, std::size_t f, const FieldAgreement& column, Columns whose,
                     Differences differences);

/// What cells are compared with: the record of each class, nothing where there is none; out of how many rows.
struct CellSource {
  std::function<const ClassMatch*(const AgreementClass&)> match_of;
  double log_rows = 0;
  FieldMask fields = 0;
  std::optional<ExportIndex> of = std::nullopt;  // whose they are: RowTerms::is_unreachable()
};

/// Errors by cells, not by rows: each column has its own share of them, d ~ Beta(1, 49), integrated over. A column that
/// was copied badly, or read by a machine, hits rows that are clean in all others: in one column of a hundred the share
/// is anything. Others have their own version of one column in ten; half the time
/// that is other in rows whose contacts are (a district moves with the address).
SourceLikelihood by_cells(const RowTerms& terms, const CellSource& source, const Elsewhere& elsewhere, PaddingRule rule,
                          Columns whose, Differences differences = Differences::kErrors);
/// The same of the export `e`, with the columns `fields` in play.
SourceLikelihood by_cells(const RowTerms& terms, ExportIndex e, FieldMask fields, const Elsewhere& elsewhere,
                          PaddingRule rule, Columns whose, Differences differences = Differences::kErrors);

/// Errors come by rows or by cells: half and half.
SourceLikelihood either(SourceLikelihood rows, const SourceLikelihood& cells);

/// Whether another round is due: which rows are padding depends on how much padding and dirt there is, and the other
/// way round. Two rounds settle a sample that is hardly padded; one that is padded half takes some more.
inline bool goes_on(int round, double log_padded_before, double log_padded_now) {
  constexpr int kMostRounds = 8;
  constexpr double kSettled = 0.05;
  return round == 0 || (round + 1 < kMostRounds && std::abs(log_padded_now - log_padded_before) > kSettled);
}

/// Adds rows up under several readings of the same counts, until they settle. Each class is asked for once.
template <typename TermOf>
SourceLikelihood add_up(const RowTerms& terms, const Elsewhere& elsewhere, PaddingRule rule, TermOf&& term_of) {
  SourceLikelihood sum;
  double log_share[] = {0, std::log(kFirstDamaged), std::log(kFirstStale), 0};
  double padded = std::log(kUnlinkedRow);
  std::vector<RowTerm> found;
  found.reserve(terms.classes().size());
  for (const AgreementClass& rows : terms.classes()) found.push_back(term_of(rows));
  for (int round = 0;; ++round) {
    sum = {};
    Padding padding(terms);
    Slips slips;
    for (std::size_t c = 0; c < terms.classes().size(); ++c) {
      const AgreementClass& rows = terms.classes()[c];
      const RowTerm& term = found[c];
      const bool strange =
          term.sort == RowSort::kUnlinked ||
          (rule == PaddingRule::kWorse &&
           is_stray(term.log + term.near + log_share[static_cast<int>(term.sort)], elsewhere, c, padded, term.held));
      if (strange && term.unreachable) {
        sum.log += rows.rows * elsewhere.outside[c];
        continue;
      }
      if (strange) {
        padding.add(rows.rows, elsewhere, c, term.held);
        continue;
      }
      sum.log += rows.rows * term.log;
      if (term.sort == RowSort::kClean) sum.counts.clean += rows.rows;
      if (term.sort == RowSort::kDamaged) sum.counts.damaged += rows.rows;
      slips.add(term.slips, rows.rows);
      if (term.sort == RowSort::kStale) sum.counts.stale += rows.rows;
      if (term.changed) sum.counts.changed += rows.rows;
    }
    const double all = sum.explained();
    log_share[1] = std::log((kDamagedAlpha + sum.counts.damaged) / (kDamagedAlpha + kDamagedBeta + all));
    log_share[2] = std::log((kStaleAlpha + sum.counts.stale) / (kStaleAlpha + kStaleBeta + sum.counts.changed));
    sum.log_padded = padded;
    padded = log_padded(padding.strange(), all);
    sum.padding = padding.rows();
    if (goes_on(round, sum.log_padded, padded)) continue;
    sum.log += log_noise(sum.counts) + log_errors_near(slips) + padding.total(sum.explained());
    return sum;
  }
}

}  // namespace sidik
