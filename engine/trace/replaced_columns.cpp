#include "trace/replaced_columns.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "trace/log_math.h"

namespace sidik {

const ColumnReplacement kOurColumns{kForeignColumn, kRoundedColumn,
                                    [](const RowTerms& terms, std::size_t f) { return terms.log_replaced(f); },
                                    [](double seen, double unseen) { return log_beta_binomial(1, 9, seen, unseen); }};
const ColumnReplacement kTheirColumns{0.5, 0.5, [](const RowTerms&, std::size_t) { return std::log(kColumnEvent); },
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
    if (standing.match == nullptr) return nullptr;
    // By the other fields: a record that was found by this one agrees in it, whoever shows the row.
    const double itself = (standing.match->agrees >> f & 1) != 0 ? rows.information[f] : 0;
    return standing.agreeing - itself < least ? nullptr : standing.match;
  });
}

double log_replacement(const RowTerms& terms, std::size_t f, const FieldAgreement& agreement,
                       const ColumnReplacement& rule) {
  const auto prior = foreign_prior(terms.roles()[f]);
  // What another source holds is hardly ours: values that the registry knows speak for a forger's shuffling.
  // A measure that was rounded is a common one, whoever has it.
  const bool measure = (terms.measures() >> f & 1) != 0;
  return rule.log_of_column(terms, f) + (prior ? agreement.log_foreign(*prior) : 0) +
         (measure ? 0 : rule.log_of_strange(terms.strange_seen(f), terms.strange_unseen(f)));
}

FoundInRows known_in_rows(const RowTerms& terms, std::size_t f, std::span<const double> rows) {
  const FieldMask bit = FieldMask{1} << f;
  FoundInRows found;
  for (std::size_t c = 0; c < rows.size(); ++c) {
    const std::vector<ClassMatch>& matches = terms.classes()[c].matches;
    const auto known = std::find_if(matches.begin(), matches.end(), [&](const ClassMatch& match) {
      return ((match.agrees | match.differs) & bit) != 0;
    });
    if (known != matches.end()) ((known->agrees & bit) != 0 ? found.agreeing : found.differing) += rows[c];
  }
  return found;
}

namespace {

double log_recoded_columns(const RowTerms& terms, std::span<const ExportIndex> sources) {
  FieldMask recoded = 0;
  FieldMask same = 0;
  for (const ExportIndex e : sources) {
    recoded |= terms.recoded_of(e);
    same |= terms.fields_of(e) & ~terms.recoded_of(e);
  }
  return std::popcount(recoded & ~same) * std::log(kColumnEvent);
}

/// What the sources' people are known by elsewhere, in the rows that these hold.
FoundInRows known_of_people(const RowTerms& terms, std::size_t f, std::span<const ExportIndex> sources) {
  FoundInRows found;
  for (const AgreementClass& rows : terms.classes()) {
    const ClassMatch* person = rows.matches.empty() ? nullptr : &rows.matches.front();
    for (const ExportIndex e : sources) {
      if (const ClassMatch* const own = best_match(terms, rows, e); own != nullptr) {
        person = own;
        break;
      }
    }
    const ClassMatch* const known = person == nullptr ? nullptr : terms.knowing(rows, *person, f);
    if (known != nullptr) ((known->agrees >> f & 1) != 0 ? found.agreeing : found.differing) += rows.rows;
  }
  return found;
}

double log_joined_columns(const RowTerms& terms, FieldMask fields, std::span<const ExportIndex> sources) {
  double cost = 0;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if ((fields >> f & 1) != 0) continue;
    const FoundInRows found = known_of_people(terms, f, sources);
    if (found.differing <= found.agreeing) continue;
    cost += terms.log_replaced(f) + kOurColumns.log_of_strange(terms.strange_seen(f), terms.strange_unseen(f));
  }
  return cost;
}

}  // namespace

double log_columns_not_theirs(const RowTerms& terms, FieldMask fields, std::span<const ExportIndex> sources) {
  double strangers = 0;
  for (const ExportIndex e : sources) strangers = std::min(strangers, terms.log_strangers_numbers(e));
  return log_joined_columns(terms, fields, sources) + log_recoded_columns(terms, sources) + strangers;
}

}  // namespace sidik
