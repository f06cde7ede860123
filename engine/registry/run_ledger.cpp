#include "registry/run_ledger.h"

#include "base/bytes.h"

namespace sidik {
namespace {

// A feed keeps its pinned schema when the export that pinned it is removed: no reference to it any more.
constexpr const char* kTables = R"sql(
  CREATE TABLE merges (run TEXT PRIMARY KEY REFERENCES runs (id), statement TEXT NOT NULL) STRICT;
  CREATE TABLE dropped_runs (id TEXT PRIMARY KEY, generation INTEGER NOT NULL) STRICT;
  CREATE TABLE removals (sequence INTEGER PRIMARY KEY, name TEXT NOT NULL, envelope TEXT NOT NULL,
                         statement TEXT NOT NULL) STRICT;
  CREATE TABLE feeds_2 (name TEXT PRIMARY KEY, pinned_schema TEXT NOT NULL, pinned_by INTEGER NOT NULL) STRICT;
  INSERT INTO feeds_2 SELECT name, pinned_schema, pinned_by FROM feeds;
  DROP TABLE feeds;
  ALTER TABLE feeds_2 RENAME TO feeds;
  PRAGMA user_version = 2;
)sql";

}  // namespace

std::string removal_name(const std::string& envelope_text) { return to_hex(sha256(envelope_text)).substr(0, 32); }

bool RunLedger::has_tables() const {
  auto version = catalogue_.database().prepare("PRAGMA user_version");
  version.step();
  return version.number(0) >= 2;
}

void RunLedger::make_tables() const {
  if (!has_tables()) catalogue_.database().execute(kTables);
}

std::map<std::string, std::string> RunLedger::merges() const {
  std::map<std::string, std::string> all;
  if (!has_tables()) return all;
  auto row = catalogue_.database().prepare("SELECT run, statement FROM merges");
  while (row.step()) all.emplace(row.text(0), row.text(1));
  return all;
}

std::vector<RunLedger::Dropped> RunLedger::dropped() const {
  std::vector<Dropped> all;
  if (!has_tables()) return all;
  auto row = catalogue_.database().prepare("SELECT id, generation FROM dropped_runs ORDER BY id");
  while (row.step()) all.push_back({row.text(0), row.number(1)});
  return all;
}

std::vector<RunLedger::Removal> RunLedger::removals() const {
  std::vector<Removal> all;
  if (!has_tables()) return all;
  auto row =
      catalogue_.database().prepare("SELECT sequence, name, envelope, statement FROM removals ORDER BY sequence");
  while (row.step()) all.push_back({static_cast<std::uint64_t>(row.number(0)), row.text(1), row.text(2), row.text(3)});
  return all;
}

void RunLedger::replace(const MergeStatement& statement, const std::string& text) const {
  make_tables();
  const Database& database = catalogue_.database();
  const std::string id = to_hex(statement.run.id);
  catalogue_.add_run(statement.run);
  database.prepare("INSERT INTO merges VALUES (?, ?)").bind(1, id).bind(2, text).run();
  next_generation();
  for (const std::string& replaced : statement.replaced) {
    database.prepare("UPDATE exports SET run = ? WHERE run = ?").bind(1, id).bind(2, replaced).run();
    drop_run(replaced);
  }
}

void RunLedger::remove(const StoredExport& removed, const std::string& statement) const {
  make_tables();
  const Database& database = catalogue_.database();
  const ExportDescription& said = removed.envelope.entry.description;
  const auto sequence = static_cast<std::int64_t>(removed.envelope.sequence);
  database.prepare("INSERT INTO removals VALUES (?, ?, ?, ?)")
      .bind(1, sequence)
      .bind(2, said.name)
      .bind(3, removed.envelope_text)
      .bind(4, statement)
      .run();
  database.prepare("DELETE FROM exports WHERE sequence = ?").bind(1, sequence).run();
  // A feed without exports is free to be another one.
  database.prepare("DELETE FROM feeds WHERE name = ? AND NOT EXISTS (SELECT 1 FROM exports WHERE feed = ?)")
      .bind(1, said.feed)
      .bind(2, said.feed)
      .run();
  const std::string run = to_hex(removed.run.id);
  auto left = database.prepare("SELECT 1 FROM exports WHERE run = ? LIMIT 1");
  left.bind(1, run);
  if (left.step()) return;
  next_generation();
  drop_run(run);
}

void RunLedger::drop_run(const std::string& id) const {
  const Database& database = catalogue_.database();
  database.prepare("DELETE FROM merges WHERE run = ?").bind(1, id).run();
  database.prepare("DELETE FROM runs WHERE id = ?").bind(1, id).run();
  database.prepare("INSERT OR IGNORE INTO dropped_runs SELECT ?, generation FROM registry").bind(1, id).run();
}

void RunLedger::next_generation() const {
  catalogue_.database().prepare("UPDATE registry SET generation = generation + 1").run();
}

}  // namespace sidik
