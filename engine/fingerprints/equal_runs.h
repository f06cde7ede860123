// Runs of equal neighbours in a column of a batch: sorted tables, households and copied-down cells have many, and each
// needs to be looked at once.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sidik {

/// The first value of each run, and which run each row is in. Reused: keeps its capacity.
struct EqualRuns {
  std::vector<std::string_view> raw;  // one a run
  std::vector<std::uint8_t> flags;    // one a run, where rows have flags
  std::vector<std::uint32_t> run_of_row;

  std::size_t size() const { return raw.size(); }
};

/// Finds the runs of rows whose values are equal byte for byte, and whose flags are (one a row, or none at all). Null
/// pointers are empty values. Costs about a nanosecond a row where neighbours differ.
void find_runs(std::span<const std::string_view> raw, std::span<const std::uint8_t> flags, EqualRuns& out);

}  // namespace sidik
