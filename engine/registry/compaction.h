// Which runs are worth merging, and merging them: step by step, each committed before the next.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "registry/registry.h"

namespace sidik {

struct CompactionProgress {
  std::size_t step = 0, steps = 0;  // from 1
  std::uint64_t bytes = 0;          // read so far in this step
  std::uint64_t total_bytes = 0;
};

struct CompactionOptions {
  unsigned threads = 1;
  std::uint64_t bytes_a_second = 0;  // of what is read, at most; 0 for as fast as it goes
  std::function<void(const CompactionProgress&)> progress;
};

/// One merge: of which exports, in how many runs, and what is expected or was found.
struct CompactionStep {
  std::vector<std::string> runs;     // ids, hex
  std::vector<std::string> exports;  // names
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;  // an estimate in a plan
};

struct CompactionReport {
  std::vector<CompactionStep> steps;
  std::vector<std::string> set_aside;  // exports whose runs were not looked at: no key that may registered them
  std::uint64_t runs_before = 0, runs_after = 0;
  std::uint64_t bytes_before = 0, bytes_after = 0;
};

/// What `compact` would do, and what it would gain as far as samples of the runs tell. A group of more runs than a step
/// takes in is shown as one step. Throws Error(kKey) where `key` may not merge.
CompactionReport plan_compaction(Registry& registry, const RegistryKey& key);

/// Merges what gains: runs of one epoch of which each saves a tenth of its bytes beside the others, and runs that hold
/// removed exports. Each step is committed by itself: a process that ends in the middle has lost one step, and the next
/// call goes on from there. Throws Error(kBusy) where another process merges just now.
CompactionReport compact(Registry& registry, const RegistryKey& key, const CompactionOptions& options);

/// After a registration: merges the newest run with others of about its size where eight or more gain together and are
/// small enough for nobody to wait long; looks at the registry at every eighth export only. Does nothing, and throws
/// nothing, where the key may not merge or somebody else does.
void compact_after_registration(Registry& registry, const RegistryKey& key, unsigned threads) noexcept;

}  // namespace sidik
