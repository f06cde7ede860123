#include "registry/hpke.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <algorithm>
#include <memory>

#include "base/error.h"

namespace sidik {
namespace {

constexpr std::size_t kHash = 32;   // Nh
constexpr std::size_t kNonce = 12;  // Nn
constexpr std::size_t kTag = 16;

[[noreturn]] void crypto_failed() {
  throw Error(ErrorKind::kFailed, "the crypto library", "refuses to wrap or open a key");
}

Bytes join(std::initializer_list<ByteSpan> parts) {
  Bytes out;
  for (const ByteSpan part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}
Bytes big_endian(std::uint16_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

Secret hmac(ByteSpan key, ByteSpan message) {
  static constexpr std::uint8_t kEmpty = 0;
  Secret out(kHash);
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.empty() ? &kEmpty : key.data(), static_cast<int>(key.size()), message.data(),
           message.size(), out.writable().data(), &size) == nullptr)
    crypto_failed();
  return out;
}

/// LabeledExtract and LabeledExpand of section 4; a suite id names KEM, or KEM, KDF and AEAD.
Secret labeled_extract(ByteSpan suite, ByteSpan salt, std::string_view label, ByteSpan input) {
  Bytes message = join({as_bytes("HPKE-v1"), suite, as_bytes(label), input});
  Secret out = hmac(salt, message);
  wipe(message);
  return out;
}
Secret labeled_expand(ByteSpan suite, const Secret& key, std::string_view label, ByteSpan info, std::size_t size) {
  const Bytes labeled =
      join({big_endian(static_cast<std::uint16_t>(size)), as_bytes("HPKE-v1"), suite, as_bytes(label), info});
  Secret out(size);
  Secret previous;
  std::size_t done = 0;
  for (std::uint8_t counter = 1; done < size; ++counter) {  // HKDF-Expand, RFC 5869
    Bytes message = join({previous.bytes(), labeled, ByteSpan(&counter, 1)});
    previous = hmac(key.bytes(), message);
    wipe(message);
    const std::size_t take = std::min(kHash, size - done);
    std::copy_n(previous.bytes().begin(), take, out.writable().begin() + static_cast<std::ptrdiff_t>(done));
    done += take;
  }
  return out;
}

Bytes kem_suite() { return join({as_bytes("KEM"), big_endian(0x0020)}); }
Bytes hpke_suite(HpkeAead aead) {
  return join({as_bytes("HPKE"), big_endian(0x0020), big_endian(0x0001), big_endian(static_cast<std::uint16_t>(aead))});
}
std::size_t key_size(HpkeAead aead) { return aead == HpkeAead::kAes128Gcm ? 16 : 32; }

X25519Key public_of(const Secret& secret) {
  X25519Key out{};
  if (secret.size() != out.size() || crypto_scalarmult_base(out.data(), secret.bytes().data()) != 0) crypto_failed();
  return out;
}

/// ExtractAndExpand of section 4.1 over the Diffie-Hellman value. False for a public key of small order.
bool shared_secret(const Secret& own, const X25519Key& other, const X25519Key& encapsulated, const X25519Key& recipient,
                   Secret& out) {
  Secret dh(32);
  if (own.size() != 32 || crypto_scalarmult(dh.writable().data(), own.bytes().data(), other.data()) != 0) return false;
  const Bytes suite = kem_suite();
  const Secret extracted = labeled_extract(suite, {}, "eae_prk", dh.bytes());
  out = labeled_expand(suite, extracted, "shared_secret", join({encapsulated, recipient}), kHash);
  return true;
}

HpkeKeySchedule key_schedule(HpkeAead aead, Secret shared, ByteSpan info) {
  const Bytes suite = hpke_suite(aead);
  const Secret psk_id_hash = labeled_extract(suite, {}, "psk_id_hash", {});
  const Secret info_hash = labeled_extract(suite, {}, "info_hash", info);
  const std::uint8_t base_mode = 0;
  const Bytes context = join({ByteSpan(&base_mode, 1), psk_id_hash.bytes(), info_hash.bytes()});
  const Secret secret = labeled_extract(suite, shared.bytes(), "secret", {});
  HpkeKeySchedule out;
  out.key = labeled_expand(suite, secret, "key", context, key_size(aead));
  const Secret nonce = labeled_expand(suite, secret, "base_nonce", context, kNonce);
  std::copy_n(nonce.bytes().begin(), kNonce, out.base_nonce.begin());
  out.shared_secret = std::move(shared);
  return out;
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const EVP_CIPHER* cipher_of(HpkeAead aead) {
  return aead == HpkeAead::kAes128Gcm ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

}  // namespace

HpkeKeySchedule hpke_schedule_sender(const Secret& ephemeral, HpkeAead aead, const X25519Key& recipient, ByteSpan info,
                                     X25519Key& encapsulated) {
  encapsulated = public_of(ephemeral);
  Secret shared;
  if (!shared_secret(ephemeral, recipient, encapsulated, recipient, shared))
    throw Error(ErrorKind::kKey, "the registry's public key", "is no usable X25519 key");
  return key_schedule(aead, std::move(shared), info);
}

HpkeMessage hpke_seal(HpkeAead aead, const X25519Key& recipient, ByteSpan info, ByteSpan associated,
                      ByteSpan plaintext) {
  return hpke_seal_with(Secret::random(32), aead, recipient, info, associated, plaintext);
}

HpkeMessage hpke_seal_with(const Secret& ephemeral, HpkeAead aead, const X25519Key& recipient, ByteSpan info,
                           ByteSpan associated, ByteSpan plaintext) {
  HpkeMessage out;
  const HpkeKeySchedule schedule = hpke_schedule_sender(ephemeral, aead, recipient, info, out.encapsulated);
  out.ciphertext.resize(plaintext.size() + kTag);
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  if (!context ||
      EVP_EncryptInit_ex(context.get(), cipher_of(aead), nullptr, schedule.key.bytes().data(),
                         schedule.base_nonce.data()) != 1 ||
      (!associated.empty() &&
       EVP_EncryptUpdate(context.get(), nullptr, &size, associated.data(), static_cast<int>(associated.size())) != 1) ||
      EVP_EncryptUpdate(context.get(), out.ciphertext.data(), &size, plaintext.data(),
                        static_cast<int>(plaintext.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), out.ciphertext.data() + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, out.ciphertext.data() + plaintext.size()) != 1)
    crypto_failed();
  return out;
}

Secret hpke_open(HpkeAead aead, const X25519Key& encapsulated, const Secret& secret, ByteSpan info, ByteSpan associated,
                 ByteSpan ciphertext) {
  if (ciphertext.size() < kTag) return {};
  Secret shared;
  if (!shared_secret(secret, encapsulated, encapsulated, public_of(secret), shared)) return {};
  const HpkeKeySchedule schedule = key_schedule(aead, std::move(shared), info);
  Secret out(ciphertext.size() - kTag);
  Bytes tag(ciphertext.end() - kTag, ciphertext.end());
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  if (!context ||
      EVP_DecryptInit_ex(context.get(), cipher_of(aead), nullptr, schedule.key.bytes().data(),
                         schedule.base_nonce.data()) != 1 ||
      (!associated.empty() &&
       EVP_DecryptUpdate(context.get(), nullptr, &size, associated.data(), static_cast<int>(associated.size())) != 1) ||
      EVP_DecryptUpdate(context.get(), out.writable().data(), &size, ciphertext.data(), static_cast<int>(out.size())) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(context.get(), out.writable().data() + size, &size) != 1)
    return {};
  return out;
}

}  // namespace sidik
