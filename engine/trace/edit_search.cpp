#include "trace/edit_search.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "fields/characters.h"
#include "fields/date.h"
#include "trace/digest_text.h"
#include "trace/shift_search.h"

namespace sidik {
namespace {

constexpr std::size_t kLooked = 200;  // rows
constexpr std::size_t kMostTried = 32;
constexpr double kNearlyAll = 0.8;
constexpr double kAgreesAlready = 0.5;
constexpr double kLeastAgreement = 0.6;

/// The column's cells that hold something, of the first rows.
std::vector<std::string_view> filled_cells(const SampleSurvey& survey, std::size_t column) {
  std::vector<std::string_view> cells;
  const auto& all = survey.screened.columns[column];
  for (std::size_t r = 0; r < std::min(kLooked, all.size()); ++r) {
    if (!is_null_token(all[r])) cells.push_back(all[r]);
  }
  return cells;
}

template <typename Fits>
double share_of(const std::vector<std::string_view>& cells, Fits&& fits) {
  if (cells.empty()) return 0;
  return static_cast<double>(std::count_if(cells.begin(), cells.end(), fits)) / static_cast<double>(cells.size());
}

const MappedColumn* mapped_as(const ColumnMap& map, std::size_t column) {
  for (const MappedColumn& mapped : map.mapped) {
    if (mapped.column == column) return &mapped;
  }
  return nullptr;
}

/// The given columns that hold something and agree with nothing so far.
std::vector<std::size_t> unexplained_columns(const SampleSurvey& survey, const ColumnMap& map) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < survey.edits.given; ++c) {
    const MappedColumn* const mapped = mapped_as(map, c);
    const bool agrees = mapped != nullptr && !mapped->by_form && mapped->agreement >= kAgreesAlready;
    if (!agrees && !filled_cells(survey, c).empty()) columns.push_back(c);
  }
  return columns;
}

CellPart whole(std::size_t column) { return {column, CellPart::Take::kWhole, "", 0}; }

DerivedColumn part_of(std::size_t column, CellPart::Take take, std::string separator, std::size_t number) {
  return {{{column, take, std::move(separator), number}}, "", 0, {}};
}

std::size_t occurrences(std::string_view cell, std::string_view separator) {
  std::size_t count = 0;
  for (std::size_t at = cell.find(separator); at != std::string_view::npos;
       at = cell.find(separator, at + separator.size()))
    ++count;
  return count;
}

/// How many times nearly all cells hold the separator; 0 where they do not.
std::size_t usual_occurrences(const std::vector<std::string_view>& cells, std::string_view separator) {
  constexpr std::size_t kMost = 5;
  std::array<std::size_t, kMost + 1> counts{};
  for (const std::string_view cell : cells) ++counts[std::min(kMost, occurrences(cell, separator))];
  for (std::size_t n = 1; n < kMost; ++n) {
    if (static_cast<double>(counts[n]) >= kNearlyAll * static_cast<double>(cells.size())) return n;
  }
  return 0;
}

bool has_digit(std::string_view cell) { return std::any_of(cell.begin(), cell.end(), is_ascii_digit); }

bool is_worded(const std::vector<std::string_view>& cells) {
  return share_of(cells, [](std::string_view cell) { return !has_digit(cell); }) >= kNearlyAll;
}

/// Parts of a column that holds several things.
void add_splits(const SampleSurvey& survey, std::size_t column, std::vector<DerivedColumn>& tried) {
  static constexpr std::array<std::string_view, 11> kSeparators = {" / ", " | ", " - ", "; ", ", ", "|",
                                                                   ";",   "/",   ",",   "\t", " ("};
  const auto cells = filled_cells(survey, column);
  using Take = CellPart::Take;
  std::size_t separators = 0;
  for (const std::string_view separator : kSeparators) {
    const std::size_t count = usual_occurrences(cells, separator);
    if (count == 0 || separators == 2) continue;
    ++separators;
    const std::string text(separator);
    for (std::size_t n = 0; n <= count; ++n) tried.push_back(part_of(column, Take::kPart, text, n));
    if (count != 1) continue;
    // The separator may stand in the cell's own text as well, before or behind it.
    tried.push_back(part_of(column, Take::kBeforeLast, text, 0));
    tried.push_back(part_of(column, Take::kFromEnd, text, 0));
    // "Last, First"
    tried.push_back({{{column, Take::kPart, text, 1}, {column, Take::kPart, text, 0}}, " ", 0, {}});
  }
  const bool spaced = share_of(cells, [](std::string_view cell) { return occurrences(cell, " ") > 0; }) >= 0.5;
  if (separators > 0 || !spaced) return;
  if (is_worded(cells)) {
    tried.push_back(part_of(column, Take::kPart, " ", 0));
    tried.push_back(part_of(column, Take::kAfterFirst, " ", 0));
    tried.push_back(part_of(column, Take::kBeforeLast, " ", 0));
  }
  // A number or a date behind some words.
  tried.push_back(part_of(column, Take::kFromEnd, " ", 0));
  if (!is_worded(cells)) tried.push_back(part_of(column, Take::kBeforeLast, " ", 0));
}

/// Dates that are off by as many days in all rows.
void add_moved_dates(const SampleSurvey& survey, std::size_t column, const std::vector<ExportManifest>& exports,
                     std::vector<DerivedColumn>& tried) {
  constexpr int kOtherEpoch = 1462;  // days from a spreadsheet's 1900 to its 1904
  const auto cells = filled_cells(survey, column);
  std::vector<CanonicalOptions> options;
  for (const ExportManifest& manifest : exports) {
    for (const ExportColumn& of : manifest.columns) {
      if (of.schema.type != FieldType::kDate && of.schema.type != FieldType::kTimestamp) continue;
      for (const DateOrder order : {DateOrder::kDayFirst, DateOrder::kMonthFirst}) {
        CanonicalOptions read = deciding_options(FieldType::kDate, of.schema.options);
        read.date_order = order;
        const bool dates = share_of(cells, [&](std::string_view cell) {
                             return canonical(FieldType::kDate, cell, read).state == ValueState::kValid;
                           }) >= kNearlyAll;
        const bool open_order = share_of(cells, [](std::string_view cell) { return date_parts(cell).open_order; }) > 0;
        if (!dates || (order == DateOrder::kMonthFirst && !open_order)) continue;
        if (std::find(options.begin(), options.end(), read) == options.end()) options.push_back(read);
      }
    }
  }
  for (const CanonicalOptions& read : options)
    for (const int days : {1, -1, kOtherEpoch, -kOtherEpoch}) tried.push_back({{whole(column)}, "", days, read});
}

/// Digests written in base64 (MD5, SHA-1, SHA-256): registered ones are hexadecimal.
void add_digests(const SampleSurvey& survey, std::size_t column, std::vector<DerivedColumn>& tried) {
  const auto cells = filled_cells(survey, column);
  if (share_of(cells, [](std::string_view cell) { return is_base64_digest(cell); }) < kNearlyAll) return;
  DerivedColumn digests{{whole(column)}, "", 0, {}, true};
  tried.push_back(std::move(digests));
}

/// Pairs of columns that are one of ours, and days, months and years.
void add_joins(const SampleSurvey& survey, const std::vector<std::size_t>& columns, std::vector<DerivedColumn>& tried) {
  std::vector<std::size_t> worded, days, months, years;
  for (const std::size_t column : columns) {
    const auto cells = filled_cells(survey, column);
    if (is_worded(cells)) worded.push_back(column);
    const auto within = [&](int least, int most) {
      return share_of(cells, [&](std::string_view cell) {
               int number = -1;
               cell = trim_blanks(cell);
               const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
               return error == std::errc() && end == cell.data() + cell.size() && number >= least && number <= most;
             }) >= kNearlyAll;
    };
    if (within(1, 12)) months.push_back(column);
    if (within(1, 31)) days.push_back(column);
    if (within(1900, 2100)) years.push_back(column);
  }
  for (const std::size_t year : years)
    for (const std::size_t month : months)
      for (const std::size_t day : days) {
        if (day != month) tried.push_back({{whole(year), whole(month), whole(day)}, "-", 0, {}});
      }
  for (const std::size_t a : worded)
    for (const std::size_t b : worded) {
      // Names stand beside each other, a middle one between them.
      const std::size_t apart = a < b ? b - a : a - b;
      if (a == b || apart > 2) continue;
      tried.push_back({{whole(a), whole(b)}, " ", 0, {}});
      if (a < b && apart == 2 && std::find(worded.begin(), worded.end(), a + 1) != worded.end())
        tried.push_back({{whole(a), whole(a + 1), whole(b)}, " ", 0, {}});
    }
}

std::vector<DerivedColumn> columns_to_try(const SampleSurvey& survey, const ColumnMap& map,
                                          const std::vector<ExportManifest>& exports) {
  const std::vector<std::size_t> columns = unexplained_columns(survey, map);
  std::vector<DerivedColumn> tried;
  add_joins(survey, columns, tried);
  for (const std::size_t column : columns) {
    add_digests(survey, column, tried);
    add_moved_dates(survey, column, exports, tried);
    add_splits(survey, column, tried);
    if (tried.size() > kMostTried) tried.resize(kMostTried);
  }
  return tried;
}

/// Those of the derived columns that agree with a column of ours.
std::vector<DerivedColumn> agreeing(const SampleSurvey& survey, const ColumnMap& map) {
  std::vector<DerivedColumn> kept;
  for (std::size_t d = 0; d < survey.edits.derived.size(); ++d) {
    const MappedColumn* const mapped = mapped_as(map, survey.edits.given + d);
    if (mapped != nullptr && !mapped->by_form && mapped->agreement >= kLeastAgreement)
      kept.push_back(survey.edits.derived[d]);
  }
  return kept;
}

}  // namespace

ColumnMap map_edited_columns(const std::vector<SampleInput>& sample, SampleSurvey& survey,
                             const FingerprintStore& store, const EpochSecrets& secrets, const TraceOptions& options) {
  const auto map_again = [&] { return map_columns(survey, store, secrets, std::max(1U, options.threads)); };
  ColumnMap map = map_again();
  if (store.exports().empty() || survey.screened.rows == 0) return map;
  std::vector<ColumnShift> shifts = find_shifts(sample, survey, map, store, secrets, options);
  if (!shifts.empty()) {
    undo_in_survey(sample, survey, std::move(shifts), options);
    map = map_again();
  }
  std::vector<DerivedColumn> tried = columns_to_try(survey, map, store.exports());
  if (tried.empty()) return map;
  derive_columns(survey, std::move(tried));
  std::vector<DerivedColumn> kept = agreeing(survey, map_again());
  const bool any = !kept.empty();
  derive_columns(survey, std::move(kept));
  if (any) map = map_again();
  map.newest.resize(survey.edits.given);
  map.dates.resize(survey.edits.given);
  return map;
}

}  // namespace sidik
