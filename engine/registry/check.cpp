#include "registry/check.h"

#include <map>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/known_keys.h"
#include "registry/manifest_match.h"
#include "registry/pinned_schema.h"
#include "registry/registry_lock.h"
#include "registry/registry_state.h"
#include "registry/run_ledger.h"
#include "registry/verified_envelopes.h"

namespace sidik {
namespace {

constexpr std::uint64_t kLongestEnvelope = 256 << 20;  // those of 4,096 exports, by a key for hundreds of feeds

/// What is in the catalogue at one moment, read in one transaction so that nobody waits for the long part.
struct CatalogueState {
  std::vector<StoredExport> exports;
  std::vector<StoredAuditLine> audit;
  std::optional<AuditTip> audit_end;
  std::vector<std::pair<std::string, std::string>> pinned;  // feed, encrypted schema
  std::set<std::string> alive;
  KnownKeys keys;
  std::map<std::string, std::string> merges;  // signed statements of merged runs, by id
  std::vector<RunLedger::Removal> removals;
  CommittedNames names;
  std::unique_ptr<File> generation;  // what is read stays, whoever merges meanwhile
};

CatalogueState read_catalogue(const Registry::State& state, std::vector<std::string>& damaged) {
  CatalogueState found;
  const Transaction transaction = state.catalogue.read();
  try {
    found.generation = hold_generation(state.files, state.folder, state.catalogue.generation());
    found.merges = RunLedger(state.catalogue).merges();
    found.removals = RunLedger(state.catalogue).removals();
    found.names = state.catalogue.committed_names();
  } catch (const Error& error) {
    damaged.emplace_back(error.what());
  }
  for (const auto& sentence : state.catalogue.integrity()) damaged.push_back(sentence);
  found.exports = state.catalogue.readable_exports(damaged);
  try {
    found.keys = KnownKeys::as_stored(state.catalogue, state.config.id, state.config.signing_public);
  } catch (const Error& error) {
    damaged.emplace_back(error.what());
  }
  try {
    found.audit = state.catalogue.audit_lines();
    found.audit_end = state.catalogue.audit_end();
    found.pinned = state.catalogue.pinned_schemas();
    found.alive = living_writers(state);
    VerifiedEnvelopes::check(state.catalogue, state.config.id, state.config.signing_public);
  } catch (const Error& error) {
    damaged.emplace_back(error.what());
  }
  return found;
}

std::string named(const StoredExport& stored) { return "export '" + stored.envelope.entry.description.name + "'"; }

/// Who may have signed a line of the audit, as the end of a sentence about it; empty where the signer may.
std::string signer_objection(const Registry::State& state, const KnownKeys& keys, const AuditLine& line) {
  if (line.signer == state.config.signing_public) return {};
  const KnownKey* const key = keys.signed_by(line.signer);
  if (key == nullptr)
    return "is signed by a key that this registry does not know (" + to_hex(line.signer).substr(0, 12) + ")";
  const std::string whose = "the key '" + key->certificate.name + "'";
  if (line.actor != key->certificate.name) return "names '" + line.actor + "' as who acted and is signed by " + whose;
  if (line.number <= key->certified) return "is signed by " + whose + " before that was certified";
  if (key->revoked && line.number > key->revoked->line) return "is signed by " + whose + " after it was revoked";
  if (line.action.starts_with("key ")) return "is signed by " + whose + ", which may not change keys";
  return {};
}

/// Whether a line tells of an export that is set aside, and so named with its signer, or that the investigators have
/// removed since: then who signed the line is no more to be said.
class KnownRegistrations {
 public:
  explicit KnownRegistrations(const CatalogueState& found) {
    for (const auto& stored : found.exports)
      if (!found.keys.objection(stored.envelope, stored.envelope_text).empty())
        envelopes_.insert(to_hex(sha256(stored.envelope_text)));
    for (const auto& removal : found.removals) envelopes_.insert(to_hex(sha256(removal.envelope_text)));
  }
  bool tell_of(const AuditLine& line) const {
    return (line.action == "register" || line.action == "seal") && envelopes_.contains(line.subject_digest);
  }

 private:
  std::set<std::string> envelopes_;
};

/// Whether each change of keys in the audit stands in the catalogue, and each one there in the audit.
class KeyChanges {
 public:
  void take(const AuditLine& line) {
    if (line.action == "key export") exported_[line.subject_digest] = line.number;
    if (line.action == "key revoke") revoked_[line.subject_digest] = line.number;
    if (line.action == "key rotate") begun_[line.subject] = line.number;
  }

  void hold_against(const KnownKeys& keys, const std::string& place, std::vector<std::string>& damaged) const {
    std::set<std::uint64_t> told;
    for (const KnownKey& key : keys.all()) {
      const std::string digest = to_hex(sha256(key.text));
      const std::string whose = place + ": key '" + key.certificate.name + "' ";
      const auto exported = exported_.find(digest);
      if (exported == exported_.end() || exported->second != key.certified)
        damaged.push_back(whose + "has no line in the audit that tells of its export");
      else
        told.insert(exported->second);
      if (key.revoked) told.insert(key.revoked->line);
    }
    for (const BegunEpoch& epoch : keys.epochs()) told.insert(epoch.line);
    for (const auto* changes : {&exported_, &revoked_, &begun_})
      for (const auto& [subject, line] : *changes)
        if (!told.contains(line))
          damaged.push_back(place + ": audit line " + std::to_string(line) +
                            " tells of a change of keys that the catalogue does not know");
  }

 private:
  std::map<std::string, std::uint64_t> exported_, revoked_, begun_;
};

/// The chain: numbers without gaps, each line bound to the one before, each export and key with its line.
void check_audit(const Registry::State& state, const CatalogueState& found, std::vector<std::string>& damaged) {
  std::string head;
  std::int64_t expected = 1;
  std::set<std::string> registered, merged, removed;
  KeyChanges changes;
  const KnownRegistrations known(found);
  for (const auto& stored : found.audit) {
    const std::string place = state.catalogue.place() + ", audit line " + std::to_string(stored.number);
    try {
      const AuditLine line = read_audit_line(stored.text, state.config.id, place, Verification::kSignature);
      if (stored.number != expected || line.number != static_cast<std::uint64_t>(expected) || line.previous != head ||
          audit_head_after(stored.text) != stored.head || stored.changes_state != changes_state(line.action))
        damaged.push_back(place + ": does not follow the line before; lines were changed or removed");
      if (const std::string objection = signer_objection(state, found.keys, line);
          !objection.empty() && !known.tell_of(line))
        damaged.push_back(place + ": " + objection);
      if (line.action == "register") registered.insert(line.subject_digest);
      if (line.action == "merge") merged.insert(line.subject_digest);
      if (line.action == "remove") removed.insert(line.subject_digest);
      changes.take(line);
    } catch (const Error& error) {
      damaged.emplace_back(error.what());
    }
    head = stored.head;
    expected = stored.number + 1;
  }
  const std::uint64_t lines = found.audit.empty() ? 0 : static_cast<std::uint64_t>(found.audit.back().number);
  if (found.audit_end && (found.audit_end->lines != lines || found.audit_end->head != head))
    damaged.push_back(state.catalogue.place() + ": the audit ends at line " + std::to_string(lines) +
                      ", and ended at line " + std::to_string(found.audit_end->lines) +
                      " when it was last written; lines at its end were changed or removed");
  changes.hold_against(found.keys, state.catalogue.place(), damaged);
  for (const auto& stored : found.exports)
    if (registered.erase(to_hex(sha256(stored.envelope_text))) == 0)
      damaged.push_back(state.catalogue.place() + ": " + named(stored) + " has no line in the audit");
  for (const auto& removal : found.removals) {
    registered.erase(to_hex(sha256(removal.envelope_text)));
    if (removed.erase(to_hex(sha256(removal.statement))) == 0)
      damaged.push_back(state.catalogue.place() + ": the removal of export '" + removal.name +
                        "' has no line in the audit");
  }
  for (const auto& digest : removed)
    damaged.push_back(state.catalogue.place() + ": the audit tells of a removal (" + digest.substr(0, 12) +
                      ") that the catalogue does not know");
  for (const auto& [id, statement] : found.merges)
    if (!merged.contains(to_hex(sha256(statement))))
      damaged.push_back(state.catalogue.place() + ": the merged run " + id + " has no line in the audit");
  for (const auto& digest : registered)
    damaged.push_back(state.catalogue.place() + ": the audit tells of a registration (envelope " +
                      digest.substr(0, 12) + ") that the catalogue does not know");
}

/// The head that somebody kept elsewhere must be one of the chain's: check_audit holds each against its line.
void check_head(const Registry::State& state, const CatalogueState& found, const std::string& head,
                CheckReport& report) {
  for (const auto& stored : found.audit)
    if (stored.head.starts_with(head)) report.head_line = static_cast<std::uint64_t>(stored.number);
  if (!report.head_line)
    report.damaged.push_back(state.catalogue.place() + ": the audit does not hold the head " + head.substr(0, 16) +
                             ": lines up to it were cut or changed, or an older copy of the registry was put back");
}

/// Whether an export counts, and whether its envelope quotes the certificate that the catalogue has.
void check_standing(const CatalogueState& found, const StoredExport& stored, const std::string& place,
                    CheckReport& report) {
  const Envelope& envelope = stored.envelope;
  if (const std::string objection = found.keys.objection(envelope, stored.envelope_text); !objection.empty()) {
    report.set_aside.push_back(named(stored) + " " + objection);
    return;
  }
  const KnownKey* const key = found.keys.signed_by(envelope.signer);
  if (envelope.certificate != (key == nullptr ? std::string() : key->text))
    report.damaged.push_back(place + ": its envelope quotes another certificate than the catalogue has of its key");
}

/// The run file that a commit names: its final name is given at the very end, or by the next writer.
std::filesystem::path present(const Registry::State& state, const std::filesystem::path& path,
                              const std::filesystem::path& pending) {
  return !state.files.exists(path) && state.files.exists(pending) ? pending : path;
}

/// A file beside a run, or a sentence in `damaged` for why it cannot be read.
std::optional<Bytes> read_beside(const Registry::State& state, const std::filesystem::path& path,
                                 std::vector<std::string>& damaged) {
  try {
    return read_whole_file(state.files, path, kLongestEnvelope);
  } catch (const Error& error) {
    damaged.emplace_back(error.what());
    return std::nullopt;
  }
}

/// What stands beside a run of `exports`: the envelope of the one, or the signed merge and the envelopes of all that it
/// was merged from, of which some may have been removed since.
void check_envelope_file(const Registry::State& state, const CatalogueState& found, const std::string& id,
                         const std::vector<const StoredExport*>& exports, std::vector<std::string>& damaged) {
  const auto path = present(state, state.folder.envelope(id), state.folder.pending_envelope(id));
  const std::string whose = exports.size() == 1 ? named(*exports.front()) : std::to_string(exports.size()) + " exports";
  if (!state.files.exists(path)) {
    damaged.push_back(path.string() + ": is missing; it is the signed copy of the catalogue entry of " + whose);
    return;
  }
  const auto bytes = read_beside(state, path, damaged);
  if (!bytes) return;
  std::string_view text = as_text(*bytes);
  const auto merge = found.merges.find(id);
  if (merge == found.merges.end()) {
    if (text != exports.front()->envelope_text + "\n")
      damaged.push_back(path.string() + ": differs from the catalogue's envelope of " + whose);
    return;
  }
  std::set<std::string> lines;
  std::string first;
  std::size_t number = 0;
  for (; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (number == 0)
      first = text.substr(0, end);
    else
      lines.insert(to_hex(sha256(text.substr(0, end))));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  try {
    const std::string place = state.catalogue.place() + ", run " + id;
    const MergeStatement statement = read_merge(merge->second, state.config.id, place, Verification::kSignature);
    if (const std::string objection = merge_objection(found.keys, statement, merge->second); !objection.empty())
      damaged.push_back(place + ": " + objection);
    if (first != merge->second || number != statement.exports.size() + 1 ||
        !std::equal(lines.begin(), lines.end(), statement.exports.begin(), statement.exports.end()))
      damaged.push_back(path.string() + ": differs from what the catalogue has of the run of " + whose);
  } catch (const Error& error) {
    damaged.emplace_back(error.what());
  }
}

void check_signature(const Registry::State& state, const StoredExport& stored, std::vector<std::string>& damaged) {
  try {
    read_envelope(stored.envelope_text, state.config.id, state.catalogue.place() + ", " + named(stored),
                  Verification::kSignature);
  } catch (const Error& error) {
    damaged.emplace_back(error.what());
  }
}

void check_run(const Registry::State& state, const std::vector<const StoredExport*>& exports, const RegistryKey* key,
               const std::function<void(std::uint64_t)>& progress, CheckReport& report) {
  const RunFile& said = exports.front()->run;
  const auto path = state.folder.run(to_hex(said.id));
  std::string takes = " (it holds " + named(*exports.front());
  for (std::size_t e = 1; e < exports.size(); ++e)
    takes += (e + 1 < exports.size() ? ", " : " and ") + named(*exports[e]);
  takes += ")";
  if (!state.files.exists(path)) {
    report.damaged.push_back(path.string() + ": is missing" + takes);
    return;
  }
  try {
    const RunFile found = verify_run_checksums(state.files, path, progress);
    report.bytes += found.length;
    if (found.id != said.id || found.epoch != said.epoch || found.length != said.length ||
        found.digest != said.digest || found.key_commitment != said.key_commitment) {
      const char* const how = found.id != said.id ? "; another run's file stands under its name"
                                                  : "; its blocks were put in another order, or come from elsewhere";
      report.damaged.push_back(path.string() + ": is whole in itself, but not the one of its signed envelope" + how +
                               takes);
      return;
    }
    if (key == nullptr || !key->can_open()) return;
    const auto run = Run::open(state.files, path, *key);
    const ManifestPlaces places(*run);
    for (const StoredExport* stored : exports) places.of(*stored, path.string());
    run->verify(progress);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kKey) throw;
    report.damaged.push_back(error.what() + takes);
  }
}

void check_removals(const Registry::State& state, const CatalogueState& found, std::vector<std::string>& damaged) {
  for (const auto& removal : found.removals) {
    const std::string place = state.catalogue.place() + ", removal of export '" + removal.name + "'";
    try {
      const RemovalStatement said = read_removal(removal.statement, state.config.id, place, Verification::kSignature);
      if (said.sequence != removal.sequence || said.name != removal.name ||
          said.envelope_digest != to_hex(sha256(removal.envelope_text)))
        damaged.push_back(place + ": its row differs from its signed statement");
      if (said.signer != found.keys.root()) damaged.push_back(place + ": is not signed by the investigators");
    } catch (const Error& error) {
      damaged.emplace_back(error.what());
    }
    const std::string name = removal_name(removal.envelope_text);
    const auto path = present(state, state.folder.removal(name), state.folder.pending_removal(name));
    if (!state.files.exists(path)) {
      damaged.push_back(path.string() + ": is missing; it is the signed copy of the removal of export '" +
                        removal.name + "'");
    } else if (const auto bytes = read_beside(state, path, damaged);
               bytes && as_text(*bytes) != removal.statement + "\n" + removal.envelope_text + "\n") {
      damaged.push_back(path.string() + ": differs from the catalogue's removal of export '" + removal.name + "'");
    }
  }
}

void check_pinned_schemas(const Registry::State& state, const CatalogueState& found, const RegistryKey* key,
                          std::vector<std::string>& damaged) {
  for (const auto& [feed, encrypted] : found.pinned) {
    const std::string place = state.catalogue.place() + ", feed '" + feed + "'";
    bool signed_somewhere = false;
    for (const auto& stored : found.exports)
      signed_somewhere |= stored.envelope.entry.description.feed == feed && stored.envelope.pinned_schema == encrypted;
    for (const auto& removal : found.removals) {
      const Envelope removed = read_envelope(removal.envelope_text, state.config.id, place, Verification::kFormOnly);
      signed_somewhere |= removed.entry.description.feed == feed && removed.pinned_schema == encrypted;
    }
    if (!signed_somewhere) damaged.push_back(place + ": its pinned schema is in no signed envelope");
    if (key == nullptr || key->schema_secret.empty()) continue;
    try {
      decrypt_schema(encrypted, feed, *key, place);
    } catch (const Error& error) {
      damaged.emplace_back(error.what());
    }
  }
}

}  // namespace

std::string without_check_advice(std::string sentence) {
  for (const std::string_view advice :
       {"; `sidik check --read-data` tells what is affected", "; `sidik check` tells what is affected",
        "; run `sidik check` to see which exports it takes with it", "; run `sidik check`"})
    if (const std::size_t at = sentence.find(advice); at != std::string::npos) sentence.erase(at, advice.size());
  return sentence;
}

CheckReport check_registry(const Registry::State& state, const RegistryKey* key,
                           const std::function<void(std::uint64_t)>& progress, const std::string& head) {
  CheckReport report;
  const FolderListing listing = list_folder(state.files, state.folder);
  const CatalogueState found = read_catalogue(state, report.damaged);

  std::map<std::string, std::vector<const StoredExport*>> runs;
  for (const auto& stored : found.exports) runs[to_hex(stored.run.id)].push_back(&stored);
  const FolderFindings findings = examine_folder(listing, state.folder, found.names, found.alive);
  for (const auto* paths : {&findings.leftovers, &findings.dropped})
    for (const auto& path : *paths) report.leftovers.push_back(path.string());
  for (const auto& name : findings.unknown_removals)
    report.damaged.push_back(
        state.folder.removal(name).string() +
        ": tells of a removal that the catalogue does not know; the catalogue was put back from an "
        "older copy or has lost rows");
  for (const auto& id : findings.unknown_envelopes)
    report.damaged.push_back(
        state.folder.envelope(id).string() +
        ": tells of a committed export that the catalogue does not know; the catalogue was put back "
        "from an older copy or has lost rows");

  check_audit(state, found, report.damaged);
  if (!head.empty()) check_head(state, found, head, report);
  check_pinned_schemas(state, found, key, report.damaged);
  std::set<std::uint64_t> doubtful;  // sequences
  auto found_more = [&report, before = std::size_t{0}]() mutable {
    const std::size_t now = report.damaged.size() + report.set_aside.size();
    const bool more = now > before;
    before = now;
    return more;
  };
  found_more();
  for (const auto& stored : found.exports) {
    check_signature(state, stored, report.damaged);
    check_standing(found, stored, state.catalogue.place() + ", " + named(stored), report);
    if (found_more()) doubtful.insert(stored.envelope.sequence);
  }
  for (const auto& [id, exports] : runs) {
    check_envelope_file(state, found, id, exports, report.damaged);
    check_run(state, exports, key, progress, report);
    if (found_more())
      for (const StoredExport* stored : exports) doubtful.insert(stored->envelope.sequence);
  }
  for (const auto& stored : found.exports)
    if (!doubtful.contains(stored.envelope.sequence)) report.whole.push_back(stored.envelope.entry.description.name);
  check_removals(state, found, report.damaged);
  report.exports = found.exports.size();
  report.runs = runs.size();
  for (std::string& sentence : report.damaged) sentence = without_check_advice(std::move(sentence));
  return report;
}

}  // namespace sidik
