#include "trace/same_people.h"

#include <algorithm>
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
  std::function<bool(const AgreementClass&, const ClassMatch&)> holds;  // whether another record is theirs, too
  double log_rows = 0;
  FieldMask fields = 0;
};

Frame frame_of(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return {[&terms, e, &elsewhere](const AgreementClass& rows, PaddingRule rule) {
            return rule == PaddingRule::kWorse ? best_match(terms, rows, e)
                                               : known_match(terms, rows, e, elsewhere, rule);
          },
          [e](const AgreementClass&, const ClassMatch& match) { return match.held_by(e); }, terms.log_rows(e),
          terms.fields_of(e)};
}

/// ln of the row's granted fields over all people that it may be: those whose records agree in them, and in what else
/// the best one agrees. A name that a dozen people have is worth as many of them.
double log_of_alike(const AgreementClass& rows, const ClassMatch& best, const Frame& frame, FieldMask granted) {
  const FieldMask others = frame.fields & ~granted;
  double sum = std::log(best.records) + RowTerms::information(rows, best.agrees & granted);
  for (const ClassMatch& match : rows.matches) {
    if (&match == &best || !frame.holds(rows, match)) continue;
    if ((match.differs & granted) != 0 || (match.agrees & others) != (best.agrees & others)) continue;
    sum = log_add(sum, std::log(match.records) + RowTerms::information(rows, match.agrees & granted));
  }
  return sum;
}

SourceLikelihood identities(const RowTerms& terms, const Frame& frame, FieldMask granted, const Elsewhere& elsewhere,
                            PaddingRule rule) {
  const SourceLikelihood by_rows = add_up(terms, elsewhere, rule, [&](const AgreementClass& rows) {
    const ClassMatch* match = frame.match_of(rows, rule);
    if (match == nullptr) return RowTerm{};
    const FieldMask differs = match->differs & granted;
    const double log = differs == 0 ? log_of_alike(rows, *match, frame, granted)
                                    : terms.log_damaged(rows, *match, granted) + std::log(match->records);
    return RowTerm{differs == 0 ? RowSort::kClean : RowSort::kDamaged, log - frame.log_rows, false};
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
  const double log_rows = terms.log_rows(terms.largest()) + std::log(united);
  // Padded as one export's people may be: what is granted to a feed of ours that nobody registered is to theirs.
  const auto match_of = [&](const AgreementClass& rows, PaddingRule rule) -> const ClassMatch* {
    const auto c = static_cast<std::size_t>(&rows - terms.classes().data());
    const ClassMatch& match = all[c];
    if (match.agrees == 0) return nullptr;
    if (rule == PaddingRule::kUnlinked) return &match;
    const double log = match.differs == 0 ? RowTerms::information(rows, match.agrees)
                                          : terms.log_damaged(rows, match, match.agrees | match.differs);
    return is_known(terms, match, log - log_rows, elsewhere, c, rule) ? &match : nullptr;
  };
  const auto is_ours = [&](const ClassMatch& match) {
    return std::any_of(match.exports.begin(), match.exports.end(),
                       [&](ExportIndex e) { return terms.exports()[e].description.kind != ExportKind::kExternal; });
  };
  // Other people than the one whose records were put together.
  const auto first_of = [&](const AgreementClass& rows) {
    const auto first = std::find_if(rows.matches.begin(), rows.matches.end(), is_ours);
    return first == rows.matches.end() ? nullptr : &*first;
  };
  const auto holds = [&](const AgreementClass& rows, const ClassMatch& match) {
    const ClassMatch& united_one = all[static_cast<std::size_t>(&rows - terms.classes().data())];
    return is_ours(match) && &match != first_of(rows) &&
           (match.agrees & united_one.agrees & terms.numbers_of(rows)) == 0;
  };
  const Frame frame{match_of, holds, log_rows, united_fields(terms)};
  const FieldMask granted = terms.granted_fields() & frame.fields;
  return over_rules(terms, frame, [&](PaddingRule rule) { return identities(terms, frame, granted, elsewhere, rule); });
}

}  // namespace sidik
