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
#include "registry/audit.h"
#include "registry/fingerprint_store.h"
#include "registry/run.h"

namespace sidik {

class KnownKeys;

/// One line of the catalogue, readable without a key: the export's signed envelope.
struct CatalogueEntry {
  ExportDescription description;
  RunFile run;
  std::uint64_t rows = 0;
  std::string content_digest;
  std::string records_digest;
  PublicKey signer{};     // the key that registered it
  std::string set_aside;  // why it does not count, as the end of a sentence about it; empty where it does
};

struct RegistryOptions {
  std::filesystem::path directory;
  std::chrono::milliseconds wait{10000};  // for a lock, before Error(kBusy)
  FileSystem* files = nullptr;            // posix_file_system() where null
  std::string sqlite_vfs{};               // SQLite's name of the file layer for the catalogue; its default where empty
};

/// A line of the audit, and the chain's head after it.
struct AuditEntry {
  AuditLine line;
  std::string head;
};

/// What `check` found; empty lists mean clean.
struct CheckReport {
  std::uint64_t exports = 0, runs = 0, bytes = 0;
  std::vector<std::string> damaged;    // a sentence each: which file, what, which exports it takes with it
  std::vector<std::string> set_aside;  // exports that do not count, each with why
  /// Names of those exports, by sequence, whose run, signed envelope and copy of that are whole, whatever else is
  /// damaged.
  std::vector<std::string> whole;
  std::vector<std::string>
      leftovers;  // files that belong to nothing committed (harmless; the next writer removes them)
  std::optional<std::uint64_t> head_line;  // the audit line of the head that was asked for
  bool clean() const { return damaged.empty() && set_aside.empty(); }
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
  /// Error(kKey) unless `key` is of this registry and, where it was exported, certified by its investigators.
  void require_key(const RegistryKey& key) const;
  /// The same, and Error(kKey) saying that `what` needs the investigators' key where it is another.
  void require_investigators(const RegistryKey& key, const char* what) const;

  /// Committed exports, by (feed, at, name); set aside ones say why. Error(kDamaged) where a signature does not fit.
  std::vector<CatalogueEntry> list() const;
  std::optional<CatalogueEntry> find(const std::string& name) const;
  /// The schema that the feed's first export pinned, opened with the key's schema secret.
  std::optional<Schema> pinned_schema(const std::string& feed, const RegistryKey& key) const;

  /// The keys that the investigators exported, by name, and the fingerprint epoch that exports are registered in now.
  KnownKeys keys() const;
  /// Certifies `exported` (certificate.h), revokes a key, begins the epoch of `investigators`: each with its line of
  /// the audit, as known_keys.h has it. Error(kKey) where `investigators` is no such key.
  void add_key(const RegistryKey& investigators, const RegistryKey& exported);
  void revoke_key(const RegistryKey& investigators, const std::string& name, std::optional<std::uint64_t> from);
  void begin_epoch(const RegistryKey& investigators);
  /// Appends to the audit what was done with `key`, where it changes nothing else.
  void note(const RegistryKey& key, const std::string& action, const std::string& subject,
            const std::string& subject_digest) const;

  /// The audit from its first line on, as it stands: `check` says whether it is whole.
  std::vector<AuditEntry> audit() const;

  /// A snapshot to ask, without what is set aside. It stays whole while others register, merge and remove.
  std::unique_ptr<FingerprintStore> snapshot(const RegistryKey& key) const;

  /// Every file against its envelope and the catalogue; with `key` every block and record as well (--read-data). With
  /// `head` (hex, or its first 16 digits or more) also that the audit holds that head, so that nothing up to it was cut
  /// or changed.
  CheckReport check(const RegistryKey* key, const std::function<void(std::uint64_t)>& progress,
                    const std::string& head = {}) const;

  struct State;
  State& state() const { return *state_; }

 private:
  explicit Registry(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sidik
