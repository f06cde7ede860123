// Merging runs: from two or more immutable files a new one of all their live exports, in bounded memory.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "base/file_system.h"
#include "registry/run.h"
#include "registry/run_cursor.h"

namespace sidik {

struct MergeOptions {
  unsigned threads = 1;
  PageProgress progress;  // told the bytes of each page read, by several threads
};

/// Merges runs of one epoch (one is rewritten without its removed exports) to the file `path`, which must not exist:
/// records with their export sets, entries as a union without those that no live record has, positions, manifests,
/// under a fresh data key. Streams: memory goes with the number of runs and columns, not with their rows. Reads the
/// records twice, first for the counts that codes are chosen by. What was written is then read back, and the digest of
/// each export's records held against its manifest: Error(kDamaged) where a run or the merge would have changed any
/// export. On failure no file is left at `path`. `key` opens runs (Error(kKey) otherwise).
RunFile merge_runs(FileSystem& files, const RegistryKey& key, std::span<const std::shared_ptr<const Run>> runs,
                   const std::filesystem::path& path, const MergeOptions& options);

}  // namespace sidik
