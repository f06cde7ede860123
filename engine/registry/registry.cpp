#include "registry/registry.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/bytes.h"
#include "base/error.h"
#include "base/parallel.h"
#include "registry/check.h"
#include "registry/embedded_store.h"
#include "registry/known_keys.h"
#include "registry/local_disk.h"
#include "registry/pinned_schema.h"
#include "registry/registry_lock.h"
#include "registry/registry_state.h"
#include "registry/verified_envelopes.h"

namespace sidik {
namespace {

FileSystem& files_of(const RegistryOptions& options) {
  return options.files != nullptr ? *options.files : posix_file_system();
}

Database::Options database_options(const RegistryOptions& options) { return {options.wait, options.sqlite_vfs}; }

/// Names that `create` makes before the config; a folder that holds nothing else is one that a killed `init` left.
bool is_half_made(FileSystem& files, const RegistryFolder& folder) {
  const std::vector<std::string> ours = {
      "catalogue.sqlite", "catalogue.sqlite-journal", "config.tmp", "locks", "runs", "spill"};
  std::vector<std::string> names;
  try {
    names = files.list(folder.root);
  } catch (const Error&) {
    return false;  // a file
  }
  for (const auto& name : names)
    if (std::find(ours.begin(), ours.end(), name) == ours.end()) return false;
  return files.list(folder.runs()).empty() && files.list(folder.spill()).empty();
}

/// The folder and the missing ones above it.
void make_directories(FileSystem& files, const std::filesystem::path& path) {
  if (path.empty() || files.exists(path)) return;
  make_directories(files, path.parent_path());
  files.make_directory(path);
}

KnownKeys known_keys(const Registry::State& state) {
  return KnownKeys::read(state.catalogue, state.config.id, state.config.signing_public);
}

CatalogueEntry entry_of(const StoredExport& stored, const KnownKeys& keys, const RegistryFolder& folder) {
  CatalogueEntry entry = stored.envelope.entry;
  entry.signer = stored.envelope.signer;
  entry.set_aside = keys.objection(stored.envelope, stored.envelope_text);
  entry.run = stored.run;
  entry.run.path = folder.run(to_hex(entry.run.id));
  return entry;
}

/// Each is signed as it says, by whom is said elsewhere: nobody without a key should be shown what another hand wrote.
void require_signed(const Registry::State& state, const std::vector<StoredExport>& exports) {
  const auto verified = VerifiedEnvelopes::read(state.catalogue, state.config.id, state.config.signing_public);
  parallel_for(default_threads(), exports.size(), [&](std::size_t e) {
    const StoredExport& stored = exports[e];
    if (!verified.holds(to_hex(sha256(stored.envelope_text))))
      require_signature(stored.envelope_text, "envelope", stored.envelope.signer,
                        state.catalogue.place() + ", export '" + stored.envelope.entry.description.name + "'");
  });
}

}  // namespace

void Registry::create(const RegistryOptions& options, const RegistryKey& key) {
  FileSystem& files = files_of(options);
  const RegistryFolder folder{options.directory};
  const std::string place = folder.root.string();
  require_local_disk(folder.root);
  if (files.exists(folder.config())) throw Error(ErrorKind::kUsage, place, "already is a registry");
  if (files.exists(folder.root) && !is_half_made(files, folder))
    throw Error(ErrorKind::kUsage, place, "is not empty; name a folder that does not exist yet");
  make_directories(files, folder.root);
  files.make_directory(folder.locks());
  const auto lock = files.open(folder.locks() / "create", OpenMode::kOpenOrCreate);
  if (!lock->try_lock(LockKind::kExclusive))
    throw Error(ErrorKind::kBusy, place, "another process is making this registry just now");
  if (files.exists(folder.config())) throw Error(ErrorKind::kUsage, place, "already is a registry");
  for (const auto& path : {folder.runs(), folder.spill()}) files.make_directory(path);
  for (const auto& name : files.list(folder.root))
    if (name.starts_with("catalogue.sqlite")) files.remove(folder.root / name);
  files.open(folder.catalogue(), OpenMode::kCreate)->sync();  // first by us, for its mode
  Catalogue::create(folder.catalogue(), database_options(options), key.registry);
  hold_generation(files, folder, 0);
  files.sync_directory(folder.root);
  const auto parent = std::filesystem::absolute(folder.root).lexically_normal();
  files.sync_directory(parent.has_filename() ? parent.parent_path() : parent.parent_path().parent_path());
  RegistryConfig config;
  config.id = key.registry;
  config.created = utc_now();
  config.sealing_public = key.sealing_public;
  config.signing_public = key.signing_public;
  write_config(files, folder, config, key);
}

Registry Registry::open(const RegistryOptions& options) {
  FileSystem& files = files_of(options);
  const RegistryFolder folder{options.directory};
  const RegistryConfig config = read_config(files, folder);
  require_local_disk(folder.root);
  if (!files.exists(folder.catalogue()))
    throw Error(ErrorKind::kDamaged, folder.catalogue().string(),
                "the catalogue is missing; put back a copy, or make it anew from the signed envelopes with "
                "`sidik repair --catalogue`");
  return Registry(std::unique_ptr<State>(
      new State{options, files, folder, config, Catalogue(folder.catalogue(), database_options(options), config.id)}));
}

Registry::Registry(std::unique_ptr<State> state) : state_(std::move(state)) {}
Registry::Registry(Registry&&) noexcept = default;
Registry::~Registry() = default;

const RegistryId& Registry::id() const { return state_->config.id; }
const std::filesystem::path& Registry::directory() const { return state_->folder.root; }
FileSystem& Registry::files() const { return state_->files; }

void Registry::require_key(const RegistryKey& key) const {
  if (key.registry != id())
    throw Error(ErrorKind::kKey, state_->folder.root.string(),
                "the key is of registry " + to_hex(key.registry).substr(0, 12) + ", this one is " +
                    to_hex(id()).substr(0, 12) + "; name the right key with --key-file");
  if (key.sealing_public != state_->config.sealing_public)
    throw Error(
        ErrorKind::kKey, state_->folder.root.string(),
        "the key names this registry but seals to another public key than its config; one of the two was changed");
  if (key.root_public != state_->config.signing_public)
    throw Error(ErrorKind::kKey, state_->folder.root.string(),
                "the key names this registry but trusts another signing key than its config; one of the two was "
                "changed, or another hand made this folder");
  if (key.role == KeyRole::kInvestigate) return;
  const std::string place = "key '" + key.holder + "'";
  try {
    const KeyCertificate certificate = read_certificate(key.certificate, id(), key.root_public, place);
    if (certificate.signing_public == key.signing_public && certificate.role == key.role &&
        certificate.name == key.holder)
      return;
  } catch (const Error&) {
  }
  throw Error(ErrorKind::kKey, place,
              "its certificate is not the investigators' for this key; use an undamaged copy, or ask for another");
}

KnownKeys Registry::keys() const {
  const Transaction transaction = state_->catalogue.read();
  return known_keys(*state_);
}

void Registry::require_investigators(const RegistryKey& key, const char* what) const {
  require_key(key);
  if (key.role != KeyRole::kInvestigate)
    throw Error(ErrorKind::kKey, "key '" + key.holder + "'",
                "has the role " + std::string(role_name(key.role)) + "; " + what + " needs the investigators' key");
}

void Registry::add_key(const RegistryKey& investigators, const RegistryKey& exported) {
  require_investigators(investigators, "exporting a key");
  require_key(exported);
  Transaction transaction = state_->catalogue.write();
  add_known_key(state_->catalogue, investigators, exported);
  transaction.commit();
}

void Registry::revoke_key(const RegistryKey& investigators, const std::string& name,
                          std::optional<std::uint64_t> from) {
  require_investigators(investigators, "revoking a key");
  Transaction transaction = state_->catalogue.write();
  revoke_known_key(state_->catalogue, investigators, name, from);
  transaction.commit();
}

void Registry::begin_epoch(const RegistryKey& investigators) {
  require_investigators(investigators, "beginning an epoch");
  Transaction transaction = state_->catalogue.write();
  const Epoch current = known_keys(*state_).current_epoch();
  if (investigators.epoch != current + 1)
    throw Error(ErrorKind::kKey, "key '" + investigators.holder + "'",
                "is of epoch " + std::to_string(investigators.epoch) + ", and the registry in epoch " +
                    std::to_string(current) + "; use the newest copy of the key");
  sidik::begin_epoch(state_->catalogue, investigators);
  transaction.commit();
}

void Registry::note(const RegistryKey& key, const std::string& action, const std::string& subject,
                    const std::string& subject_digest) const {
  require_key(key);
  Transaction transaction = state_->catalogue.write();
  state_->catalogue.append_audit(key, utc_now(), action, subject, subject_digest);
  // So that the next process need not verify them again.
  if (!state_->to_be_noted.empty() && key.signing_public == state_->config.signing_public)
    note_verified(state_->catalogue, key, std::move(state_->to_be_noted));
  state_->to_be_noted.clear();
  transaction.commit();
}

std::vector<CatalogueEntry> Registry::list() const {
  std::vector<CatalogueEntry> entries;
  {
    const Transaction transaction = state_->catalogue.read();
    const KnownKeys keys = known_keys(*state_);
    const std::vector<StoredExport> exports = state_->catalogue.exports();
    require_signed(*state_, exports);
    for (const auto& stored : exports) entries.push_back(entry_of(stored, keys, state_->folder));
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.description.feed, a.description.at, a.description.name) <
           std::tie(b.description.feed, b.description.at, b.description.name);
  });
  return entries;
}

std::optional<CatalogueEntry> Registry::find(const std::string& name) const {
  const Transaction transaction = state_->catalogue.read();
  const auto stored = state_->catalogue.find(name);
  if (!stored) return std::nullopt;
  return entry_of(*stored, known_keys(*state_), state_->folder);
}

std::optional<Schema> Registry::pinned_schema(const std::string& feed, const RegistryKey& key) const {
  require_key(key);
  const auto encrypted = state_->catalogue.pinned_schema(feed);
  if (!encrypted) return std::nullopt;
  return decrypt_schema(*encrypted, feed, key, state_->catalogue.place() + ", feed '" + feed + "'");
}

std::unique_ptr<FingerprintStore> Registry::snapshot(const RegistryKey& key) const {
  require_key(key);
  return open_embedded_store(*state_, key);
}

std::vector<AuditEntry> Registry::audit() const {
  std::vector<AuditEntry> entries;
  const Transaction transaction = state_->catalogue.read();
  for (const auto& stored : state_->catalogue.audit_lines()) {
    const std::string place = state_->catalogue.place() + ", audit line " + std::to_string(stored.number);
    entries.push_back({read_audit_line(stored.text, id(), place, Verification::kFormOnly), stored.head});
  }
  return entries;
}

CheckReport Registry::check(const RegistryKey* key, const std::function<void(std::uint64_t)>& progress,
                            const std::string& head) const {
  if (key != nullptr) require_key(*key);
  return check_registry(*state_, key, progress, head);
}

std::set<std::string> living_writers(const Registry::State& state) {
  std::set<std::string> alive;
  for (const auto& reserved : state.catalogue.reservations())
    if (WriterLock::is_held(state.files, state.folder, reserved.token)) alive.insert(reserved.token);
  return alive;
}

void require_whole_catalogue(const Registry::State& state, const FolderFindings& findings) {
  if (!findings.unknown_removals.empty())
    throw Error(ErrorKind::kDamaged, state.catalogue.place(),
                "the catalogue does not know of " + std::to_string(findings.unknown_removals.size()) +
                    " removal(s) whose signed statements stand in runs (" + findings.unknown_removals.front() +
                    "); it was put back from an older copy or has lost rows; run `sidik check`");
  if (findings.unknown_envelopes.empty()) return;
  throw Error(ErrorKind::kDamaged, state.catalogue.place(),
              "the catalogue does not know " + std::to_string(findings.unknown_envelopes.size()) +
                  " committed export(s) whose signed envelopes stand in runs (" + findings.unknown_envelopes.front() +
                  "); it was put back from an older copy or has lost rows; run `sidik check`");
}

}  // namespace sidik
