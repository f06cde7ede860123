// Columns of a sample that hold another source's values: each one event, and agreeing from then on as foreign data do.
#pragma once

#include <bit>
#include <cmath>
#include <span>

#include "trace/noise.h"
#include "trace/outside.h"
#include "trace/row_sums.h"

namespace sidik {

/// From which information on a row of `e` is known: what agrees is as rare as its rows, and not far behind the best.
double least_known(const RowTerms& terms, ExportIndex e);

/// Agreement of one field over the rows that `e` surely holds, by their other fields. Others were met by chance, and
/// say nothing of a column as a whole.
FieldAgreement agreement_in_known_rows(const RowTerms& terms, ExportIndex e, std::size_t f, double least);

/// ln of what columns of the sample cost some sources that have the mapped columns `fields`: those that they do not
/// have and that contradict what other exports know of the same people (joined on from elsewhere, and no truer for
/// that); those that have other values than all of the sources write, one for one (whoever puts tables together spells
/// a column as one of them does, else somebody changed it as a whole); and numbers and contacts of others
/// (ColumnMap::strangers).
double log_columns_not_theirs(const RowTerms& terms, FieldMask fields, std::span<const ExportIndex> sources);

/// Rows of which the best record that knows a field agrees, or differs.
struct FoundInRows {
  double agreeing = 0, differing = 0;
};
/// `rows`: one a class.
FoundInRows known_in_rows(const RowTerms& terms, std::size_t f, std::span<const double> rows);

/// What replacing a column costs a source.
struct ColumnReplacement {
  double most_agreeing;                                           // share of a replaced column's values
  double most_of_measures;                                        // the same of RowTerms::measures()
  double (*log_of_column)(const RowTerms& terms, std::size_t f);  // what it costs
  double (*log_of_strange)(double seen, double unseen);
};
extern const ColumnReplacement kOurColumns;
/// To others a column that is not ours is nothing special, and a forger makes up what he likes.
extern const ColumnReplacement kTheirColumns;

/// ln of what field `f` costs as a replaced one that agrees as `agreement` has it.
double log_replacement(const RowTerms& terms, std::size_t f, const FieldAgreement& agreement,
                       const ColumnReplacement& rule);

/// The likelihood over `fields`, or over those that are left when columns of which hardly a value agrees are taken for
/// another source's.
template <typename With>
SourceLikelihood with_columns_replaced(const RowTerms& terms, ExportIndex e, FieldMask fields,
                                       const ColumnReplacement& rule, With&& with) {
  SourceLikelihood best = with(fields);
  const double least = least_known(terms, e);
  const int columns = std::popcount(fields);
  double events = 0;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if ((fields >> f & 1) == 0) continue;
    const FieldAgreement agreement = agreement_in_known_rows(terms, e, f, least);
    // A measure may have been rounded where three columns of four are as they were.
    const bool measure = (terms.measures() >> f & 1) != 0 && 4 * (std::popcount(best.foreign) + 1) <= columns;
    const double most = measure ? rule.most_of_measures : rule.most_agreeing;
    if (agreement.differing() == 0 || agreement.agreeing() > most * (agreement.agreeing() + agreement.differing())) {
      continue;
    }
    const double event = log_replacement(terms, f, agreement, rule);
    SourceLikelihood without = with(fields & ~(FieldMask{1} << f));
    without.log += events + event;
    without.events = events + event;
    if (without.log <= best.log) continue;
    without.foreign = best.foreign | FieldMask{1} << f;
    best = without;
    fields &= ~(FieldMask{1} << f);
    events += event;
  }
  return best;
}

}  // namespace sidik
