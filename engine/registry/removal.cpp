#include "registry/removal.h"

#include "base/bytes.h"
#include "base/error.h"
#include "registry/commit.h"
#include "registry/merge_commit.h"
#include "registry/run_ledger.h"

namespace sidik {
namespace {

/// The transaction that takes the export out. Gives what it was.
StoredExport commit_removal(Registry::State& state, const RegistryKey& key, const std::string& name) {
  Transaction transaction = state.catalogue.write();
  sweep_dead_writers(state);
  const auto stored = state.catalogue.find(name);
  if (!stored)
    throw Error(ErrorKind::kUsage, state.folder.root.string(),
                "holds no export '" + name + "'; `sidik list` has the names");
  RemovalStatement statement;
  statement.sequence = stored->envelope.sequence;
  statement.name = name;
  statement.envelope_digest = to_hex(sha256(stored->envelope_text));
  statement.removed_at = utc_now();
  statement.removed_by = key.holder;
  statement.signer = key.signing_public;
  const std::string text = removal_text(statement, state.config.id, key);
  const std::string file = removal_name(stored->envelope_text);
  write_file_durably(state.files, state.folder.pending_removal(file),
                     as_bytes(text + "\n" + stored->envelope_text + "\n"));
  RunLedger(state.catalogue).remove(*stored, text);
  state.catalogue.append_audit(key, statement.removed_at, "remove", name, to_hex(sha256(text)));
  hold_generation(state.files, state.folder, state.catalogue.generation());
  transaction.commit();
  return *stored;
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
  try {
    const std::string file = removal_name(removed.envelope_text);
    finish_rename(state.files, state.folder.pending_removal(file), state.folder.removal(file));
    Transaction transaction = state.catalogue.write();
    sweep_dead_writers(state);  // the run, where the export was alone in it and nobody reads it
    result.still_in_run = state.catalogue.committed_names().runs.contains(run);
    transaction.commit();
  } catch (const Error&) {
    // The export is removed; the next writer gives the statement its final name and removes what nobody reads.
    result.still_in_run = state.catalogue.committed_names().runs.contains(run);
  }
  if (!result.still_in_run) return result;
  result.bytes_after = removed.run.length;
  if (bytes == BytesReturn::kAtNextMerge) return result;
  const auto turn = MergeTurn::take(state, key);
  if (!turn)
    throw Error(ErrorKind::kBusy, state.folder.root.string(),
                "the export is removed, but another process is merging runs just now: its bytes return then, or with "
                "`sidik compact`");
  result.bytes_after = turn->merge({run}, {}).length;
  result.still_in_run = false;
  return result;
}

}  // namespace sidik
