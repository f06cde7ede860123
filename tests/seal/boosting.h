// How well gradient-boosted trees (XGBoost) tell two kinds of rows apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sidik::looks {

/// A row's features; all rows have as many. NaN is missing.
using Features = std::vector<float>;

/// Scores of each row by trees that have seen neither it nor another row of its group (five parts, each scored by trees
/// of the other four); larger is more like label 1. Deterministic. Throws std::runtime_error with the library's words.
std::vector<double> held_out_scores(const std::vector<Features>& rows, const std::vector<std::uint8_t>& labels,
                                    const std::vector<std::uint64_t>& groups);

/// The features that trees of all rows gain most by: place and share of the gain, the largest share first.
std::vector<std::pair<std::size_t, double>> telling_features(const std::vector<Features>& rows,
                                                             const std::vector<std::uint8_t>& labels);

/// The chance that a row of label 1 scores above one of label 0, ties counted half.
double area_under_curve(const std::vector<double>& scores, const std::vector<std::uint8_t>& labels);

/// The share of label 1 among the highest scores when so large a share of label 0 is among them.
double found_at(const std::vector<double>& scores, const std::vector<std::uint8_t>& labels, double given_up);

}  // namespace sidik::looks
