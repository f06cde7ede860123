// What a whole sample is worth under one source, its rows added up: errors by rows or by cells, shares of dirt
// integrated over, padding allowed for.
#pragma once

#include <cmath>

#include "trace/noise.h"
#include "trace/outside.h"
#include "trace/padding.h"
#include "trace/row_terms.h"

namespace sidik {

struct SourceLikelihood {
  double log = 0;  // ln P(S | source), unfiltered, relative to the product of frequencies
  NoiseCounts counts;
  double padding = 0;     // rows that it does not explain
  double doubtful = 0;    // rows that it explains, but padding would explain better
  FieldMask foreign = 0;  // fields that came from elsewhere as a whole
  double explained() const { return counts.clean + counts.damaged + counts.stale; }
};

/// The shares of damaged and stale rows before they are counted.
inline constexpr double kFirstDamaged = 0.02, kFirstStale = 0.05;

/// Which rows are padding: those that the outside explains far better, or better by as much as padding is rare in this
/// sample (of one that is padded, to which that is the rule), or those only that are not linked (where a row's term is
/// but a part of what it is worth), or those as well whose identity differs in what errors hardly ever reach, or those
/// that the outside explains better than others' books of the same people do.
enum class PaddingRule { kWorse, kAnyWorse, kUnlinked, kUnsure, kUnlikely };

/// Whether a row of class `c`, worth `log` under a source with its share of dirt, is taken for padding, of which there
/// is `log_odds` for each other row.
inline bool is_left_out(PaddingRule rule, double log, const Elsewhere& elsewhere, std::size_t c, double log_odds) {
  if (rule == PaddingRule::kWorse) return is_stray(log, elsewhere, c);
  return rule == PaddingRule::kAnyWorse && log < log_padding_row(elsewhere, c) + log_odds;
}

/// ln of how much padding there is for each other row, of a share that may be anything and was seen so often.
inline double log_padding_odds(double padding, double rest) { return std::log1p(padding) - std::log1p(rest); }
/// From one guess to the next; which rows are padding settles how much there is, and the other way round.
inline int rounds_of(PaddingRule rule) { return rule == PaddingRule::kAnyWorse ? 8 : 2; }

/// `with(rule)` where few rows are padding, or where many are: the likelier. Each is a part of the sum over which rows
/// are padding, so neither says too much.
template <typename With>
auto padded_or_not(With&& with) {
  auto few = with(PaddingRule::kWorse);
  if (few.doubtful == 0) return few;
  auto many = with(PaddingRule::kAnyWorse);
  return many.log > few.log ? many : few;
}

/// The best record that `e` has for a class; nothing where it has none.
const ClassMatch* best_match(const AgreementClass& rows, ExportIndex e);

/// The best record that `e` has for a class, if the row is far from being better explained by the outside even where
/// all that differs is another's: others' books are padded with strangers as our exports are.
const ClassMatch* known_match(const RowTerms& terms, const AgreementClass& rows, ExportIndex e,
                              const Elsewhere& elsewhere, PaddingRule rule);

/// Agreement of one field over the rows that `match_of` gives a record for.
template <typename MatchOf>
FieldAgreement agreement_of(const RowTerms& terms, std::size_t f, MatchOf&& match_of) {
  FieldAgreement agreement;
  const FieldMask bit = FieldMask{1} << f;
  for (const AgreementClass& rows : terms.classes()) {
    const ClassMatch* match = match_of(rows);
    if (match == nullptr) continue;
    if ((match->agrees & bit) != 0) agreement.agree(rows.information[f], rows.rows);
    if ((match->differs & bit) != 0) agreement.differ(rows.rows);
  }
  return agreement;
}

/// ln of what a column's errors are worth against the information of the values that agree: its share of them is
/// d ~ Beta(1, 49), integrated over. A wrong value may be the right one by chance, where values are few.
double log_of_errors(const FieldAgreement& column);

/// What differs from an export is an error, or has changed since.
enum class Differences { kErrors, kTime };

/// Errors by cells, not by rows: each column has its own share of them, d ~ Beta(1, 49), integrated over. A column that
/// was copied badly, or read by a machine, hits rows that are clean in all others.
SourceLikelihood by_cells(const RowTerms& terms, ExportIndex e, FieldMask fields, const Elsewhere& elsewhere,
                          PaddingRule rule, Differences differences = Differences::kErrors);

/// Errors come by rows or by cells: half and half.
SourceLikelihood either(SourceLikelihood rows, const SourceLikelihood& cells);

/// Adds rows up under two readings of the same counts: which rows are padding depends on how much dirt there is.
template <typename TermOf>
SourceLikelihood add_up(const RowTerms& terms, const Elsewhere& elsewhere, PaddingRule rule, TermOf&& term_of) {
  SourceLikelihood sum;
  double log_share[] = {0, std::log(kFirstDamaged), std::log(kFirstStale), 0};
  double log_odds = std::log(kUnlinkedRow);
  const int rounds = rounds_of(rule);
  for (int round = 0; round < rounds; ++round) {
    sum = {};
    Padding padding;
    for (std::size_t c = 0; c < terms.classes().size(); ++c) {
      const AgreementClass& rows = terms.classes()[c];
      const RowTerm term = term_of(rows);
      const double log = term.log + log_share[static_cast<int>(term.sort)];
      if (term.sort == RowSort::kUnlinked || is_left_out(rule, log, elsewhere, c, log_odds)) {
        padding.add(rows.rows, !rows.matches.empty(), elsewhere, c);
        continue;
      }
      if (log < log_padding_row(elsewhere, c)) sum.doubtful += rows.rows;
      sum.log += rows.rows * term.log;
      if (term.sort == RowSort::kClean) sum.counts.clean += rows.rows;
      if (term.sort == RowSort::kDamaged) sum.counts.damaged += rows.rows;
      if (term.sort == RowSort::kStale) sum.counts.stale += rows.rows;
      if (term.changed) sum.counts.changed += rows.rows;
    }
    const double all = sum.explained();
    log_share[1] = std::log((kDamagedAlpha + sum.counts.damaged) / (kDamagedAlpha + kDamagedBeta + all));
    log_share[2] = std::log((kStaleAlpha + sum.counts.stale) / (kStaleAlpha + kStaleBeta + sum.counts.changed));
    sum.padding = padding.rows();
    log_odds = log_padding_odds(sum.padding, all);
    if (round + 1 == rounds) sum.log += log_noise(sum.counts) + padding.total(terms, sum.explained());
  }
  return sum;
}

}  // namespace sidik
