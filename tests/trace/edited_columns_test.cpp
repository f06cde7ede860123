// Whole columns that were changed: one event each, found, said and undone.
#include <algorithm>

#include "base/utc_time.h"
#include "support/catch.h"
#include "trace/sample_edits.h"
#include "warehouse.h"

using namespace sidik;
using namespace sidik::testing;

namespace {

constexpr std::size_t kRows = 300;

fixtures::Table second_month() {
  fixtures::Table table = fixtures::read_table(Warehouse::text(fixtures::Realm::kOurs, 1), ',');
  table.rows.resize(kRows);
  return table;
}

std::string text_of(const fixtures::Table& table) { return fixtures::write_table(table, {}); }

std::string later(const std::string& date, int days) { return format_date(*parse_utc(date) + days * 86400); }

/// The cells of a column, from row `from` on, one row lower.
void push_down(fixtures::Table& table, std::size_t column, std::size_t from) {
  for (std::size_t r = table.rows.size() - 1; r > from; --r) table.rows[r][column] = table.rows[r - 1][column];
  table.rows[from][column].clear();
}

/// All but a column, and others in its place.
fixtures::Table with_columns(const fixtures::Table& table, std::size_t column, const fixtures::Row& names,
                             const std::function<fixtures::Row(const fixtures::Row&)>& cells) {
  const auto replaced = [&](const fixtures::Row& row, const fixtures::Row& by) {
    fixtures::Row all(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(column));
    all.insert(all.end(), by.begin(), by.end());
    all.insert(all.end(), row.begin() + static_cast<std::ptrdiff_t>(column) + 1, row.end());
    return all;
  };
  fixtures::Table out{replaced(table.header, names), {}};
  for (const fixtures::Row& row : table.rows) out.rows.push_back(replaced(row, cells(row)));
  return out;
}

fixtures::Row halves(const std::string& text, const std::string& separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string::npos) return {text, ""};
  return {text.substr(0, at), text.substr(at + separator.size())};
}

void check_undone(const Traced& traced, std::size_t least_clean) {
  INFO(traced.verdict.summary);
  CHECK(traced.verdict.origin == Origin::kOurs);
  REQUIRE_FALSE(traced.verdict.sources.empty());
  CHECK(traced.verdict.sources.front().rows_explained > 0.99);
  CHECK(kRows - traced.differing >= least_clean);
}

}  // namespace

TEST_CASE("a column that stands a row off is put back", "[trace][edits]") {
  const Traced whole = ask(text_of(second_month()));
  for (const std::size_t from : {std::size_t{0}, kRows / 3}) {
    fixtures::Table table = second_month();
    push_down(table, kBirth, from);
    const Traced traced = ask(text_of(table));
    check_undone(traced, kRows - 3);
    CHECK(says(traced.verdict, "The cells of birth_date stand one row too low"));
    CHECK(says(traced.verdict, "from line") == (from > 0));
    // Paid for once, with two decades.
    CHECK(traced.verdict.sources.front().log10_lr_outside > whole.verdict.sources.front().log10_lr_outside - 6);
  }
  fixtures::Table up = second_month();
  for (std::size_t r = 0; r + 1 < kRows; ++r) up.rows[r][kPhone] = up.rows[r + 1][kPhone];
  const Traced traced = ask(text_of(up));
  check_undone(traced, kRows - 3);
  CHECK(says(traced.verdict, "The cells of phone stand one row too high"));
}

TEST_CASE("several columns that one cell too many moved are one event", "[trace][edits]") {
  SampleEdits edits;
  edits.given = 5;
  edits.shifts = {{1, 1, 7, ~std::uint64_t{0}}, {2, 1, 7, ~std::uint64_t{0}}};
  CHECK(edits.events() == 1);
  edits.derived = {{{{3, CellPart::Take::kPart, "/", 0}}, "", 0, {}},
                   {{{3, CellPart::Take::kPart, "/", 1}}, "", 0, {}}};
  CHECK(edits.events() == 2);
}

TEST_CASE("dates that are off by as many days in all rows are put right", "[trace][edits]") {
  for (const int days : {1, -1, 1462, -1462}) {
    fixtures::Table table = second_month();
    for (auto& row : table.rows) row[kBirth] = later(row[kBirth], days);
    const Traced traced = ask(text_of(table));
    check_undone(traced, kRows);
    CHECK(says(traced.verdict, std::string("The dates of birth_date are off by ") +
                                   (std::abs(days) == 1 ? "1 day throughout" : "1,462 days throughout")));
  }
}

TEST_CASE("days and months that changed places throughout are read as they were meant", "[trace][edits]") {
  fixtures::Table table = second_month();
  for (auto& row : table.rows)
    row[kBirth] = row[kBirth].substr(5, 2) + "/" + row[kBirth].substr(8, 2) + "/" + row[kBirth].substr(0, 4);
  check_undone(ask(text_of(table)), kRows);
}

TEST_CASE("two of our columns in one are taken apart", "[trace][edits]") {
  for (const char* between : {" / ", ", ", "|"}) {
    const fixtures::Table table = second_month();
    fixtures::Table merged = with_columns(table, kBirth, {}, [](const fixtures::Row&) { return fixtures::Row{}; });
    merged = with_columns(merged, kName, {"who"}, [&](const fixtures::Row& row) { return fixtures::Row{row[kName]}; });
    for (std::size_t r = 0; r < kRows; ++r) merged.rows[r][kName] += between + table.rows[r][kBirth];
    const Traced traced = ask(text_of(merged));
    check_undone(traced, kRows - 2);
    CHECK(says(traced.verdict, "A part of who was read as name"));
    CHECK(says(traced.verdict, "A part of who was read as birth_date"));
  }
}

TEST_CASE("one of our columns in several is put together", "[trace][edits]") {
  const Traced names = ask(text_of(with_columns(second_month(), kName, {"first", "last"},
                                                [](const fixtures::Row& row) { return halves(row[kName], " "); })));
  check_undone(names, kRows);
  CHECK(says(names.verdict, "The columns first and last were read together as name"));
  for (const SampleColumn& column : names.verdict.sample.columns) {
    if (column.name == "first" || column.name == "last") CHECK(column.matched == "name");
  }
  CHECK(names.verdict.sample.columns.size() == 10);

  const Traced dates = ask(text_of(with_columns(second_month(), kBirth, {"d", "m", "y"}, [](const fixtures::Row& row) {
    return fixtures::Row{row[kBirth].substr(8, 2), row[kBirth].substr(5, 2), row[kBirth].substr(0, 4)};
  })));
  check_undone(dates, kRows);
  CHECK(says(dates.verdict, "read together as birth_date"));

  const Traced turned = ask(text_of(with_columns(second_month(), kName, {"who"}, [](const fixtures::Row& row) {
    const fixtures::Row parts = halves(row[kName], " ");
    return fixtures::Row{parts[1].empty() ? parts[0] : parts[1] + ", " + parts[0]};
  })));
  check_undone(turned, kRows * 9 / 10);
}

TEST_CASE("nothing is undone where nothing was done", "[trace][edits]") {
  const Traced ours = ask(text_of(second_month()));
  const Traced strangers = ask(sample(
      kRows, [](fixtures::Row&) {}, {}, fixtures::Realm::kStrangers));
  CHECK(strangers.verdict.origin == Origin::kNotOurs);
  for (const Traced* traced : {&ours, &strangers}) {
    CHECK_FALSE(says(traced->verdict, "one row too"));
    CHECK_FALSE(says(traced->verdict, "throughout"));
    CHECK_FALSE(says(traced->verdict, "was read"));
    CHECK_FALSE(says(traced->verdict, "were read together"));
  }
}
