#include "trace/same_people.h"

#include <cmath>
#include <functional>
#include <vector>

#include "trace/log_math.h"
#include "trace/outside.h"
#include "trace/replaced_columns.h"
#include "trace/united_records.h"

namespace sidik {
namespace {

/// Whose people others have: a record of each class, nothing where there is none, out of how many.
struct Frame {
  std::function<const ClassMatch*(const AgreementClass&, PaddingRule)> match_of;
  double log_rows = 0;
  FieldMask fields = 0;
};

Frame frame_of(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return {[&terms, e, &elsewhere](const AgreementClass& rows, PaddingRule rule) {
            return rule == PaddingRule::kWorse ? best_match(terms, rows, e)
                                               : known_match(terms, rows, e, elsewhere, rule);
          },
          terms.log_rows(e), terms.fields_of(e)};
}

SourceLikelihood identities(const RowTerms& terms, const Frame& frame, FieldMask granted, const Elsewhere& elsewhere,
                            PaddingRule rule) {
  const SourceLikelihood by_rows = add_up(terms, elsewhere, rule, [&](const AgreementClass& rows) {
    const ClassMatch* match = frame.match_of(rows, rule);
    if (match == nullptr) return RowTerm{};
    const FieldMask differs = match->differs & granted;
    const double log =
        differs == 0 ? RowTerms::information(rows, match->agrees & granted) : terms.log_damaged(rows, *match, granted);
    return RowTerm{differs == 0 ? RowSort::kClean : RowSort::kDamaged, log + std::log(match->records) - frame.log_rows,
                   false};
  });
  const CellSource cells{[&](const AgreementClass& rows) { return frame.match_of(rows, rule); }, frame.log_rows,
                         granted};
  return either(by_rows, by_cells(terms, cells, elsewhere, rule, Columns::kTheirs));
}

SourceLikelihood identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere, PaddingRule rule) {
  const Frame frame = frame_of(terms, e, elsewhere);
  return with_columns_replaced(terms, e, terms.granted_fields() & frame.fields, kTheirColumns,
                               [&](FieldMask granted) { return identities(terms, frame, granted, elsewhere, rule); });
}

/// ln of the fields that others gather themselves, or share upstream with us.
double log_of_others(const RowTerms& terms, const Frame& frame, PaddingRule rule) {
  const FieldMask others = frame.fields & ~terms.granted_fields();
  std::vector<ForeignField> fields;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const auto prior = foreign_prior(terms.roles()[f]);
    if ((others >> f & 1) == 0 || !prior) continue;
    const FieldAgreement agreement =
        agreement_of(terms, f, [&](const AgreementClass& rows) { return frame.match_of(rows, rule); });
    ForeignField field{agreement.log_foreign(*prior), kLogZero};
    if (const double shared = terms.shared_upstream(f); shared > 0) {
      field.shared = std::log(shared) + agreement.information() + agreement.log_errors({kDamagedAlpha, kDamagedBeta});
    }
    fields.push_back(field);
  }
  return log_foreign_fields(fields);
}

/// Rows that look like somebody's by chance pad others' books, few or many, or are damaged rows of them: all alike.
template <typename Identities>
SourceLikelihood over_rules(const RowTerms& terms, const Frame& frame, Identities&& identities_by) {
  SourceLikelihood best;
  std::vector<double> logs;
  for (const PaddingRule rule : {PaddingRule::kUnlinked, PaddingRule::kUnsure, PaddingRule::kUnsurePadded}) {
    SourceLikelihood one = identities_by(rule);
    one.log += log_of_others(terms, frame, rule);
    logs.push_back(one.log);
    if (logs.size() == 1 || one.log > best.log) best = one;
  }
  best.log = log_sum(logs) - std::log(static_cast<double>(logs.size()));
  return best;
}

}  // namespace

SourceLikelihood likelihood_of_identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return identities(terms, e, elsewhere, PaddingRule::kWorse);
}

SourceLikelihood likelihood_same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return over_rules(terms, frame_of(terms, e, elsewhere),
                    [&](PaddingRule rule) { return identities(terms, e, elsewhere, rule); });
}

SourceLikelihood likelihood_same_people_of_all(const RowTerms& terms, double united, const Elsewhere& elsewhere) {
  std::vector<ClassMatch> all;
  for (const AgreementClass& rows : terms.classes()) all.push_back(united_match(terms, rows));
  const auto match_of = [&](const AgreementClass& rows, PaddingRule) -> const ClassMatch* {
    const ClassMatch& match = all[static_cast<std::size_t>(&rows - terms.classes().data())];
    return match.agrees == 0 ? nullptr : &match;
  };
  const Frame frame{match_of, terms.log_rows(terms.largest()) + std::log(united), united_fields(terms)};
  const FieldMask granted = terms.granted_fields() & frame.fields;
  SourceLikelihood found = identities(terms, frame, granted, elsewhere, PaddingRule::kUnlinked);
  found.log += log_of_others(terms, frame, PaddingRule::kUnlinked);
  return found;
}

}  // namespace sidik
