#include "registry/block.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/encryption.h"

namespace sidik {
namespace {

constexpr std::size_t kTagSize = 16;
constexpr std::string_view kBlockLabel = "sidik/1/block";
// label | registry | run | epoch | number | role | last | digest of the header
constexpr std::size_t kAssociatedSize = kBlockLabel.size() + 16 + 16 + 4 + 8 + 1 + 1 + 32;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

[[noreturn]] void crypto_failed() { throw Error(ErrorKind::kFailed, "the crypto library", "refuses AES-256-GCM"); }

}  // namespace

struct BlockCipher::State {
  Context encrypt, decrypt;  // each keyed once; a block only sets its nonce
  BlockBinding binding;
  Secret key;

  std::array<std::uint8_t, kAssociatedSize> associated(const BlockPlace& place) const {
    std::array<std::uint8_t, kAssociatedSize> out{};
    std::uint8_t* p = out.data();
    const auto put = [&p](const void* bytes, std::size_t size) {
      std::memcpy(p, bytes, size);
      p += size;
    };
    put(kBlockLabel.data(), kBlockLabel.size());
    put(binding.registry.data(), binding.registry.size());
    put(binding.run.data(), binding.run.size());
    store_u32(p, binding.epoch);
    store_u64(p + 4, place.number);
    p[12] = static_cast<std::uint8_t>(place.role);
    p[13] = place.last ? 1 : 0;
    p += 14;
    if (place.role == BlockRole::kManifest) put(binding.header.data(), binding.header.size());
    return out;
  }
};

BlockCipher::BlockCipher(const Secret& data_key, const BlockBinding& binding) : state_(std::make_unique<State>()) {
  state_->binding = binding;
  state_->key = data_key;
}
BlockCipher::~BlockCipher() = default;
BlockCipher::BlockCipher(BlockCipher&&) noexcept = default;

void BlockCipher::bind_header(const Digest& header) { state_->binding.header = header; }

void BlockCipher::seal(std::span<std::uint8_t, kBlockSize> block, const BlockPlace& place) {
  if constexpr (!kEncrypted) {
    std::memset(block.data() + kBlockPayload, 0, kTagSize);
    return store_u64(block.data() + kBlockSize - 8, block_checksum(block));
  }
  std::array<std::uint8_t, 12> nonce{};
  store_u64(nonce.data(), place.number);
  const auto associated = state_->associated(place);
  if (!state_->encrypt) {
    state_->encrypt.reset(EVP_CIPHER_CTX_new());
    if (!state_->encrypt ||
        EVP_EncryptInit_ex(state_->encrypt.get(), EVP_aes_256_gcm(), nullptr, state_->key.bytes().data(), nullptr) != 1)
      crypto_failed();
  }
  EVP_CIPHER_CTX* const context = state_->encrypt.get();
  int size = 0;
  if (EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) != 1 ||
      EVP_EncryptUpdate(context, nullptr, &size, associated.data(), static_cast<int>(associated.size())) != 1 ||
      EVP_EncryptUpdate(context, block.data(), &size, block.data(), static_cast<int>(kBlockPayload)) != 1 ||
      EVP_EncryptFinal_ex(context, block.data() + kBlockPayload, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagSize, block.data() + kBlockPayload) != 1)
    crypto_failed();
  store_u64(block.data() + kBlockSize - 8, block_checksum(block));
}

bool BlockCipher::open(std::span<std::uint8_t, kBlockSize> block, const BlockPlace& place) {
  if constexpr (!kEncrypted) return true;
  std::array<std::uint8_t, 12> nonce{};
  store_u64(nonce.data(), place.number);
  const auto associated = state_->associated(place);
  if (!state_->decrypt) {
    state_->decrypt.reset(EVP_CIPHER_CTX_new());
    if (!state_->decrypt ||
        EVP_DecryptInit_ex(state_->decrypt.get(), EVP_aes_256_gcm(), nullptr, state_->key.bytes().data(), nullptr) != 1)
      crypto_failed();
  }
  EVP_CIPHER_CTX* const context = state_->decrypt.get();
  int size = 0;
  std::array<std::uint8_t, 16> rest{};
  if (EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) != 1 ||
      EVP_DecryptUpdate(context, nullptr, &size, associated.data(), static_cast<int>(associated.size())) != 1 ||
      EVP_DecryptUpdate(context, block.data(), &size, block.data(), static_cast<int>(kBlockPayload)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagSize, block.data() + kBlockPayload) != 1)
    crypto_failed();
  return EVP_DecryptFinal_ex(context, rest.data(), &size) == 1;
}

std::uint64_t block_checksum(std::span<const std::uint8_t, kBlockSize> block) {
  return XXH3_64bits(block.data(), kBlockSize - 8);
}
bool block_checksum_fits(std::span<const std::uint8_t, kBlockSize> block) {
  return load_u64(block.data() + kBlockSize - 8) == block_checksum(block);
}

Digest commit_to_key(const Secret& data_key) {
  constexpr std::string_view kLabel = "sidik/1/key-commitment";
  Digest out{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), data_key.bytes().data(), static_cast<int>(data_key.size()), as_bytes(kLabel).data(),
           kLabel.size(), out.data(), &size) == nullptr)
    crypto_failed();
  return out;
}

}  // namespace sidik
