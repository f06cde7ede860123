#include "trace/export_likelihood.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "trace/log_math.h"
#include "trace/outside.h"
#include "trace/unregistered.h"

namespace sidik {
namespace {

constexpr double kFirstDamaged = 0.02;  // E[w], before the rows are counted
constexpr double kFirstStale = 0.05;

bool holds(const ClassMatch& match, ExportIndex e) { return match.held_by(e); }

bool is_stray(double log_term, const Elsewhere& elsewhere, std::size_t c) {
  return sidik::is_padding(log_term, std::max(elsewhere.outside[c], elsewhere.ours[c]));
}

/// Rows that a source does not explain.
struct Padding {
  double rows = 0;
  double log = 0;
  double strange = 0;             // rows that are weighed by the outsiders' term
  double found = 0, unfound = 0;  // of those: whether the registry holds them

  void add(double more, bool held, const Elsewhere& elsewhere, std::size_t c) {
    rows += more;
    const double ours = elsewhere.ours[c] + std::log(kUnlinkedRow);
    if (ours > elsewhere.outside[c]) {
      log += more * ours;
      return;
    }
    log += more * elsewhere.outside[c];
    strange += more;
    (held ? found : unfound) += more;
  }
  /// With `rest` rows explained. Strangers' values of one column are ours by chance alone, at a share that is anything:
  /// those that pad a sample pay for that as strangers do.
  double total(const RowTerms& terms, double rest) const {
    return log + log_padding(strange, rest) + (terms.fields() < 2 ? log_strangers_found(found, unfound) : 0);
  }
};

/// Which rows are padding: those that the outside explains far better, or those only that are not linked (where a row's
/// term is but a part of what it is worth), or those as well whose identity differs in what errors hardly ever reach.
enum class PaddingRule { kWorse, kUnlinked, kUnsure };
/// What each differing field of the identity costs a row that is surely known: as much as an error in a clean column.
constexpr double kRareError = -6;

/// Adds rows up under two readings of the same counts: which rows are padding depends on how much dirt there is.
template <typename TermOf>
SourceLikelihood add_up(const RowTerms& terms, const Elsewhere& elsewhere, PaddingRule rule, TermOf&& term_of) {
  SourceLikelihood sum;
  double log_share[] = {0, std::log(kFirstDamaged), std::log(kFirstStale), 0};
  for (int round = 0; round < 2; ++round) {
    sum = {};
    Padding padding;
    for (std::size_t c = 0; c < terms.classes().size(); ++c) {
      const AgreementClass& rows = terms.classes()[c];
      const RowTerm term = term_of(rows);
      const bool strange =
          term.sort == RowSort::kUnlinked ||
          (rule == PaddingRule::kWorse && is_stray(term.log + log_share[static_cast<int>(term.sort)], elsewhere, c));
      if (strange) {
        padding.add(rows.rows, !rows.matches.empty(), elsewhere, c);
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
    sum.padding = padding.rows;
    if (round == 1) sum.log += log_noise(sum.counts) + padding.total(terms, sum.explained());
  }
  return sum;
}

/// The best record that `e` has for a class; nothing where it has none.
const ClassMatch* best_match(const AgreementClass& rows, ExportIndex e) {
  const auto found =
      std::find_if(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) { return holds(match, e); });
  return found == rows.matches.end() ? nullptr : &*found;
}

/// The best record that `e` has for a class, if the row is far from being better explained by the outside even where
/// all that differs is another's: others' books are padded with strangers as our exports are.
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

/// What differs from an export is an error, or has changed since.
enum class Differences { kErrors, kTime };
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
  const BetaPrior prior = foreign_prior(kind).value_or(*foreign_prior(ForeignAgreement::kContact));
  return std::log(own ? kOwnNumberReplaced : kContactReplaced) + column.log_foreign(prior) - column.information() +
         log_beta_binomial(1, 9, terms.strange_seen(f), terms.strange_unseen(f));
}

/// Errors by cells, not by rows: each column has its own share of them, d ~ Beta(1, 49), integrated over. A column that
/// was copied badly, or read by a machine, hits rows that are clean in all others.
SourceLikelihood by_cells(const RowTerms& terms, ExportIndex e, FieldMask fields, const Elsewhere& elsewhere,
                          PaddingRule rule, Differences differences = Differences::kErrors) {
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
    sum.padding = padding.rows;
    sum.log += padding.total(terms, sum.explained());
  }
  return sum;
}

/// Errors come by rows or by cells: half and half.
SourceLikelihood either(SourceLikelihood rows, const SourceLikelihood& cells) {
  const double log = log_add(rows.log, cells.log) - std::log(2.0);
  if (cells.log > rows.log) rows = cells;
  rows.log = log;
  return rows;
}

/// Agreement of one field over the rows that `e` is known to hold.
FieldAgreement agreement_of(const RowTerms& terms, ExportIndex e, std::size_t f, const Elsewhere& elsewhere,
                            PaddingRule rule) {
  FieldAgreement agreement;
  const FieldMask bit = FieldMask{1} << f;
  for (const AgreementClass& rows : terms.classes()) {
    const ClassMatch* match = known_match(terms, rows, e, elsewhere, rule);
    if (match == nullptr) continue;
    if ((match->agrees & bit) != 0) agreement.agree(rows.information[f], rows.rows);
    if ((match->differs & bit) != 0) agreement.differ(rows.rows);
  }
  return agreement;
}

/// From which information on a row of `e` is known: what agrees is as rare as its rows, and not far behind the best.
double least_known(const RowTerms& terms, ExportIndex e) {
  constexpr double kSlack = 1;  // nats
  double most = 0;
  for (const AgreementClass& rows : terms.classes()) {
    const ClassMatch* match = best_match(rows, e);
    if (match != nullptr) most = std::max(most, RowTerms::information(rows, match->agrees & terms.fields_of(e)));
  }
  return std::max(terms.log_rows(e) - kSlack, most / 2);
}

/// The same over the rows that `e` surely holds. Others were met by chance, and say nothing of a column as a whole.
FieldAgreement agreement_in_known_rows(const RowTerms& terms, ExportIndex e, std::size_t f, double least) {
  FieldAgreement agreement;
  const FieldMask bit = FieldMask{1} << f;
  for (const AgreementClass& rows : terms.classes()) {
    const ClassMatch* match = best_match(rows, e);
    if (match == nullptr || RowTerms::information(rows, match->agrees & terms.fields_of(e)) < least) continue;
    if ((match->agrees & bit) != 0) agreement.agree(rows.information[f], rows.rows);
    if ((match->differs & bit) != 0) agreement.differ(rows.rows);
  }
  return agreement;
}

/// The likelihood over `fields`, or over those that are left when columns of which hardly a value agrees are taken for
/// another source's: each such column costs its event, and agrees as foreign data do.
struct ColumnReplacement {
  double most_agreeing;         // share of a replaced column's values
  double log_contact, log_own;  // what it costs
  double (*log_of_strange)(double seen, double unseen);
};
const ColumnReplacement kOurColumns{kForeignColumn, std::log(kContactReplaced), std::log(kOwnNumberReplaced),
                                    [](double seen, double unseen) { return log_beta_binomial(1, 9, seen, unseen); }};
/// To others a column that is not ours is nothing special, and a forger makes up what he likes.
const ColumnReplacement kTheirColumns{0.5, std::log(kColumnEvent), std::log(kColumnEvent),
                                      [](double, double) { return 0.0; }};

template <typename With>
SourceLikelihood with_columns_replaced(const RowTerms& terms, ExportIndex e, FieldMask fields,
                                       const ColumnReplacement& rule, With&& with) {
  SourceLikelihood best = with(fields);
  const double least = least_known(terms, e);
  double events = 0;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if ((fields >> f & 1) == 0) continue;
    const FieldAgreement agreement = agreement_in_known_rows(terms, e, f, least);
    if (agreement.differing() == 0 ||
        agreement.agreeing() > rule.most_agreeing * (agreement.agreeing() + agreement.differing())) {
      continue;
    }
    const bool own = terms.roles()[f].agreement == ForeignAgreement::kOwnNumber;
    const auto prior = foreign_prior(terms.roles()[f].agreement);
    double event = (own ? rule.log_own : rule.log_contact) + (prior ? agreement.log_foreign(*prior) : 0);
    // What another source holds is hardly ours: values that the registry knows speak for a forger's shuffling.
    event += rule.log_of_strange(terms.strange_seen(f), terms.strange_unseen(f));
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
  const double ways[] = {std::log(1 - kPadded - kUnreadable) + padding * std::log(kUnlinkedRow),
                         std::log(kPadded) + log_beta_binomial(1, 1, padding, rest),
                         std::log(kUnreadable) + log_beta_binomial(kDamagedAlpha, kDamagedBeta, padding, rest)};
  return log_sum(ways);
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
    return either(add_up(terms, elsewhere, PaddingRule::kWorse,
                         [&](const AgreementClass& rows) { return terms.term(rows, e, fields, earlier); }),
                  by_cells(terms, e, fields, elsewhere, PaddingRule::kWorse));
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
  Padding padding;
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
      padding.add(rows.rows, !rows.matches.empty(), elsewhere, c);
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
  sum.padding = padding.rows;
  sum.log += log_noise(sum.counts) + padding.total(terms, sum.explained());
  if (neighbours.earlier && neighbours.later) return sum;
  const ExportIndex beside = neighbours.earlier ? *neighbours.earlier : *neighbours.later;
  return either(sum,
                by_cells(terms, beside, terms.fields_of(beside), elsewhere, PaddingRule::kWorse, Differences::kTime));
}

namespace {

RowTerm union_term(const RowTerms& terms, const AgreementClass& rows, double united) {
  const double log_rows = terms.log_rows(terms.largest()) + std::log(united);
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

SourceLikelihood likelihood_of_union(const RowTerms& terms, double united, const Elsewhere& elsewhere) {
  return add_up(terms, elsewhere, PaddingRule::kWorse,
                [&](const AgreementClass& rows) { return union_term(terms, rows, united); });
}

std::vector<double> log_of_union(const RowTerms& terms, double united) {
  std::vector<double> logs;
  for (const AgreementClass& rows : terms.classes()) {
    const RowTerm term = union_term(terms, rows, united);
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
    const SourceLikelihood by_rows = add_up(terms, elsewhere, rule, [&](const AgreementClass& rows) {
      const ClassMatch* match =
          rule == PaddingRule::kWorse ? best_match(rows, e) : known_match(terms, rows, e, elsewhere, rule);
      if (match == nullptr) return RowTerm{};
      const FieldMask differs = match->differs & granted;
      const double log = differs == 0 ? RowTerms::information(rows, match->agrees & granted)
                                      : terms.log_damaged(rows, *match, granted);
      return RowTerm{differs == 0 ? RowSort::kClean : RowSort::kDamaged,
                     log + std::log(match->records) - terms.log_rows(e), false};
    });
    return either(by_rows, by_cells(terms, e, granted, elsewhere, rule));
  });
}

}  // namespace

SourceLikelihood likelihood_of_identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return identities(terms, e, elsewhere, PaddingRule::kWorse);
}

namespace {

SourceLikelihood same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere, PaddingRule rule) {
  SourceLikelihood sum = identities(terms, e, elsewhere, rule);
  const FieldMask others = terms.fields_of(e) & ~granted_fields(terms, e);
  std::vector<ForeignField> fields;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const auto prior = foreign_prior(terms.roles()[f].agreement);
    if ((others >> f & 1) == 0 || !prior) continue;
    const FieldAgreement agreement = agreement_of(terms, e, f, elsewhere, rule);
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

SourceLikelihood likelihood_same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  // Rows that look like somebody's by chance pad others' books, or are damaged rows of them: half and half.
  return either(same_people(terms, e, elsewhere, PaddingRule::kUnlinked),
                same_people(terms, e, elsewhere, PaddingRule::kUnsure));
}

double log_reassembled_export(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  FieldMask replaced = 0;
  double strange = 0;
  const double least = least_known(terms, e);
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if ((terms.fields_of(e) >> f & 1) == 0) continue;
    const FieldAgreement agreement = agreement_in_known_rows(terms, e, f, least);
    if (agreement.differing() == 0 || agreement.agreeing() > agreement.differing()) continue;
    replaced |= FieldMask{1} << f;
    strange += log_beta_binomial(1, 9, terms.strange_unseen(f), terms.strange_seen(f));
  }
  const FieldMask kept = terms.fields_of(e) & ~replaced;
  if (replaced == 0 || kept == 0) return kLogZero;
  const SourceLikelihood rows = either(add_up(terms, elsewhere, PaddingRule::kWorse,
                                              [&](const AgreementClass& one) { return terms.term(one, e, kept, {}); }),
                                       by_cells(terms, e, kept, elsewhere, PaddingRule::kWorse));
  return rows.log + strange + log_beta_binomial(1, 1, std::popcount(kept), std::popcount(replaced));
}

}  // namespace sidik
