// What the plain data say of a leak: which exports could have been its source, for someone who sees everything.
#pragma once

#include <cstddef>
#include <vector>

#include "lab/leak.h"

namespace sidik::lab {

struct OracleAnswer {
  /// ln P(rows drawn | export) for each export of the world; minus infinity where it lacks a leaked column.
  std::vector<double> log_likelihood;
  /// Rows that each export holds exactly as they were leaked, and the guilty agent model's Pr{guilty} of each
  /// (Papadimitriou and Garcia-Molina, every row guessed with p = 0.5), as ln of its complement: the two baselines.
  std::vector<double> held, log_innocent;
  /// Posterior over exports, each as likely before (the truth's feed is drawn so).
  std::vector<double> posterior;
  /// Exports within 10 : 1 of the best, best first.
  std::vector<std::size_t> group;
  /// Whether the plain data single out one group: what is outside the group has under a tenth of its best, and the
  /// truth is in it.
  bool traceable = false;
};

/// For leaks that have a source. A row drawn from export e has chance 1/n_e each; a row that e does not hold as leaked
/// is an error of chance 10^-4 spread over the union; with the lab's filter rate of 0.1 a feed that a condition
/// describes may be the warehouse filtered (so it gains at most ten, as in the model).
OracleAnswer ask_oracle(const World& world, const Leak& leak);

}  // namespace sidik::lab
