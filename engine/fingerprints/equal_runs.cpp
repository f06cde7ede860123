#include "fingerprints/equal_runs.h"

#include <cstring>

namespace sidik {
namespace {

/// Most neighbours differ, and most of these in their last bytes: those are asked for first.
bool equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.size() >= 8) {
    std::uint64_t end_of_a, end_of_b;
    std::memcpy(&end_of_a, a.data() + a.size() - 8, 8);
    std::memcpy(&end_of_b, b.data() + b.size() - 8, 8);
    return end_of_a == end_of_b && std::memcmp(a.data(), b.data(), a.size() - 8) == 0;
  }
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

}  // namespace

void find_runs(std::span<const std::string_view> raw, std::span<const std::uint8_t> flags, EqualRuns& out) {
  out.raw.resize(raw.size());
  out.flags.resize(flags.size());
  out.run_of_row.resize(raw.size());
  std::size_t runs = 0;
  for (std::size_t r = 0; r < raw.size(); ++r) {
    const bool flagged = !flags.empty();
    if (r == 0 || !equal(raw[r], raw[r - 1]) || (flagged && flags[r] != flags[r - 1])) {
      out.raw[runs] = raw[r];
      if (flagged) out.flags[runs] = flags[r];
      ++runs;
    }
    out.run_of_row[r] = static_cast<std::uint32_t>(runs - 1);
  }
  out.raw.resize(runs);
  if (!flags.empty()) out.flags.resize(runs);
}

}  // namespace sidik
