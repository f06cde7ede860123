#include "trace/row_sums.h"

#include <algorithm>
#include <utility>

#include "trace/log_math.h"
#include "trace/outside.h"

namespace sidik {
namespace {

/// What each differing field of the identity costs a row that is surely known: as much as an error in a clean column.
constexpr double kRareError = -6;

/// The share of a column's values that another time changes, nobody knows how far off: mean a tenth.
constexpr double kChangedAlpha = 1, kChangedBeta = 9;

/// Contacts, classes and our own dates change; names, birth dates and numbers stay.
bool changes_over_time(const RowTerms& terms, std::size_t f) {
  const ForeignAgreement kind = terms.roles()[f].agreement;
  return kind == ForeignAgreement::kContact || kind == ForeignAgreement::kAttribute ||
         (kind == ForeignAgreement::kOwnNumber && terms.shared_upstream(f) > 0);
}

/// A column's errors: its share of them, d ~ Beta(1, 49), integrated over, up to a quarter; or the column was changed
/// as a whole where it was not the same already (cut short, letters replaced): what differs then is new, not another's.
/// ln of that against the information of the values that agree.
double log_of_column(const RowTerms& terms, std::size_t f, const FieldAgreement& column, Differences differences) {
  constexpr double kMostErrors = 0.25;
  if (differences == Differences::kTime && changes_over_time(terms, f)) {
    return log_beta_binomial(kChangedAlpha, kChangedBeta, column.differing(), column.agreeing());
  }
  const double errors = log_beta_binomial(kDamagedAlpha, kDamagedBeta, column.differing(), column.agreeing());
  const ForeignAgreement kind = terms.roles()[f].agreement;
  // What anybody has of the people is granted to others' books as well: what differs there must cost us and them the
  // same, and a value that follows from the number would agree with any other source for nothing.
  if (kind == ForeignAgreement::kGranted) return errors;
  if (column.differing() <= std::max(2.0, kMostErrors * (column.differing() + column.agreeing()))) return errors;
  const bool own = kind == ForeignAgreement::kOwnNumber;
  const BetaPrior prior = foreign_prior(terms.roles()[f]).value_or(*foreign_prior(ForeignAgreement::kContact));
  return std::log(own ? kOwnNumberReplaced : kContactReplaced) + column.log_foreign(prior) - column.information() +
         log_beta_binomial(1, 9, terms.strange_seen(f), terms.strange_unseen(f));
}

}  // namespace

const ClassMatch* best_match(const AgreementClass& rows, ExportIndex e) {
  const auto found =
      std::find_if(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) { return match.held_by(e); });
  return found == rows.matches.end() ? nullptr : &*found;
}

const ClassMatch* known_match(const RowTerms& terms, const AgreementClass& rows, ExportIndex e,
                              const Elsewhere& elsewhere, PaddingRule rule) {
  const ClassMatch* match = best_match(rows, e);
  if (match == nullptr) return nullptr;
  const auto c = static_cast<std::size_t>(&rows - terms.classes().data());
  double log = terms.term(rows, e, terms.fields_of(e), {}).log;
  if (rule == PaddingRule::kUnsure) {
    for (std::size_t f = 0; f < terms.fields(); ++f) {
      const bool granted = terms.roles()[f].agreement == ForeignAgreement::kGranted;
      if (granted && (match->differs >> f & 1) != 0) log += kRareError;
    }
  }
  return is_stray(log, elsewhere, c) ? nullptr : match;
}

SourceLikelihood by_cells(const RowTerms& terms, ExportIndex e, FieldMask fields, const Elsewhere& elsewhere,
                          PaddingRule rule, Differences differences) {
  std::vector<FieldAgreement> cells(terms.fields());
  const auto share = [](const FieldAgreement& column) {
    return (kDamagedAlpha + column.differing()) /
           (kDamagedAlpha + kDamagedBeta + column.agreeing() + column.differing());
  };
  SourceLikelihood sum;
  for (int round = 0; round < 2; ++round) {
    const std::vector<FieldAgreement> before = std::exchange(cells, std::vector<FieldAgreement>(terms.fields()));
    sum = {};
    Padding padding;
    for (std::size_t c = 0; c < terms.classes().size(); ++c) {
      const AgreementClass& rows = terms.classes()[c];
      const ClassMatch* match =
          rule == PaddingRule::kWorse ? best_match(rows, e) : known_match(terms, rows, e, elsewhere, rule);
      double log = kLogZero;
      double dirt = 0;
      if (match != nullptr) {
        log = RowTerms::information(rows, match->agrees & fields) - terms.log_rows(e);
        if ((match->differs & fields) == 0) log += std::log(match->records);
        for (std::size_t f = 0; f < terms.fields(); ++f) {
          const FieldMask bit = FieldMask{1} << f & fields;
          if ((match->agrees & bit) != 0) dirt += std::log1p(-share(before[f]));
          if ((match->differs & bit) != 0) dirt += std::log(share(before[f]));
        }
      }
      if (match == nullptr || (rule == PaddingRule::kWorse && is_stray(log + dirt, elsewhere, c))) {
        padding.add(rows.rows, !rows.matches.empty(), elsewhere, c);
        continue;
      }
      sum.log += rows.rows * log;
      for (std::size_t f = 0; f < terms.fields(); ++f) {
        const FieldMask bit = FieldMask{1} << f & fields;
        if ((match->agrees & bit) != 0) cells[f].agree(rows.information[f], rows.rows);
        if ((match->differs & bit) != 0) cells[f].differ(rows.rows);
      }
      ((match->differs & fields) == 0 ? sum.counts.clean : sum.counts.damaged) += rows.rows;
    }
    for (std::size_t f = 0; f < terms.fields(); ++f) sum.log += log_of_column(terms, f, cells[f], differences);
    sum.padding = padding.rows();
    sum.log += padding.total(terms, sum.explained());
  }
  return sum;
}

SourceLikelihood either(SourceLikelihood rows, const SourceLikelihood& cells) {
  const double log = log_add(rows.log, cells.log) - std::log(2.0);
  if (cells.log > rows.log) rows = cells;
  rows.log = log;
  return rows;
}

}  // namespace sidik
