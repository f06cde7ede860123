// Making a damaged registry usable again: what is damaged is put away, never deleted, and what stands in signed lines
// elsewhere is written anew.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "registry/registry.h"

namespace sidik {

/// A run that was put away, and with it these exports: their names are free to be registered again.
struct PutAwayRun {
  std::string id;
  std::string why;                           // as the end of a sentence about its file
  std::vector<std::filesystem::path> files;  // where they are now; none of a run that was missing
  std::vector<CatalogueEntry> exports;
};

struct RepairResult {
  std::vector<PutAwayRun> put_away;
  std::vector<std::filesystem::path> rewritten;  // envelopes and removals, from the catalogue's signed copies
};

/// Reads every run whole and puts those away (to the folder `damaged`) that are not what was signed. Each is one
/// transaction, crash-safe as a removal is: its exports leave by signed removals, and the audit tells of it. Throws
/// Error(kKey) where `key` is not the investigators', Error(kDamaged) where the catalogue itself is damaged or behind.
RepairResult repair_runs(Registry& registry, const RegistryKey& key,
                         const std::function<void(std::uint64_t)>& progress);

}  // namespace sidik
