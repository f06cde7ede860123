#include "trace/singled_out.h"

#include "trace/row_sums.h"

namespace sidik {

bool singles_out(const RowTerms& terms, std::size_t f) {
  double sum = 0;
  double rows = 0;
  for (const AgreementClass& one : terms.classes()) {
    if ((one.visible >> f & 1) == 0) continue;
    sum += one.rows * one.alone[f];
    rows += one.rows;
  }
  return terms.unique(f) && sum > (terms.log_rows(terms.largest()) - kHardlyShared) * rows;
}

bool numbers_unknown(const RowTerms& terms, const Agreement& agreement) {
  constexpr double kEnough = 10, kHardly = 0.1, kGoodPart = 0.5;
  bool shown = false;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const double seen = agreement.seen[f];
    const double all = seen + agreement.unseen[f];
    if (all < kEnough || !singles_out(terms, f)) continue;
    if (seen > kHardly * all) return false;
    shown = true;
  }
  if (!shown) return false;
  // Rows of whom all else is known are people that we know, with other numbers.
  const ExportIndex e = terms.largest();
  double known = 0;
  for (const AgreementClass& one : terms.classes()) {
    const ClassStanding& standing = terms.standing(one, e);
    if (standing.match != nullptr && standing.agreeing > terms.log_rows(e)) known += one.rows;
  }
  return known < kGoodPart * terms.rows();
}

bool are_alike_at_most(const RowTerms& terms) {
  constexpr double kRare = 5, kGoodPart = 0.2;  // nats; a share of the cells
  double agreeing = 0, differing = 0;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    double information = 0, rows = 0;
    for (const AgreementClass& one : terms.classes()) {
      if ((one.visible >> f & 1) == 0) continue;
      information += one.rows * one.alone[f];
      rows += one.rows;
    }
    if (terms.unique(f) || information > kRare * rows) return false;
    const FieldAgreement column =
        agreement_of(terms, f, [&](const AgreementClass& one) { return best_match(terms, one, terms.largest()); });
    agreeing += column.agreeing();
    differing += column.differing();
  }
  return differing > kGoodPart * (agreeing + differing);
}

}  // namespace sidik
