#include "registry/repair.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/check.h"
#include "registry/commit.h"
#include "registry/manifest_match.h"
#include "registry/registry_lock.h"
#include "registry/run_ledger.h"

namespace sidik {
namespace {

constexpr std::uint64_t kLongestEnvelope = 256 << 20;  // those of 4,096 exports, by a key for hundreds of feeds

/// Whether the disk gives all bytes of a file that can be opened. A failure to open (rights, too many open files) is no
/// damage, and is thrown.
bool is_readable(FileSystem& files, const std::filesystem::path& path) {
  const auto file = files.open(path, OpenMode::kRead);
  try {
    std::vector<std::uint8_t> piece(1 << 20);
    for (std::uint64_t at = 0;;) {
      const std::size_t got = file->read_at(at, piece);
      if (got == 0) return true;
      at += got;
    }
  } catch (const Error&) {
    return false;
  }
}

/// Why a run is not what was signed, as the end of a sentence about its file; empty where it is.
std::string damage_of(const Registry::State& state, const std::vector<const StoredExport*>& exports,
                      const RegistryKey& key, const std::function<void(std::uint64_t)>& progress) {
  const RunFile& said = exports.front()->run;
  const auto path = state.folder.run(to_hex(said.id));
  if (!state.files.exists(path)) return "is missing";
  try {
    const RunFile found = verify_run_checksums(state.files, path, progress);
    if (found.id != said.id || found.epoch != said.epoch || found.length != said.length ||
        found.digest != said.digest || found.key_commitment != said.key_commitment)
      return "is not the run of its signed envelope";
    const auto run = Run::open(state.files, path, key);
    const ManifestPlaces places(*run);
    for (const StoredExport* stored : exports) places.of(*stored, path.string());
    return {};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kDamaged) return without_check_advice(error.message());
    if (error.kind() == ErrorKind::kFailed && !is_readable(state.files, path)) return "cannot be read whole";
    throw;
  }
}

/// The catalogue's rows by run. Throws where a row is not as signed, or the folder knows more than the catalogue.
std::map<std::string, std::vector<StoredExport>> whole_catalogue(const Registry::State& state) {
  const FolderListing listing = list_folder(state.files, state.folder);
  const Transaction transaction = state.catalogue.read();
  require_whole_catalogue(state, examine_folder(listing, state.folder, state.catalogue.committed_names(), {}));
  const auto integrity = state.catalogue.integrity();
  if (!integrity.empty())
    throw Error(ErrorKind::kDamaged, state.catalogue.place(), "the catalogue itself is damaged: " + integrity.front());
  std::map<std::string, std::vector<StoredExport>> runs;
  for (StoredExport& stored : state.catalogue.exports()) {
    const std::string place = state.catalogue.place() + ", export '" + stored.envelope.entry.description.name + "'";
    read_envelope(stored.envelope_text, state.config.id, place, Verification::kSignature);
    runs[to_hex(stored.run.id)].push_back(std::move(stored));
  }
  return runs;
}

/// Moves what is left of a run to the folder `damaged`. Gives the new places.
std::vector<std::filesystem::path> move_away(const Registry::State& state, const std::string& id) {
  const RegistryFolder& folder = state.folder;
  state.files.make_directory(folder.damaged());
  state.files.sync_directory(folder.root);
  std::vector<std::filesystem::path> moved;
  for (const auto& path : {folder.run(id), folder.envelope(id), folder.pending_envelope(id)}) {
    const auto place = folder.damaged() / path.filename();
    if (state.files.exists(path)) state.files.rename(path, place);
    if (state.files.exists(place)) moved.push_back(place);
  }
  state.files.sync_directory(folder.damaged());
  state.files.sync_directory(folder.runs());
  return moved;
}

/// One transaction: the exports of the run leave by signed removals; the file goes before, so that no sweep finds it.
PutAwayRun put_away(Registry::State& state, const RegistryKey& key, const std::string& id, const std::string& why) {
  PutAwayRun away{id, why, {}, {}};
  std::vector<std::string> removals;
  Transaction transaction = state.catalogue.write();
  sweep_dead_writers(state);
  for (const StoredExport& stored : state.catalogue.exports()) {
    if (to_hex(stored.run.id) != id) continue;
    RemovalStatement statement;
    statement.sequence = stored.envelope.sequence;
    statement.name = stored.envelope.entry.description.name;
    statement.envelope_digest = to_hex(sha256(stored.envelope_text));
    statement.removed_at = utc_now();
    statement.removed_by = key.holder;
    statement.signer = key.signing_public;
    const std::string text = removal_text(statement, state.config.id, key);
    removals.push_back(removal_name(stored.envelope_text));
    write_file_durably(state.files, state.folder.pending_removal(removals.back()),
                       as_bytes(text + "\n" + stored.envelope_text + "\n"));
    RunLedger(state.catalogue).remove(stored, text);
    state.catalogue.append_audit(key, statement.removed_at, "remove", statement.name, to_hex(sha256(text)));
    away.exports.push_back(stored.envelope.entry);
  }
  if (away.exports.empty()) return away;  // merged or removed by somebody else meanwhile
  away.files = move_away(state, id);
  state.catalogue.append_audit(key, utc_now(), "put away", id, "");
  hold_generation(state.files, state.folder, state.catalogue.generation());
  transaction.commit();
  for (const std::string& name : removals)
    finish_rename(state.files, state.folder.pending_removal(name), state.folder.removal(name));
  return away;
}

/// Writes `text` where the file is missing or says otherwise.
void restore_text(const Registry::State& state, const std::filesystem::path& path, const std::filesystem::path& pending,
                  const std::string& text, RepairResult& result) {
  if (state.files.exists(pending)) return;  // a commit that is just being finished
  if (state.files.exists(path)) {
    try {
      if (as_text(read_whole_file(state.files, path, kLongestEnvelope)) == text) return;
    } catch (const Error&) {
      // Unreadable or far too long: written anew.
    }
  }
  write_file_durably(state.files, path, as_bytes(text));
  result.rewritten.push_back(path);
}

/// Whether the file beside a merged run has its statement and all its envelopes, in whatever order.
bool tells_of(const Registry::State& state, const std::filesystem::path& path, const std::string& said,
              const MergeStatement& statement) {
  if (!state.files.exists(path) || !is_readable(state.files, path)) return false;
  const Bytes bytes = read_whole_file(state.files, path, kLongestEnvelope);
  std::string_view left = as_text(bytes);
  if (!left.starts_with(said + "\n")) return false;
  left.remove_prefix(said.size() + 1);
  std::set<std::string> told;
  while (!left.empty()) {
    const std::size_t end = left.find('\n');
    if (end == std::string_view::npos) return false;
    told.insert(to_hex(sha256(left.substr(0, end))));
    left.remove_prefix(end + 1);
  }
  return std::equal(told.begin(), told.end(), statement.exports.begin(), statement.exports.end());
}

/// What stands beside the runs, from the catalogue, which was held against signatures.
void restore_envelopes(Registry::State& state, RepairResult& result) {
  const Transaction transaction = state.catalogue.write();
  const RunLedger ledger(state.catalogue);
  std::map<std::string, std::string> by_digest;
  std::map<std::string, std::string> merges = ledger.merges();
  for (const auto& removal : ledger.removals()) {
    by_digest[to_hex(sha256(removal.envelope_text))] = removal.envelope_text;
    const std::string name = removal_name(removal.envelope_text);
    restore_text(state, state.folder.removal(name), state.folder.pending_removal(name),
                 removal.statement + "\n" + removal.envelope_text + "\n", result);
  }
  const auto exports = state.catalogue.exports();
  for (const StoredExport& stored : exports) by_digest[to_hex(sha256(stored.envelope_text))] = stored.envelope_text;
  for (const StoredExport& stored : exports) {
    const std::string id = to_hex(stored.run.id);
    if (const auto merge = merges.extract(id); !merge.empty()) {
      const std::string& said = merge.mapped();
      const MergeStatement statement =
          read_merge(said, state.config.id, state.catalogue.place(), Verification::kSignature);
      if (tells_of(state, state.folder.envelope(id), said, statement)) continue;
      std::string text = said + "\n";
      for (const std::string& digest : statement.exports) text += by_digest[digest] + "\n";
      restore_text(state, state.folder.envelope(id), state.folder.pending_envelope(id), text, result);
    } else if (stored.run.id == stored.envelope.entry.run.id) {
      restore_text(state, state.folder.envelope(id), state.folder.pending_envelope(id), stored.envelope_text + "\n",
                   result);
    }
  }
}

}  // namespace

RepairResult repair_runs(Registry& registry, const RegistryKey& key,
                         const std::function<void(std::uint64_t)>& progress) {
  registry.require_investigators(key, "repairing");
  Registry::State& state = registry.state();
  RepairResult result;
  for (const auto& [id, exports] : whole_catalogue(state)) {
    std::vector<const StoredExport*> held;
    for (const StoredExport& stored : exports) held.push_back(&stored);
    const std::string why = damage_of(state, held, key, progress);
    if (why.empty()) continue;
    PutAwayRun away = put_away(state, key, id, why);
    if (!away.exports.empty()) result.put_away.push_back(std::move(away));
  }
  restore_envelopes(state, result);
  return result;
}

}  // namespace sidik
