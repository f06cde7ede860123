#include "registry/catalogue.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "base/bytes.h"
#include "base/error.h"
#include "base/parallel.h"
#include "registry/run_ledger.h"

namespace sidik {
namespace {

// Where the audit ends, so that it is missed when a line is taken from its end. Made with the first line of a program
// that knows it.
constexpr const char* kAuditEnd =
    "CREATE TABLE IF NOT EXISTS audit_end (place INTEGER PRIMARY KEY CHECK (place = 1), lines INTEGER NOT NULL,"
    " head TEXT NOT NULL) STRICT";

/// Format 2 has the tables of run_ledger.cpp.
constexpr int kCatalogueFormat = 2;

// Columns beside the envelope are there to be read with any SQLite shell; whoever edits one makes it differ from the
// envelope.
constexpr const char* kTables = R"sql(
  PRAGMA application_id = 0x5369646b;
  CREATE TABLE registry (id TEXT NOT NULL, generation INTEGER NOT NULL, last_sequence INTEGER NOT NULL) STRICT;
  CREATE TABLE runs (id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, length INTEGER NOT NULL, digest TEXT NOT NULL,
                     key_commitment TEXT NOT NULL) STRICT;
  CREATE TABLE exports (sequence INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, feed TEXT NOT NULL,
                        recipient TEXT NOT NULL, kind TEXT NOT NULL, at TEXT, sent_at TEXT, registered_at TEXT NOT NULL,
                        registered_by TEXT NOT NULL, rows INTEGER NOT NULL, run TEXT NOT NULL REFERENCES runs (id),
                        envelope TEXT NOT NULL) STRICT;
  CREATE TABLE feeds (name TEXT PRIMARY KEY, pinned_schema TEXT NOT NULL,
                      pinned_by INTEGER NOT NULL REFERENCES exports (sequence)) STRICT;
  CREATE TABLE audit (number INTEGER PRIMARY KEY, changes_state INTEGER NOT NULL, line TEXT NOT NULL,
                      head TEXT NOT NULL) STRICT;
  CREATE TABLE reservations (name TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, since TEXT NOT NULL) STRICT;
  PRAGMA user_version = 1;
)sql";

constexpr std::string_view kExportRows =
    "SELECT e.name, e.feed, e.recipient, e.kind, e.at, e.sent_at, e.registered_at, e.registered_by, e.rows, e.sequence,"
    " e.run, e.envelope, r.epoch, r.length, r.digest, r.key_commitment"
    " FROM exports e LEFT JOIN runs r ON r.id = e.run";

std::optional<std::string> date_text(const std::optional<UtcSeconds>& date) {
  if (!date) return std::nullopt;
  return format_utc(*date);
}

}  // namespace

/// A row of kExportRows, copied out of SQLite, which gives one at a time: reading envelopes takes longer, and is done
/// on all threads.
class Catalogue::ExportRow {
 public:
  explicit ExportRow(const Statement& row) {
    for (const int column : {8, 9, 12, 13}) numbers_[static_cast<std::size_t>(column)] = row.number(column);
    for (const int column : {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 14, 15})
      texts_[static_cast<std::size_t>(column)] = row.optional_text(column);
  }
  std::string text(std::size_t column) const { return texts_[column].value_or(std::string()); }
  const std::optional<std::string>& optional_text(std::size_t column) const { return texts_[column]; }
  std::int64_t number(std::size_t column) const { return numbers_[column]; }

  /// The columns that say otherwise than the envelope, and of the run that it is in otherwise than is said of that.
  std::string differing(const Envelope& envelope, const RunFile& run) const;

 private:
  static constexpr std::size_t kColumns = 16;
  std::array<std::optional<std::string>, kColumns> texts_;
  std::array<std::int64_t, kColumns> numbers_{};
};

std::string Catalogue::ExportRow::differing(const Envelope& envelope, const RunFile& run) const {
  const ExportDescription& said = envelope.entry.description;
  const std::pair<const char*, bool> fits[] = {
      {"name", text(0) == said.name},
      {"feed", text(1) == said.feed},
      {"recipient", text(2) == said.recipient},
      {"kind", text(3) == kind_name(said.kind)},
      {"at", optional_text(4) == date_text(said.at)},
      {"sent_at", optional_text(5) == date_text(said.sent_at)},
      {"registered_at", text(6) == format_utc(said.registered_at)},
      {"registered_by", text(7) == said.registered_by},
      {"rows", number(8) == static_cast<std::int64_t>(envelope.entry.rows)},
      {"sequence", number(9) == static_cast<std::int64_t>(envelope.sequence)},
      {"run", text(10) == to_hex(run.id)},
      {"the run's epoch", number(12) == static_cast<std::int64_t>(run.epoch)},
      {"the run's length", number(13) == static_cast<std::int64_t>(run.length)},
      {"the run's digest", text(14) == to_hex(run.digest)},
      {"the run's key_commitment", text(15) == to_hex(run.key_commitment)},
  };
  std::string names;
  for (const auto& [name, fit] : fits)
    if (!fit) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

void Catalogue::create(const std::filesystem::path& path, const Database::Options& options,
                       const RegistryId& registry) {
  const Database database(path, options);
  Transaction transaction(database, Transaction::Kind::kWrite);
  database.execute(kTables);
  database.prepare("INSERT INTO registry VALUES (?, 0, 0)").bind(1, to_hex(registry)).run();
  transaction.commit();
}

Catalogue::Catalogue(const std::filesystem::path& path, const Database::Options& options, const RegistryId& registry)
    : database_(path, options), registry_(registry) {
  auto version = database_.prepare("PRAGMA user_version");
  version.step();
  if (version.number(0) > kCatalogueFormat)
    throw Error(ErrorKind::kDamaged, place(),
                "the catalogue has format " + std::to_string(version.number(0)) + ", this program reads up to " +
                    std::to_string(kCatalogueFormat) + "; install a newer sidik");
  if (version.number(0) < 1)
    throw Error(ErrorKind::kDamaged, place(), "is not the catalogue of a registry; put back a copy of it");
  auto id = database_.prepare("SELECT id FROM registry");
  if (!id.step() || id.text(0) != to_hex(registry))
    throw Error(ErrorKind::kDamaged, place(), "is the catalogue of another registry; put back the right one");
}

/// May be asked by many threads at once.
class Catalogue::Merges {
 public:
  explicit Merges(const Catalogue& catalogue) : catalogue_(catalogue), texts_(RunLedger(catalogue).merges()) {}

  /// The run of that id, where it was merged from the export with that envelope; else nothing.
  const RunFile* run_of(const std::string& id, const std::string& envelope_text) const {
    const auto text = texts_.find(id);
    if (text == texts_.end()) return nullptr;
    const MergeStatement* statement = nullptr;
    {
      const std::lock_guard lock(mutex_);
      auto known = statements_.find(id);
      if (known == statements_.end())
        known = statements_
                    .emplace(id, read_merge(text->second, catalogue_.registry_, catalogue_.place() + ", run " + id,
                                            Verification::kFormOnly))
                    .first;
      statement = &known->second;
    }
    return statement->holds(to_hex(sha256(envelope_text))) ? &statement->run : nullptr;
  }

 private:
  const Catalogue& catalogue_;
  std::map<std::string, std::string> texts_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, MergeStatement> statements_;
};

StoredExport Catalogue::read_row(const ExportRow& row, const Merges& merges) const {
  const std::string place = this->place() + ", export '" + row.text(0) + "'";
  StoredExport stored;
  stored.envelope_text = row.text(11);
  stored.envelope = read_envelope(stored.envelope_text, registry_, place, Verification::kFormOnly);
  stored.run = stored.envelope.entry.run;
  if (const std::string id = row.text(10); id != to_hex(stored.run.id))
    if (const RunFile* merged = merges.run_of(id, stored.envelope_text)) stored.run = *merged;
  return stored;
}

void Catalogue::require_fit(const ExportRow& row, const StoredExport& stored) const {
  const std::string names = row.differing(stored.envelope, stored.run);
  if (!names.empty())
    throw Error(ErrorKind::kDamaged, place() + ", export '" + row.text(0) + "'",
                "its row differs from its signed envelope in " + names + "; run `sidik check`");
}

std::vector<StoredExport> Catalogue::exports() const {
  std::vector<ExportRow> rows;
  {
    auto row = database_.prepare(std::string(kExportRows) + " ORDER BY e.sequence");
    while (row.step()) rows.emplace_back(row);
  }
  const Merges merges(*this);
  std::vector<StoredExport> all(rows.size());
  constexpr std::size_t kSome = 32;  // a thread is not worth fewer
  parallel_for(default_threads(), (rows.size() + kSome - 1) / kSome, [&](std::size_t some) {
    const std::size_t end = std::min(rows.size(), (some + 1) * kSome);
    for (std::size_t e = some * kSome; e < end; ++e) {
      all[e] = read_row(rows[e], merges);
      require_fit(rows[e], all[e]);
    }
  });
  return all;
}

std::vector<StoredExport> Catalogue::readable_exports(std::vector<std::string>& damaged) const {
  std::vector<StoredExport> all;
  try {
    const Merges merges(*this);
    auto row = database_.prepare(std::string(kExportRows) + " ORDER BY e.sequence");
    while (row.step()) {
      try {
        const ExportRow copied(row);
        all.push_back(read_row(copied, merges));
        require_fit(copied, all.back());  // what was signed stands, whatever its row says
      } catch (const Error& error) {
        damaged.emplace_back(error.what());
      }
    }
  } catch (const Error& error) {
    damaged.emplace_back(error.what());
  }
  return all;
}

CommittedNames Catalogue::committed_names() const {
  CommittedNames names;
  auto row = database_.prepare("SELECT run FROM exports");
  while (row.step()) names.runs.insert(row.text(0));
  const RunLedger ledger(*this);
  for (const auto& run : ledger.dropped()) names.dropped.insert(run.id);
  for (const auto& removal : ledger.removals()) names.removals.insert(removal_name(removal.envelope_text));
  return names;
}

std::optional<StoredExport> Catalogue::find(const std::string& name) const {
  auto row = database_.prepare(std::string(kExportRows) + " WHERE e.name = ?");
  row.bind(1, name);
  if (!row.step()) return std::nullopt;
  const ExportRow copied(row);
  StoredExport stored = read_row(copied, Merges(*this));
  require_fit(copied, stored);
  require_signature(stored.envelope_text, "envelope", stored.envelope.signer, place() + ", export '" + name + "'");
  return stored;
}

std::optional<std::string> Catalogue::pinned_schema(const std::string& feed) const {
  auto row = database_.prepare("SELECT pinned_schema FROM feeds WHERE name = ?");
  row.bind(1, feed);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

std::vector<std::pair<std::string, std::string>> Catalogue::pinned_schemas() const {
  std::vector<std::pair<std::string, std::string>> all;
  auto row = database_.prepare("SELECT name, pinned_schema FROM feeds ORDER BY name");
  while (row.step()) all.emplace_back(row.text(0), row.text(1));
  return all;
}

std::vector<std::pair<std::string, std::string>> Catalogue::schemas_pinned_before(std::uint64_t sequence) const {
  std::vector<std::pair<std::string, std::string>> all;
  auto row = database_.prepare("SELECT name, pinned_schema FROM feeds WHERE pinned_by < ? ORDER BY pinned_by");
  row.bind(1, static_cast<std::int64_t>(sequence));
  while (row.step()) all.emplace_back(row.text(0), row.text(1));
  return all;
}

std::int64_t Catalogue::generation() const {
  auto row = database_.prepare("SELECT generation FROM registry");
  if (!row.step()) throw Error(ErrorKind::kDamaged, place(), "the catalogue has lost its first row; run `sidik check`");
  return row.number(0);
}

AuditTip Catalogue::audit_tip() const {
  AuditTip tip;
  auto last = database_.prepare("SELECT number, head FROM audit ORDER BY number DESC LIMIT 1");
  if (!last.step()) return tip;
  tip.lines = static_cast<std::uint64_t>(last.number(0));
  tip.head = last.text(1);
  auto change = database_.prepare("SELECT line, head FROM audit WHERE changes_state = 1 ORDER BY number DESC LIMIT 1");
  if (change.step()) {
    tip.state_head = change.text(1);
    if (audit_head_after(change.text(0)) != tip.state_head)
      throw Error(ErrorKind::kDamaged, place(),
                  "the last line of the audit is not as it was written; run `sidik check`");
  }
  return tip;
}

std::vector<StoredAuditLine> Catalogue::audit_lines() const {
  std::vector<StoredAuditLine> lines;
  auto row = database_.prepare("SELECT number, changes_state, line, head FROM audit ORDER BY number");
  while (row.step()) lines.push_back({row.number(0), row.number(1) != 0, row.text(2), row.text(3)});
  return lines;
}

std::optional<StoredAuditLine> Catalogue::audit_line(std::int64_t number) const {
  auto row = database_.prepare("SELECT number, changes_state, line, head FROM audit WHERE number = ?");
  row.bind(1, number);
  if (!row.step()) return std::nullopt;
  return StoredAuditLine{row.number(0), row.number(1) != 0, row.text(2), row.text(3)};
}

std::vector<ReservedName> Catalogue::reservations() const {
  std::vector<ReservedName> all;
  auto row = database_.prepare("SELECT name, token FROM reservations ORDER BY name");
  while (row.step()) all.push_back({row.text(0), row.text(1)});
  return all;
}

namespace {

/// The definitions of all tables and indexes of `database`: "table exports" and the SQL that made it.
std::map<std::string, std::string> definitions(const Database& database) {
  std::map<std::string, std::string> all;
  auto row = database.prepare("SELECT type, name, tbl_name || ': ' || coalesce(sql, '') FROM sqlite_schema");
  while (row.step()) all[row.text(0) + " " + row.text(1)] = row.text(2);
  return all;
}

/// Whether the tables are those that we make. Later ones may stand beside them; what runs by itself may not.
void check_definitions(const Database& database, std::vector<std::string>& found) {
  const Database fresh(":memory:", {});
  fresh.execute(kTables);
  const auto is = definitions(database);
  auto format = database.prepare("PRAGMA user_version");
  const bool first_format = format.step() && format.number(0) == 1;
  for (const auto& [name, sql] : definitions(fresh)) {
    if (!first_format && name.find("feeds") != std::string::npos) continue;  // later formats make that table anew
    const auto at = is.find(name);
    if (at == is.end() || at->second != sql)
      found.push_back(database.place() + ": the definition of " + name + " is not the one that it was made with");
  }
  for (const auto& [name, sql] : is)
    if (name.starts_with("trigger ") || name.starts_with("view "))
      found.push_back(database.place() + ": holds a " + name + ", which no sidik makes");
}

/// What no envelope says: counters that follow from the other rows, and marks in the file's header.
void check_counters(const Database& database, std::vector<std::string>& found) {
  constexpr std::pair<const char*, const char*> kMustHold[] = {
      {"SELECT application_id = 0x5369646b FROM pragma_application_id", "the mark of its kind (application_id)"},
      {"SELECT count(*) = 1 AND max(rowid) = 1 FROM registry", "the number of rows in table registry"},
      {"SELECT generation >= 0 FROM registry", "the generation in table registry"},
      {"SELECT last_sequence BETWEEN (SELECT coalesce(max(sequence), 0) FROM exports) AND (SELECT count(*) FROM audit)"
       " FROM registry",
       "the last sequence in table registry"},
      {"SELECT count(*) = 0 FROM feeds f JOIN exports e ON e.sequence = f.pinned_by WHERE e.feed <> f.name",
       "the export that pinned a feed's schema in table feeds"},
  };
  for (const auto& [sql, what] : kMustHold) {
    auto row = database.prepare(sql);
    if (!row.step() || row.number(0) != 1)
      found.push_back(database.place() + ": " + what + " is not what the other rows let expect");
  }
}

}  // namespace

std::vector<std::string> Catalogue::integrity() const {
  std::vector<std::string> found;
  try {
    check_definitions(database_, found);
    check_counters(database_, found);
    auto row = database_.prepare("PRAGMA integrity_check(20)");
    while (row.step())
      if (row.text(0) != "ok") found.push_back(place() + ": " + row.text(0));
    auto keys = database_.prepare("PRAGMA foreign_key_check");
    while (keys.step())
      found.push_back(place() + ": a row of table " + keys.text(0) + " belongs to none of " + keys.text(2));
  } catch (const Error& error) {
    found.emplace_back(error.what());
  }
  return found;
}

void Catalogue::reserve(const ReservedName& reserved, UtcSeconds now) const {
  database_.prepare("INSERT INTO reservations VALUES (?, ?, ?)")
      .bind(1, reserved.name)
      .bind(2, reserved.token)
      .bind(3, format_utc(now))
      .run();
}

void Catalogue::drop_reservation(const std::string& token) const {
  database_.prepare("DELETE FROM reservations WHERE token = ?").bind(1, token).run();
}

std::uint64_t Catalogue::next_sequence() const {
  auto row = database_.prepare("SELECT last_sequence FROM registry");
  if (!row.step()) throw Error(ErrorKind::kDamaged, place(), "the catalogue has lost its first row; run `sidik check`");
  return static_cast<std::uint64_t>(row.number(0)) + 1;
}

void Catalogue::add_run(const RunFile& run) const {
  database_.prepare("INSERT INTO runs VALUES (?, ?, ?, ?, ?)")
      .bind(1, to_hex(run.id))
      .bind(2, static_cast<std::int64_t>(run.epoch))
      .bind(3, static_cast<std::int64_t>(run.length))
      .bind(4, to_hex(run.digest))
      .bind(5, to_hex(run.key_commitment))
      .run();
}

void Catalogue::add_export(const Envelope& envelope, const std::string& envelope_text) const {
  const ExportDescription& said = envelope.entry.description;
  const RunFile& run = envelope.entry.run;
  const auto sequence = static_cast<std::int64_t>(envelope.sequence);
  const std::string run_id = to_hex(run.id);
  add_run(run);
  database_.prepare("INSERT INTO exports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(1, sequence)
      .bind(2, said.name)
      .bind(3, said.feed)
      .bind(4, said.recipient)
      .bind(5, kind_name(said.kind))
      .bind_or_null(6, date_text(said.at))
      .bind_or_null(7, date_text(said.sent_at))
      .bind(8, format_utc(said.registered_at))
      .bind(9, said.registered_by)
      .bind(10, static_cast<std::int64_t>(envelope.entry.rows))
      .bind(11, run_id)
      .bind(12, envelope_text)
      .run();
  database_.prepare("UPDATE registry SET last_sequence = ?").bind(1, sequence).run();
  if (envelope.pinned_schema.empty()) return;
  database_.prepare("INSERT INTO feeds VALUES (?, ?, ?)")
      .bind(1, said.feed)
      .bind(2, envelope.pinned_schema)
      .bind(3, sequence)
      .run();
}

std::uint64_t Catalogue::append_audit(const RegistryKey& key, UtcSeconds at, const std::string& action,
                                      const std::string& subject, const std::string& subject_digest,
                                      std::uint64_t from) const {
  const AuditTip tip = audit_tip();
  if (const auto end = audit_end(); end && (end->lines != tip.lines || end->head != tip.head))
    throw Error(ErrorKind::kDamaged, place(),
                "lines at the end of the audit were changed or removed, and none is appended to what is left; run "
                "`sidik check`");
  AuditLine line;
  line.number = tip.lines + 1;
  line.previous = tip.head;
  line.at = at;
  line.actor = key.holder;
  line.signer = key.signing_public;
  line.action = action;
  line.subject = subject;
  line.subject_digest = subject_digest;
  line.from = from;
  keep_audit_line(line, audit_text(line, registry_, key));
  return line.number;
}

void Catalogue::keep_audit_line(const AuditLine& line, const std::string& text) const {
  const std::string head = audit_head_after(text);
  database_.prepare("INSERT INTO audit VALUES (?, ?, ?, ?)")
      .bind(1, static_cast<std::int64_t>(line.number))
      .bind(2, static_cast<std::int64_t>(changes_state(line.action) ? 1 : 0))
      .bind(3, text)
      .bind(4, head)
      .run();
  database_.execute(kAuditEnd);
  database_.prepare("INSERT OR REPLACE INTO audit_end VALUES (1, ?, ?)")
      .bind(1, static_cast<std::int64_t>(line.number))
      .bind(2, head)
      .run();
}

std::optional<AuditTip> Catalogue::audit_end() const {
  auto table = database_.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'audit_end'");
  if (!table.step()) return std::nullopt;
  auto row = database_.prepare("SELECT lines, head FROM audit_end");
  if (!row.step()) return AuditTip{};
  return AuditTip{static_cast<std::uint64_t>(row.number(0)), row.text(1), {}};
}

}  // namespace sidik
