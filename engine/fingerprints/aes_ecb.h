// AES-128 on whole blocks: what CMACs in lock-step are made of. No mode of operation by itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/secret.h"

namespace sidik {

/// Sixteen bytes of a message or a chain; ^ and & work on all of them.
using AesBlock = std::uint64_t __attribute__((vector_size(16)));

/// Bytes at any alignment as a block. REQUIRES: 16 readable bytes.
inline AesBlock load_block(const void* bytes) {
  AesBlock block;
  __builtin_memcpy(&block, bytes, sizeof block);
  return block;
}

/// The first `size` bytes (0 to 16) of what stands there, zeros behind them. REQUIRES: 16 readable bytes all the same.
inline AesBlock load_first(const void* bytes, std::size_t size) {
  // Sixteen 0xff bytes, then sixteen zeros: a load that begins at 16 - n keeps n bytes.
  alignas(32) static constexpr std::array<std::uint8_t, 32> kKeep = {255, 255, 255, 255, 255, 255, 255, 255,
                                                                     255, 255, 255, 255, 255, 255, 255, 255};
  return load_block(bytes) & load_block(kKeep.data() + 16 - size);
}

/// One key's cipher of the crypto library. One object a thread.
class AesEcb {
 public:
  /// `key` has 16 bytes; anything else throws Error(kKey).
  explicit AesEcb(const Secret& key);
  ~AesEcb();
  AesEcb(AesEcb&&) noexcept;
  AesEcb& operator=(AesEcb&&) noexcept;

  /// Encrypts each block by itself, in place.
  void encrypt(std::span<AesBlock> blocks);

  /// The two sub-keys of CMAC (RFC 4493, section 2.3): for last blocks that are full, and for those that are padded.
  struct CmacKeys {
    AesBlock full;
    AesBlock padded;
  };
  CmacKeys cmac_keys();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace sidik
