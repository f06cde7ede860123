#include "key_report.h"

#include "base/bytes.h"
#include "fingerprints/seal_keys.h"
#include "report/plain_text.h"
#include "report/text_table.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

struct Abilities {
  const char* can;
  const char* cannot;
};

Abilities abilities(KeyRole role) {
  switch (role) {
    case KeyRole::kRegister:
      return {"register, seal", "read anything, what it registered included: trace, show columns, canary list"};
    case KeyRole::kCompact:
      return {"open and merge runs, check --read-data", "fingerprint a value: register, seal, trace"};
    case KeyRole::kInvestigate:
      break;
  }
  return {"everything: register, seal, trace, export and revoke keys", ""};
}

/// The certificate of an exported key as it stands in it; nothing of the investigators' or an unreadable one.
std::optional<KeyCertificate> own_certificate(const RegistryKey& key) {
  if (key.certificate.empty()) return std::nullopt;
  return read_certificate(key.certificate, key.registry, key.root_public, "the key's certificate");
}

std::string short_key(const PublicKey& key) { return to_hex(key).substr(0, 12); }

std::string revocation_words(const KnownKey& key) {
  if (!key.revoked) return "";
  std::string text = "revoked " + format_utc(key.revoked->at);
  if (key.revoked->from != key.revoked->line) text += ", from audit line " + std::to_string(key.revoked->from) + " on";
  return text;
}

Json feeds_json(const KeyCertificate& certificate) {
  return certificate.feeds ? Json(*certificate.feeds) : Json(nullptr);
}

std::string field(const char* name, const std::string& value) {
  std::string line = std::string(name);
  line.resize(14, ' ');
  return line + printable(value) + "\n";
}

std::string epochs_words(const RegistryKey& key) {
  if (key.role == KeyRole::kCompact) return "of all epochs (it fingerprints nothing)";
  std::string text = std::to_string(key.epoch);
  std::string earlier;
  for (const auto& [epoch, secret] : key.earlier_secrets)
    earlier += (earlier.empty() ? "" : ", ") + std::to_string(epoch);
  return earlier.empty() ? text : text + ", and the earlier " + earlier;
}

/// Why a key does nothing any more; empty where it does.
std::string standing_words(const KnownKey& known, Epoch current) {
  const KeyCertificate& certificate = known.certificate;
  if (known.revoked || certificate.role != KeyRole::kRegister || certificate.epoch == current)
    return revocation_words(known);
  return "of epoch " + std::to_string(certificate.epoch) + ": registers no more";
}

}  // namespace

std::string key_text(const KeyFacts& facts, std::size_t width) {
  const RegistryKey& key = facts.key;
  const Abilities able = abilities(key.role);
  std::string text = field("role", std::string(role_name(key.role)));
  text += field("holder", key.holder) + field("registry", to_hex(key.registry)) + field("epoch", epochs_words(key));
  text += field("signs as", short_key(key.signing_public));
  if (const auto certificate = own_certificate(key)) {
    if (key.role == KeyRole::kRegister) text += field("feeds", certificate->feed_words());
    text += field("certified", format_utc(certificate->issued) + " by " + short_key(key.root_public));
  }
  text += field("passphrase", facts.under_passphrase ? "yes" : "none");
  text += field("can", able.can);
  if (*able.cannot != '\0') text += field("cannot", able.cannot);
  if (facts.known == nullptr) return text;
  const KnownKey* const own = facts.known->signed_by(key.signing_public);
  if (own != nullptr && own->revoked) text += field("REVOKED", revocation_words(*own));
  if (key.role != KeyRole::kInvestigate && own == nullptr)
    text += field("UNKNOWN", "this registry's catalogue does not have the key");
  if (key.role != KeyRole::kCompact && key.epoch != facts.known->current_epoch())
    text += field("OUT OF DATE", "the registry is in epoch " + std::to_string(facts.known->current_epoch()));
  if (facts.known->all().empty()) return text;
  TextTable table({{"key", Align::kLeft},
                   {"role", Align::kLeft},
                   {"feeds", Align::kLeft},
                   {"signs as", Align::kLeft},
                   {"certified", Align::kLeft},
                   {"", Align::kLeft}});
  for (const KnownKey& known : facts.known->all())
    table.add({printable(known.certificate.name), std::string(role_name(known.certificate.role)),
               known.certificate.role == KeyRole::kRegister ? printable(known.certificate.feed_words()) : "-",
               short_key(known.certificate.signing_public), format_utc(known.certificate.issued),
               standing_words(known, facts.known->current_epoch())});
  return text + "\nKeys that this registry knows:\n" + table.text(width, 2);
}

std::string key_json(const KeyFacts& facts) {
  const RegistryKey& key = facts.key;
  const auto certificate = own_certificate(key);
  Json epochs = Json::array();
  for (const auto& [epoch, secret] : key.earlier_secrets) epochs.push_back(epoch);
  if (key.can_fingerprint()) epochs.push_back(key.epoch);
  Json json = {{"sidik", 1},
               {"key",
                {{"role", role_name(key.role)},
                 {"holder", key.holder},
                 {"registry", to_hex(key.registry)},
                 {"epochs", std::move(epochs)},
                 {"signing_public", to_hex(key.signing_public)},
                 {"feeds", certificate ? feeds_json(*certificate) : Json(nullptr)},
                 {"certified", certificate ? Json(format_utc(certificate->issued)) : Json(nullptr)},
                 {"passphrase", facts.under_passphrase}}}};
  if (facts.known == nullptr) {
    json["keys"] = nullptr;
    return json_text(json);
  }
  Json keys = Json::array();
  for (const KnownKey& known : facts.known->all()) {
    Json revoked = nullptr;
    if (known.revoked)
      revoked = {{"at", format_utc(known.revoked->at)}, {"line", known.revoked->line}, {"from", known.revoked->from}};
    keys.push_back(
        {{"name", known.certificate.name},
         {"role", role_name(known.certificate.role)},
         {"feeds", feeds_json(known.certificate)},
         {"signing_public", to_hex(known.certificate.signing_public)},
         {"epoch", known.certificate.role == KeyRole::kRegister ? Json(known.certificate.epoch) : Json(nullptr)},
         {"certified", format_utc(known.certificate.issued)},
         {"certified_line", known.certified},
         {"revoked", std::move(revoked)}});
  }
  json["epoch"] = facts.known->current_epoch();
  json["keys"] = std::move(keys);
  return json_text(json);
}

std::string signer_words(const PublicKey& signer, const KnownKeys& known) {
  if (signer == known.root()) return std::string(kInvestigators) + " (" + short_key(signer) + ")";
  const KnownKey* const key = known.signed_by(signer);
  if (key == nullptr) return "a key that the registry does not know (" + short_key(signer) + ")";
  std::string text =
      key->certificate.name + " (" + short_key(signer) + "), certified " + format_utc(key->certificate.issued);
  const std::string revocation = revocation_words(*key);
  return revocation.empty() ? text : text + ", " + revocation;
}

}  // namespace sidik::command
