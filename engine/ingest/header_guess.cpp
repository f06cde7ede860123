#include "ingest/header_guess.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

namespace sidik {
namespace {

constexpr std::size_t kRowsToWeigh = 200;

/// What can be told of a cell without knowing types.
struct CellForm {
  std::size_t digits = 0;
  std::size_t letters = 0;  // other scripts' bytes included
  std::size_t lower = 0;
  std::size_t upper = 0;
  std::size_t spaces = 0;
  bool at_sign = false;
  bool underscore = false;

  explicit CellForm(std::string_view text) {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      digits += std::isdigit(byte) != 0 ? 1U : 0U;
      lower += std::islower(byte) != 0 ? 1U : 0U;
      upper += std::isupper(byte) != 0 ? 1U : 0U;
      letters += std::isalpha(byte) != 0 || byte >= 0x80 ? 1U : 0U;
      spaces += c == ' ' ? 1U : 0U;
      at_sign = at_sign || c == '@';
      underscore = underscore || c == '_';
    }
  }

  /// Numbers, dates, phones, masked numbers, e-mails: no column is called so.
  bool is_value() const { return (at_sign && letters > 2) || (digits > 0 && digits >= letters); }
  bool is_name_like() const { return letters > 0 && digits < letters && spaces == 0 && !at_sign; }
};

/// What stands before the number at a name's end ("q" of "q12"); empty where there is none of both.
std::string_view stem_of(std::string_view name) {
  const std::size_t last = name.find_last_not_of("0123456789");
  const bool both = last != std::string_view::npos && last + 1 < name.size();
  return both && CellForm(name.substr(0, last + 1)).is_name_like() ? name.substr(0, last + 1) : std::string_view();
}

/// The number at a name's end, as far as it is short.
unsigned long serial_of(std::string_view name) {
  const std::string_view number = name.substr(stem_of(name).size());
  return number.size() > 6 ? 0 : std::stoul(std::string(number));
}

/// Names numbered one by one, as questionnaires have them: q1, q2, q3. One alone may be a value: ward A1, size S2.
std::vector<bool> numbered_names(const std::vector<std::string>& names) {
  constexpr std::size_t kLeastRun = 3;
  std::vector<bool> numbered(names.size(), false);
  std::size_t run = 1;
  for (std::size_t c = 1; c < names.size(); ++c) {
    const std::string_view stem = stem_of(names[c]);
    const bool goes_on =
        !stem.empty() && stem == stem_of(names[c - 1]) && serial_of(names[c]) == serial_of(names[c - 1]) + 1;
    run = goes_on ? run + 1 : 1;
    if (run < kLeastRun) continue;
    for (std::size_t back = 0; back < run; ++back) numbered[c - back] = true;
  }
  return numbered;
}

/// The evidence of a numbered name: values that are no such names speak for it.
double numbered_vote(std::string_view name, const std::vector<std::string_view>& values) {
  const std::string_view stem = stem_of(name);
  const auto alike = std::count_if(values.begin(), values.end(),
                                   [&](std::string_view value) { return !stem.empty() && stem_of(value) == stem; });
  if (values.empty()) return 0.25;
  return static_cast<std::size_t>(alike) * 5 >= values.size() ? -1 : 1;
}

/// The evidence of one column: over 0 for a header.
double column_vote(std::string_view name, const std::vector<std::string_view>& values) {
  const CellForm form(name);
  std::size_t value_like = 0;
  std::size_t with_digits = 0;
  std::size_t same_length = 0;
  std::size_t not_lower = 0;
  std::size_t spaced = 0;
  bool recurs = false;
  std::set<std::string_view> distinct;
  for (const std::string_view value : values) {
    const CellForm other(value);
    value_like += other.is_value() ? 1U : 0U;
    with_digits += other.digits > 0 || other.at_sign ? 1U : 0U;
    same_length += value.size() == values.front().size() ? 1U : 0U;
    not_lower += other.upper > 0 ? 1U : 0U;
    spaced += other.spaces > 0 ? 1U : 0U;
    recurs = recurs || value == name;
    distinct.insert(value);
  }
  const auto most = [&](std::size_t count) { return count * 5 >= values.size() * 4; };
  if (recurs) return form.is_value() ? -2 : -1.5;
  if (form.is_value()) return values.empty() || most(value_like) ? -2 : -1;
  double vote = is_known_column_name(name) ? 2 : 0;
  if (values.empty()) return vote;
  if (most(value_like)) return vote + (form.digits == 0 ? 2 : 1);
  if (most(with_digits)) return vote + (form.digits == 0 ? 0.75 : form.spaces == 0 ? 0.25 : -0.75);
  if (form.underscore) vote += 1;
  if (form.lower > 0 && form.upper == 0 && most(not_lower)) vote += 1;
  if (most(spaced)) vote += form.spaces == 0 ? 0.5 : -0.25;
  if (values.size() >= 3 && same_length == values.size()) vote += name.size() != values.front().size() ? 0.75 : -0.5;
  if (values.size() >= 4 && distinct.size() * 2 <= values.size()) vote += 0.75;
  return vote;
}

/// A lone row: only what it says itself.
bool lone_row_is_header(const std::vector<std::string>& cells) {
  std::size_t known = 0;
  bool all_written_as_names = true;
  std::set<std::string_view> distinct;
  for (const std::string& cell : cells) {
    if (cell.empty()) continue;
    const CellForm form(cell);
    if (form.is_value()) return false;
    known += is_known_column_name(cell) ? 1U : 0U;
    all_written_as_names = all_written_as_names && form.is_name_like() && (form.underscore || form.upper == 0);
    distinct.insert(cell);
  }
  if (known * 4 >= cells.size() && known > 0) return true;
  // A row of somebody's data has a digit somewhere once it has a few cells.
  return distinct.size() == cells.size() && ((cells.size() >= 2 && all_written_as_names) || cells.size() >= 5);
}

}  // namespace

bool looks_like_header(const std::vector<HeadRow>& rows, std::size_t first) {
  if (first >= rows.size() || rows[first].unclosed) return false;
  const std::vector<std::string>& names = rows[first].values;
  if (std::all_of(names.begin(), names.end(), [](const std::string& name) { return name.empty(); })) return false;
  std::vector<const HeadRow*> below;
  for (std::size_t r = first + 1; r < rows.size() && below.size() < kRowsToWeigh; ++r)
    if (!rows[r].unclosed && rows[r].values != names) below.push_back(&rows[r]);
  if (below.empty()) return lone_row_is_header(names);

  double votes = 0;
  const std::vector<bool> numbered = numbered_names(names);
  std::set<std::string_view> distinct;
  bool name_like = true;
  bool digits_below = false;
  for (std::size_t c = 0; c < names.size(); ++c) {
    std::vector<std::string_view> values;
    for (const HeadRow* row : below)
      if (c < row->values.size() && !row->values[c].empty()) values.push_back(row->values[c]);
    for (const std::string_view value : values) digits_below = digits_below || CellForm(value).digits > 0;
    if (names[c].empty()) {
      // A row's number has no name in many an export, and the last cell may stand behind a trailing delimiter.
      if (c != 0 && c + 1 != names.size() && !values.empty()) votes -= 0.5;
      continue;
    }
    votes += numbered[c] ? numbered_vote(names[c], values) : column_vote(names[c], values);
    name_like = name_like && CellForm(names[c]).is_name_like();
    if (!distinct.insert(names[c]).second) votes -= 0.5;
  }
  if (votes != 0) return votes > 0;
  // Words over words, nothing to tell them apart: files have headers, a few pasted lines have none.
  return name_like && names.size() > 1 && (digits_below || below.size() >= 20);
}

std::size_t header_candidate(const std::vector<HeadRow>& rows) {
  constexpr std::size_t kLongestPreamble = 20;
  const std::size_t usual = usual_cells(rows);
  if (usual < 3) return 0;
  for (std::size_t r = 0; r < std::min(rows.size(), kLongestPreamble); ++r) {
    if (rows[r].unclosed) continue;
    const auto filled = static_cast<std::size_t>(std::count_if(
        rows[r].values.begin(), rows[r].values.end(), [](const std::string& value) { return !value.empty(); }));
    if (filled * 3 > usual) return r;
  }
  return 0;
}

}  // namespace sidik
