// How a table's numbers, names, dates and times are made, as a sample of its rows shows: whoever makes rows like its
// makes them so.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fields/schema.h"
#include "seal/date_shape.h"
#include "seal/name_columns.h"
#include "seal/number_shape.h"
#include "seal/number_ties.h"
#include "seal/row_sample.h"
#include "seal/table_order.h"

namespace sidik {

/// By column, where it is a vector.
struct TableShape {
  std::vector<NumberShape> numbers;
  std::optional<NumberTies> ties;  // of numbers to the rest of their rows
  std::vector<DateShape> dates;
  DateShape birthdays;            // by the rows' own NIKs: "01-31"
  std::vector<bool> has_regions;  // columns whose numbers have a region and a date, as NIKs and family cards' have
  NameColumns names;
  std::vector<std::size_t> told_by_name;  // columns of few values that go with the first name: a sex, a title
  std::vector<bool> own_number;  // columns that are no identity, and hold numbers or codes that hardly two rows share,
                                 // or that a household's rows do; there is room among them for others
  bool keeps_people = false;     // a household's rows keep their number, and so whose they are
  std::vector<bool> in_order;    // columns that rise or fall through the whole table
  /// Of those: what lies between a row's number, or time in seconds, and the next one's, in the mean.
  std::vector<std::uint64_t> step;
};

/// What the rows of a household have in common: the address, else the phone; where nothing tells people, a number that
/// several rows may have (a customer's, an order's), for their rows are his. Nothing where there is none.
std::optional<std::size_t> household_column(const Schema& schema);

/// Of a type that has few values: what `told_by_name` is chosen from.
bool has_few_values(const ColumnSchema& column);
/// What namesakes lend, or are chosen by: their numbers, names (which may be text to the inference), sex and title.
bool may_lend(const ColumnSchema& column);

/// Fills in what `sample`, of a table of `rows` rows, and its order show: all but dates, birthdays and has_regions, and
/// of numbers those columns that are no identifiers.
void learn(const Schema& schema, const RowSample& sample, std::uint64_t rows, const std::vector<SortKey>& in_order,
           TableShape& shape);

}  // namespace sidik
