// What waits for a key: work that the keys which registered exports cannot do, and that nobody has done since. Told
// from what stands in clear.
#pragma once

#include <string>
#include <vector>

#include "registry/registry.h"

namespace sidik {

/// Names of exports, by (feed, date, name).
struct WaitingWork {
  /// Registered with register keys, each in a run of its own, since a key that opens runs last looked at all of them
  /// (`sidik compact`). Empty where the epoch has no other run to merge with.
  std::vector<std::string> merging;
  /// Registered since the investigators' key last held canaries against everything (`sidik canary list`), where
  /// somebody may have a canary's number now: behind a sealed export, or sealed with a register key.
  std::vector<std::string> vacancy;

  bool empty() const { return merging.empty() && vacancy.empty(); }
};

/// `entries` are registry.list(). What the audit says of itself is not verified here: `check` does.
WaitingWork waiting_work(const Registry& registry, const std::vector<CatalogueEntry>& entries);

}  // namespace sidik
