// What killed writers left in the folder: recognised as nobody's by lock and catalogue, and removed by the next writer.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "registry/registry_folder.h"

namespace sidik {

/// The names in a registry's folders at one moment. Taken before the catalogue is read: whatever has its final name in
/// it was committed before, so the catalogue must know it.
struct FolderListing {
  std::vector<std::string> runs, locks, spill;
};
FolderListing list_folder(FileSystem& files, const RegistryFolder& folder);

struct FolderFindings {
  std::vector<std::string>
      unknown_envelopes;                // run ids with an envelope of a done commit that the catalogue does not know
  std::vector<std::string> unfinished;  // committed run ids whose envelope still has its pending name
  /// Nobody's files, in the order in which they may go.
  std::vector<std::filesystem::path> leftovers;
};

/// Holds the names against what is committed (run ids) and whose writers are alive (tokens).
FolderFindings examine_folder(const FolderListing& listing, const RegistryFolder& folder,
                              const std::set<std::string>& committed, const std::set<std::string>& alive);

/// Removes leftovers and gives unfinished envelopes their names. REQUIRES: a write transaction; findings made inside
/// it.
void sweep(FileSystem& files, const RegistryFolder& folder, const FolderFindings& findings);

}  // namespace sidik
