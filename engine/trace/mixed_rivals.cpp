#include "trace/mixed_rivals.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "trace/log_math.h"
#include "trace/noise.h"
#include "trace/row_sums.h"

namespace sidik {
namespace {

/// The record that explains a class best among those of the sources, each with its share; nothing where the rest of the
/// sample, which pads it, explains it better.
const ClassMatch* best_of(const RowTerms& terms, const AgreementClass& rows, const MixtureFinding& mixture,
                          double outside) {
  const double rest = 1 - std::accumulate(mixture.shares.begin(), mixture.shares.end(), 0.0);
  double most = rest > 0 ? outside + std::log(rest) : kLogZero;
  const ClassMatch* best = nullptr;
  for (std::size_t s = 0; s < mixture.sources.size(); ++s) {
    const ExportIndex e = mixture.sources[s];
    const ClassStanding& standing = terms.standing(rows, e);
    if (standing.match == nullptr || mixture.shares[s] <= 0) continue;
    const bool damaged = (standing.match->differs & terms.fields_of(e)) != 0;
    const double log = standing.own + std::log(mixture.shares[s]) + (damaged ? std::log(kFirstDamaged) : 0);
    if (log <= most) continue;
    most = log;
    best = standing.match;
  }
  return best;
}

}  // namespace

double log_mixed_rivals(const RowTerms& terms, const MixtureFinding& mixture, std::span<const double> outside) {
  std::vector<const ClassMatch*> matches;
  for (std::size_t c = 0; c < terms.classes().size(); ++c)
    matches.push_back(best_of(terms, terms.classes()[c], mixture, outside[c]));
  FieldMask held = 0;
  for (const ExportIndex e : mixture.sources) held |= terms.fields_of(e);
  double log = mixture.log_marginal;
  std::vector<ForeignField> fields;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const auto prior = foreign_prior(terms.roles()[f]);
    if ((held >> f & 1) == 0 || !prior) continue;
    const FieldAgreement agreement = agreement_of(terms, f, [&](const AgreementClass& rows) {
      return matches[static_cast<std::size_t>(&rows - terms.classes().data())];
    });
    const double ours =
        agreement.information() +
        (mixture.by_cells ? log_of_column(terms, f, agreement, Columns::kOurs, Differences::kErrors)
                          : agreement.log_errors({kDamagedAlpha, kDamagedBeta}) + log_errors_near(agreement.slips()));
    log -= ours;
    const double shared = terms.shared_upstream(f);
    fields.push_back({agreement.log_foreign(*prior) + log_others_near(agreement.slips()),
                      shared > 0 ? std::log(shared) + ours : kLogZero});
  }
  return log + log_foreign_fields(fields);
}

}  // namespace sidik
