// Leakers filter before they leak, and so do those who gather strangers: every hypothesis may hold within a simple
// condition.
#pragma once

#include <span>
#include <string>

namespace sidik {

/// What each condition is worth before the sample is seen, and all of them together at most.
inline constexpr double kConditionPrior = 0.1;
inline constexpr double kConditionsAtMost = 0.5;

/// How far a condition narrows one hypothesis: ln of P(S | h, c) / P(S | h, unfiltered), normalised within c. For a
/// sample inside a condition that keeps the share p of the hypothesis' rows that is -rows x ln p; each row outside it
/// has crossed the condition's edge since its feed was registered (kEdge).
inline constexpr double kEdge = 1e-2;
double log_condition(double rows_inside, double rows_outside, double share);

/// ln of P(S | h) / P(S | h, unfiltered), of the conditions' log_condition values. 0 for none.
double log_selection(std::span<const double> conditions);

}  // namespace sidik
