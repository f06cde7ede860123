// How an export becomes part of the registry: its name is reserved, its run built under a name of the writer's, and one
// transaction makes both permanent. A process killed anywhere leaves either the whole export or nothing that counts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "registry/registry_lock.h"
#include "registry/registry_state.h"

namespace sidik {

/// Removes what dead writers left, and runs that no export is in any more where nobody reads their generation.
/// REQUIRES: a write transaction; it is the caller's to commit.
void sweep_dead_writers(Registry::State& state);

/// What a commit needs beside the run.
struct ExportToCommit {
  const ExportManifest& manifest;
  RunFile run;           // built at Reservation::building()
  const Schema& schema;  // becomes the feed's pinned one where it has none yet
};

/// Whether the feed had a pinned schema when the name was reserved: then the export was held against it while it was
/// read.
enum class FeedState { kFree, kPinned };

/// A name that is this writer's until it commits or the object goes. Gone uncommitted, everything that it made is
/// removed.
class Reservation {
 public:
  /// Where the name is not free: the export that has it, with nothing reserved. Waits for another writer of the same
  /// name, up to the registry's `wait`, then throws Error(kBusy). Sweeps up after killed writers first.
  static std::unique_ptr<Reservation> take(Registry::State& state, const ExportDescription& description,
                                           std::optional<StoredExport>& existing);
  ~Reservation();
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

  /// Where the run is to be built.
  std::filesystem::path building() const { return state_.folder.building(token_); }

  /// Once only. Throws Error(kRefused) where the feed was pinned meanwhile to another schema, Error(kKey) where the key
  /// was revoked meanwhile.
  CatalogueEntry commit(const ExportToCommit& done, const RegistryKey& key);

 private:
  Reservation(Registry::State& state, std::unique_ptr<WriterLock> lock, FeedState feed);
  Envelope make_envelope(const ExportToCommit& done, const RegistryKey& key) const;
  void abandon() noexcept;

  Registry::State& state_;
  std::unique_ptr<WriterLock> lock_;
  std::string token_;
  FeedState feed_;
};

}  // namespace sidik
