// A key file, as read and written here:
//
//     sidik-key 1
//     # whoever holds this file ...
//     role investigate
//     registry 32 hex digits
//     holder investigators
//     epoch 1
//     fingerprint-secret 64 hex digits
//     earlier-fingerprint-secret 64 hex digits, a space, the epoch; a line for each epoch before
//     sealing-public 64 hex digits
//     opening-secret 64 hex digits
//     schema-secret 64 hex digits
//     digest-secret 64 hex digits
//     signing-seed 64 hex digits
//     seal-secret 64 hex digits; an investigators' key without this line was made before there were seals: it is
//                 derived
//     root-public 64 hex digits; this line and those below are of exported keys
//     certificate one line of JSON
//     seal-shared 64 hex digits
//     seal-host 64 hex digits; of a key for any feed, else
//     seal-feed 64 hex digits, a space, the feed's name; a line for each feed
//     checksum 16 hex digits: XXH3-64 of all lines before, each ended by one line feed
//
// Lines that a role does not hold are left out. A name that this version does not know is refused, so that later
// versions may add some.
#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/key.h"
#include "fingerprints/key_protection.h"
#include "fingerprints/secret_text.h"

namespace sidik {
namespace {

constexpr std::string_view kRemark =
    "Keep this file secret, and keep a copy: a lost key cannot be made again, and with it and the registry's files "
    "the data can be guessed.";
constexpr std::string_view kExportedRemark =
    "Keep this file secret. A lost one is no loss: the investigators export another, and revoke this one.";

using Line = SecretLines::Line;

class KeyFileParser {
 public:
  KeyFileParser(std::string_view text, const std::string& place) : place_(place), lines_(text, place, kKeyFileText) {}

  RegistryKey parse() {
    RegistryKey key;
    for (const Line& line : lines_.lines()) take(line, key);
    lines_.require_whole();
    for (const std::string_view name : {"role", "registry", "holder", "epoch", "sealing-public"})
      if (!lines_.has(name))
        throw Error(ErrorKind::kKey, place_, "lacks its `" + std::string(name) + "` line; use a whole copy of the key");
    if (!key.signing_seed.empty()) key.signing_public = signing_public_of(key.signing_seed);
    if (key.role == KeyRole::kInvestigate && !lines_.has("root-public")) key.root_public = key.signing_public;
    if (key.role == KeyRole::kInvestigate && !lines_.has("seal-secret")) add_seal_secret(key);
    key.check(place_);
    return key;
  }

 private:
  void take(const Line& line, RegistryKey& key) const {
    if (line.name == "seal-feed") return take_seal_feed(line, key);
    if (line.name == "earlier-fingerprint-secret") return take_earlier_secret(line, key);
    lines_.require_once(line);
    if (line.name == "role") {
      take_role(line, key);
    } else if (line.name == "registry") {
      lines_.read_hex(line, line.value, key.registry);
    } else if (line.name == "holder") {
      key.holder = line.value;
    } else if (line.name == "epoch") {
      key.epoch = epoch_of(line, line.value);
    } else if (line.name == "sealing-public") {
      lines_.read_hex(line, line.value, key.sealing_public);
    } else if (line.name == "root-public") {
      lines_.read_hex(line, line.value, key.root_public);
    } else if (line.name == "certificate") {
      key.certificate = line.value;
    } else if (Secret* secret = secret_of(line.name, key)) {
      *secret = secret_in(line, line.value);
    } else {
      lines_.refuse_unknown(line);
    }
  }

  static Secret* secret_of(std::string_view name, RegistryKey& key) {
    if (name == "fingerprint-secret") return &key.fingerprint_secret;
    if (name == "opening-secret") return &key.opening_secret;
    if (name == "schema-secret") return &key.schema_secret;
    if (name == "digest-secret") return &key.digest_secret;
    if (name == "signing-seed") return &key.signing_seed;
    if (name == "seal-secret") return &key.seal_secret;
    if (name == "seal-shared") return &key.seal_shared;
    if (name == "seal-host") return &key.seal_host;
    return nullptr;
  }

  Secret secret_in(const Line& line, std::string_view hex) const {
    Secret secret(32);
    lines_.read_hex(line, hex, secret.writable());
    return secret;
  }

  Epoch epoch_of(const Line& line, std::string_view digits) const {
    const std::uint64_t epoch = lines_.read_number(line, digits, 1, "an epoch, a number from 1 on");
    if (epoch > 0xffffffffU) lines_.refuse(line, "expected an epoch, a number from 1 on");
    return static_cast<Epoch>(epoch);
  }

  void take_seal_feed(const Line& line, RegistryKey& key) const {
    const std::size_t space = line.value.find(' ');
    Secret secret = secret_in(line, line.value.substr(0, space));
    const std::string feed(space == std::string_view::npos ? std::string_view() : line.value.substr(space + 1));
    if (feed.empty()) lines_.refuse(line, "expected a feed's name behind the digits");
    if (!key.seal_feeds.emplace(feed, std::move(secret)).second) lines_.refuse(line, "names its feed a second time");
  }

  void take_earlier_secret(const Line& line, RegistryKey& key) const {
    const std::size_t space = line.value.find(' ');
    Secret secret = secret_in(line, line.value.substr(0, space));
    const Epoch epoch =
        epoch_of(line, space == std::string_view::npos ? std::string_view() : line.value.substr(space + 1));
    if (!key.earlier_secrets.emplace(epoch, std::move(secret)).second)
      lines_.refuse(line, "names its epoch a second time");
  }

  /// From both secrets that no other role has together.
  static void add_seal_secret(RegistryKey& key) {
    if (key.opening_secret.empty() || key.fingerprint_secret.empty()) return;  // refused by check()
    const Secret& first = key.earlier_secrets.empty() ? key.fingerprint_secret : key.earlier_secrets.begin()->second;
    Secret both(key.opening_secret.size() + first.size());
    const auto out = both.writable();
    const auto rest = std::copy(key.opening_secret.bytes().begin(), key.opening_secret.bytes().end(), out.begin());
    std::copy(first.bytes().begin(), first.bytes().end(), rest);
    key.seal_secret = derive(both, "sidik/1/seal/root", 32);
  }

  void take_role(const Line& line, RegistryKey& key) const {
    for (const KeyRole role : {KeyRole::kInvestigate, KeyRole::kRegister, KeyRole::kCompact})
      if (line.value == role_name(role)) {
        key.role = role;
        return;
      }
    lines_.refuse(line, "expected the role investigate, register or compact");
  }

  std::string place_;
  SecretLines lines_;
};

}  // namespace

std::string key_file_text(const RegistryKey& key) {
  key.check("a key to be written");
  SecretTextWriter out(kKeyFileText);
  const bool exported = key.role != KeyRole::kInvestigate;
  out.remark(exported ? kExportedRemark : kRemark).line("role", role_name(key.role));
  out.hex("registry", key.registry).line("holder", key.holder).line("epoch", std::to_string(key.epoch));
  out.hex("fingerprint-secret", key.fingerprint_secret.bytes());
  for (const auto& [epoch, secret] : key.earlier_secrets)
    out.hex("earlier-fingerprint-secret", secret.bytes(), std::to_string(epoch));
  out.hex("sealing-public", key.sealing_public).hex("opening-secret", key.opening_secret.bytes());
  out.hex("schema-secret", key.schema_secret.bytes()).hex("digest-secret", key.digest_secret.bytes());
  out.hex("signing-seed", key.signing_seed.bytes()).hex("seal-secret", key.seal_secret.bytes());
  if (exported) out.hex("root-public", key.root_public).line("certificate", key.certificate);
  out.hex("seal-shared", key.seal_shared.bytes()).hex("seal-host", key.seal_host.bytes());
  for (const auto& [feed, secret] : key.seal_feeds) out.hex("seal-feed", secret.bytes(), feed);
  return out.finish();
}

void write_key_file(const RegistryKey& key, const std::filesystem::path& path) {
  write_secret_file(WipedText(key_file_text(key)).text, path);
}

RegistryKey read_key_file(const std::filesystem::path& path, const PassphraseSource& passphrase) {
  return parse_key_file(read_secret_file(path).text, path.string(), passphrase);
}

RegistryKey parse_key_file(std::string_view text, const std::string& place, const PassphraseSource& passphrase) {
  if (!is_protected_key(text)) return KeyFileParser(text, place).parse();
  const WipedText plain = open_protected_key(text, place, passphrase);
  return KeyFileParser(plain.text, place).parse();
}

}  // namespace sidik
