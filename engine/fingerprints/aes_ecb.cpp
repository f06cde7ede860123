#include "fingerprints/aes_ecb.h"

#include <openssl/evp.h>

#include <array>
#include <cstring>

#include "base/error.h"

namespace sidik {
namespace {

/// Doubling in GF(2^128), most significant byte first.
std::array<std::uint8_t, 16> doubled(const std::array<std::uint8_t, 16>& in) {
  std::array<std::uint8_t, 16> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const unsigned next = i + 1 < in.size() ? in[i + 1] : 0U;
    out[i] = static_cast<std::uint8_t>(unsigned{in[i]} << 1 | next >> 7);
  }
  if ((in[0] & 0x80) != 0) out[15] = static_cast<std::uint8_t>(out[15] ^ 0x87);
  return out;
}

}  // namespace

struct AesEcb::Context {
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
};

AesEcb::AesEcb(const Secret& key) : context_(std::make_unique<Context>()) {
  if (key.size() != 16)
    throw Error(ErrorKind::kKey, "", "an AES-128 key has 16 bytes, not " + std::to_string(key.size()));
  if (!context_->cipher ||
      EVP_EncryptInit_ex(context_->cipher.get(), EVP_aes_128_ecb(), nullptr, key.bytes().data(), nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context_->cipher.get(), 0) != 1)
    throw Error(ErrorKind::kFailed, "OpenSSL", "cannot set up AES-128");
}
AesEcb::~AesEcb() = default;
AesEcb::AesEcb(AesEcb&&) noexcept = default;
AesEcb& AesEcb::operator=(AesEcb&&) noexcept = default;

void AesEcb::encrypt(std::span<AesBlock> blocks) {
  auto* bytes = reinterpret_cast<std::uint8_t*>(blocks.data());
  int written = 0;
  const int size = static_cast<int>(blocks.size_bytes());
  if (EVP_EncryptUpdate(context_->cipher.get(), bytes, &written, bytes, size) != 1 || written != size)
    throw Error(ErrorKind::kFailed, "OpenSSL", "cannot encrypt with AES-128");
}

AesEcb::CmacKeys AesEcb::cmac_keys() {
  AesBlock zero{};
  encrypt({&zero, 1});
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &zero, bytes.size());
  const auto once = doubled(bytes);
  const auto twice = doubled(once);
  return {load_block(once.data()), load_block(twice.data())};
}

}  // namespace sidik
