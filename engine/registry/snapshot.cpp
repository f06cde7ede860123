// Opening a snapshot: the exports of one moment, each held against its signature, its run and its manifest.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <tuple>

#include "base/bytes.h"
#include "base/error.h"
#include "base/parallel.h"
#include "registry/embedded_store.h"
#include "registry/known_keys.h"
#include "registry/manifest_match.h"
#include "registry/registry_lock.h"
#include "registry/registry_state.h"
#include "registry/run_ledger.h"
#include "registry/verified_envelopes.h"

namespace sidik {
namespace {

struct CommittedExports {
  std::vector<StoredExport> exports;  // by (feed, at, name)
  std::string audit_head;
  std::map<std::string, std::string> merges;  // signed statements of merged runs, by id
  KnownKeys keys;
  VerifiedEnvelopes verified;
  std::vector<std::string> set_aside;
  std::unique_ptr<File> generation;
};

void require_signed(const Registry::State& state, const StoredExport& stored) {
  const std::string place = state.catalogue.place() + ", export '" + stored.envelope.entry.description.name + "'";
  require_signature(stored.envelope_text, "envelope", stored.envelope.signer, place);
}

/// Exports whose signers may not register them are no part of any answer: `list` and `check` name them. What is not
/// signed as it says is damage.
void leave_out_set_aside(const Registry::State& state, CommittedExports& committed) {
  std::erase_if(committed.exports, [&](const StoredExport& stored) {
    const std::string objection = committed.keys.objection(stored.envelope, stored.envelope_text);
    if (objection.empty()) return false;
    require_signed(state, stored);
    committed.set_aside.push_back("export '" + stored.envelope.entry.description.name + "' " + objection);
    return true;
  });
}

CommittedExports read_committed(const Registry::State& state) {
  const FolderListing listing = list_folder(state.files, state.folder);
  CommittedExports committed;
  CommittedNames names;
  {
    const Transaction transaction = state.catalogue.read();
    // Locked inside the transaction: a writer that removes files commits a new generation first and so waits for this.
    committed.generation = hold_generation(state.files, state.folder, state.catalogue.generation());
    committed.exports = state.catalogue.exports();
    committed.audit_head = state.catalogue.audit_tip().state_head;
    names = state.catalogue.committed_names();
    committed.merges = RunLedger(state.catalogue).merges();
    committed.keys = KnownKeys::read(state.catalogue, state.config.id, state.config.signing_public);
    committed.verified = VerifiedEnvelopes::read(state.catalogue, state.config.id, state.config.signing_public);
    leave_out_set_aside(state, committed);
  }
  require_whole_catalogue(state, examine_folder(listing, state.folder, names, {}));
  std::sort(committed.exports.begin(), committed.exports.end(), [](const StoredExport& a, const StoredExport& b) {
    const ExportDescription& x = a.envelope.entry.description;
    const ExportDescription& y = b.envelope.entry.description;
    return std::tie(x.feed, x.at, x.name) < std::tie(y.feed, y.at, y.name);
  });
  return committed;
}

/// A merged run counts where somebody signed for it who may merge.
void require_merge(const Registry::State& state, const KnownKeys& keys, const std::string& text) {
  const std::string place = state.catalogue.place() + ", a merged run";
  const MergeStatement merge = read_merge(text, state.config.id, place, Verification::kSignature);
  if (const std::string objection = merge_objection(keys, merge, text); !objection.empty())
    throw Error(ErrorKind::kDamaged, place, objection + "; run `sidik check`");
}

/// Each run keeps its file open: more of them than the usual 1,024 need a higher soft limit.
void allow_open_files(std::size_t count) {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= count + 128) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, count + 128);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// What stands for the state of a registry: what was registered and under which description, nothing of files.
std::string state_digest(const std::vector<StoredExport>& exports) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& stored : exports) {
    const CatalogueEntry& entry = stored.envelope.entry;
    const ExportDescription& said = entry.description;
    all.push_back({said.feed, said.at ? format_utc(*said.at) : "", said.name, said.recipient, kind_name(said.kind),
                   said.sent_at ? format_utc(*said.sent_at) : "", format_utc(said.registered_at), said.registered_by,
                   entry.rows, entry.content_digest, entry.records_digest});
  }
  return to_hex(sha256(canonical_json(all)));
}

}  // namespace

std::unique_ptr<FingerprintStore> open_embedded_store(const Registry::State& state, const RegistryKey& key) {
  if (!key.can_open())
    throw Error(ErrorKind::kKey, "",
                "a " + std::string(role_name(key.role)) +
                    " key cannot read the registry's contents; use the investigators' key");
  CommittedExports committed = read_committed(state);
  std::set<Epoch> epochs;
  for (const StoredExport& stored : committed.exports) epochs.insert(stored.run.epoch);
  for (const Epoch epoch : epochs) committed.keys.require_secrets(key, epoch);
  std::map<std::string, std::vector<std::size_t>> exports_of_run;
  for (std::size_t e = 0; e < committed.exports.size(); ++e)
    exports_of_run[to_hex(committed.exports[e].run.id)].push_back(e);
  const std::vector<std::pair<std::string, std::vector<std::size_t>>> wanted(exports_of_run.begin(),
                                                                             exports_of_run.end());
  allow_open_files(wanted.size());

  std::vector<EmbeddedStore::OpenRun> runs(wanted.size());
  std::vector<ExportManifest> manifests(committed.exports.size());
  // Signatures are verified beside the opening of runs: a merged run is one piece of work, its exports are many.
  std::vector<std::string> digests(committed.exports.size());
  std::atomic<std::size_t> not_noted{0};
  const auto verify = [&](std::size_t e) {
    const StoredExport& stored = committed.exports[e];
    digests[e] = to_hex(sha256(stored.envelope_text));
    if (committed.verified.holds(digests[e])) return;
    require_signed(state, stored);
    ++not_noted;
  };
  parallel_for(default_threads(), wanted.size() + committed.exports.size(), [&](std::size_t r) {
    if (r >= wanted.size()) return verify(r - wanted.size());
    const auto& [id, exports] = wanted[r];
    const auto path = state.folder.run(id);
    if (!state.files.exists(path))
      throw Error(ErrorKind::kDamaged, path.string(),
                  "is missing; run `sidik check` to see which exports it takes with it");
    const auto merged = committed.merges.find(id);
    if (merged != committed.merges.end()) require_merge(state, committed.keys, merged->second);
    std::set<std::string> names;
    for (const std::size_t e : exports) names.insert(committed.exports[e].envelope.entry.description.name);
    const std::shared_ptr<Run> run =
        Run::open(state.files, path, key, [&](const ExportManifest& m) { return names.contains(m.description.name); });
    runs[r].run = run;
    runs[r].exports.assign(run->exports().size(), EmbeddedStore::kRemoved);
    if (merged == committed.merges.end() && runs[r].exports.size() != exports.size())
      throw Error(ErrorKind::kDamaged, path.string(), "holds other exports than the catalogue says; run `sidik check`");
    const ManifestPlaces in(*run);
    std::vector<std::size_t> places;
    for (const std::size_t e : exports) {
      if (run->file_length() != committed.exports[e].run.length)
        throw Error(ErrorKind::kDamaged, path.string(), "has another length than its envelope says; run `sidik check`");
      places.push_back(in.of(committed.exports[e], path.string()));
      runs[r].exports[places.back()] = static_cast<ExportIndex>(e);
    }
    std::vector<ExportManifest> taken = run->take_exports();
    for (std::size_t i = 0; i < exports.size(); ++i) manifests[exports[i]] = std::move(taken[places[i]]);
  });
  state.to_be_noted.clear();
  if (not_noted >= kWorthNoting) state.to_be_noted = std::move(digests);
  return std::make_unique<EmbeddedStore>(state.config.id, std::move(manifests), std::move(runs),
                                         state_digest(committed.exports), committed.audit_head, committed.set_aside,
                                         std::move(committed.generation));
}

}  // namespace sidik
