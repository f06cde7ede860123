#include "trace/repeated_columns.h"

namespace sidik {

std::vector<RepeatedColumn> repeated_columns(std::span<const ReadValues* const> columns) {
  std::vector<RepeatedColumn> repeated;
  for (std::size_t g = 1; g < columns.size(); ++g) {
    for (std::size_t f = 0; f < g; ++f) {
      if (columns[f] == nullptr || columns[g] == nullptr) continue;
      const ReadValues& first = *columns[f];
      const ReadValues& second = *columns[g];
      double both = 0;
      double equal = 0;
      for (std::size_t r = 0; r < first.states.size(); ++r) {
        if (first.states[r] != ValueState::kValid || second.states[r] != ValueState::kValid) continue;
        both += 1;
        equal += first.fingerprints[r] == second.fingerprints[r] ? 1 : 0;
      }
      if (equal > 0) repeated.push_back({f, g, equal / both});
    }
  }
  return repeated;
}

}  // namespace sidik
