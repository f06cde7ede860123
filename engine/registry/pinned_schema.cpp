#include "registry/pinned_schema.h"

#include <openssl/evp.h>

#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret.h"

namespace sidik {
namespace {

constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kPadding = 1024;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Secret schema_key(const RegistryKey& key) {
  if (key.schema_secret.empty())
    throw Error(ErrorKind::kKey, "",
                std::string("a ") + std::string(role_name(key.role)) +
                    " key cannot read pinned schemas; use a register or an investigate key");
  return derive(key.schema_secret, "sidik/1/pinned-schema", 32);
}

std::string associated_data(const RegistryKey& key, const std::string& feed) {
  return "sidik/1/pinned-schema\n" + to_hex(key.registry) + "\n" + feed;
}

[[noreturn]] void fail_crypto() { throw Error(ErrorKind::kFailed, "", "the crypto library cannot run AES-256-GCM"); }

/// The schema's text, its length before it and zeros behind it.
Bytes padded(const std::string& text) {
  ByteWriter writer;
  writer.string(text);
  Bytes bytes = writer.take();
  bytes.resize((bytes.size() + kPadding - 1) / kPadding * kPadding);
  return bytes;
}

}  // namespace

std::string encrypt_schema(const Schema& schema, const std::string& feed, const RegistryKey& key) {
  const Secret secret = schema_key(key);
  const Bytes plain = padded(schema.to_toml());
  const std::string bound = associated_data(key, feed);
  Bytes sealed(kNonceSize + plain.size() + kTagSize);
  random_bytes(std::span(sealed).first(kNonceSize));
  std::uint8_t* const text = sealed.data() + kNonceSize;
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  if (!cipher ||
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, secret.bytes().data(), sealed.data()) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, as_bytes(bound).data(), static_cast<int>(bound.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), text, &size, plain.data(), static_cast<int>(plain.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), text + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, text + plain.size()) != 1)
    fail_crypto();
  return to_hex(sealed);
}

Schema decrypt_schema(const std::string& encrypted, const std::string& feed, const RegistryKey& key,
                      const std::string& place) {
  const Secret secret = schema_key(key);
  Bytes sealed;
  try {
    sealed = from_hex(encrypted, place);
  } catch (const Error&) {
    throw Error(ErrorKind::kDamaged, place, "the pinned schema is not as it was written; run `sidik check`");
  }
  if (sealed.size() < kNonceSize + kTagSize)
    throw Error(ErrorKind::kDamaged, place, "the pinned schema is cut short; run `sidik check`");
  const std::string bound = associated_data(key, feed);
  Bytes plain(sealed.size() - kNonceSize - kTagSize);
  std::uint8_t* const tag = sealed.data() + kNonceSize + plain.size();
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  if (!cipher ||
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, secret.bytes().data(), sealed.data()) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, as_bytes(bound).data(), static_cast<int>(bound.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), plain.data(), &size, sealed.data() + kNonceSize,
                        static_cast<int>(plain.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag) != 1)
    fail_crypto();
  if (EVP_DecryptFinal_ex(cipher.get(), plain.data() + size, &size) != 1)
    throw Error(ErrorKind::kDamaged, place,
                "the pinned schema was changed or belongs to another feed or registry; run `sidik check`");
  return Schema::from_toml(ByteReader(plain, place).string(), place + ", pinned schema");
}

}  // namespace sidik
