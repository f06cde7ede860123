// The lab's tables: by kind of leak, and how far the odds hold.
#pragma once

#include <string>
#include <vector>

#include "lab/score.h"

namespace sidik::lab {

/// The table by kind, the worst first; the log loss against the oracle's, kinds weighed equally; right by truth; and
/// two reliability tables with 95 % intervals (Wilson): P(ours), and the posterior of the best source. Cases count
/// there as often as the priors have them: leaks of ours whose truth was drawn half, of outsiders the other half.
std::string report(const std::vector<Outcome>& outcomes);

}  // namespace sidik::lab
