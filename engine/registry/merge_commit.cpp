#include "registry/merge_commit.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/commit.h"
#include "registry/known_keys.h"
#include "registry/manifest_match.h"
#include "registry/run_ledger.h"

namespace sidik {
namespace {

/// Its place among the reservations: no export has an empty name.
constexpr const char* kReservedName = "";

KnownKeys known_keys(const Registry::State& state) {
  return KnownKeys::read(state.catalogue, state.config.id, state.config.signing_public);
}

void require_known(const KnownKeys& keys, const RegistryKey& key) {
  if (key.signing_public == keys.root()) return;
  const KnownKey* const known = keys.signed_by(key.signing_public);
  const auto refuse = [&](const std::string& why) { throw Error(ErrorKind::kKey, "key '" + key.holder + "'", why); };
  if (known == nullptr) refuse("is not in this registry's catalogue; export another key");
  if (known->revoked)
    refuse("was revoked on " + format_utc(known->revoked->at) + "; ask the investigators for another");
  if (known->certificate.role != KeyRole::kCompact) refuse("may not merge; use a compact or the investigators' key");
}

}  // namespace

RunsInUse runs_in_use(const Registry::State& state) {
  RunsInUse found;
  std::map<std::string, std::size_t> places;
  const Transaction transaction = state.catalogue.read();
  found.generation = hold_generation(state.files, state.folder, state.catalogue.generation());
  for (StoredExport& stored : state.catalogue.exports()) {
    const std::string id = to_hex(stored.run.id);
    const auto [place, fresh] = places.try_emplace(id, found.runs.size());
    if (fresh) {
      found.runs.push_back({stored.run, {}});
      found.runs.back().file.path = state.folder.run(id);
    }
    found.runs[place->second].exports.push_back(std::move(stored));
  }
  return found;
}

std::vector<std::string> leave_out_set_aside(const Registry::State& state, RunsInUse& in_use) {
  const Transaction transaction = state.catalogue.read();
  const KnownKeys keys = known_keys(state);
  std::vector<std::string> names;
  std::erase_if(in_use.runs, [&](const RunInUse& use) {
    for (const StoredExport& stored : use.exports)
      if (keys.objection(stored.envelope, stored.envelope_text).empty()) return false;
    for (const StoredExport& stored : use.exports) names.push_back(stored.envelope.entry.description.name);
    return true;
  });
  return names;
}

std::shared_ptr<const Run> open_for_merge(const Registry::State& state, const RunInUse& use, const RegistryKey& key) {
  std::set<std::string> names;
  for (const StoredExport& stored : use.exports) names.insert(stored.envelope.entry.description.name);
  const auto run = Run::open(state.files, use.file.path, key,
                             [&names](const ExportManifest& m) { return names.contains(m.description.name); });
  const ManifestPlaces places(*run);
  for (const StoredExport& stored : use.exports) {
    const std::string place = state.catalogue.place() + ", export '" + stored.envelope.entry.description.name + "'";
    require_signature(stored.envelope_text, "envelope", stored.envelope.signer, place);
    places.of(stored, use.file.path.string());
  }
  return run;
}

void require_may_merge(const Registry::State& state, const RegistryKey& key) {
  if (!key.can_open())
    throw Error(ErrorKind::kKey, "key '" + key.holder + "'",
                "a " + std::string(role_name(key.role)) +
                    " key opens no runs and so merges none; use a compact or the investigators' key");
  const Transaction transaction = state.catalogue.read();
  require_known(known_keys(state), key);
}

MergeTurn::MergeTurn(Registry::State& state, const RegistryKey& key, std::unique_ptr<WriterLock> lock)
    : state_(state), key_(key), lock_(std::move(lock)) {}

std::unique_ptr<MergeTurn> MergeTurn::take(Registry::State& state, const RegistryKey& key) {
  require_may_merge(state, key);
  Transaction transaction = state.catalogue.write();
  sweep_dead_writers(state);
  for (const ReservedName& reserved : state.catalogue.reservations())
    if (reserved.name == kReservedName) {
      transaction.commit();
      return nullptr;
    }
  auto lock = std::make_unique<WriterLock>(state.files, state.folder, WriterLock::fresh_token());
  state.catalogue.reserve({kReservedName, lock->token()}, utc_now());
  transaction.commit();
  return std::unique_ptr<MergeTurn>(new MergeTurn(state, key, std::move(lock)));
}

std::unique_ptr<MergeTurn> MergeTurn::await(Registry::State& state, const RegistryKey& key) {
  constexpr std::chrono::milliseconds kPause{200};
  const auto deadline = std::chrono::steady_clock::now() + state.options.wait;
  for (;;) {
    if (auto turn = take(state, key)) return turn;
    if (std::chrono::steady_clock::now() >= deadline) return nullptr;
    std::this_thread::sleep_for(kPause);
  }
}

MergeTurn::~MergeTurn() {
  try {
    Transaction transaction = state_.catalogue.write();
    const std::string token = lock_->token();
    lock_.reset();  // from here on its things are swept like anybody's
    state_.catalogue.drop_reservation(token);
    sweep_dead_writers(state_);
    transaction.commit();
  } catch (...) {
    // What could not be removed now is swept by the next writer.
  }
}

RunFile MergeTurn::merge(const std::set<std::string>& ids, const MergeOptions& options) {
  RunsInUse in_use = runs_in_use(state_);
  std::vector<RunInUse> from;
  for (RunInUse& use : in_use.runs)
    if (ids.contains(to_hex(use.file.id))) from.push_back(std::move(use));
  if (from.size() != ids.size())
    throw Error(ErrorKind::kUsage, state_.catalogue.place(), "a run that was to be merged is none of the registry's");
  std::vector<std::shared_ptr<const Run>> runs;
  for (const RunInUse& use : from) {
    // Anybody can seal blocks to the registry's public key: the signed digest says that these are ours.
    const RunFile found = verify_run_checksums(state_.files, use.file.path, {});
    if (found.id != use.file.id || found.length != use.file.length || found.digest != use.file.digest ||
        found.key_commitment != use.file.key_commitment)
      throw Error(ErrorKind::kDamaged, use.file.path.string(),
                  "is a whole run, but not the one of its signed envelope; run `sidik check`");
    runs.push_back(open_for_merge(state_, use, key_));
  }
  const RunFile merged = merge_runs(state_.files, key_, runs, state_.folder.building(lock_->token()), options);
  commit(merged, from);
  runs.clear();
  in_use.generation.reset();
  try {
    finish_rename(state_.files, state_.folder.pending_envelope(to_hex(merged.id)),
                  state_.folder.envelope(to_hex(merged.id)));
    Transaction transaction = state_.catalogue.write();
    sweep_dead_writers(state_);
    transaction.commit();
  } catch (const Error&) {
    // The merge is committed; the next writer gives its envelope the final name and removes what it stands for.
  }
  return merged;
}

void MergeTurn::commit(const RunFile& merged, const std::vector<RunInUse>& from) {
  MergeStatement statement;
  statement.run = merged;
  statement.merged_at = utc_now();
  statement.merged_by = key_.holder;
  statement.signer = key_.signing_public;
  std::string envelopes;
  for (const RunInUse& use : from) {
    statement.replaced.push_back(to_hex(use.file.id));
    for (const StoredExport& stored : use.exports) {
      statement.exports.push_back(to_hex(sha256(stored.envelope_text)));
      envelopes += stored.envelope_text + "\n";
    }
  }
  std::sort(statement.exports.begin(), statement.exports.end());
  const std::string text = merge_text(statement, state_.config.id, key_);
  const std::string id = to_hex(merged.id);

  Transaction transaction = state_.catalogue.write();
  require_known(known_keys(state_), key_);
  // An export that was removed meanwhile is in the merged file and in no answer, as in any other run. A run of which
  // all were removed is dropped already.
  const CommittedNames names = state_.catalogue.committed_names();
  for (const std::string& replaced : statement.replaced)
    if (!names.runs.contains(replaced))
      throw Error(ErrorKind::kBusy, state_.folder.root.string(),
                  "exports were removed while their run was being merged; run the same command again");
  // Files first, each durable before the next; the transaction alone makes them count.
  write_file_durably(state_.files, state_.folder.pending_envelope(id), as_bytes(text + "\n" + envelopes));
  state_.files.rename(state_.folder.building(lock_->token()), state_.folder.run(id));
  state_.files.sync_directory(state_.folder.runs());
  RunLedger(state_.catalogue).replace(statement, text);
  state_.catalogue.append_audit(key_, statement.merged_at, "merge", id, to_hex(sha256(text)));
  // So that readers who may not write find the lock of the new generation.
  hold_generation(state_.files, state_.folder, state_.catalogue.generation());
  transaction.commit();
}

}  // namespace sidik
