// The clear first 4,096 bytes of a run: what it is, whose, and the wrapped key to the rest (FORMAT.md, "Header").
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/file_system.h"
#include "base/secret.h"
#include "fingerprints/key.h"
#include "registry/block.h"
#include "registry/manifest.h"

namespace sidik {

struct RunHeader {
  static constexpr std::uint32_t kVersion = 1;
  /// Bits that a reader must know.
  static constexpr std::uint32_t kMergedPages = 1;  // record pages of the merged form
  std::uint32_t features = 0;
  RegistryId registry{};
  RunId run{};
  Epoch epoch = 1;
  std::uint64_t blocks = 0;
  std::uint64_t manifest_block = 0;   // where the manifest begins; it goes on to the last block
  std::uint64_t manifest_length = 0;  // bytes
  std::array<std::uint8_t, 32> encapsulated{};
  std::array<std::uint8_t, 48> wrapped_key{};
  Digest key_commitment{};

  std::uint64_t file_length() const { return kRunHeaderSize + blocks * kBlockSize; }
};

using RunHeaderBytes = std::array<std::uint8_t, kRunHeaderSize>;

/// The header's bytes, random where nothing stands, checksum last.
RunHeaderBytes encode_run_header(const RunHeader& header);
/// Throws Error(kDamaged, place) where it is no header of this format, of a newer one, or does not fit its checksum.
RunHeader decode_run_header(const RunHeaderBytes& bytes, const std::string& place);
/// SHA-256 of the header's bytes, which the manifest's blocks are bound to.
Digest run_header_digest(const RunHeaderBytes& bytes);

/// A run file's digest: SHA-256 over its header and the trailers of all blocks, in order.
class RunDigest {
 public:
  explicit RunDigest(const RunHeaderBytes& header);
  ~RunDigest();
  void add(std::span<const std::uint8_t, kBlockTrailer> trailer);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads and decodes a run's header and holds the file's length against it.
RunHeader read_run_header(File& file, RunHeaderBytes& bytes);

/// Wraps the data key into the header, and opens it with a key that may. Opening throws Error(kKey) for a key of
/// another registry or one without the opening secret, Error(kDamaged) where the wrapped key does not open.
void wrap_data_key(RunHeader& header, const Secret& data_key, const RegistryKey& key);
Secret unwrap_data_key(const RunHeader& header, const RegistryKey& key, const std::string& place);

}  // namespace sidik
