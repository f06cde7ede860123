#include "registry/known_keys.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/signed_text.h"

namespace sidik {
namespace {

// Made with the first row: a registry that never exported a key is as it was before keys could be exported.
constexpr const char* kTables = R"sql(
  CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, certificate TEXT NOT NULL, certified INTEGER NOT NULL,
                                   revoked INTEGER) STRICT;
  CREATE TABLE IF NOT EXISTS epochs (epoch INTEGER PRIMARY KEY, begun INTEGER NOT NULL) STRICT;
)sql";

bool has_tables(const Database& database) {
  auto row = database.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('keys', 'epochs')");
  row.step();
  return row.number(0) == 2;
}

/// An audit line that the investigators must have signed, for `action` on `subject`.
AuditLine root_line(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root, std::int64_t number,
                    std::string_view action, const std::string& subject) {
  const std::string place = catalogue.place() + ", audit line " + std::to_string(number);
  const auto stored = catalogue.audit_line(number);
  if (!stored) throw Error(ErrorKind::kDamaged, place, "is missing; run `sidik check`");
  AuditLine line = read_audit_line(stored->text, registry, place, Verification::kSignature);
  if (line.signer != root || line.action != action || line.subject != subject ||
      line.number != static_cast<std::uint64_t>(number))
    throw Error(ErrorKind::kDamaged, place,
                "is not the investigators' " + std::string(action) + " of '" + subject +
                    "' that the catalogue names it for; run `sidik check`");
  return line;
}

std::string place_of_line(const Catalogue& catalogue, std::int64_t number) {
  return catalogue.place() + ", audit line " + std::to_string(number);
}

bool is_change_of_keys(const AuditLine& line) { return line.action == "key revoke" || line.action == "key rotate"; }

bool signed_by_root(const std::string& text, const PublicKey& root, const std::string& place) {
  try {
    require_signature(text, "audit", root, place);
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kDamaged) throw;
    return false;
  }
}

std::string short_key(const PublicKey& key) { return to_hex(key).substr(0, 12); }

}  // namespace

/// What one reading of the whole audit gives.
struct KnownKeys::AuditWalk {
  struct Line {
    AuditLine line;
    std::string text;
  };
  std::vector<Line> changes;  // revocations and epochs that name the investigators as their signer
  std::optional<Line> last;   // of all that name them
};

KnownKeys KnownKeys::read(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root) {
  KnownKeys known = rows(catalogue, registry, root);
  if (known.keys_.empty() && known.epochs_.empty()) return known;
  known.require_told(catalogue, known.walk(catalogue, registry));
  return known;
}

KnownKeys KnownKeys::as_stored(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root) {
  KnownKeys known = rows(catalogue, registry, root);
  const bool revoked =
      std::any_of(known.keys_.begin(), known.keys_.end(), [](const KnownKey& key) { return key.revoked.has_value(); });
  if (revoked || !known.epochs_.empty()) known.walk(catalogue, registry);
  return known;
}

KnownKeys::AuditWalk KnownKeys::walk(const Catalogue& catalogue, const RegistryId& registry) {
  AuditWalk found;
  std::string head;
  for (const auto& stored : catalogue.audit_lines()) {
    const std::string place = place_of_line(catalogue, stored.number);
    AuditLine line = read_audit_line(stored.text, registry, place, Verification::kFormOnly);
    if (line.previous != head || line.number != static_cast<std::uint64_t>(stored.number))
      throw Error(ErrorKind::kDamaged, place, "does not follow the line before; run `sidik check`");
    head = audit_head_after(stored.text);
    if (line.action == "register") registered_.emplace(line.subject_digest, line.number);
    if (line.signer != root_) {
      if (line.action == "merge") merged_.emplace(line.subject_digest, line.number);
      continue;
    }
    if (line.action == "merge") merged_by_root_.emplace(line.subject_digest, stored.text);
    if (is_change_of_keys(line)) found.changes.push_back({line, stored.text});
    found.last = AuditWalk::Line{std::move(line), stored.text};
  }
  return found;
}

/// The last line of the investigators binds all before it: where its signature fits, none of those was taken out.
void KnownKeys::require_told(const Catalogue& catalogue, const AuditWalk& walk) const {
  if (walk.last)
    require_signature(walk.last->text, "audit", root_,
                      place_of_line(catalogue, static_cast<std::int64_t>(walk.last->line.number)));
  for (const auto& [line, text] : walk.changes) {
    if (knows(line)) continue;
    const std::string place = place_of_line(catalogue, static_cast<std::int64_t>(line.number));
    if (signed_by_root(text, root_, place))
      throw Error(ErrorKind::kDamaged, place,
                  "is the investigators' " + line.action + " of '" + line.subject +
                      "', which the catalogue does not know: its row was changed; run `sidik check`");
  }
}

/// Whether a revocation or an epoch of the audit stands in the catalogue. A key that it has not may register nothing,
/// revoked or not.
bool KnownKeys::knows(const AuditLine& line) const {
  if (line.action == "key rotate")
    return std::any_of(epochs_.begin(), epochs_.end(), [&](const BegunEpoch& one) { return one.line == line.number; });
  for (const KnownKey& key : keys_)
    if (to_hex(sha256(key.text)) == line.subject_digest) return key.revoked && key.revoked->line <= line.number;
  return true;
}

KnownKeys KnownKeys::rows(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root) {
  KnownKeys known;
  known.root_ = root;
  const Database& database = catalogue.database();
  if (!has_tables(database)) return known;
  auto row = database.prepare("SELECT name, certificate, certified, revoked FROM keys ORDER BY name");
  while (row.step()) {
    const std::string name = row.text(0);
    const std::string place = catalogue.place() + ", key '" + name + "'";
    KnownKey key;
    key.text = row.text(1);
    key.certificate = read_certificate(key.text, registry, root, place);
    if (key.certificate.name != name)
      throw Error(ErrorKind::kDamaged, place, "its row differs from its certificate; run `sidik check`");
    key.certified = static_cast<std::uint64_t>(row.number(2));
    if (row.optional_text(3)) {
      const std::int64_t number = row.number(3);
      const AuditLine line = root_line(catalogue, registry, root, number, "key revoke", name);
      if (line.subject_digest != to_hex(sha256(key.text)))
        throw Error(ErrorKind::kDamaged, place, "its revocation is of another certificate; run `sidik check`");
      key.revoked = KnownKey::Revocation{line.number, line.from == 0 ? line.number : line.from, line.at};
    }
    known.keys_.push_back(std::move(key));
  }
  auto epoch = database.prepare("SELECT epoch, begun FROM epochs ORDER BY epoch");
  while (epoch.step()) {
    const std::string number = std::to_string(epoch.number(0));
    const AuditLine line = root_line(catalogue, registry, root, epoch.number(1), "key rotate", number);
    known.epochs_.push_back({static_cast<Epoch>(epoch.number(0)), line.number, line.subject_digest});
  }
  return known;
}

const KnownKey* KnownKeys::named(const std::string& name) const {
  for (const auto& key : keys_)
    if (key.certificate.name == name) return &key;
  return nullptr;
}

const KnownKey* KnownKeys::signed_by(const PublicKey& signer) const {
  for (const auto& key : keys_)
    if (key.certificate.signing_public == signer) return &key;
  return nullptr;
}

std::optional<std::uint64_t> KnownKeys::line_of(const std::string& envelope_text) const {
  const auto found = registered_.find(to_hex(sha256(envelope_text)));
  if (found == registered_.end()) return std::nullopt;
  return found->second;
}

bool KnownKeys::merged_before(const std::string& statement_text, std::uint64_t line) const {
  const std::string digest = to_hex(sha256(statement_text));
  if (const auto found = merged_.find(digest); found != merged_.end() && found->second < line) return true;
  const auto by_root = merged_by_root_.find(digest);
  return by_root != merged_by_root_.end() && signed_by_root(by_root->second, root_, "the audit");
}

std::string KnownKeys::objection(const Envelope& envelope, const std::string& envelope_text) const {
  const ExportDescription& description = envelope.entry.description;
  std::optional<std::uint64_t> line;
  if (!epochs_.empty()) {
    line = line_of(envelope_text);
    for (const BegunEpoch& begun : epochs_)
      if (envelope.entry.run.epoch < begun.epoch && (!line || *line > begun.line))
        return "was registered under epoch " + std::to_string(envelope.entry.run.epoch) + " after epoch " +
               std::to_string(begun.epoch) + " had begun";
  }
  if (envelope.signer == root_) return {};
  const KnownKey* const key = signed_by(envelope.signer);
  if (key == nullptr) return "is signed by a key that this registry does not know (" + short_key(envelope.signer) + ")";
  const KeyCertificate& certificate = key->certificate;
  const std::string whose = "the key '" + certificate.name + "'";
  if (certificate.role != KeyRole::kRegister)
    return "is signed by " + whose + ", whose role is " + std::string(role_name(certificate.role));
  if (description.registered_by != certificate.name)
    return "says that it was registered by '" + description.registered_by + "' and is signed by " + whose;
  if (!certificate.covers(description.feed))
    return "is of the feed '" + description.feed + "', and " + whose + ", which registered it, is for " +
           certificate.feed_words();
  if (!key->revoked) return {};
  if (!line) line = line_of(envelope_text);
  if (line && *line < key->revoked->from) return {};
  return "was registered with " + whose + ", which is revoked from audit line " + std::to_string(key->revoked->from) +
         " on";
}

void KnownKeys::require_may_register(const RegistryKey& key, const std::string& feed) const {
  const auto refuse = [&](const std::string& why) { throw Error(ErrorKind::kKey, "key '" + key.holder + "'", why); };
  if (key.role != KeyRole::kInvestigate) {
    const KnownKey* const known = signed_by(key.signing_public);
    if (known == nullptr)
      refuse("is not in this registry's catalogue: it was put back from a copy older than the key; export another key");
    if (known->revoked)
      refuse("was revoked on " + format_utc(known->revoked->at) + "; ask the investigators for another");
    if (!known->certificate.covers(feed))
      refuse("registers " + known->certificate.feed_words() + ", not " +
             (feed.empty() ? "exports without a feed; name one with --feed" : "the feed '" + feed + "'"));
  }
  if (key.epoch < current_epoch())
    refuse("is of epoch " + std::to_string(key.epoch) + ", and the registry is in epoch " +
           std::to_string(current_epoch()) +
           (key.role == KeyRole::kInvestigate ? "; use the key file that `sidik key rotate` wrote"
                                              : "; ask the investigators for another"));
  if (key.epoch > current_epoch())
    refuse("is of epoch " + std::to_string(key.epoch) + ", which the registry has not begun (it is in epoch " +
           std::to_string(current_epoch()) + "); run `sidik key rotate` again to the end");
  if (!epochs_.empty() && epochs_.back().commitment != epoch_commitment(key.fingerprint_secret))
    refuse("has another secret of epoch " + std::to_string(key.epoch) +
           " than the one that the registry began; use the key file that `sidik key rotate` wrote");
}

void KnownKeys::require_secrets(const RegistryKey& key, Epoch epoch) const {
  const Secret* const secret = key.secret_of(epoch);
  if (secret == nullptr) return;
  for (const BegunEpoch& begun : epochs_)
    if (begun.epoch == epoch && begun.commitment != epoch_commitment(*secret))
      throw Error(ErrorKind::kKey, "key '" + key.holder + "'",
                  "has another secret of epoch " + std::to_string(epoch) +
                      " than the one that the registry began, and would find nothing of that epoch; use the key file "
                      "that `sidik key rotate` wrote, or a copy of it");
}

std::string epoch_commitment(const Secret& fingerprint_secret) {
  const Secret derived = derive(fingerprint_secret, "sidik/1/epoch-commitment", 32);
  return to_hex(sha256(as_text(derived.bytes())));
}

void restore_known_key(const Catalogue& catalogue, const std::string& name, const std::string& certificate,
                       std::uint64_t certified, std::optional<std::uint64_t> revoked) {
  const Database& database = catalogue.database();
  database.execute(kTables);
  database.prepare("INSERT INTO keys VALUES (?, ?, ?, NULL)")
      .bind(1, name)
      .bind(2, certificate)
      .bind(3, static_cast<std::int64_t>(certified))
      .run();
  if (!revoked) return;
  database.prepare("UPDATE keys SET revoked = ? WHERE name = ?")
      .bind(1, static_cast<std::int64_t>(*revoked))
      .bind(2, name)
      .run();
}

void restore_epoch(const Catalogue& catalogue, Epoch epoch, std::uint64_t begun) {
  catalogue.database().execute(kTables);
  catalogue.database()
      .prepare("INSERT INTO epochs VALUES (?, ?)")
      .bind(1, static_cast<std::int64_t>(epoch))
      .bind(2, static_cast<std::int64_t>(begun))
      .run();
}

void add_known_key(const Catalogue& catalogue, const RegistryKey& investigators, const RegistryKey& exported) {
  const Database& database = catalogue.database();
  database.execute(kTables);
  auto taken = database.prepare("SELECT 1 FROM keys WHERE name = ?");
  taken.bind(1, exported.holder);
  if (taken.step())
    throw Error(ErrorKind::kUsage, "--for",
                "'" + exported.holder +
                    "' is the name of another key of this registry; a key has a name of its own, "
                    "even where the other is revoked");
  const std::uint64_t line = catalogue.append_audit(investigators, utc_now(), "key export", exported.holder,
                                                    to_hex(sha256(exported.certificate)));
  restore_known_key(catalogue, exported.holder, exported.certificate, line, std::nullopt);
}

void revoke_known_key(const Catalogue& catalogue, const RegistryKey& investigators, const std::string& name,
                      std::optional<std::uint64_t> from) {
  const KnownKeys known = KnownKeys::read(catalogue, investigators.registry, investigators.signing_public);
  const KnownKey* const key = known.named(name);
  if (key == nullptr)
    throw Error(ErrorKind::kUsage, "key revoke",
                "this registry has no key '" + name + "'; `sidik key show` lists those that it has");
  if (key->revoked)
    throw Error(ErrorKind::kUsage, "key revoke",
                "'" + name + "' was revoked on " + format_utc(key->revoked->at) + " (audit line " +
                    std::to_string(key->revoked->line) + ")");
  if (from && key->certificate.role == KeyRole::kCompact)
    throw Error(ErrorKind::kUsage, "--from-line",
                "is for register keys; what a compact key merged is held against its exports' signed digests by `sidik "
                "check --read-data`");
  const std::uint64_t next = catalogue.audit_tip().lines + 1;
  if (from && (*from <= key->certified || *from > next))
    throw Error(ErrorKind::kUsage, "--from-line",
                "expected a line of the audit behind the one that certified the key, " +
                    std::to_string(key->certified) + ", and at most " + std::to_string(next));
  const std::uint64_t line =
      catalogue.append_audit(investigators, utc_now(), "key revoke", name, to_hex(sha256(key->text)), from.value_or(0));
  catalogue.database()
      .prepare("UPDATE keys SET revoked = ? WHERE name = ?")
      .bind(1, static_cast<std::int64_t>(line))
      .bind(2, name)
      .run();
}

void begin_epoch(const Catalogue& catalogue, const RegistryKey& investigators) {
  const std::uint64_t line =
      catalogue.append_audit(investigators, utc_now(), "key rotate", std::to_string(investigators.epoch),
                             epoch_commitment(investigators.fingerprint_secret));
  restore_epoch(catalogue, investigators.epoch, line);
}

}  // namespace sidik
