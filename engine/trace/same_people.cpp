#include "trace/same_people.h"

#include <cmath>
#include <vector>

#include "trace/log_math.h"
#include "trace/outside.h"
#include "trace/replaced_columns.h"

namespace sidik {
namespace {

SourceLikelihood identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere, PaddingRule rule) {
  return with_columns_replaced(
      terms, e, terms.granted_fields() & terms.fields_of(e), kTheirColumns, [&](FieldMask granted) {
        const SourceLikelihood by_rows = add_up(terms, elsewhere, rule, [&](const AgreementClass& rows) {
          const ClassMatch* match =
              rule == PaddingRule::kWorse ? best_match(terms, rows, e) : known_match(terms, rows, e, elsewhere, rule);
          if (match == nullptr) return RowTerm{};
          const FieldMask differs = match->differs & granted;
          const double log = differs == 0 ? RowTerms::information(rows, match->agrees & granted)
                                          : terms.log_damaged(rows, *match, granted);
          return RowTerm{differs == 0 ? RowSort::kClean : RowSort::kDamaged,
                         log + std::log(match->records) - terms.log_rows(e), false};
        });
        return either(by_rows, by_cells(terms, e, granted, elsewhere, rule, Columns::kTheirs));
      });
}

SourceLikelihood same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere, PaddingRule rule) {
  SourceLikelihood sum = identities(terms, e, elsewhere, rule);
  const FieldMask others = terms.fields_of(e) & ~terms.granted_fields();
  std::vector<ForeignField> fields;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const auto prior = foreign_prior(terms.roles()[f]);
    if ((others >> f & 1) == 0 || !prior) continue;
    const FieldAgreement agreement = agreement_of(
        terms, f, [&](const AgreementClass& rows) { return known_match(terms, rows, e, elsewhere, rule); });
    ForeignField field{agreement.log_foreign(*prior), kLogZero};
    if (const double shared = terms.shared_upstream(f); shared > 0) {
      field.shared = std::log(shared) + agreement.information() +
                     log_beta_binomial(kDamagedAlpha, kDamagedBeta, agreement.differing(), agreement.agreeing());
    }
    fields.push_back(field);
  }
  sum.log += log_foreign_fields(fields);
  return sum;
}

}  // namespace

SourceLikelihood likelihood_of_identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return identities(terms, e, elsewhere, PaddingRule::kWorse);
}

SourceLikelihood likelihood_same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  // Rows that look like somebody's by chance pad others' books, few or many, or are damaged rows of them: all alike.
  SourceLikelihood best = same_people(terms, e, elsewhere, PaddingRule::kUnlinked);
  std::vector<double> logs{best.log};
  for (const PaddingRule rule : {PaddingRule::kUnsure, PaddingRule::kUnsurePadded}) {
    const SourceLikelihood one = same_people(terms, e, elsewhere, rule);
    logs.push_back(one.log);
    if (one.log > best.log) best = one;
  }
  best.log = log_sum(logs) - std::log(static_cast<double>(logs.size()));
  return best;
}

}  // namespace sidik
