#include "trace/assignment.h"

#include <algorithm>
#include <limits>

namespace sidik {

std::vector<std::optional<std::size_t>> assign(std::span<const double> gains, std::size_t rows, std::size_t columns) {
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

}  // namespace sidik
