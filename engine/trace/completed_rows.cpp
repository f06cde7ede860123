#include "trace/completed_rows.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "trace/completion_odds.h"
#include "trace/misread_number.h"
#include "trace/noise.h"

namespace sidik {

namespace {

constexpr double kMisreadBudget = 4e6;  // completions

std::vector<OpenColumn> open_columns(const FieldPlan& plan, ReadRows& rows) {
  std::vector<OpenColumn> columns;
  for (std::size_t k = 0; k < plan.readings().size(); ++k) columns.push_back({&plan.readings()[k], &rows.values[k]});
  return columns;
}

/// Takes over what was found about cells: `left(field, information, finding)` is what a completed value is worth.
template <typename Left>
void take_over(const FieldPlan& plan, const std::vector<OpenCell>& cells, const std::vector<CellFinding>& findings,
               ReadRows& rows, Left&& left) {
  const std::size_t readings = plan.readings().size();
  for (std::size_t from = 0; from < findings.size();) {
    const std::size_t row = cells[from].row;
    std::size_t to = from;
    std::vector<std::pair<std::uint32_t, const CellFinding*>> less;  // by field
    for (; to < findings.size() && cells[to].row == row; ++to) {
      if (findings[to].state == CellState::kSilent) continue;
      for (std::size_t k = 0; k < readings; ++k) {
        if (plan.readings()[k].column != cells[to].column) continue;
        const std::uint32_t field = plan.field_of(k);
        rows.codes[row * readings + k] = value_code(rows.values[k].fingerprints[row]);
        rows.visible[row] |= FieldMask{1} << field;
        rows.open[row] &= ~(FieldMask{1} << field);
        if (less.empty() || less.back().first != field) less.emplace_back(field, &findings[to]);
      }
    }
    if (!less.empty()) set_worth(plan, rows, row, row + 1);
    for (const auto& [field, finding] : less) {
      std::uint8_t& information = rows.information[row * plan.fields() + field];
      information = static_cast<std::uint8_t>(
          std::floor(std::max(0.0, left(field, information * kNatsPerStep, *finding)) / kNatsPerStep));
    }
    from = to;
  }
}

}  // namespace

void complete_rows(const FieldPlan& plan, const FingerprintStore& store, const EpochSecrets& secrets,
                   const LinkOptions& options, ReadRows& rows) {
  if (rows.cells.open.empty()) return;
  const std::vector<OpenColumn> columns = open_columns(plan, rows);
  take_over(plan, rows.cells.open, complete_cells(store, secrets, columns, rows.cells.open, options), rows,
            [&](std::uint32_t field, double information, const CellFinding& finding) {
              return information_left(information, finding.tried, plan.held(field), finding.by, finding.ways);
            });
  rows.cells.open.clear();
}

bool correct_rows(const FieldPlan& plan, const FingerprintStore& store, const EpochSecrets& secrets,
                  const LinkOptions& options, std::span<const LinkState> states, ReadRows& rows) {
  std::vector<OpenCell> cells;
  for (OpenCell& cell : rows.cells.doubtful) {
    if (states[cell.row] == LinkState::kNone) cells.push_back(std::move(cell));
  }
  rows.cells.doubtful.clear();
  // Whatever the threads, the same rows: by their digests, as far as it is worth the time.
  const auto by_digest = [&](const OpenCell& a, const OpenCell& b) {
    return std::tuple(rows.row_digest[a.row], a.row, a.column) < std::tuple(rows.row_digest[b.row], b.row, b.column);
  };
  std::sort(cells.begin(), cells.end(), by_digest);
  const auto most = static_cast<std::size_t>(kMisreadBudget / kUsualMisreadings);
  if (cells.size() > most) cells.resize(most);
  if (cells.empty()) return false;
  std::stable_sort(cells.begin(), cells.end(), [](const OpenCell& a, const OpenCell& b) { return a.row < b.row; });
  const std::vector<OpenColumn> columns = open_columns(plan, rows);
  const std::vector<CellFinding> findings = complete_cells(store, secrets, columns, cells, options);
  if (std::all_of(findings.begin(), findings.end(),
                  [](const CellFinding& finding) { return finding.state == CellState::kSilent; }))
    return false;
  std::vector<OpenCell> in_order = cells;
  std::sort(in_order.begin(), in_order.end(), by_digest);
  std::map<std::uint32_t, double> held;
  take_over(plan, cells, findings, rows, [&](std::uint32_t field, double information, const CellFinding& finding) {
    const Reading& reading = plan.readings()[plan.first_reading(field)];
    const auto [share, fresh] = held.try_emplace(field, 0);
    if (fresh) share->second = held_share(store, secrets, columns, in_order, reading.column);
    // A slip is as rare as an error in a damaged row's field is.
    return information_left(information, finding.tried, share->second, finding.by, finding.ways) +
           std::log(hit_rate(reading.type));
  });
  return true;
}

}  // namespace sidik
