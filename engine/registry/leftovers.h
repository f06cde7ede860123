// What killed writers left in the folder: recognised as nobody's by lock and catalogue, and removed by the next writer.
#pragma once

#include <initializer_list>
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

/// What the catalogue knows, by the names that its files have.
struct CommittedNames {
  CommittedNames() = default;
  CommittedNames(std::initializer_list<std::string> run_ids) : runs(run_ids) {}
  std::set<std::string> runs;      // ids of runs that exports are in
  std::set<std::string> dropped;   // ids of runs that none is in any more: their files stay while somebody reads them
  std::set<std::string> removals;  // of removed exports
};

struct FolderFindings {
  /// Run ids with an envelope of a done commit that the catalogue does not know, and removals of which it does not.
  std::vector<std::string> unknown_envelopes, unknown_removals;
  std::vector<std::string> unfinished;  // committed run ids whose envelope still has its pending name
  std::vector<std::string> unfinished_removals;
  std::vector<std::filesystem::path> dropped;  // files of dropped runs, each run before its envelope
  /// Nobody's files, in the order in which they may go.
  std::vector<std::filesystem::path> leftovers;
};

/// Holds the names against what is committed and whose writers are alive (tokens).
FolderFindings examine_folder(const FolderListing& listing, const RegistryFolder& folder,
                              const CommittedNames& committed, const std::set<std::string>& alive);

/// Gives a committed file its final name, or finds that somebody has: a writer does this after its transaction, when
/// the next one may be sweeping already. Throws Error where neither is so.
void finish_rename(FileSystem& files, const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes leftovers and gives unfinished envelopes and removals their names. REQUIRES: a write transaction; findings
/// made inside it.
void sweep(FileSystem& files, const RegistryFolder& folder, const FolderFindings& findings);

}  // namespace sidik
