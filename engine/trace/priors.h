// What is believed before a sample is seen. Printed with every verdict, can be set, and varied for `robust`.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "trace/verdict.h"

namespace sidik {

struct Priors {
  double ours = 0.5;      // of everything
  double mixture = 0.05;  // of ours
  double unregistered_date =
      0.05;                        // a feed's unregistered dates beyond those that are missing, for each registered one
  double unregistered_feed = 0.2;  // of what is unregistered
  double same_people_elsewhere = 0.2;  // these four: shares of what is not ours, made to sum to it
  double strangers = 0.15;
  double fabricated = 0.1;
  double known_leak = 0.05;  // nothing where no external is registered

  /// With overrides by name. Throws Error(kUsage) for an unknown name or a value that is not a probability.
  static Priors with(const std::map<std::string, double>& overrides);
  /// Names and values in a fixed order, as a verdict gives them.
  std::vector<std::pair<std::string, double>> named() const;
  /// Probability of a hypothesis that is not ours. `externals`: whether any is registered.
  double outside(Hypothesis h, bool externals) const;
};

}  // namespace sidik
