#include "fingerprints/key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "base/error.h"

namespace sidik {
namespace {

constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kLongestHolder = 64;

PublicKey public_half(int algorithm, const Secret& secret) {
  if (secret.size() != kSecretSize) throw Error(ErrorKind::kKey, "", "a private key of 32 bytes was expected");
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_private_key(algorithm, nullptr, secret.bytes().data(), secret.size()), EVP_PKEY_free);
  PublicKey out{};
  std::size_t size = out.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1 || size != out.size())
    throw Error(ErrorKind::kFailed, "OpenSSL", "cannot compute a public key");
  return out;
}

/// Whether a role holds a secret, against whether this key does.
struct Holding {
  const char* name;
  const Secret& secret;
  bool expected;
};

}  // namespace

std::string_view role_name(KeyRole role) {
  switch (role) {
    case KeyRole::kInvestigate:
      return "investigate";
    case KeyRole::kRegister:
      return "register";
    case KeyRole::kCompact:
      return "compact";
  }
  return "unknown";
}

RegistryKey RegistryKey::generate() {
  RegistryKey key;
  random_bytes(key.registry);
  key.holder = "investigators";
  for (Secret* secret : {&key.fingerprint_secret, &key.opening_secret, &key.schema_secret, &key.digest_secret,
                         &key.signing_seed, &key.seal_secret})
    *secret = Secret::random(kSecretSize);
  key.sealing_public = sealing_public_of(key.opening_secret);
  key.signing_public = signing_public_of(key.signing_seed);
  key.root_public = key.signing_public;
  return key;
}

const Secret* RegistryKey::secret_of(Epoch wanted) const {
  if (wanted == epoch) return fingerprint_secret.empty() ? nullptr : &fingerprint_secret;
  const auto earlier = earlier_secrets.find(wanted);
  return earlier == earlier_secrets.end() ? nullptr : &earlier->second;
}

void RegistryKey::check(const std::string& place) const {
  const auto refuse = [&](const std::string& message) { throw Error(ErrorKind::kKey, place, message); };
  const std::string whose(role_name(role));
  const bool registers = role != KeyRole::kCompact;
  const bool opens = role != KeyRole::kRegister;
  const bool any_feed = role == KeyRole::kRegister && seal_feeds.empty();
  for (const Holding& holding :
       {Holding{"fingerprint-secret", fingerprint_secret, registers}, Holding{"opening-secret", opening_secret, opens},
        Holding{"schema-secret", schema_secret, registers}, Holding{"digest-secret", digest_secret, true},
        Holding{"signing-seed", signing_seed, true}, Holding{"seal-secret", seal_secret, role == KeyRole::kInvestigate},
        Holding{"seal-shared", seal_shared, role == KeyRole::kRegister}, Holding{"seal-host", seal_host, any_feed}}) {
    if (holding.expected && holding.secret.empty())
      refuse(std::string("lacks its ") + holding.name + ", which a key of the role " + whose +
             " needs; use a whole copy of the key");
    if (!holding.expected && !holding.secret.empty())
      refuse(std::string("holds a ") + holding.name + ", which a key of the role " + whose +
             " must not hold; export the key again");
    if (holding.expected && holding.secret.size() != kSecretSize)
      refuse(std::string("has a ") + holding.name + " of other than 32 bytes");
  }
  for (const auto& [feed, secret] : seal_feeds)
    if (role != KeyRole::kRegister || secret.size() != kSecretSize)
      refuse("holds a seal-feed that a key of the role " + whose + " must not hold; export the key again");
  for (const auto& [earlier, secret] : earlier_secrets)
    if (role != KeyRole::kInvestigate || earlier == 0 || earlier >= epoch || secret.size() != kSecretSize)
      refuse("holds the secret of epoch " + std::to_string(earlier) + ", which a key of the role " + whose +
             " and of epoch " + std::to_string(epoch) + " must not hold");
  if ((role == KeyRole::kInvestigate) != certificate.empty())
    refuse(certificate.empty() ? "lacks its certificate, which an exported key needs; export the key again"
                               : "holds a certificate, which the investigators' key must not hold");
  if (epoch == 0) refuse("names epoch 0; epochs are numbered from 1");
  if (holder.empty() || holder.size() > kLongestHolder || holder.front() == ' ' || holder.back() == ' ')
    refuse("needs a holder of 1 to 64 bytes without spaces around it");
  for (const char c : holder)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) refuse("has a control character in its holder's name");
  if (opens && sealing_public_of(opening_secret) != sealing_public)
    refuse("has a sealing-public that does not belong to its opening-secret; use an undamaged copy of the key");
  if (signing_public_of(signing_seed) != signing_public)
    refuse("has a signing key that does not belong to its signing-seed");
  if ((role == KeyRole::kInvestigate) != (root_public == signing_public))
    refuse("names another root than its role allows; use an undamaged copy of the key");
}

PublicKey sealing_public_of(const Secret& opening_secret) { return public_half(EVP_PKEY_X25519, opening_secret); }
PublicKey signing_public_of(const Secret& signing_seed) { return public_half(EVP_PKEY_ED25519, signing_seed); }

Secret derive(const Secret& secret, std::string_view info, std::size_t size) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(hkdf ? EVP_KDF_CTX_new(hkdf.get()) : nullptr,
                                                                          EVP_KDF_CTX_free);
  // OpenSSL takes its inputs through pointers to non-const and does not write to them.
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(secret.bytes().data()),
                                        secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(info.data()), info.size()),
      OSSL_PARAM_construct_end()};
  Secret out(size);
  if (!context || EVP_KDF_derive(context.get(), out.writable().data(), out.size(), parameters) != 1)
    throw Error(ErrorKind::kFailed, "OpenSSL", "cannot derive a key with HKDF-SHA-256");
  return out;
}

}  // namespace sidik
