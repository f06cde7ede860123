// Where everything of a registry stands in its folder. FORMAT.md has the layout.
#pragma once

#include <filesystem>
#include <string>

#include "registry/manifest.h"

namespace sidik {

inline constexpr const char* kRunSuffix = ".run";
inline constexpr const char* kEnvelopeSuffix = ".envelope";
/// An envelope whose commit is not known to be done.
inline constexpr const char* kPendingSuffix = ".envelope.pending";
/// A signed removal, and the same while its commit is not known to be done; named by the first half of the SHA-256 of
/// the removed export's envelope.
inline constexpr const char* kRemovalSuffix = ".removal";
inline constexpr const char* kPendingRemovalSuffix = ".removal.pending";
/// A run that is being written, named by its writer's token.
inline constexpr const char* kBuildingSuffix = ".building";
inline constexpr const char* kLockSuffix = ".lock";

struct RegistryFolder {
  std::filesystem::path root;

  std::filesystem::path config() const { return root / "config"; }
  std::filesystem::path catalogue() const { return root / "catalogue.sqlite"; }
  std::filesystem::path runs() const { return root / "runs"; }
  std::filesystem::path locks() const { return root / "locks"; }
  std::filesystem::path spill() const { return root / "spill"; }
  /// Runs that `repair` put away; made by the first.
  std::filesystem::path damaged() const { return root / "damaged"; }

  /// `id` is a run's id in hex, `token` a writer's.
  std::filesystem::path run(const std::string& id) const { return runs() / (id + kRunSuffix); }
  std::filesystem::path envelope(const std::string& id) const { return runs() / (id + kEnvelopeSuffix); }
  std::filesystem::path pending_envelope(const std::string& id) const { return runs() / (id + kPendingSuffix); }
  std::filesystem::path removal(const std::string& id) const { return runs() / (id + kRemovalSuffix); }
  std::filesystem::path pending_removal(const std::string& id) const { return runs() / (id + kPendingRemovalSuffix); }
  std::filesystem::path building(const std::string& token) const { return runs() / (token + kBuildingSuffix); }
  std::filesystem::path writer_lock(const std::string& token) const { return locks() / (token + kLockSuffix); }
  std::filesystem::path reader_lock(std::int64_t generation) const {
    return locks() / ("readers-" + std::to_string(generation));
  }
};

}  // namespace sidik
