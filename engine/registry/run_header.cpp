#include "registry/run_header.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/encryption.h"
#include "registry/hpke.h"

namespace sidik {
namespace {

constexpr std::size_t kChecksumAt = kRunHeaderSize - 8;

/// What the wrapped key is bound to: the run it belongs to.
Bytes wrapping_info(const RunHeader& header) {
  ByteWriter out;
  out.raw(as_bytes("sidik/1/data-key"));
  out.raw(header.registry);
  out.raw(header.run);
  out.u32(header.epoch);
  return out.take();
}

}  // namespace

RunHeaderBytes encode_run_header(const RunHeader& header) {
  ByteWriter out;
  out.raw(kRunMagic);
  out.u32(RunHeader::kVersion);
  out.u32(header.features);
  out.raw(header.registry);
  out.raw(header.run);
  out.u32(header.epoch);
  out.u32(kBlockSize);
  out.u64(header.blocks);
  out.u64(header.manifest_block);
  out.u64(header.manifest_length);
  out.raw(header.encapsulated);
  out.raw(header.wrapped_key);
  out.raw(header.key_commitment);
  RunHeaderBytes bytes;
  random_bytes(bytes);  // a header of zeros would be all that compresses in a run
  std::copy(out.bytes().begin(), out.bytes().end(), bytes.begin());
  store_u64(bytes.data() + kChecksumAt, XXH3_64bits(bytes.data(), kChecksumAt));
  return bytes;
}

RunHeader decode_run_header(const RunHeaderBytes& bytes, const std::string& place) {
  const auto damaged = [&place](const std::string& what) {
    return Error(ErrorKind::kDamaged, place + ", header", what);
  };
  if (!std::equal(kRunMagic.begin(), kRunMagic.end(), bytes.begin())) throw damaged("this is no run of a registry");
  if (load_u64(bytes.data() + kChecksumAt) != XXH3_64bits(bytes.data(), kChecksumAt))
    throw damaged("the header does not fit its checksum; `sidik check` tells what is affected");
  ByteReader in(ByteSpan(bytes).subspan(kRunMagic.size()), place + ", header");
  const std::uint32_t version = in.u32();
  RunHeader header;
  header.features = in.u32();
  if (version > RunHeader::kVersion || (header.features & ~RunHeader::kMergedPages) != 0)
    throw damaged("written by a newer version of sidik (format " + std::to_string(version) +
                  "); read it with that version or a later one");
  if (version == 0) throw damaged("there is no format of this number");
  const auto fill = [&in](auto& array) {
    const ByteSpan raw = in.raw(array.size());
    std::copy(raw.begin(), raw.end(), array.begin());
  };
  fill(header.registry);
  fill(header.run);
  header.epoch = in.u32();
  if (in.u32() != kBlockSize) throw damaged("blocks are of another size than this format's");
  header.blocks = in.u64();
  header.manifest_block = in.u64();
  header.manifest_length = in.u64();
  fill(header.encapsulated);
  fill(header.wrapped_key);
  fill(header.key_commitment);
  constexpr std::uint64_t kMostBlocks = std::uint64_t{1} << 32;
  if (header.blocks == 0 || header.blocks > kMostBlocks || header.manifest_block >= header.blocks ||
      header.manifest_length == 0 || header.manifest_length > (header.blocks - header.manifest_block) * kBlockPayload ||
      header.manifest_length <= (header.blocks - header.manifest_block - 1) * kBlockPayload)
    throw damaged("the manifest's place is not inside the file");
  return header;
}

Digest run_header_digest(const RunHeaderBytes& bytes) {
  Digest out{};
  SHA256(bytes.data(), bytes.size(), out.data());
  return out;
}

struct RunDigest::State {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};

  void require(bool done) const {
    if (!done) throw Error(ErrorKind::kFailed, "the crypto library", "refuses SHA-256");
  }
};

RunDigest::RunDigest(const RunHeaderBytes& header) : state_(std::make_unique<State>()) {
  state_->require(state_->context && EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1 &&
                  EVP_DigestUpdate(state_->context.get(), header.data(), header.size()) == 1);
}
RunDigest::~RunDigest() = default;
void RunDigest::add(std::span<const std::uint8_t, kBlockTrailer> trailer) {
  state_->require(EVP_DigestUpdate(state_->context.get(), trailer.data(), trailer.size()) == 1);
}
Digest RunDigest::finish() {
  Digest out{};
  unsigned size = 0;
  state_->require(EVP_DigestFinal_ex(state_->context.get(), out.data(), &size) == 1);
  return out;
}

RunHeader read_run_header(File& file, RunHeaderBytes& bytes) {
  const std::string place = file.path().string();
  const std::uint64_t length = file.size();
  if (length < kRunHeaderSize || file.read_at(0, bytes) != bytes.size())
    throw Error(ErrorKind::kDamaged, place, "is shorter than a run's header");
  const RunHeader header = decode_run_header(bytes, place);
  if (length != header.file_length())
    throw Error(
        ErrorKind::kDamaged, place,
        "has " + std::to_string(length) + " bytes where its header says " + std::to_string(header.file_length()));
  return header;
}

void wrap_data_key(RunHeader& header, const Secret& data_key, const RegistryKey& key) {
  const HpkeMessage message =
      hpke_seal(HpkeAead::kAes256Gcm, key.sealing_public, wrapping_info(header), {}, data_key.bytes());
  header.encapsulated = message.encapsulated;
  if (message.ciphertext.size() != header.wrapped_key.size())
    throw Error(ErrorKind::kFailed, "the data key", "has not the 32 bytes of this format");
  std::copy(message.ciphertext.begin(), message.ciphertext.end(), header.wrapped_key.begin());
  header.key_commitment = commit_to_key(data_key);
}

Secret unwrap_data_key(const RunHeader& header, const RegistryKey& key, const std::string& place) {
  if (header.registry != key.registry)
    throw Error(ErrorKind::kKey, place,
                "belongs to another registry than the key; name the key of this registry with --key-file");
  if (!key.can_open())
    throw Error(ErrorKind::kKey, place,
                "a key of role " + std::string(role_name(key.role)) + " opens no runs; use the investigators' key");
  Secret data_key = hpke_open(HpkeAead::kAes256Gcm, header.encapsulated, key.opening_secret, wrapping_info(header), {},
                              header.wrapped_key);
  if (data_key.empty() || commit_to_key(data_key) != header.key_commitment)
    throw Error(ErrorKind::kDamaged, place + ", header", "the wrapped data key does not open with this registry's key");
  return data_key;
}

}  // namespace sidik
