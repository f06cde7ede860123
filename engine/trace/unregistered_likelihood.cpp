#include "trace/unregistered_likelihood.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "trace/log_math.h"
#include "trace/outside.h"
#include "trace/unregistered.h"

namespace sidik {
namespace {

RowTerm union_term(const RowTerms& terms, const AgreementClass& rows, double united) {
  const double log_rows = terms.log_rows(terms.largest()) + std::log(united);
  // The record that knows most of the row's fields speaks for it: one that lacks a column cannot excuse what differs
  // there.
  int widest = 0;
  for (const ClassMatch& match : rows.matches) widest = std::max(widest, std::popcount(match.agrees | match.differs));
  double clean = kLogZero;
  double damaged = kLogZero;
  for (const ClassMatch& match : rows.matches) {
    if (std::popcount(match.agrees | match.differs) < widest) continue;
    if (match.differs == 0) {
      clean = std::max(clean, RowTerms::information(rows, match.agrees));
    } else {
      damaged = std::max(damaged, terms.log_damaged(rows, match, match.agrees | match.differs));
    }
  }
  if (clean > kLogZero) return RowTerm{RowSort::kClean, clean - log_rows, false};
  if (damaged > kLogZero) return RowTerm{RowSort::kDamaged, damaged - log_rows, false};
  return RowTerm{};
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
  }
  return elsewhere;
}

SourceLikelihood likelihood_between(const RowTerms& terms, const Neighbours& neighbours, double change,
                                    const Elsewhere& elsewhere) {
  BetweenCounts between;
  double same = 0;
  double third = 0;
  const auto log_n = [&](const std::optional<ExportIndex>& e) { return e ? terms.log_rows(*e) : 0.0; };
  Padding padding;
  SourceLikelihood sum;
  for (std::size_t c = 0; c < terms.classes().size(); ++c) {
    const AgreementClass& rows = terms.classes()[c];
    RowTerm from{};
    RowTerm to{};
    if (neighbours.earlier) from = terms.term(rows, *neighbours.earlier, terms.fields_of(*neighbours.earlier), {});
    if (neighbours.later) to = terms.term(rows, *neighbours.later, terms.fields_of(*neighbours.later), {});
    const double from_log = from.log + log_n(neighbours.earlier);
    const double to_log = to.log + log_n(neighbours.later);
    const bool old = from.sort == RowSort::kClean;
    const bool young = to.sort == RowSort::kClean;
    const double dirt = std::log(kFirstDamaged);
    double log = kLogZero;
    if (old || young) {
      log = std::max(old ? from_log : kLogZero, young ? to_log : kLogZero);
    } else {
      if (from.sort == RowSort::kDamaged) log = from_log;
      if (to.sort == RowSort::kDamaged) log = std::max(log, to_log);
    }
    const double row_n = std::max(log_n(neighbours.earlier), log_n(neighbours.later));
    if (log <= kLogZero || is_stray(log - row_n + (old || young ? 0 : dirt), elsewhere, c)) {
      padding.add(rows.rows, !rows.matches.empty(), elsewhere, c);
      continue;
    }
    sum.log += rows.rows * log;
    if (old && young) between.both += rows.rows;
    if (old && !young) between.old += rows.rows;
    if (young && !old) between.young += rows.rows;
    if (old || young) {
      sum.counts.clean += rows.rows;
      same += rows.rows;
    } else {
      between.both += rows.rows;
      sum.counts.damaged += rows.rows;
      third += rows.rows;
    }
  }
  if (neighbours.earlier && neighbours.later) {
    between.rows_earlier = std::exp(terms.log_rows(*neighbours.earlier));
    between.rows_later = std::exp(terms.log_rows(*neighbours.later));
    sum.log += log_between(between);
  } else {
    // A third value is a row that changed since, or dirt: whichever explains more.
    const double rows = std::exp(log_n(neighbours.earlier ? neighbours.earlier : neighbours.later));
    sum.log += log_add(log_beyond(same, third, change, rows) - log_noise(sum.counts),
                       log_beyond(same + third, 0, change, rows));
  }
  sum.padding = padding.rows();
  sum.log += log_noise(sum.counts) + padding.total(terms, sum.explained());
  if (neighbours.earlier && neighbours.later) return sum;
  const ExportIndex beside = neighbours.earlier ? *neighbours.earlier : *neighbours.later;
  return either(sum,
                by_cells(terms, beside, terms.fields_of(beside), elsewhere, PaddingRule::kWorse, Differences::kTime));
}

SourceLikelihood likelihood_of_union(const RowTerms& terms, double united, const Elsewhere& elsewhere) {
  return add_up(terms, elsewhere, PaddingRule::kWorse,
                [&](const AgreementClass& rows) { return union_term(terms, rows, united); });
}

}  // namespace sidik
