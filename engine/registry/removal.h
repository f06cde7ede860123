// Removing an export: it leaves every answer at once, by a signed statement that the audit binds; its bytes go with its
// run or at the next merge.
#pragma once

#include <string>
#include <vector>

#include "registry/registry.h"

namespace sidik {

enum class BytesReturn {
  kAtNextMerge,  // of a run that other exports are in as well; that of an export alone goes at once
  kNow,
};

struct RemovalResult {
  CatalogueEntry entry;            // what was removed
  bool still_in_run = false;       // its records are in the run of others until the next merge
  std::uint64_t bytes_before = 0;  // of its run, and what is left of that
  std::uint64_t bytes_after = 0;
};

/// Throws Error(kFailed) where there is no such export, Error(kKey) where `key` is not the investigators'. Crash-safe
/// as a registration is.
RemovalResult remove_export(Registry& registry, const RegistryKey& key, const std::string& name, BytesReturn bytes);

/// What a retired epoch was.
struct RetiredEpoch {
  std::vector<CatalogueEntry> exports;  // that were removed, by sequence; none where it had none
  std::uint64_t bytes = 0;              // of their runs, which go as soon as nobody reads them
};

/// Removes all exports of an epoch that is over, in one transaction: no trace needs its secret any more. Throws
/// Error(kUsage) where `epoch` is the present one or none, Error(kKey) as above.
RetiredEpoch retire_epoch(Registry& registry, const RegistryKey& key, Epoch epoch);

}  // namespace sidik
