#include "trace/replaced_columns.h"

#include <algorithm>

#include "trace/log_math.h"

namespace sidik {

const ColumnReplacement kOurColumns{kForeignColumn, std::log(kContactReplaced), std::log(kOwnNumberReplaced),
                                    [](double seen, double unseen) { return log_beta_binomial(1, 9, seen, unseen); }};
const ColumnReplacement kTheirColumns{0.5, std::log(kColumnEvent), std::log(kColumnEvent),
                                      [](double, double) { return 0.0; }};

double least_known(const RowTerms& terms, ExportIndex e) {
  constexpr double kSlack = 1;  // nats
  double most = 0;
  for (const ClassStanding& standing : terms.standings(e)) most = std::max(most, standing.agreeing);
  return std::max(terms.log_rows(e) - kSlack, most / 2);
}

FieldAgreement agreement_in_known_rows(const RowTerms& terms, ExportIndex e, std::size_t f, double least) {
  return agreement_of(terms, f, [&](const AgreementClass& rows) -> const ClassMatch* {
    const ClassStanding& standing = terms.standing(rows, e);
    return standing.agreeing < least ? nullptr : standing.match;
  });
}

double log_joined_columns(const RowTerms& terms, FieldMask fields) {
  double cost = 0;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const FieldMask bit = FieldMask{1} << f;
    if ((fields & bit) != 0) continue;
    double agreeing = 0;
    double differing = 0;
    for (const AgreementClass& rows : terms.classes()) {
      // The best record that knows the field speaks for the row.
      const auto known = std::find_if(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) {
        return ((match.agrees | match.differs) & bit) != 0;
      });
      if (known != rows.matches.end()) ((known->agrees & bit) != 0 ? agreeing : differing) += rows.rows;
    }
    if (differing <= agreeing) continue;
    const bool own = terms.roles()[f].agreement == ForeignAgreement::kOwnNumber;
    cost += std::log(own ? kOwnNumberReplaced : kContactReplaced);
  }
  return cost;
}

}  // namespace sidik
