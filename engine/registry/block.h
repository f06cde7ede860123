// The unit of encryption in a run: one fixed size, so that lengths tell nothing; bound to its run, its place and its
// role.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/secret.h"
#include "fingerprints/key.h"
#include "registry/manifest.h"

namespace sidik {

// Block: ciphertext | GCM tag | XXH3-64 of both, so that anybody can check a file and only a key's holder can read it.
inline constexpr std::size_t kBlockSize = 16384;
inline constexpr std::size_t kBlockTrailer = 24;
inline constexpr std::size_t kBlockPayload = kBlockSize - kBlockTrailer;
inline constexpr std::size_t kRunHeaderSize = 4096;

enum class BlockRole : std::uint8_t { kPages = 1, kManifest = 2 };

/// What a block's associated data say beside its number.
struct BlockBinding {
  RegistryId registry{};
  RunId run{};
  Epoch epoch = 0;
  Digest header{};  // of the run's header; for manifest blocks only, zero for pages
};

/// Where a block stands among the others.
struct BlockPlace {
  std::uint64_t number = 0;
  BlockRole role = BlockRole::kPages;
  bool last = false;  // of the run: a run cut short does not end with it
};

/// Encrypts and opens blocks under a run's data key (AES-256-GCM, the nonce is the block's number). One object a
/// thread.
class BlockCipher {
 public:
  BlockCipher(const Secret& data_key, const BlockBinding& binding);
  ~BlockCipher();
  BlockCipher(BlockCipher&&) noexcept;

  void bind_header(const Digest& header);
  /// Encrypts the first kBlockPayload bytes of `block` in place and fills in the trailer.
  void seal(std::span<std::uint8_t, kBlockSize> block, const BlockPlace& place);
  /// Decrypts in place. False where the block is not what was written there.
  bool open(std::span<std::uint8_t, kBlockSize> block, const BlockPlace& place);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The checksum at the end of a block, of all that stands before it, and whether it fits.
std::uint64_t block_checksum(std::span<const std::uint8_t, kBlockSize> block);
bool block_checksum_fits(std::span<const std::uint8_t, kBlockSize> block);

/// HMAC-SHA-256 of a label under the data key: GCM does not commit to its key, this does.
Digest commit_to_key(const Secret& data_key);

}  // namespace sidik
