#include "trace/mixed_rivals.h"

#include <cmath>
#include <vector>

#include "trace/log_math.h"
#include "trace/noise.h"
#include "trace/row_sums.h"

namespace sidik {
namespace {

/// The best record that any of the sources has for a class; nothing where none has one.
const ClassMatch* best_of(const RowTerms& terms, const AgreementClass& rows, const std::vector<ExportIndex>& sources) {
  const ClassStanding* best = nullptr;
  for (const ExportIndex e : sources) {
    const ClassStanding& standing = terms.standing(rows, e);
    if (standing.match != nullptr && (best == nullptr || standing.own > best->own)) best = &standing;
  }
  return best == nullptr ? nullptr : best->match;
}

}  // namespace

double log_mixed_rivals(const RowTerms& terms, const MixtureFinding& mixture) {
  FieldMask held = 0;
  for (const ExportIndex e : mixture.sources) held |= terms.fields_of(e);
  double log = mixture.log_marginal;
  std::vector<ForeignField> fields;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const auto prior = foreign_prior(terms.roles()[f]);
    if ((held >> f & 1) == 0 || !prior) continue;
    const FieldAgreement agreement =
        agreement_of(terms, f, [&](const AgreementClass& rows) { return best_of(terms, rows, mixture.sources); });
    const double ours = agreement.information() + agreement.log_errors({kDamagedAlpha, kDamagedBeta});
    log -= ours;
    const double shared = terms.shared_upstream(f);
    fields.push_back({agreement.log_foreign(*prior), shared > 0 ? std::log(shared) + ours : kLogZero});
  }
  return log + log_foreign_fields(fields);
}

}  // namespace sidik
