// The catalogue: the tables that say which exports are committed. Read and written inside transactions of the caller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "registry/audit.h"
#include "registry/database.h"
#include "registry/envelope.h"
#include "registry/leftovers.h"

namespace sidik {

/// An export as the catalogue has it: its envelope read, and the text that was signed.
struct StoredExport {
  Envelope envelope;
  std::string envelope_text;
  RunFile run;  // that it is in now: the one of its envelope, or one that was merged since; path is left out
};

/// A name that a writer has taken while it builds its run.
struct ReservedName {
  std::string name;
  std::string token;  // names the writer's lock file and the run that it builds
};

struct AuditTip {
  std::uint64_t lines = 0;
  std::string head;        // "" before the first line
  std::string state_head;  // head after the last line that changed state
};

struct StoredAuditLine {
  std::int64_t number = 0;
  bool changes_state = false;
  std::string text;
  std::string head;
};

class Catalogue {
 public:
  /// Makes the tables in the empty file at `path`.
  static void create(const std::filesystem::path& path, const Database::Options& options, const RegistryId& registry);
  /// Throws Error(kDamaged) where it is not the catalogue of `registry`, Error(kFailed) where it cannot be read.
  Catalogue(const std::filesystem::path& path, const Database::Options& options, const RegistryId& registry);

  Transaction read() const { return Transaction(database_, Transaction::Kind::kRead); }
  Transaction write() const { return Transaction(database_, Transaction::Kind::kWrite); }

  /// By sequence, or one, its signature verified. Rows are held against envelopes; Error(kDamaged) names what differs.
  std::vector<StoredExport> exports() const;
  std::optional<StoredExport> find(const std::string& name) const;
  /// Names as the rows have them: to tell leftovers by, not to trust.
  CommittedNames committed_names() const;
  /// The exports without a throw: what was signed, as far as it could be read, and a sentence in `damaged` for what
  /// could not or differs from it.
  std::vector<StoredExport> readable_exports(std::vector<std::string>& damaged) const;
  /// Hex, encrypted; nothing where the feed has none.
  std::optional<std::string> pinned_schema(const std::string& feed) const;
  std::vector<std::pair<std::string, std::string>> pinned_schemas() const;  // feed, encrypted
  /// Those that exports before the one of this sequence pinned, the first first.
  std::vector<std::pair<std::string, std::string>> schemas_pinned_before(std::uint64_t sequence) const;
  std::int64_t generation() const;
  AuditTip audit_tip() const;
  /// Where the audit ended when its last line was appended (no state_head); nothing of catalogues from before that was
  /// kept. Unsigned: it shows a line that went, not who knew what to change with it.
  std::optional<AuditTip> audit_end() const;
  std::vector<StoredAuditLine> audit_lines() const;
  std::optional<StoredAuditLine> audit_line(std::int64_t number) const;
  std::vector<ReservedName> reservations() const;
  /// What SQLite's own check finds, tables and counters that are not as we make them; empty where all is well.
  std::vector<std::string> integrity() const;

  void reserve(const ReservedName& reserved, UtcSeconds now) const;
  void drop_reservation(const std::string& token) const;
  /// Numbers for the next export and audit line are taken from here. REQUIRES: a write transaction.
  std::uint64_t next_sequence() const;
  void add_run(const RunFile& run) const;
  /// Adds its run as well.
  void add_export(const Envelope& envelope, const std::string& envelope_text) const;
  /// Appends a line signed by `key`; gives its number. REQUIRES: a write transaction.
  std::uint64_t append_audit(const RegistryKey& key, UtcSeconds at, const std::string& action,
                             const std::string& subject, const std::string& subject_digest,
                             std::uint64_t from = 0) const;

  /// A line as another catalogue of this registry had it. REQUIRES: a write transaction, and lines in their order.
  void keep_audit_line(const AuditLine& line, const std::string& text) const;

  const std::string& place() const { return database_.place(); }
  /// For tables of other files of this floor (known_keys.h).
  const Database& database() const { return database_; }

 private:
  class ExportRow;
  /// Statements of merged runs, read when a row first needs one.
  class Merges;
  StoredExport read_row(const ExportRow& row, const Merges& merges) const;
  void require_fit(const ExportRow& row, const StoredExport& stored) const;

  Database database_;
  RegistryId registry_;
};

}  // namespace sidik
