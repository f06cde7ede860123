#include "registry/rebuild.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/catalogue_salvage.h"
#include "registry/certificate.h"
#include "registry/known_keys.h"
#include "registry/local_disk.h"
#include "registry/registry_lock.h"
#include "registry/registry_state.h"
#include "registry/run_ledger.h"

namespace sidik {
namespace {

constexpr const char* kRebuilding = "catalogue.sqlite.rebuilding";

/// The tables of the new catalogue, filled inside one transaction.
class Rebuilding {
 public:
  Rebuilding(const Salvage& salvage, const Catalogue& catalogue, const RegistryConfig& config, const RegistryKey& key)
      : salvage_(salvage), catalogue_(catalogue), config_(config), key_(key), ledger_(catalogue) {}

  RebuildResult run(const std::vector<std::string>& trusted) {
    add_exports();
    add_merges();
    add_removals();
    restore_pinned_schemas();
    set_counters();
    keep_audit();
    restore_keys();
    catalogue_.append_audit(key_, utc_now(), "rebuild", "", "");
    if (!salvage_.audit_is_whole) revoke_keys(trusted);
    tell_audit();
    result_.audit_is_whole = salvage_.audit_is_whole;
    return result_;
  }

 private:
  static bool by_sequence(const SalvagedExport* a, const SalvagedExport* b) {
    return a->envelope.sequence < b->envelope.sequence;
  }

  void add_exports() {
    for (const auto& [digest, one] : salvage_.exports)
      if (!salvage_.removals.contains(digest)) alive_.push_back(&one);
    std::sort(alive_.begin(), alive_.end(), by_sequence);
    for (const SalvagedExport* one : alive_) catalogue_.add_export(one->envelope, one->text);
    result_.exports = alive_.size();
  }

  /// A run that was merged again is nobody's any more.
  void add_merges() {
    std::set<std::string> again;
    for (const auto& [id, merge] : salvage_.merges)
      again.insert(merge.statement.replaced.begin(), merge.statement.replaced.end());
    for (const auto& [id, merge] : salvage_.merges) {
      if (again.contains(id)) continue;
      MergeStatement statement = merge.statement;
      std::set<std::string> replaced(statement.replaced.begin(), statement.replaced.end());
      bool holds_any = false;
      for (const SalvagedExport* one : alive_)
        if (statement.holds(to_hex(sha256(one->text)))) {
          replaced.insert(to_hex(one->envelope.entry.run.id));
          holds_any = true;
        }
      statement.replaced.assign(replaced.begin(), replaced.end());
      if (holds_any) ledger_.replace(statement, merge.text);
    }
  }

  void add_removals() {
    for (const auto& [digest, removal] : salvage_.removals) {
      const SalvagedExport& one = salvage_.exports.at(digest);
      ledger_.remove({one.envelope, one.text, one.envelope.entry.run}, removal.text);
      ++result_.removals;
    }
  }

  /// A feed keeps the schema that its first export pinned, when that is removed as well: the last that was pinned.
  void restore_pinned_schemas() {
    std::map<std::string, const SalvagedExport*> pinned;
    for (const auto& [digest, one] : salvage_.exports) {
      if (one.envelope.pinned_schema.empty()) continue;
      const SalvagedExport*& last = pinned[one.envelope.entry.description.feed];
      if (last == nullptr || by_sequence(last, &one)) last = &one;
    }
    for (const auto& [feed, one] : pinned) {
      const bool lives = std::any_of(alive_.begin(), alive_.end(), [&, &name = feed](const SalvagedExport* other) {
        return other->envelope.entry.description.feed == name;
      });
      if (!lives || catalogue_.pinned_schema(feed)) continue;
      catalogue_.database()
          .prepare("INSERT INTO feeds VALUES (?, ?, ?)")
          .bind(1, feed)
          .bind(2, one->envelope.pinned_schema)
          .bind(3, static_cast<std::int64_t>(one->envelope.sequence))
          .run();
    }
  }

  void set_counters() {
    std::uint64_t last = 0;
    for (const auto& [digest, one] : salvage_.exports) last = std::max(last, one.envelope.sequence);
    catalogue_.database()
        .prepare("UPDATE registry SET last_sequence = ?, generation = generation + ?")
        .bind(1, static_cast<std::int64_t>(last))
        .bind(2, salvage_.generation + 1)
        .run();
  }

  void keep_audit() {
    for (const SalvagedAuditLine& one : salvage_.audit) catalogue_.keep_audit_line(one.line, one.text);
    result_.audit_lines = salvage_.audit.size();
  }

  void restore_keys() {
    std::map<std::string, std::uint64_t> exported, revoked;
    for (const auto& [line, text] : salvage_.audit) {
      if (line.signer != config_.signing_public) continue;
      if (line.action == "key export") exported.emplace(line.subject_digest, line.number);
      if (line.action == "key revoke") revoked.emplace(line.subject_digest, line.number);
      if (line.action == "key rotate")
        restore_epoch(catalogue_, static_cast<Epoch>(std::stoul(line.subject)), line.number);
    }
    for (const auto& [digest, number] : exported) {
      const auto text = salvage_.certificates.find(digest);
      if (text == salvage_.certificates.end()) continue;  // `check` names the line
      const auto end = revoked.find(digest);
      restore_known_key(catalogue_, name_of(text->second), text->second, number,
                        end == revoked.end() ? std::nullopt : std::optional(end->second));
    }
  }

  std::string name_of(const std::string& certificate) const {
    return read_certificate(certificate, config_.id, config_.signing_public, catalogue_.place()).name;
  }

  /// Nobody knows whose revocation was lost: what a key registered counts where the audit that is left tells of it.
  void revoke_keys(const std::vector<std::string>& trusted) {
    const auto is_trusted = [&](const std::string& name) {
      return std::find(trusted.begin(), trusted.end(), name) != trusted.end();
    };
    std::set<std::string> known;
    const KnownKeys keys = KnownKeys::read(catalogue_, config_.id, config_.signing_public);
    for (const KnownKey& one : keys.all()) {
      const std::string& name = one.certificate.name;
      known.insert(name);
      if (one.revoked || is_trusted(name)) continue;
      revoke_known_key(catalogue_, key_, name, std::nullopt);
      result_.revoked.push_back(name);
    }
    for (const auto& [digest, text] : salvage_.certificates) {
      const std::string name = name_of(text);
      if (!known.insert(name).second) continue;
      if (!is_trusted(name)) {
        result_.revoked.push_back(name);  // unknown from now on
        continue;
      }
      const std::uint64_t line = catalogue_.append_audit(key_, utc_now(), "key export", name, digest);
      restore_known_key(catalogue_, name, text, line, std::nullopt);
    }
    for (const std::string& name : trusted)
      if (!known.contains(name))
        throw Error(ErrorKind::kUsage, "--trust", "no export and no line of the audit tells of a key '" + name + "'");
  }

  /// Lines for all of which the audit that was saved does not tell; and what only it tells of.
  void tell_audit() {
    std::set<std::string> told;
    for (const auto& [line, text] : salvage_.audit) told.insert(line.subject_digest);
    for (const auto& [digest, one] : salvage_.exports)
      if (!told.contains(digest))
        catalogue_.append_audit(key_, utc_now(), "register", one.envelope.entry.description.name, digest);
    for (const auto& [digest, removal] : salvage_.removals)
      if (const std::string own = to_hex(sha256(removal.text)); !told.contains(own))
        catalogue_.append_audit(key_, utc_now(), "remove", removal.statement.name, own);
    for (const auto& [id, text] : ledger_.merges())
      if (const std::string own = to_hex(sha256(text)); !told.contains(own))
        catalogue_.append_audit(key_, utc_now(), "merge", id, own);
    // Last: an export of an older epoch behind it would not count.
    if (key_.epoch > KnownKeys::read(catalogue_, config_.id, config_.signing_public).current_epoch())
      begin_epoch(catalogue_, key_);
    for (const auto& [line, text] : salvage_.audit)
      if (line.action == "register" && !salvage_.exports.contains(line.subject_digest))
        result_.lost.push_back(line.subject);
  }

  const Salvage& salvage_;
  const Catalogue& catalogue_;
  const RegistryConfig& config_;
  const RegistryKey& key_;
  const RunLedger ledger_;
  std::vector<const SalvagedExport*> alive_;
  RebuildResult result_;
};

void require_nobody_writes(FileSystem& files, const RegistryFolder& folder) {
  for (const std::string& name : files.list(folder.locks())) {
    const std::size_t stem = name.size() - std::min(name.size(), std::string_view(kLockSuffix).size());
    if (name.ends_with(kLockSuffix) && WriterLock::is_held(files, folder, name.substr(0, stem)))
      throw Error(ErrorKind::kBusy, folder.root.string(),
                  "somebody is registering or merging; wait for the end of that, or stop it");
  }
}

/// A name in the folder `damaged` that is free.
std::filesystem::path free_place(FileSystem& files, const RegistryFolder& folder, const std::string& name) {
  for (unsigned number = 1;; ++number)
    if (auto place = folder.damaged() / (name + "." + std::to_string(number)); !files.exists(place)) return place;
}

void copy_file(FileSystem& files, const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto in = files.open(from, OpenMode::kRead);
  const auto out = files.open(to, OpenMode::kCreate);
  std::vector<std::uint8_t> piece(1 << 20);
  std::uint64_t at = 0;
  for (std::size_t got = 0; (got = in->read_at(at, piece)) > 0; at += got)
    out->write_at(at, std::span(piece).first(got));
  out->sync();
}

void put_away_files(FileSystem& files, const RegistryFolder& folder,
                    const std::vector<std::filesystem::path>& envelopes, RebuildResult& result) {
  files.make_directory(folder.damaged());
  files.sync_directory(folder.root);
  for (const char* suffix : {"", "-journal"}) {
    const std::filesystem::path old = folder.catalogue().string() + suffix;
    if (!files.exists(old)) continue;
    result.put_away.push_back(free_place(files, folder, old.filename().string()));
    copy_file(files, old, result.put_away.back());
  }
  for (const auto& envelope : envelopes) {
    result.put_away.push_back(free_place(files, folder, envelope.filename().string()));
    files.rename(envelope, result.put_away.back());
  }
  files.sync_directory(folder.damaged());
  files.sync_directory(folder.runs());
}

}  // namespace

RebuildResult rebuild_catalogue(const RegistryOptions& options, const RegistryKey& key,
                                const std::vector<std::string>& trusted) {
  FileSystem& files = options.files != nullptr ? *options.files : posix_file_system();
  const RegistryFolder folder{options.directory};
  const RegistryConfig config = read_config(files, folder);
  require_local_disk(folder.root);
  if (key.registry != config.id || key.role != KeyRole::kInvestigate || key.signing_public != config.signing_public)
    throw Error(ErrorKind::kKey, folder.root.string(), "making the catalogue anew needs the investigators' key of it");
  const auto lock = files.open(folder.locks() / "create", OpenMode::kOpenOrCreate);
  if (!lock->try_lock(LockKind::kExclusive))
    throw Error(ErrorKind::kBusy, folder.root.string(), "somebody is making its catalogue anew just now");
  require_nobody_writes(files, folder);

  const Database::Options database{options.wait, options.sqlite_vfs};
  const Salvage salvage = salvage_catalogue(files, folder, config, database);
  const auto path = folder.root / kRebuilding;
  for (const char* suffix : {"", "-journal"})
    if (const std::filesystem::path half = path.string() + suffix; files.exists(half)) files.remove(half);
  files.open(path, OpenMode::kCreate)->sync();
  Catalogue::create(path, database, config.id);
  RebuildResult result;
  {
    const Catalogue catalogue(path, database, config.id);
    Transaction transaction = catalogue.write();
    result = Rebuilding(salvage, catalogue, config, key).run(trusted);
    hold_generation(files, folder, catalogue.generation());
    transaction.commit();
  }
  put_away_files(files, folder, salvage.unreadable, result);
  // A journal that is left would be rolled back into the new catalogue.
  if (const std::filesystem::path journal = folder.catalogue().string() + "-journal"; files.exists(journal)) {
    files.remove(journal);
    files.sync_directory(folder.root);
  }
  files.rename(path, folder.catalogue());
  files.sync_directory(folder.root);
  return result;
}

}  // namespace sidik
