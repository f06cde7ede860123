#include "registry/certificate.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/seal_keys.h"

namespace sidik {
namespace {

using nlohmann::json;

constexpr int kCertificateFormat = 1;
constexpr std::size_t kLongestHolder = 64;  // as RegistryKey::check has it
constexpr std::size_t kLongestFeed = 200;   // as an export's

void check_word(const char* what, const std::string& word, std::size_t longest) {
  const auto fail = [&](const std::string& why) { throw Error(ErrorKind::kUsage, what, why); };
  if (word.empty() || word.size() > longest) fail("expected a name of 1 to " + std::to_string(longest) + " bytes");
  if (word.front() == ' ' || word.back() == ' ') fail("has a blank at an end of a name");
  if (std::any_of(word.begin(), word.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    fail("holds control characters");
  try {
    canonical_json(word);
  } catch (const json::exception&) {
    fail("is no UTF-8");
  }
}

KeyRole role_member(const json& object, const std::string& place) {
  const std::string name = text_member(object, "role", place);
  for (const KeyRole role : {KeyRole::kRegister, KeyRole::kCompact})
    if (role_name(role) == name) return role;
  throw Error(ErrorKind::kDamaged, place, "its role is none that is certified");
}

std::optional<std::vector<std::string>> feeds_member(const json& object, const std::string& place) {
  const auto member = object.find("feeds");
  if (member != object.end() && member->is_null()) return std::nullopt;
  const auto fail = [&] { throw Error(ErrorKind::kDamaged, place, "has no list of feeds"); };
  if (member == object.end() || !member->is_array()) fail();
  std::vector<std::string> feeds;
  for (const auto& feed : *member) {
    if (!feed.is_string()) fail();
    feeds.push_back(feed.get<std::string>());
  }
  return feeds;
}

}  // namespace

bool KeyCertificate::covers(const std::string& feed) const {
  return !feeds || std::find(feeds->begin(), feeds->end(), feed) != feeds->end();
}

std::string KeyCertificate::feed_words() const {
  if (!feeds) return "any feed";
  std::string text = feeds->size() == 1 ? "the feed " : "the feeds ";
  for (std::size_t i = 0; i < feeds->size(); ++i)
    text += (i == 0 ? "" : i + 1 == feeds->size() ? " and " : ", ") + (*feeds)[i];
  return feeds->empty() ? "no feed" : text;
}

std::string certificate_text(const KeyCertificate& certificate, const RegistryKey& investigators) {
  return signed_text({{"sidik_certificate", kCertificateFormat},
                      {"registry", to_hex(investigators.registry)},
                      {"name", certificate.name},
                      {"role", role_name(certificate.role)},
                      {"feeds", certificate.feeds ? json(*certificate.feeds) : json(nullptr)},
                      {"signing_public", to_hex(certificate.signing_public)},
                      {"epoch", certificate.epoch},
                      {"issued", format_utc(certificate.issued)}},
                     "certificate", investigators);
}

KeyCertificate read_certificate(std::string_view text, const RegistryId& registry, const PublicKey& root,
                                const std::string& place) {
  const json statement = read_signed_text(text, "certificate", root, place);
  if (number_member(statement, "sidik_certificate", place) > kCertificateFormat)
    throw Error(ErrorKind::kDamaged, place, "is a certificate of a newer sidik; install that one");
  RegistryId written_for{};
  hex_member(statement, "registry", written_for, place);
  if (written_for != registry) throw Error(ErrorKind::kDamaged, place, "is a certificate of another registry");
  KeyCertificate certificate;
  certificate.name = text_member(statement, "name", place);
  certificate.role = role_member(statement, place);
  certificate.feeds = feeds_member(statement, place);
  hex_member(statement, "signing_public", certificate.signing_public, place);
  certificate.epoch = static_cast<Epoch>(number_member(statement, "epoch", place));
  const auto issued = parse_utc(text_member(statement, "issued", place));
  if (!issued) throw Error(ErrorKind::kDamaged, place, "has no date");
  certificate.issued = *issued;
  return certificate;
}

RegistryKey exported_key(const RegistryKey& investigators, KeyRole role, const std::string& name,
                         std::optional<std::vector<std::string>> feeds, UtcSeconds issued) {
  if (investigators.role != KeyRole::kInvestigate)
    throw Error(ErrorKind::kKey, "",
                "a " + std::string(role_name(investigators.role)) + " key exports no keys; use the investigators' key");
  if (role == KeyRole::kInvestigate)
    throw Error(ErrorKind::kUsage, "--role",
                "expected register or compact; the investigators' key is split, not exported");
  check_word("--for", name, kLongestHolder);
  if (name == kInvestigators)
    throw Error(ErrorKind::kUsage, "--for", "is the name of the investigators' own key; choose another");
  if (role == KeyRole::kCompact && feeds)
    throw Error(ErrorKind::kUsage, "--feeds", "is for register keys; a compact key merges the runs of all feeds");
  if (feeds) {
    for (const auto& feed : *feeds) check_word("--feeds", feed, kLongestFeed);
    std::sort(feeds->begin(), feeds->end());
    feeds->erase(std::unique(feeds->begin(), feeds->end()), feeds->end());
  }
  const bool registers = role == KeyRole::kRegister;
  RegistryKey key;
  key.role = role;
  key.registry = investigators.registry;
  key.holder = name;
  key.epoch = investigators.epoch;
  key.sealing_public = investigators.sealing_public;
  key.digest_secret = investigators.digest_secret;
  key.signing_seed = Secret::random(32);
  key.signing_public = signing_public_of(key.signing_seed);
  key.root_public = investigators.signing_public;
  if (registers) {
    key.fingerprint_secret = investigators.fingerprint_secret;
    key.schema_secret = investigators.schema_secret;
    key.seal_shared = seal_shared_secret(investigators);
    if (!feeds) key.seal_host = seal_host_secret(investigators, name);
    for (const auto& feed : feeds.value_or(std::vector<std::string>()))
      key.seal_feeds[feed] = seal_feed_secret(investigators, name, feed);
  } else {
    key.opening_secret = investigators.opening_secret;
  }
  key.certificate = certificate_text(
      {name, role, std::move(feeds), key.signing_public, registers ? key.epoch : Epoch{0}, issued}, investigators);
  return key;
}

}  // namespace sidik
