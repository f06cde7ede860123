#include "registry/removal.h"

#include <map>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/commit.h"
#include "registry/known_keys.h"
#include "registry/merge_commit.h"
#include "registry/run_ledger.h"

namespace sidik {
namespace {

/// Takes one export out. REQUIRES: a write transaction.
void take_out(Registry::State& state, const RegistryKey& key, const StoredExport& stored) {
  require_signature(stored.envelope_text, "envelope", stored.envelope.signer,
                    state.catalogue.place() + ", export '" + stored.envelope.entry.description.name + "'");
  RemovalStatement statement;
  statement.sequence = stored.envelope.sequence;
  statement.name = stored.envelope.entry.description.name;
  statement.envelope_digest = to_hex(sha256(stored.envelope_text));
  statement.removed_at = utc_now();
  statement.removed_by = key.holder;
  statement.signer = key.signing_public;
  const std::string text = removal_text(statement, state.config.id, key);
  write_file_durably(state.files, state.folder.pending_removal(removal_name(stored.envelope_text)),
                     as_bytes(text + "\n" + stored.envelope_text + "\n"));
  RunLedger(state.catalogue).remove(stored, text);
  state.catalogue.append_audit(key, statement.removed_at, "remove", statement.name, to_hex(sha256(text)));
}

/// The transaction that takes the export out. Gives what it was.
StoredExport commit_removal(Registry::State& state, const RegistryKey& key, const std::string& name) {
  Transaction transaction = state.catalogue.write();
  sweep_dead_writers(state);
  const auto stored = state.catalogue.find(name);
  if (!stored)
    throw Error(ErrorKind::kFailed, state.folder.root.string(),
                "holds no export '" + name + "'; `sidik list` has the names");
  take_out(state, key, *stored);
  hold_generation(state.files, state.folder, state.catalogue.generation());
  transaction.commit();
  return *stored;
}

/// Gives the statements their final names and sweeps what nobody reads any more. Where that fails, the next writer does
/// it: the exports are removed.
void finish_removals(Registry::State& state, const std::vector<StoredExport>& removed) noexcept {
  try {
    for (const StoredExport& stored : removed) {
      const std::string file = removal_name(stored.envelope_text);
      finish_rename(state.files, state.folder.pending_removal(file), state.folder.removal(file));
    }
    Transaction transaction = state.catalogue.write();
    sweep_dead_writers(state);  // runs that nobody is in and nobody reads
    transaction.commit();
  } catch (...) {
  }
}

}  // namespace

RemovalResult remove_export(Registry& registry, const RegistryKey& key, const std::string& name, BytesReturn bytes) {
  registry.require_investigators(key, "removing an export");
  Registry::State& state = registry.state();
  const StoredExport removed = commit_removal(state, key, name);
  const std::string run = to_hex(removed.run.id);
  RemovalResult result;
  result.entry = removed.envelope.entry;
  result.entry.run = removed.run;
  result.bytes_before = removed.run.length;
  finish_removals(state, {removed});
  {
    const Transaction transaction = state.catalogue.read();
    result.still_in_run = state.catalogue.committed_names().runs.contains(run);
  }
  if (!result.still_in_run) return result;
  result.bytes_after = removed.run.length;
  if (bytes == BytesReturn::kAtNextMerge) return result;
  const auto turn = MergeTurn::await(state, key);
  if (!turn)
    throw Error(ErrorKind::kBusy, state.folder.root.string(),
                "the export is removed, but another process is merging runs just now: its bytes return then, or with "
                "`sidik compact`");
  result.bytes_after = turn->merge({run}, {}).length;
  result.still_in_run = false;
  return result;
}

RetiredEpoch retire_epoch(Registry& registry, const RegistryKey& key, Epoch epoch) {
  registry.require_investigators(key, "retiring an epoch");
  Registry::State& state = registry.state();
  const Epoch current = registry.keys().current_epoch();
  if (epoch == 0 || epoch >= current)
    throw Error(ErrorKind::kUsage, "--epoch",
                epoch == current
                    ? "epoch " + std::to_string(epoch) +
                          " is the present one; `sidik key rotate` begins another, then it can be retired"
                    : "expected an epoch that is over: the registry is in epoch " + std::to_string(current));
  RetiredEpoch retired;
  std::vector<StoredExport> removed;
  std::map<std::string, std::uint64_t> runs;
  {
    Transaction transaction = state.catalogue.write();
    sweep_dead_writers(state);
    for (StoredExport& stored : state.catalogue.exports())
      if (stored.run.epoch == epoch) removed.push_back(std::move(stored));
    for (const StoredExport& stored : removed) {
      take_out(state, key, stored);
      retired.exports.push_back(stored.envelope.entry);
      runs[to_hex(stored.run.id)] = stored.run.length;
    }
    if (!removed.empty()) hold_generation(state.files, state.folder, state.catalogue.generation());
    transaction.commit();
  }
  for (const auto& [id, length] : runs) retired.bytes += length;
  finish_removals(state, removed);
  return retired;
}

}  // namespace sidik
