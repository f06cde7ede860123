#include "trace/completed_rows.h"

#include <algorithm>
#include <cmath>

namespace sidik {

void complete_rows(const FieldPlan& plan, const FingerprintStore& store, const EpochSecrets& secrets,
                   const LinkOptions& options, ReadRows& rows) {
  if (rows.open_cells.empty()) return;
  const std::size_t readings = plan.readings().size();
  std::vector<OpenColumn> columns;
  for (std::size_t k = 0; k < readings; ++k) columns.push_back({&plan.readings()[k], &rows.values[k]});
  const std::vector<CellFinding> findings = complete_cells(store, secrets, columns, rows.open_cells, options);
  for (std::size_t from = 0; from < findings.size();) {
    const std::size_t row = rows.open_cells[from].row;
    std::size_t to = from;
    std::vector<std::pair<std::uint32_t, double>> less;  // field, values that it may have had
    for (; to < findings.size() && rows.open_cells[to].row == row; ++to) {
      if (findings[to].state == CellState::kSilent) continue;
      for (std::size_t k = 0; k < readings; ++k) {
        if (plan.readings()[k].column != rows.open_cells[to].column) continue;
        const std::uint32_t field = plan.field_of(k);
        rows.codes[row * readings + k] = value_code(rows.values[k].fingerprints[row]);
        rows.visible[row] |= FieldMask{1} << field;
        rows.open[row] &= ~(FieldMask{1} << field);
        if (less.empty() || less.back().first != field) less.emplace_back(field, findings[to].tried);
      }
    }
    set_worth(plan, rows, row, row + 1);
    for (const auto& [field, tried] : less) {
      std::uint8_t& information = rows.information[row * plan.fields() + field];
      const double left =
          information_left(information * kNatsPerStep, tried, plan.held(field), plan.compared_by(field));
      information = static_cast<std::uint8_t>(std::floor(left / kNatsPerStep));
    }
    from = to;
  }
  rows.open_cells.clear();
}

}  // namespace sidik
