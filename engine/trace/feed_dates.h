// The dates of a feed's exports, and those that it should have: what was registered, what is missing, and between
// which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "registry/fingerprint_store.h"

namespace sidik {

/// The exports of one feed in date order. Exports without a feed are a feed of their own each.
struct Feed {
  std::string name;                    // "" for an export without a feed
  std::vector<ExportIndex> exports;    // those with a date first, by date
  std::vector<std::uint64_t> missing;  // one for each pair of neighbours: expected dates between them
  std::uint64_t expected = 0;          // from the first date to the last
  bool new_rows = false;               // has_new_rows_each_time(): no row of a date is an older one's, or between two
  std::uint64_t all_missing() const { return expected > exports.size() ? expected - exports.size() : 0; }
};

/// The feeds of the exports of kind `kind`. A feed's period is the median step between its dates: daily, weekly,
/// monthly, quarterly, yearly, or as many days as it is; fewer than three dates tell no period, and nothing is missing.
std::vector<Feed> feeds_of(const std::vector<ExportManifest>& exports, ExportKind kind);

}  // namespace sidik
