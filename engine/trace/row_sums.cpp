#include "trace/row_sums.h"

#include <algorithm>
#include <utility>

#include "trace/log_math.h"
#include "trace/outside.h"

namespace sidik {
namespace {

/// What each differing field of the identity costs a row that is surely known: as much as an error in a clean column.
constexpr double kRareError = -6;

/// Of others' columns, one in ten is a version of their own, as near to ours as may be.
constexpr double kOwnVersion = 0.1;

/// The share of a column's values that a bad reading damages: mean 0.3, hardly ever all.
constexpr double kMisreadAlpha = 2, kMisreadBeta = 5;

/// The share of a column's values that another time changes, nobody knows how far off: mean a tenth.
constexpr double kChangedAlpha = 1, kChangedBeta = 9;

/// What a misread column pays for its strange values that are registered elsewhere, where the row's number tells what
/// should be there: whoever has them, they are errors. Only a share of them that is far from what is usual speaks
/// against it.
double log_scrambled(const RowTerms& terms, std::size_t f) {
  const double seen = terms.strange_seen(f);
  const double unseen = terms.strange_unseen(f);
  return log_add(log_share(1, 9, seen, unseen), log_share(1, 1, seen, unseen)) - std::log(2.0);
}

}  // namespace

double log_of_column(const RowTerms& terms, std::size_t f, const FieldAgreement& column, Columns whose,
                     Differences differences) {
  if (differences == Differences::kTime && terms.changes_over_time(f)) {
    return column.log_errors({kChangedAlpha, kChangedBeta}) + log_others_near(column.slips());
  }
  const double near = log_errors_near(column.slips());
  const double errors = column.log_errors({kDamagedAlpha, kDamagedBeta}) + near;
  if (column.differing() == 0) return errors;
  const double others = log_others_near(column.slips());
  const double any = column.log_errors({1, 1}) + others;
  const double misread = column.log_errors({kMisreadAlpha, kMisreadBeta}) + near;
  if (whose == Columns::kTheirs) {
    return log_add(std::log(1 - kOwnVersion) + errors, std::log(kOwnVersion) + any);
  }
  const double strange = log_beta_binomial(1, 9, terms.strange_seen(f), terms.strange_unseen(f));
  const double scrambled = column.told() > 0 ? log_scrambled(terms, f) : strange;
  const double sum = log_add(std::log(1 - kColumnEvent) + errors, std::log(kColumnEvent) + misread + scrambled);
  const ForeignAgreement kind = terms.roles()[f].agreement;
  // What anybody has of the people is granted to others' books as well: a value that follows from the number would
  // agree with any other source for nothing.
  if (kind == ForeignAgreement::kGranted) return sum;
  const BetaPrior prior = foreign_prior(terms.roles()[f]).value_or(*foreign_prior(ForeignAgreement::kContact));
  return log_add(sum, terms.log_replaced(f) + column.log_foreign(prior) - column.information() + strange + others);
}

bool is_known(const RowTerms& terms, const ClassMatch& match, double log, const Elsewhere& elsewhere, std::size_t c,
              PaddingRule rule, double log_good_part) {
  const bool padded = is_padded(rule);
  const FieldMask differs = match.differs & (is_but_for_replaced(rule) ? ~terms.replaced() : ~FieldMask{0});
  if (rule != PaddingRule::kWorse && rule != PaddingRule::kUnlinked) {
    for (std::size_t f = 0; f < terms.fields(); ++f) {
      const FieldRole& role = terms.roles()[f];
      const bool granted = role.agreement == ForeignAgreement::kGranted && !role.follows_nik && !role.doubtful;
      if (granted && (differs >> f & 1) != 0) log += kRareError;
    }
  }
  return !is_stray(log, elsewhere, c, padded ? log_good_part : std::log(kUnlinkedRow));
}

const ClassMatch* known_match(const RowTerms& terms, const AgreementClass& rows, ExportIndex e,
                              const Elsewhere& elsewhere, PaddingRule rule) {
  const ClassStanding& standing = terms.standing(rows, e);
  if (standing.match == nullptr) return nullptr;
  const auto c = static_cast<std::size_t>(&rows - terms.classes().data());
  const double log = is_but_for_replaced(rule) ? standing.but_for_replaced : standing.own;
  return is_known(terms, *standing.match, log, elsewhere, c, rule) ? standing.match : nullptr;
}

SourceLikelihood by_cells(const RowTerms& terms, ExportIndex e, FieldMask fields, const Elsewhere& elsewhere,
                          PaddingRule rule, Columns whose, Differences differences) {
  const auto match_of = [&, rule](const AgreementClass& rows) {
    return rule == PaddingRule::kWorse ? best_match(terms, rows, e) : known_match(terms, rows, e, elsewhere, rule);
  };
  return by_cells(terms, CellSource{match_of, terms.log_rows(e), fields, e}, elsewhere, rule, whose, differences);
}

SourceLikelihood by_cells(const RowTerms& terms, const CellSource& source, const Elsewhere& elsewhere, PaddingRule rule,
                          Columns whose, Differences differences) {
  const FieldMask fields = source.fields;
  double padded = std::log(kUnlinkedRow);
  std::vector<FieldAgreement> cells(terms.fields());
  const auto share = [](const FieldAgreement& column) {
    return (kDamagedAlpha + column.differing()) /
           (kDamagedAlpha + kDamagedBeta + column.agreeing() + column.differing());
  };
  std::vector<const ClassMatch*> matches;
  matches.reserve(terms.classes().size());
  for (const AgreementClass& rows : terms.classes()) matches.push_back(source.match_of(rows));
  std::vector<double> agreeing_dirt(terms.fields()), differing_dirt(terms.fields());
  const FieldMask contacts = whose == Columns::kTheirs ? terms.contacts() : 0;
  SourceLikelihood sum;
  for (int round = 0;; ++round) {
    std::vector<FieldAgreement> moved(contacts != 0 ? terms.fields() : 0), stayed(moved.size());
    const std::vector<FieldAgreement> before = std::exchange(cells, std::vector<FieldAgreement>(terms.fields()));
    sum = {};
    Padding padding(terms);
    for (std::size_t f = 0; f < terms.fields(); ++f) {
      agreeing_dirt[f] = std::log1p(-share(before[f]));
      differing_dirt[f] = std::log(share(before[f]));
    }
    for (std::size_t c = 0; c < terms.classes().size(); ++c) {
      const AgreementClass& rows = terms.classes()[c];
      const ClassMatch* const match = matches[c];
      double log = kLogZero;
      double dirt = 0;
      if (match != nullptr) {
        log = RowTerms::information(rows, match->agrees & fields) - source.log_rows;
        if ((match->differs & fields) == 0) log += std::log(match->records);
        for (std::size_t f = 0; f < terms.fields(); ++f) {
          const FieldMask bit = FieldMask{1} << f & fields;
          if ((match->agrees & bit) != 0) dirt += agreeing_dirt[f];
          if ((match->differs & bit) != 0) dirt += differing_dirt[f];
        }
        if (!match->slips.empty()) dirt += log_errors_near(slips_of(*match, fields));
      }
      const HeldOtherwise held = match != nullptr ? terms.held_otherwise(rows, *match, fields) : HeldOtherwise::kNo;
      if (match == nullptr || (rule == PaddingRule::kWorse && is_stray(log + dirt, elsewhere, c, padded, held))) {
        if (source.of && terms.is_unreachable(rows, *source.of))
          sum.log += rows.rows * elsewhere.outside[c];
        else
          padding.add(rows.rows, elsewhere, c, held);
        continue;
      }
      sum.log += rows.rows * log;
      for (std::size_t f = 0; f < terms.fields(); ++f) {
        const FieldMask bit = FieldMask{1} << f & fields;
        if ((match->agrees & bit) != 0) count_agreeing(terms, rows, f, rows.rows, cells[f]);
        if ((match->differs & bit) != 0) count_differing(*match, f, rows.rows, cells[f]);
        if (contacts == 0 || !terms.moves(f)) continue;
        FieldAgreement& of_them = ((match->differs & contacts) != 0 ? moved : stayed)[f];
        if ((match->agrees & bit) != 0) count_agreeing(terms, rows, f, rows.rows, of_them);
        if ((match->differs & bit) != 0) count_differing(*match, f, rows.rows, of_them);
      }
      ((match->differs & fields) == 0 ? sum.counts.clean : sum.counts.damaged) += rows.rows;
    }
    for (std::size_t f = 0; f < terms.fields(); ++f) {
      double log = log_of_column(terms, f, cells[f], whose, differences);
      if (contacts != 0 && terms.moves(f) && cells[f].differing() > 0) {
        // Where the contacts are others the column is as well, and holds what it may: as a source would that lacks it.
        const double others = log_add(log_of_column(terms, f, moved[f], whose, differences),
                                      std::log(kOwnVersion) - moved[f].information());
        log = log_add(log, others + log_of_column(terms, f, stayed[f], whose, differences)) - std::log(2.0);
      }
      sum.log += log;
    }
    sum.padding = padding.rows();
    sum.log_padded = padded;
    padded = log_padded(padding.strange(), sum.explained());
    sum.log += padding.total(sum.explained());
    if (!goes_on(round, sum.log_padded, padded)) return sum;
  }
}

SourceLikelihood either(SourceLikelihood rows, const SourceLikelihood& cells) {
  const double log = log_add(rows.log, cells.log) - std::log(2.0);
  if (cells.log > rows.log) rows = cells;
  rows.log = log;
  return rows;
}

}  // namespace sidik
