#include "trace/export_likelihood.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "trace/log_math.h"
#include "trace/outside.h"
#include "trace/unregistered.h"

namespace sidik {
namespace {

constexpr double kFirstDamaged = 0.02;  // E[w], before the rows are counted
constexpr double kFirstStale = 0.05;

bool holds(const ClassMatch& match, ExportIndex e) {
  return std::binary_search(match.exports.begin(), match.exports.end(), e);
}

bool is_stray(double log_term, const Elsewhere& elsewhere, std::size_t c) {
  return sidik::is_padding(log_term, std::max(elsewhere.outside[c], elsewhere.ours[c]));
}

/// `rows` rows of class `c` that a source does not explain.
void add_padding(double rows, const Elsewhere& elsewhere, std::size_t c, double& log, double& strange) {
  const double ours = elsewhere.ours[c] + std::log(kUnlinkedRow);
  if (ours > elsewhere.outside[c]) {
    log += rows * ours;
  } else {
    log += rows * elsewhere.outside[c];
    strange += rows;
  }
}

/// Which rows are padding: those that the outside explains far better, or those only that are not linked (where a row's
/// term is but a part of what it is worth).
enum class PaddingRule { kWorse, kUnlinked };

/// Adds rows up under two readings of the same counts: which rows are padding depends on how much dirt there is.
template <typename TermOf>
SourceLikelihood add_up(const RowTerms& terms, const Elsewhere& elsewhere, PaddingRule rule, TermOf&& term_of) {
  SourceLikelihood sum;
  double log_share[] = {0, std::log(kFirstDamaged), std::log(kFirstStale), 0};
  for (int round = 0; round < 2; ++round) {
    sum = {};
    double strange = 0;  // padding that is weighed by the outsiders' term
    for (std::size_t c = 0; c < terms.classes().size(); ++c) {
      const AgreementClass& rows = terms.classes()[c];
      const RowTerm term = term_of(rows);
      const bool padding =
          term.sort == RowSort::kUnlinked ||
          (rule == PaddingRule::kWorse && is_stray(term.log + log_share[static_cast<int>(term.sort)], elsewhere, c));
      if (padding) {
        sum.padding += rows.rows;
        add_padding(rows.rows, elsewhere, c, sum.log, strange);
        continue;
      }
      sum.log += rows.rows * term.log;
      if (term.sort == RowSort::kClean) sum.counts.clean += rows.rows;
      if (term.sort == RowSort::kDamaged) sum.counts.damaged += rows.rows;
      if (term.sort == RowSort::kStale) sum.counts.stale += rows.rows;
      if (term.changed) sum.counts.changed += rows.rows;
    }
    const double all = sum.explained();
    log_share[1] = std::log((kDamagedAlpha + sum.counts.damaged) / (kDamagedAlpha + kDamagedBeta + all));
    log_share[2] = std::log((kStaleAlpha + sum.counts.stale) / (kStaleAlpha + kStaleBeta + sum.counts.changed));
    if (round == 1) sum.log += log_noise(sum.counts) + log_padding(strange, sum.explained());
  }
  return sum;
}

/// Agreement of one field over the rows that `e` holds.
FieldAgreement agreement_of(const RowTerms& terms, ExportIndex e, std::size_t f) {
  FieldAgreement agreement;
  const FieldMask bit = FieldMask{1} << f;
  for (const AgreementClass& rows : terms.classes()) {
    for (const ClassMatch& match : rows.matches) {
      if (!holds(match, e)) continue;
      if (match.agrees & bit) agreement.agree(rows.information[f], rows.rows);
      if (match.differs & bit) agreement.differ(rows.rows);
      break;
    }
  }
  return agreement;
}

/// The likelihood over `fields`, or over those that are left when columns of which hardly a value agrees are taken for
/// another source's: each such column costs its event, and agrees as foreign data do.
struct ColumnReplacement {
  double most_agreeing;         // share of a replaced column's values
  double log_contact, log_own;  // what it costs
};
const ColumnReplacement kOurColumns{kForeignColumn, std::log(kContactReplaced), std::log(kOwnNumberReplaced)};
/// To others a column that is not ours is nothing special, and a forger makes up what he likes.
const ColumnReplacement kTheirColumns{0.5, std::log(kColumnEvent), std::log(kColumnEvent)};

template <typename With>
SourceLikelihood with_columns_replaced(const RowTerms& terms, ExportIndex e, FieldMask fields,
                                       const ColumnReplacement& rule, With&& with) {
  SourceLikelihood best = with(fields);
  double events = 0;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if ((fields >> f & 1) == 0) continue;
    const FieldAgreement agreement = agreement_of(terms, e, f);
    if (agreement.differing() == 0 ||
        agreement.agreeing() > rule.most_agreeing * (agreement.agreeing() + agreement.differing())) {
      continue;
    }
    const bool own = terms.roles()[f].agreement == ForeignAgreement::kOwnNumber;
    const auto prior = foreign_prior(terms.roles()[f].agreement);
    const double event = (own ? rule.log_own : rule.log_contact) + (prior ? agreement.log_foreign(*prior) : 0);
    SourceLikelihood without = with(fields & ~(FieldMask{1} << f));
    without.log += events + event;
    if (without.log <= best.log) continue;
    without.foreign = best.foreign | FieldMask{1} << f;
    best = without;
    fields &= ~(FieldMask{1} << f);
    events += event;
  }
  return best;
}

}  // namespace

bool is_padding(double log_term, double log_outside) { return log_term < log_outside + std::log(kUnlinkedRow); }

double log_padding(double padding, double rest) {
  if (rest == 0) return padding * std::log(kUnlinkedRow);  // a source that explains nothing was not padded
  return log_add(std::log(1 - kPadded) + padding * std::log(kUnlinkedRow),
                 std::log(kPadded) + log_beta_binomial(1, 1, padding, rest));
}

namespace {

/// What it costs an export that the sample shows columns which it does not have, and which contradict what other
/// exports know of the same people: they were joined on from elsewhere, and are no truer for that.
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

}  // namespace

SourceLikelihood likelihood_of_export(const RowTerms& terms, ExportIndex e, std::span<const ExportIndex> earlier,
                                      const Elsewhere& elsewhere) {
  SourceLikelihood found = with_columns_replaced(terms, e, terms.fields_of(e), kOurColumns, [&](FieldMask fields) {
    return add_up(terms, elsewhere, PaddingRule::kWorse,
                  [&](const AgreementClass& rows) { return terms.term(rows, e, fields, earlier); });
  });
  found.log += log_joined_columns(terms, terms.fields_of(e));
  return found;
}

SourceLikelihood likelihood_between(const RowTerms& terms, const Neighbours& neighbours, double change,
                                    const Elsewhere& elsewhere) {
  BetweenCounts between;
  double same = 0;
  double third = 0;
  const auto log_n = [&](const std::optional<ExportIndex>& e) { return e ? terms.log_rows(*e) : 0.0; };
  double strange = 0;
  SourceLikelihood sum;
  for (std::size_t c = 0; c < terms.classes().size(); ++c) {
    const AgreementClass& rows = terms.classes()[c];
    RowTerm from{};
    RowTerm to{};
    if (neighbours.earlier) from = terms.term(rows, *neighbours.earlier, terms.fields_of(*neighbours.earlier), {});
    if (neighbours.later) to = terms.term(rows, *neighbours.later, terms.fields_of(*neighbours.later), {});
    const double from_log = from.log + log_n(neighbours.earlier);
    const double to_log = to.log + log_n(neighbours.later);
    const bool old = from.sort == RowSort::kClean;
    const bool young = to.sort == RowSort::kClean;
    const double dirt = std::log(kFirstDamaged);
    double log = kLogZero;
    if (old || young) {
      log = std::max(old ? from_log : kLogZero, young ? to_log : kLogZero);
    } else {
      if (from.sort == RowSort::kDamaged) log = from_log;
      if (to.sort == RowSort::kDamaged) log = std::max(log, to_log);
    }
    const double row_n = std::max(log_n(neighbours.earlier), log_n(neighbours.later));
    if (log <= kLogZero || is_stray(log - row_n + (old || young ? 0 : dirt), elsewhere, c)) {
      sum.padding += rows.rows;
      add_padding(rows.rows, elsewhere, c, sum.log, strange);
      continue;
    }
    sum.log += rows.rows * log;
    if (old && young) between.both += rows.rows;
    if (old && !young) between.old += rows.rows;
    if (young && !old) between.young += rows.rows;
    if (old || young) {
      sum.counts.clean += rows.rows;
      same += rows.rows;
    } else {
      between.both += rows.rows;
      sum.counts.damaged += rows.rows;
      third += rows.rows;
    }
  }
  if (neighbours.earlier && neighbours.later) {
    between.rows_earlier = std::exp(terms.log_rows(*neighbours.earlier));
    between.rows_later = std::exp(terms.log_rows(*neighbours.later));
    sum.log += log_between(between);
  } else {
    // A third value is a row that changed since, or dirt: whichever explains more.
    const double rows = std::exp(log_n(neighbours.earlier ? neighbours.earlier : neighbours.later));
    sum.log += log_add(log_beyond(same, third, change, rows) - log_noise(sum.counts),
                       log_beyond(same + third, 0, change, rows));
  }
  sum.log += log_noise(sum.counts) + log_padding(strange, sum.explained());
  return sum;
}

namespace {

RowTerm union_term(const RowTerms& terms, const AgreementClass& rows) {
  const double log_rows = terms.log_rows(terms.largest());
  // The record that knows most of the row's fields speaks for it: one that lacks a column cannot excuse what differs
  // there.
  int widest = 0;
  for (const ClassMatch& match : rows.matches) widest = std::max(widest, std::popcount(match.agrees | match.differs));
  double clean = kLogZero;
  double damaged = kLogZero;
  for (const ClassMatch& match : rows.matches) {
    if (std::popcount(match.agrees | match.differs) < widest) continue;
    if (match.differs == 0) {
      clean = std::max(clean, RowTerms::information(rows, match.agrees));
    } else {
      damaged = std::max(damaged, terms.log_damaged(rows, match, match.agrees | match.differs));
    }
  }
  if (clean > kLogZero) return RowTerm{RowSort::kClean, clean - log_rows, false};
  if (damaged > kLogZero) return RowTerm{RowSort::kDamaged, damaged - log_rows, false};
  return RowTerm{};
}

}  // namespace

SourceLikelihood likelihood_of_union(const RowTerms& terms, const Elsewhere& elsewhere) {
  return add_up(terms, elsewhere, PaddingRule::kWorse,
                [&](const AgreementClass& rows) { return union_term(terms, rows); });
}

std::vector<double> log_of_union(const RowTerms& terms) {
  std::vector<double> logs;
  for (const AgreementClass& rows : terms.classes()) {
    const RowTerm term = union_term(terms, rows);
    logs.push_back(term.sort == RowSort::kUnlinked  ? kLogZero
                   : term.sort == RowSort::kDamaged ? term.log + std::log(kFirstDamaged)
                                                    : term.log);
  }
  return logs;
}

namespace {

FieldMask granted_fields(const RowTerms& terms, ExportIndex e) {
  FieldMask granted = 0;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if (terms.roles()[f].agreement == ForeignAgreement::kGranted) granted |= FieldMask{1} << f;
  }
  return granted & terms.fields_of(e);
}

}  // namespace

namespace {

SourceLikelihood identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere, PaddingRule rule) {
  return with_columns_replaced(terms, e, granted_fields(terms, e), kTheirColumns, [&](FieldMask granted) {
    return add_up(terms, elsewhere, rule, [&](const AgreementClass& rows) {
      for (const ClassMatch& match : rows.matches) {
        if (!holds(match, e)) continue;
        const FieldMask differs = match.differs & granted;
        const double log = differs == 0 ? RowTerms::information(rows, match.agrees & granted)
                                        : terms.log_damaged(rows, match, granted);
        return RowTerm{differs == 0 ? RowSort::kClean : RowSort::kDamaged,
                       log + std::log(match.records) - terms.log_rows(e), false};
      }
      return RowTerm{};
    });
  });
}

}  // namespace

SourceLikelihood likelihood_of_identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return identities(terms, e, elsewhere, PaddingRule::kWorse);
}

SourceLikelihood likelihood_same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  SourceLikelihood sum = identities(terms, e, elsewhere, PaddingRule::kUnlinked);
  const FieldMask others = terms.fields_of(e) & ~granted_fields(terms, e);
  std::vector<ForeignField> fields;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const auto prior = foreign_prior(terms.roles()[f].agreement);
    if ((others >> f & 1) == 0 || !prior) continue;
    const FieldAgreement agreement = agreement_of(terms, e, f);
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

double log_shuffled_export(const RowTerms& terms, ExportIndex e) {
  double sum = 0;
  for (const AgreementClass& rows : terms.classes()) {
    for (const ClassMatch& match : rows.matches) {
      if (!holds(match, e)) continue;
      // The most telling value is drawn from the export; the others met it by frequency or came back to it.
      const FieldMask agrees = match.agrees & terms.fields_of(e);
      double anchor = 0;
      double others = 0;
      for (std::size_t f = 0; f < terms.fields(); ++f) {
        if ((agrees >> f & 1) == 0) continue;
        anchor = std::max(anchor, rows.information[f]);
        others += log_shuffled(rows.information[f], terms.rows());
      }
      sum += rows.rows * std::max(0.0, anchor - terms.log_rows(e) + others - log_shuffled(anchor, terms.rows()));
      break;
    }
  }
  return sum;
}

}  // namespace sidik
