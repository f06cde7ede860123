#include "trace/export_likelihood.h"

#include <bit>
#include <cmath>

#include "trace/log_math.h"
#include "trace/replaced_columns.h"

namespace sidik {

double log_gone(const RowTerms& terms, ExportIndex e, std::span<const ExportIndex> earlier,
                const SourceLikelihood& found) {
  constexpr double kLeave = 0.2, kGone = 0.05;
  if (earlier.empty() || found.counts.stale == 0) return 0;
  double gone = 0;
  for (const AgreementClass& rows : terms.classes()) {
    if (terms.standing(rows, e).match == nullptr &&
        terms.term(rows, e, terms.fields_of(e), earlier).sort == RowSort::kStale)
      gone += rows.rows;
  }
  return gone > kLeave * found.explained() ? gone * std::log(kGone) : 0;
}

SourceLikelihood likelihood_of_export(const RowTerms& terms, ExportIndex e, std::span<const ExportIndex> earlier,
                                      const Elsewhere& elsewhere) {
  SourceLikelihood found = with_columns_replaced(terms, e, terms.fields_of(e), kOurColumns, [&](FieldMask fields) {
    return either(add_up(terms, elsewhere, PaddingRule::kWorse,
                         [&](const AgreementClass& rows) { return terms.term(rows, e, fields, earlier); }),
                  by_cells(terms, e, fields, elsewhere, PaddingRule::kWorse, Columns::kOurs));
  });
  found.log += log_columns_not_theirs(terms, terms.fields_of(e), {&e, 1});
  found.log += log_gone(terms, e, earlier, found);
  return found;
}

double log_reassembled_export(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  constexpr int kLeastMade = 4;
  FieldMask replaced = 0;
  double strange = 0;
  const double least = least_known(terms, e);
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if ((terms.fields_of(e) >> f & 1) == 0) continue;
    const FieldAgreement agreement = agreement_in_known_rows(terms, e, f, least);
    if (agreement.differing() == 0 || agreement.agreeing() > agreement.differing()) continue;
    replaced |= FieldMask{1} << f;
    strange += log_beta_binomial(1, 9, terms.strange_unseen(f), terms.strange_seen(f));
  }
  const FieldMask kept = terms.fields_of(e) & ~replaced;
  if (replaced == 0 || kept == 0) return kLogZero;
  // Who leaves three columns of four as they are puts nothing together: that is the copy, with columns changed.
  if (kLeastMade * std::popcount(replaced) <= std::popcount(kept | replaced)) return kLogZero;
  for (const AgreementClass& one : terms.classes())
    if (const ClassMatch* const match = best_match(terms, one, e); match != nullptr)
      strange += one.rows * terms.log_drawn(one, match->agrees & replaced);
  const SourceLikelihood rows = either(add_up(terms, elsewhere, PaddingRule::kWorse,
                                              [&](const AgreementClass& one) { return terms.term(one, e, kept, {}); }),
                                       by_cells(terms, e, kept, elsewhere, PaddingRule::kWorse, Columns::kOurs));
  return rows.log + strange + log_beta_binomial(1, 1, std::popcount(kept), std::popcount(replaced));
}

}  // namespace sidik
