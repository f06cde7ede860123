#include "trace/assignment.h"

#include <algorithm>
#include <limits>

namespace sidik {

namespace {

std::vector<std::optional<std::size_t>> assign_all(std::span<const double> gains, std::size_t rows,
                                                   std::size_t columns) {
  std::vector<std::optional<std::size_t>> assigned(rows);
  if (rows == 0 || columns == 0) return assigned;
  const std::size_t n = std::max(rows, columns);
  const auto cost = [&](std::size_t r, std::size_t c) {
    return r < rows && c < columns ? -std::max(0.0, gains[r * columns + c]) : 0.0;
  };
  // Shortest augmenting paths with potentials; row and column 0 are the outside.
  std::vector<double> row_potential(n + 1), column_potential(n + 1);
  std::vector<std::size_t> row_of(n + 1), way(n + 1);
  for (std::size_t r = 1; r <= n; ++r) {
    row_of[0] = r;
    std::size_t at = 0;
    std::vector<double> least(n + 1, std::numeric_limits<double>::infinity());
    std::vector<char> used(n + 1);
    do {
      used[at] = 1;
      const std::size_t row = row_of[at];
      double delta = std::numeric_limits<double>::infinity();
      std::size_t next = 0;
      for (std::size_t c = 1; c <= n; ++c) {
        if (used[c]) continue;
        const double reduced = cost(row - 1, c - 1) - row_potential[row] - column_potential[c];
        if (reduced < least[c]) {
          least[c] = reduced;
          way[c] = at;
        }
        if (least[c] < delta) {
          delta = least[c];
          next = c;
        }
      }
      for (std::size_t c = 0; c <= n; ++c) {
        if (used[c]) {
          row_potential[row_of[c]] += delta;
          column_potential[c] -= delta;
        } else {
          least[c] -= delta;
        }
      }
      at = next;
    } while (row_of[at] != 0);
    while (at != 0) {
      row_of[at] = row_of[way[at]];
      at = way[at];
    }
  }
  for (std::size_t c = 1; c <= columns; ++c) {
    const std::size_t r = row_of[c];
    if (r >= 1 && r <= rows && gains[(r - 1) * columns + c - 1] > 0) assigned[r - 1] = c - 1;
  }
  return assigned;
}

}  // namespace

// The work grows with the cube of what takes part: of a sample of thousands of columns only those that gain anything
// do.
std::vector<std::optional<std::size_t>> assign(std::span<const double> gains, std::size_t rows, std::size_t columns) {
  std::vector<std::size_t> of_row, of_column;
  for (std::size_t r = 0; r < rows; ++r)
    if (const auto row = gains.subspan(r * columns, columns);
        std::any_of(row.begin(), row.end(), [](double gain) { return gain > 0; }))
      of_row.push_back(r);
  for (std::size_t c = 0; c < columns; ++c)
    if (std::any_of(of_row.begin(), of_row.end(), [&](std::size_t r) { return gains[r * columns + c] > 0; }))
      of_column.push_back(c);
  std::vector<double> left;
  for (const std::size_t r : of_row)
    for (const std::size_t c : of_column) left.push_back(gains[r * columns + c]);
  std::vector<std::optional<std::size_t>> assigned(rows);
  const auto found = assign_all(left, of_row.size(), of_column.size());
  for (std::size_t r = 0; r < found.size(); ++r)
    if (found[r]) assigned[of_row[r]] = of_column[*found[r]];
  return assigned;
}

}  // namespace sidik
