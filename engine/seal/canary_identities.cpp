#include "seal/canary_identities.h"

#include <sodium.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "fields/canonical.h"
#include "fingerprints/batch_fingerprinter.h"

namespace sidik {
namespace {

constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr const char* kPlace = "an export's canaries";

Secret key_of(const SealSecrets& secrets) {
  return derive(secrets.recipient, "sidik/1/seal/identities", crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
}

}  // namespace

std::optional<CanaryIdentity> identity_of(const Schema& schema, std::span<const std::string> cells) {
  for (const std::size_t c : schema.identity_order()) {
    CanonicalValue value = canonical(schema.columns[c].type, cells[c], schema.columns[c].options);
    if (value.state == ValueState::kValid) return CanaryIdentity{schema.columns[c].type, std::move(value.text)};
  }
  return std::nullopt;
}

std::string encrypt_identities(std::span<const CanaryIdentity> identities, const SealSecrets& secrets) {
  ByteWriter plain;
  plain.varint(identities.size());
  for (const CanaryIdentity& each : identities) {
    plain.u8(static_cast<std::uint8_t>(each.type));
    plain.string(each.value);
  }
  const Bytes& text = plain.bytes();
  Bytes out(kNonceSize + text.size() + kTagSize);
  random_bytes(std::span(out).first(kNonceSize));
  const Secret key = key_of(secrets);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kNonceSize, nullptr, text.data(), text.size(), nullptr, 0,
                                             nullptr, out.data(), key.bytes().data());
  return std::string(as_text(out));
}

std::vector<CanaryIdentity> decrypt_identities(std::string_view bytes, const SealSecrets& secrets) {
  const ByteSpan in = as_bytes(bytes);
  const Secret key = key_of(secrets);
  Bytes plain(std::max(in.size(), kNonceSize + kTagSize) - kNonceSize - kTagSize);
  if (in.size() < kNonceSize + kTagSize || crypto_aead_xchacha20poly1305_ietf_decrypt(
                                               plain.data(), nullptr, nullptr, in.data() + kNonceSize,
                                               in.size() - kNonceSize, nullptr, 0, in.data(), key.bytes().data()) != 0)
    throw Error(ErrorKind::kDamaged, kPlace, "are not as its seal wrote them, or are those of another recipient");
  ByteReader reader(plain, kPlace);
  std::vector<CanaryIdentity> identities(reader.count(2));
  for (CanaryIdentity& each : identities) {
    const std::uint8_t type = reader.u8();
    if (type == 0 || type >= kFieldTypes) throw Error(ErrorKind::kDamaged, kPlace, "name an unknown type");
    each = {static_cast<FieldType>(type), reader.string()};
  }
  return identities;
}

std::vector<RowTag> tags_of(std::span<const CanaryIdentity> identities, const Secret& fingerprint_secret) {
  std::vector<RowTag> tags(identities.size());
  std::vector<FieldType> types;
  for (const CanaryIdentity& each : identities) types.push_back(each.type);
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  for (const FieldType type : types) {
    std::vector<std::size_t> places;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < identities.size(); ++i) {
      if (identities[i].type != type) continue;
      places.push_back(i);
      texts.push_back(identities[i].value + std::string(kTextSlack, '\0'));
    }
    std::vector<std::string_view> values;
    for (const std::string& text : texts) values.push_back(std::string_view(text).substr(0, text.size() - kTextSlack));
    std::vector<ValueState> states(values.size());
    std::vector<Fingerprint> fingerprints(values.size());
    std::vector<RowTag> some(values.size());
    ValueFingerprinter(fingerprint_secret, type, {}).compute(values, states, fingerprints, some);
    for (std::size_t i = 0; i < places.size(); ++i) tags[places[i]] = some[i];
  }
  return tags;
}

}  // namespace sidik
