// Whether canaries look real: to a classifier that is told which rows they are, and to a thief who has two months.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sidik::looks {

struct Looks {
  std::size_t canaries = 0, compared = 0;  // planted; real rows that they were compared with
  double auc = 0;                          // of the classifier against real rows
  double naive_auc = 0;                    // the same for rows whose cells were drawn one by one: what it can find
  double found = 0;                        // share of the canaries that go with the 1 % of the real rows most like them
  double real_lost = 0, lost = 0;          // shares of real rows and canaries whose identity is not in the next month
  double real_changed = 0, changed = 0;    // the same for rows that are not in it as they are
  std::size_t invalid = 0;                 // values of canaries that their types do not accept where the base's do
  std::vector<std::pair<std::string, double>> telling;  // what the classifier goes by: features, shares of its gain
  std::vector<std::pair<std::string, double>>
      alone;  // area that each feature has by itself, furthest from a half first
};

/// Canaries, one in some hundred rows, in two months of a layout of the fixtures: those of `people` whom the filter
/// keeps.
Looks look_at(const std::string& layout, const std::string& filter, std::uint64_t people, std::uint64_t seed);

}  // namespace sidik::looks
