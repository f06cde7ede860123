// Making a registry's catalogue anew where it is lost or damaged, from the signed lines that stand elsewhere.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "registry/registry.h"

namespace sidik {

struct RebuildResult {
  std::uint64_t exports = 0, removals = 0;
  std::uint64_t audit_lines = 0;     // of the old audit, kept as they were
  bool audit_is_whole = false;       // the old catalogue gave it to the end
  std::vector<std::string> lost;     // names of exports of which nothing but the audit tells
  std::vector<std::string> revoked;  // keys that do not count from here on, for nobody knows whether they were
  std::vector<std::filesystem::path> put_away;  // the old catalogue, and envelopes that no signature makes ours
};

/// Puts the old catalogue away (to the folder `damaged`) and makes another: exports, merges and removals as their
/// signed lines say, the audit as far as it can be read and a line `rebuild` behind it. Where it could not be read to
/// its end, a revocation may be lost with it: then all exported keys are revoked from that line on, so that what they
/// registered counts only where the audit that was saved tells of it, but for those named in `trusted`. The old
/// catalogue is replaced in one step: a crash leaves it, or the new one.
/// Nobody may be registering. Throws Error(kKey) where `key` is not the investigators', Error(kBusy) where a writer
/// lives, Error(kUsage) where a trusted name is of no key.
RebuildResult rebuild_catalogue(const RegistryOptions& options, const RegistryKey& key,
                                const std::vector<std::string>& trusted);

}  // namespace sidik
