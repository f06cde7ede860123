// How a merged run takes the place of those that it was merged from: built under a name of the writer's, swapped in by
// one transaction, and the old runs gone when nobody reads them any more. A process killed anywhere leaves the old
// state or the new.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "registry/registry_lock.h"
#include "registry/registry_state.h"
#include "registry/run_merge.h"

namespace sidik {

/// The runs that exports are in, and those exports.
struct RunInUse {
  RunFile file;
  std::vector<StoredExport> exports;
};
/// All runs at one moment, by id, with the lock by which their files stay while it is held.
struct RunsInUse {
  std::vector<RunInUse> runs;
  std::unique_ptr<File> generation;
};
RunsInUse runs_in_use(const Registry::State& state);

/// Takes out the runs of which no export counts (known_keys.h): what nobody vouches for is read by no merge, and keeps
/// no other from being made. Gives the names of their exports.
std::vector<std::string> leave_out_set_aside(const Registry::State& state, RunsInUse& in_use);

/// Opens one for merging: exports of its file that are not among `use.exports` count as removed. Holds manifests and
/// file against what was signed.
std::shared_ptr<const Run> open_for_merge(const Registry::State& state, const RunInUse& use, const RegistryKey& key);

/// The right to merge in this registry, which one process has at a time. While it is held, files that it builds are not
/// swept.
class MergeTurn {
 public:
  /// Nothing where another process merges just now. Throws Error(kKey) where `key` may not merge.
  static std::unique_ptr<MergeTurn> take(Registry::State& state, const RegistryKey& key);
  /// The same, and waits for that process as long as the registry was opened to wait.
  static std::unique_ptr<MergeTurn> await(Registry::State& state, const RegistryKey& key);
  ~MergeTurn();
  MergeTurn(const MergeTurn&) = delete;
  MergeTurn& operator=(const MergeTurn&) = delete;

  /// Merges the runs with these ids (hex) into one; one is rewritten without what was removed from it. Durable when
  /// this returns. Throws Error(kUsage) where an id is of no run.
  RunFile merge(const std::set<std::string>& ids, const MergeOptions& options);

 private:
  MergeTurn(Registry::State& state, const RegistryKey& key, std::unique_ptr<WriterLock> lock);
  void commit(const RunFile& merged, const std::vector<RunInUse>& from);

  Registry::State& state_;
  const RegistryKey& key_;
  std::unique_ptr<WriterLock> lock_;
};

/// Throws Error(kKey) unless `key` opens runs and its holder may sign a merge.
void require_may_merge(const Registry::State& state, const RegistryKey& key);

}  // namespace sidik
