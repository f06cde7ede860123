#include "lab/row_reading.h"

#include <cmath>
#include <limits>

namespace sidik::lab {
namespace {

using fixtures::Column;
using fixtures::Layout;

constexpr double kNone = -std::numeric_limits<double>::infinity();

double log_either(double a, double b) {
  const double high = std::max(a, b);
  return high == kNone ? kNone : high + std::log(std::exp(a - high) + std::exp(b - high));
}

/// P(`written` | a slip in `truly`), as the lab makes slips: a letter or digit replaced, lost or one too many.
double slip(const std::string& truly, const std::string& written) {
  if (truly.empty()) return truly == written ? 1 : 0;
  const double places = static_cast<double>(truly.size());
  const auto alphabet = [](char c) { return c >= '0' && c <= '9' ? 9.0 : 26.0; };
  double ways = 0;
  if (written.size() == truly.size()) {
    std::size_t differing = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < truly.size(); ++i) {
      if (truly[i] == written[i]) continue;
      ++differing;
      at = i;
    }
    if (differing == 1) ways = 1 / alphabet(truly[at]);
  } else if (written.size() + 1 == truly.size()) {
    for (std::size_t i = 0; i < truly.size(); ++i)
      if (truly.compare(0, i, written, 0, i) == 0 &&
          truly.compare(i + 1, std::string::npos, written, i, std::string::npos) == 0)
        ways += 1;
  } else if (written.size() == truly.size() + 1) {
    for (std::size_t i = 0; i < truly.size(); ++i)
      if (written.compare(0, i, truly, 0, i) == 0 &&
          written.compare(i + 1, std::string::npos, truly, i, std::string::npos) == 0)
        ways += 1 / alphabet(truly[i]);
  }
  return ways / places / 3;
}

Layout layout_with(const Layout& spelling, const std::vector<Column>& columns) {
  Layout layout = spelling;
  for (std::size_t i = 0; i < columns.size(); ++i) layout.columns[i].column = columns[i];
  return layout;
}

}  // namespace

RowReading::RowReading(const World& world, const Leak& leak) : world_(world), leak_(leak) {
  for (const LeakedRow& row : leak.rows)
    if (!is_ours(leak.kind) || row.part != LeakedRow::Part::kOutside) rows_.push_back(&row);
}

const std::optional<fixtures::Person>& RowReading::person(std::uint32_t step, std::size_t r) {
  auto& people = people_[step];
  if (people.empty())
    for (const LeakedRow* row : rows_) people.push_back(world_.ours().person(row->person, step));
  return people[r];
}

Row RowReading::render(const fixtures::RowWriter& writer, const fixtures::Person& person) const {
  Row row = writer.cells(person);
  for (std::size_t c = 0; c < row.size(); ++c) mask_cell(leak_.kind, leak_.columns[c], row[c]);
  return row;
}

const std::vector<Row>& RowReading::cells(std::uint32_t step, const std::vector<Column>& columns) {
  const auto [at, fresh] = cells_.try_emplace({step, columns});
  if (fresh) {
    const Layout layout = layout_with(leak_.form.spelling, columns);
    const fixtures::RowWriter writer(layout);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const auto& one = person(step, r);
      at->second.push_back(one ? render(writer, *one) : Row{});
    }
  }
  return at->second;
}

const std::vector<double>& RowReading::logs(std::uint32_t step, const std::vector<Column>& columns) {
  const auto [at, fresh] = logs_.try_emplace({step, columns});
  if (!fresh) return at->second;
  const std::vector<Row>& now = cells(step, columns);
  const bool stale = leak_.kind == LeakKind::kStale && step >= kStepsAPeriod;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    double log = now[r].empty() ? kNone : log_row(rows_[r]->cells, now[r]);
    if (stale && !now[r].empty()) {
      const Row& before = cells(step - kStepsAPeriod, columns)[r];
      const double old = log_row(rows_[r]->cells, before.empty() ? now[r] : before);
      log = log_either(std::log(1 - kStaleRate) + log, std::log(kStaleRate) + old);
    }
    at->second.push_back(log);
  }
  return at->second;
}

std::vector<double> RowReading::logs_of(const Book& book, const std::vector<Column>& columns) {
  const Layout layout = layout_with(leak_.form.spelling, columns);
  const fixtures::RowWriter writer(layout);
  std::vector<double> logs;
  for (const LeakedRow* row : rows_) {
    const auto seen = world_.person(book, row->person, book.step);
    logs.push_back(seen ? log_row(row->cells, render(writer, *seen)) : kNone);
  }
  return logs;
}

double RowReading::log_cell(std::size_t column, const std::string& written, const std::string& truly) const {
  const bool same = written == truly;
  switch (leak_.kind) {
    case LeakKind::kTypos:
      return std::log((same ? 1 - kTypoRate : 0) + kTypoRate * slip(truly, written));
    case LeakKind::kBlanks:
      if (written.empty()) return truly.empty() ? 0 : std::log(kBlankRate);
      return same ? std::log(1 - kBlankRate) : kNone;
    case LeakKind::kBadRows:
      return std::log((same ? 1 - kBadRowRate * kBadCellRate : 0) + kBadRowRate * kBadCellRate * slip(truly, written));
    case LeakKind::kMisread:
      if (column == leak_.misread) return std::log((same ? 1 - kMisreadRate : 0) + kMisreadRate * slip(truly, written));
      return same ? 0 : kNone;
    default:
      return same ? 0 : kNone;
  }
}

double RowReading::log_row(const Row& written, const Row& truly) const {
  if (leak_.kind == LeakKind::kBadRows) {
    double bad = std::log(kBadRowRate);
    for (std::size_t c = 0; c < written.size(); ++c)
      bad += std::log((written[c] == truly[c] ? 1 - kBadCellRate : 0) + kBadCellRate * slip(truly[c], written[c]));
    return log_either(written == truly ? std::log(1 - kBadRowRate) : kNone, bad);
  }
  double sum = 0;
  for (std::size_t c = 0; c < written.size() && sum > kNone; ++c) sum += log_cell(c, written[c], truly[c]);
  return sum;
}

}  // namespace sidik::lab
