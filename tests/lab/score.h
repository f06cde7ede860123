// Traces leaks of a world and judges each answer beside the oracle's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/leak.h"
#include "trace/verdict.h"

namespace sidik::lab {

/// One traced leak.
struct Outcome {
  LeakKind kind = LeakKind::kVerbatim;
  Truth truth = Truth::kRegistered;
  std::size_t rows = 0;
  bool traceable = false;  // somebody who sees everything names the truth or its group
  /// Said "ours", and the group named (of a mixture both, from 500 rows on with their shares within 5 points); or said
  /// "not ours".
  bool right = false;
  bool falsely_ours = false;  // said "ours" of what is not
  bool falsely_sure = false;  // a wrong source with posterior 0.9 and more, which the oracle does not believe in
  bool missed = false;        // ours, and said "not ours"
  double best_posterior = 0;  // of the best source
  bool best_is_true = false;  // it is among the true sources
  double ours = 0.5;          // P(ours) as reported
  double label = 0, oracle_label = 0;  // posterior of the true kind and sources, as reported and the oracle's
  double excess = 0;                   // bits by which it is dearer than the oracle's; both clipped to [0.01, 0.99]
  bool has_baselines = false;
  double counting = 0, guilty = 0;  // the baselines: 1 right, 0 wrong, between where several are best
  double seconds = 0;
  std::string truly, said, details;  // in words, for --show
  std::string leaked;                // as it was found
};

struct Tally {
  std::size_t cases = 0, traceable = 0, right = 0, falsely_ours = 0, falsely_sure = 0, missed = 0, compared = 0;
  double excess = 0, counting = 0, guilty = 0;  // sums; the baselines' over `compared` cases
  double seconds = 0;
};

/// Draws and traces `cases` leaks of `kind` with `rows` rows, several at a time. Deterministic in `seed` but for the
/// registry's key.
std::vector<Outcome> try_leaks(const World& world, LeakKind kind, std::size_t rows, std::size_t cases,
                               std::uint64_t seed, unsigned threads);

Tally tally(const std::vector<Outcome>& outcomes);

}  // namespace sidik::lab
