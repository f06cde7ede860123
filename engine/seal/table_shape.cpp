#include "seal/table_shape.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <unordered_set>

#include "base/utc_time.h"
#include "fields/canonical.h"
#include "fields/null_token.h"
#include "fields/text_folding.h"

namespace sidik {
namespace {

constexpr std::size_t kFewestNames = 50;  // rows whose first name others have as well
constexpr double kMostAddresses = 0.5;
constexpr double kTold = 0.95;             // of them have the value that most of that name have
constexpr double kTellsApart = 0.9;        // distinct share of numbers that are a row's own
constexpr double kSomeRowsShare = 0.02;    // the same of numbers that a household's rows have
constexpr double kFewRowsShare = 0.15;     // the same where people are told: some rows of one person have it
constexpr double kAmountsTellApart = 0.5;  // the same of amounts
constexpr std::size_t kFewestFree = 4;     // digits that must be left for one's own
constexpr std::size_t kFewestFreeOfAmounts = 2;
constexpr double kDense = 20;  // numbers to choose from for each row

using Columns = std::vector<std::vector<std::string_view>>;

/// Whether most addresses of mail have a word of the column in them: names that few call by their header.
bool is_in_addresses(const Schema& schema, const Columns& columns, std::size_t column) {
  constexpr std::size_t kShortest = 3;
  std::size_t addresses = 0, found = 0;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (schema.columns[c].type != FieldType::kEmail) continue;
    for (std::size_t r = 0; r < columns[c].size(); ++r) {
      if (is_null_token(columns[c][r])) continue;
      ++addresses;
      const std::string local = fold_to_latin(columns[c][r].substr(0, columns[c][r].find('@')), false);
      const std::string value = fold_to_latin(columns[column][r], false);
      bool holds = false;
      for (std::size_t at = 0; at < value.size() && !holds;) {
        const std::size_t end = std::min(value.find_first_of(" ,", at), value.size());
        holds = end - at >= kShortest && local.find(std::string_view(value).substr(at, end - at)) != std::string::npos;
        at = end + 1;
      }
      found += holds ? 1U : 0U;
    }
  }
  return addresses >= kFewestNames && static_cast<double>(found) >= kMostAddresses * static_cast<double>(addresses);
}

/// Whether most rows have the value of `column` that most of their first name have, and not only because all have it.
bool goes_with(const std::vector<std::string>& first_names, const std::vector<std::string_view>& column) {
  std::map<std::string, std::map<std::string_view, std::size_t>> by_name;
  std::map<std::string_view, std::size_t> of_all;
  for (std::size_t r = 0; r < column.size(); ++r) {
    if (first_names[r].empty()) continue;
    ++by_name[first_names[r]][column[r]];
  }
  std::size_t rows = 0, told = 0;
  for (const auto& [name, values] : by_name) {
    std::size_t all = 0, most = 0;
    for (const auto& [value, count] : values) {
      all += count;
      most = std::max(most, count);
    }
    if (all < 3) continue;
    for (const auto& [value, count] : values) of_all[value] += count;
    rows += all;
    told += most;
  }
  std::size_t commonest = 0;
  for (const auto& [value, count] : of_all) commonest = std::max(commonest, count);
  const auto of = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(rows); };
  return rows >= kFewestNames && of(told) >= kTold && of(commonest) < (1 + kTold) / 2 - 0.05;
}

/// The range of the values, numbers or seconds, over so many rows.
std::uint64_t mean_step(const ColumnSchema& schema, const std::vector<std::string_view>& column, std::uint64_t rows) {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max(), most = 0;
  for (const std::string_view cell : column) {
    std::optional<std::uint64_t> value;
    if (schema.type == FieldType::kTimestamp || schema.type == FieldType::kDate) {
      const auto time = canonical(schema.type, cell, schema.options);
      if (const auto at = time.state == ValueState::kValid ? parse_utc(time.text) : std::nullopt; at && *at >= 0)
        value = static_cast<std::uint64_t>(*at);
    } else {
      value = digits_value(cell);
    }
    if (!value) continue;
    least = std::min(least, *value);
    most = std::max(most, *value);
  }
  return most <= least || rows == 0 ? 0 : (most - least) / rows;
}

/// Whether numbers like those of the column may be made: they have digits to spare, and are not dense. `shape` has seen
/// those of columns of identifiers.
bool has_room(const ColumnSchema& schema, const std::vector<std::string_view>& column, std::uint64_t rows,
              NumberShape& shape) {
  const bool amount = schema.type == FieldType::kDecimal;
  std::size_t values = 0, free = 0;
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max(), most = 0;
  for (const std::string_view cell : column) {
    if (is_null_token(cell)) continue;
    ++values;
    if (schema.type != FieldType::kIdentifier) shape.observe(cell);
    if (const auto number = digits_value(cell)) {
      least = std::min(least, *number);
      most = std::max(most, *number);
    }
  }
  if (values < kFewestNames) return false;
  if (!amount && most > least && static_cast<double>(most - least) < kDense * static_cast<double>(rows)) return false;
  for (const std::string_view cell : column) {
    if (is_null_token(cell)) continue;
    const std::vector<bool> digits = shape.free_digits(cell);
    free += static_cast<std::size_t>(std::count(digits.begin(), digits.end(), true));
  }
  return free >= (amount ? kFewestFreeOfAmounts : kFewestFree) * values;
}

/// Numbers that are text to the inference: with blanks, dashes and brackets.
bool are_mostly_digits(const std::vector<std::string_view>& column) {
  constexpr double kMost = 0.6;
  std::size_t all = 0, digits = 0;
  for (const std::string_view cell : column) {
    all += cell.size();
    digits +=
        static_cast<std::size_t>(std::count_if(cell.begin(), cell.end(), [](char c) { return c >= '0' && c <= '9'; }));
  }
  return static_cast<double>(digits) >= kMost * static_cast<double>(all);
}

/// Numbers, codes and amounts that are a row's own.
bool is_own(const Schema& schema, std::size_t c, const std::vector<std::string_view>& column,
            double identifiers_apart) {
  const FieldType type = schema.columns[c].type;
  const bool amount = type == FieldType::kDecimal;
  const auto amounts = std::count_if(schema.columns.begin(), schema.columns.end(), [](const ColumnSchema& other) {
    return other.type == FieldType::kDecimal || other.type == FieldType::kInteger;
  });
  // Of several amounts one may follow from the others.
  if (amount ? amounts > 1 : type != FieldType::kText && type != FieldType::kInteger && type != FieldType::kIdentifier)
    return false;
  if (is_name(schema.columns[c]) || schema.columns[c].identity) return false;
  std::unordered_set<std::string_view> different;
  std::size_t values = 0;
  for (const std::string_view cell : column) {
    if (is_null_token(cell)) continue;
    ++values;
    different.insert(cell);
  }
  const bool number = type == FieldType::kIdentifier || (type == FieldType::kText && are_mostly_digits(column));
  const double apart = amount ? kAmountsTellApart : number ? identifiers_apart : kTellsApart;
  return static_cast<double>(different.size()) >= apart * static_cast<double>(values);
}

}  // namespace

std::optional<std::size_t> household_column(const Schema& schema) {
  for (const FieldType type : {FieldType::kAddress, FieldType::kPhone})
    for (std::size_t c = 0; c < schema.columns.size(); ++c)
      if (schema.columns[c].type == type) return c;
  std::optional<std::size_t> number;
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    const ColumnSchema& column = schema.columns[c];
    if (column.type == FieldType::kNik) return std::nullopt;
    if (!number && column.type == FieldType::kIdentifier && column.indexed && !column.identity) number = c;
  }
  return number;
}

bool has_few_values(const ColumnSchema& column) {
  return column.type == FieldType::kCategory || column.type == FieldType::kBoolean;
}

bool may_lend(const ColumnSchema& column) {
  return column.type == FieldType::kNik || column.type == FieldType::kIdentifier || column.type == FieldType::kText ||
         is_name(column) || has_few_values(column);
}

void learn(const Schema& schema, const RowSample& sample, std::uint64_t rows, const std::vector<SortKey>& in_order,
           TableShape& shape) {
  const Columns columns = sample.columns();
  shape.names = NameColumns::of(schema);
  for (std::size_t c = 0; c < columns.size(); ++c)
    if ((has_few_values(schema.columns[c]) || schema.columns[c].type == FieldType::kText) &&
        is_in_addresses(schema, columns, c))
      shape.names.add(c);
  for (std::size_t n = 0; n < shape.names.all.size(); ++n) {
    CommaNames commas;
    for (const std::string_view name : columns[shape.names.all[n]]) commas.observe(name);
    shape.names.last_first[n] = commas.are_last_first();
    shape.names.degrees[n] = commas.are_everywhere();
  }
  shape.ties.emplace(schema);
  std::vector<std::string> first_names;
  std::vector<std::string_view> cells(columns.size());
  for (std::size_t r = 0; r < sample.rows(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) cells[c] = columns[c][r];
    shape.ties->observe(cells);
    const auto words = shape.names.words(cells);
    first_names.push_back(words.empty() ? std::string() : words.front());
  }
  const std::size_t width = schema.columns.size();
  for (std::size_t c = 0; c < width; ++c)
    if (has_few_values(schema.columns[c]) && goes_with(first_names, columns[c])) shape.told_by_name.push_back(c);
  shape.own_number.resize(width);
  shape.in_order.resize(width);
  shape.step.resize(width);
  for (std::size_t c = 0; c < width; ++c) shape.numbers[c].set_rows(rows);
  const auto household = household_column(schema);
  const bool by_number = household && schema.columns[*household].type == FieldType::kIdentifier;
  for (std::size_t c = 0; c < width; ++c)
    // With a customer's number change those of his cards.
    if (is_own(schema, c, columns[c], by_number ? kSomeRowsShare : kFewRowsShare))
      shape.own_number[c] = has_room(schema.columns[c], columns[c], rows, shape.numbers[c]);
  shape.keeps_people = by_number && !shape.own_number[*household];
  for (const SortKey& key : in_order) {
    shape.in_order[key.column] = true;
    shape.step[key.column] = mean_step(schema.columns[key.column], columns[key.column], rows);
  }
}

}  // namespace sidik
