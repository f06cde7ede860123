// What somebody who knows the lab's generator, all tables and the damage makes of a leak as it is written: Bayes over
// the generator's own truths with the odds that the priors print.
#pragma once

#include <cstddef>
#include <vector>

#include "lab/leak.h"
#include "trace/verdict.h"

namespace sidik::lab {

struct OracleAnswer {
  double label = 1;  // posterior of the truth: its kind and its sources
  double hypotheses[kHypotheses] = {};
  std::vector<double> single;  // of each registered export: the only source
  std::vector<double> source;  // of each: a source, alone or in a mixture of two
  /// Registered exports within 10 : 1 of the best single source; of a mixture's truth, those that may stand for its
  /// first and its second source.
  std::vector<std::size_t> group, second_group;
  /// Whether the group is named beyond doubt: registered exports have half of the odds and more, those of the group
  /// ten elevenths of that, and the truth is in it. Of a mixture, pairs within 10 : 1 of the best have ten elevenths of
  /// all odds. Of others, the truth has.
  bool traceable = false;
  /// Rows that each registered export holds exactly as they are written, and ln of 1 - Pr{guilty} in the guilty agent
  /// model (Papadimitriou and Garcia-Molina, every row guessed with p = 0.5): the two baselines.
  std::vector<double> held, log_innocent;
};

/// Exact but for these: rows stand for themselves (the oracle knows whose each is, however damaged, and leaves out
/// those of strangers that pad a leak), it does not look at the order of rows, and samples of strangers, of shuffled
/// values and of several outsiders are plain to it.
OracleAnswer ask_oracle(const World& world, const Leak& leak);

}  // namespace sidik::lab
