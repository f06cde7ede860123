// The best one-to-one assignment of rows to columns of a table of gains.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace sidik {

/// For each of `rows` rows the column that it goes to, such that the sum of gains is greatest; nothing where every
/// choice left gains nothing. gains[r * columns + c]; values of 0 and less mean "rather not". Hungarian method, O(n^3).
std::vector<std::optional<std::size_t>> assign(std::span<const double> gains, std::size_t rows, std::size_t columns);

}  // namespace sidik
