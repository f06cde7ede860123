// A registry on disk: its folder, catalogue, envelopes and locks; what can be done with it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "registry/fingerprint_store.h"
#include "registry/run.h"

namespace sidik {

/// One line of the catalogue, readable without a key: the export's signed envelope.
struct CatalogueEntry {
  ExportDescription description;
  RunFile run;
  std::uint64_t rows = 0;
  std::string content_digest;
  std::string records_digest;
};

struct RegistryOptions {
  std::filesystem::path directory;
  std::chrono::milliseconds wait{10000};  // for a lock, before Error(kBusy)
  FileSystem* files = nullptr;            // posix_file_system() where null
  std::string sqlite_vfs{};               // SQLite's name of the file layer for the catalogue; its default where empty
};

/// What `check` found; empty lists mean clean.
struct CheckReport {
  std::uint64_t exports = 0, runs = 0, bytes = 0;
  std::vector<std::string> damaged;  // a sentence each: which file, what, which exports it takes with it
  std::vector<std::string>
      leftovers;  // files that belong to nothing committed (harmless; the next writer removes them)
  bool clean() const { return damaged.empty(); }
};

/// An open registry. One object a thread; several processes may have one open at the same time.
class Registry {
 public:
  /// Makes the folder (Error(kUsage) where it holds anything) and its empty catalogue, for a fresh key.
  static void create(const RegistryOptions& options, const RegistryKey& key);
  /// Error(kUsage) with what to do where there is no registry; Error(kDamaged) for a newer format or a broken
  /// catalogue.
  static Registry open(const RegistryOptions& options);
  Registry(Registry&&) noexcept;
  ~Registry();

  const RegistryId& id() const;
  const std::filesystem::path& directory() const;
  FileSystem& files() const;
  /// Error(kKey) unless `key` is of this registry.
  void require_key(const RegistryKey& key) const;

  /// All committed exports, ordered by (feed, at, name).
  std::vector<CatalogueEntry> list() const;
  std::optional<CatalogueEntry> find(const std::string& name) const;
  /// The schema that the feed's first export pinned, opened with the key's schema secret.
  std::optional<Schema> pinned_schema(const std::string& feed, const RegistryKey& key) const;

  /// A snapshot to ask. It stays whole while others register, merge and remove.
  std::unique_ptr<FingerprintStore> snapshot(const RegistryKey& key) const;

  /// Every file against its envelope and the catalogue; with `key` every block and record as well (--read-data).
  CheckReport check(const RegistryKey* key, const std::function<void(std::uint64_t)>& progress) const;

  struct State;
  State& state() const { return *state_; }

 private:
  explicit Registry(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sidik
