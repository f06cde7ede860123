#include "registry/signature.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace sidik {
namespace {

using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string bound_to_purpose(std::string_view purpose, std::string_view text) {
  std::string message = "sidik/1/";
  message.append(purpose).push_back('\n');
  return message.append(text);
}

}  // namespace

Signature sign(const Secret& signing_seed, std::string_view purpose, std::string_view text) {
  if (signing_seed.size() != 32)
    throw Error(ErrorKind::kKey, "", "the key has no signing secret; a key that registers needs one");
  const PrivateKey key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, signing_seed.bytes().data(), signing_seed.size()),
      &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const std::string message = bound_to_purpose(purpose, text);
  Signature signature{};
  std::size_t size = signature.size();
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, as_bytes(message).data(), message.size()) != 1 ||
      size != signature.size())
    throw Error(ErrorKind::kFailed, "", "the crypto library cannot sign with Ed25519");
  return signature;
}

bool signature_fits(const PublicKey& signer, std::string_view purpose, std::string_view text,
                    const Signature& signature) {
  const std::string message = bound_to_purpose(purpose, text);
  return crypto_sign_verify_detached(signature.data(), as_bytes(message).data(), message.size(), signer.data()) == 0;
}

}  // namespace sidik
