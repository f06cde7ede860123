// Traces leaks of a world and counts what became of them: by kind of leak and number of rows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lab/leak.h"
#include "trace/verdict.h"

namespace sidik::lab {

/// One traced leak.
struct Outcome {
  LeakKind kind;
  std::size_t rows;
  bool traceable = false;           // the oracle names one group
  bool right = false;               // ours, and the best source is in the oracle's group
  bool falsely_ours = false;        // said "ours" of what is not
  bool falsely_sure = false;        // a wrong source (outside the oracle's group) with posterior 0.9 and more
  bool missed = false;              // ours, and said "not ours"
  double best_posterior = 0;        // of the best source
  bool best_is_right = false;       // it is the true source or in its oracle's group
  double ours = 0.5;                // P(ours) as reported
  double excess = 0;                // bits by which the true source's posterior is dearer than the oracle's; clipped
  double counting = 0, guilty = 0;  // the baselines: 1 right, 0 wrong, between where several are best
  double seconds = 0;
  std::string said;  // the summary
};

struct Tally {
  std::size_t cases = 0, traceable = 0, right = 0, falsely_ours = 0, falsely_sure = 0, missed = 0;
  double excess = 0, counting = 0, guilty = 0;  // sums over traceable cases
  double seconds = 0;
};

/// Draws and traces `cases` leaks of `kind` with `rows` rows.
std::vector<Outcome> try_leaks(const World& world, LeakKind kind, std::size_t rows, std::size_t cases,
                               std::uint64_t seed);

Tally tally(const std::vector<Outcome>& outcomes);

/// The table by kind and rows, the worst kind first; the log loss against the oracle's, kinds weighed equally; and two
/// reliability tables with 95 % intervals (Wilson): P(ours), and the posterior of the best source.
std::string report(const std::vector<Outcome>& outcomes);

}  // namespace sidik::lab
