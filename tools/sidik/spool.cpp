#include "spool.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "report/plain_text.h"

namespace sidik::command {
namespace {

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

[[noreturn]] void fail(const std::string& name, const char* what) { throw Error(ErrorKind::kFailed, name, what); }

// The key is fresh for each spool, so the chunk's number is a nonce that never repeats.
std::array<std::uint8_t, 12> nonce_of(std::uint64_t number) {
  std::array<std::uint8_t, 12> nonce{};
  store_u64(nonce.data(), number);
  return nonce;
}

void require(int status, const std::string& name) {
  if (status != 1) fail(name, "the crypto library refuses to encrypt the spool");
}

}  // namespace

/// Reads chunk by chunk; knows only its place.
class Spool::Reader final : public ByteSource {
 public:
  explicit Reader(const Spool& spool) : spool_(spool) {}
  std::size_t read(std::span<char> out) override {
    const std::uint64_t number = position_ / kChunk;
    const auto inside = static_cast<std::size_t>(position_ % kChunk);
    const std::uint64_t left = spool_.size_ - position_;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({out.size(), kChunk - inside, left}));
    if (size == 0) return 0;
    std::memcpy(out.data(), chunk(number).data() + inside, size);
    position_ += size;
    return size;
  }
  std::string name() const override { return spool_.name_; }
  std::uint64_t consumed() const override { return position_; }
  std::uint64_t total() const override { return spool_.size_; }

 private:
  const Bytes& chunk(std::uint64_t number) {
    if (number < spool_.in_memory_.size()) return spool_.in_memory_[static_cast<std::size_t>(number)];
    if (number != decrypted_number_) {
      decrypted_ = spool_.read_chunk(number - spool_.in_memory_.size());
      decrypted_number_ = number;
    }
    return decrypted_;
  }

  const Spool& spool_;
  std::uint64_t position_ = 0;
  Bytes decrypted_;
  std::uint64_t decrypted_number_ = ~std::uint64_t{0};
};

Spool::Spool(std::unique_ptr<ByteSource> source, const Limits& limits) : limits_(limits), name_(source->name()) {
  if (limits_.directory.empty()) limits_.directory = std::filesystem::temp_directory_path();
  for (;;) {
    Bytes chunk(kChunk);
    const std::size_t got = read_fully(*source, std::span(reinterpret_cast<char*>(chunk.data()), chunk.size()));
    chunk.resize(got);
    size_ += got;
    if (got > 0) add_chunk(std::move(chunk));
    if (got < kChunk) break;
  }
  if (size_ == 0)
    throw Error(ErrorKind::kRefused, name_, "there is nothing in it (0 bytes), expected rows of delimited text");
}

Spool::~Spool() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::unique_ptr<ByteSource> Spool::open() const { return std::make_unique<Reader>(*this); }

void Spool::add_chunk(Bytes chunk) {
  if (chunks_on_disk_ == 0 && (in_memory_.size() + 1) * kChunk <= std::max(limits_.memory, kChunk)) {
    in_memory_.push_back(std::move(chunk));
    return;
  }
  if (descriptor_ < 0) make_file();
  write_chunk(chunk);
}

void Spool::make_file() {
  std::string pattern = (limits_.directory / "sidik-spool-XXXXXX").string();
  descriptor_ = mkostemp(pattern.data(), O_CLOEXEC);
  if (descriptor_ < 0) throw_system_error(limits_.directory.string(), "make a temporary file", errno);
  unlink(pattern.c_str());  // gone with the process, however that ends
  const double room = static_cast<double>(posix_file_system().free_space(limits_.directory));
  most_on_disk_ = static_cast<std::uint64_t>(room * limits_.share_of_free_disk);
  key_ = Secret::random(32);
}

void Spool::write_chunk(const Bytes& chunk) {
  if ((chunks_on_disk_ + 1) * kChunkOnDisk > most_on_disk_)
    throw Error(ErrorKind::kFailed, limits_.directory.string(),
                "has too little room to keep standard input (" + byte_size(size_) +
                    " so far) for reading it again; give the sample as a file, or another folder with TMPDIR");
  Bytes sealed(kChunkOnDisk);
  Bytes plain = chunk;
  plain.resize(kChunk);
  const auto nonce = nonce_of(chunks_on_disk_);
  const Context context(EVP_CIPHER_CTX_new());
  int length = 0;
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.bytes().data(), nonce.data()), name_);
  require(EVP_EncryptUpdate(context.get(), sealed.data(), &length, plain.data(), static_cast<int>(kChunk)), name_);
  require(EVP_EncryptFinal_ex(context.get(), sealed.data() + length, &length), name_);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, sealed.data() + kChunk), name_);
  const std::uint64_t offset = chunks_on_disk_ * kChunkOnDisk;
  for (std::size_t done = 0; done < sealed.size();) {
    const ssize_t size =
        pwrite(descriptor_, sealed.data() + done, sealed.size() - done, static_cast<off_t>(offset + done));
    if (size < 0 && errno != EINTR) throw_system_error(limits_.directory.string(), "write a temporary file", errno);
    if (size > 0) done += static_cast<std::size_t>(size);
  }
  ++chunks_on_disk_;
}

Bytes Spool::read_chunk(std::uint64_t number) const {
  Bytes sealed(kChunkOnDisk);
  const std::uint64_t offset = number * kChunkOnDisk;
  for (std::size_t done = 0; done < sealed.size();) {
    const ssize_t size =
        pread(descriptor_, sealed.data() + done, sealed.size() - done, static_cast<off_t>(offset + done));
    if (size < 0 && errno != EINTR) throw_system_error(limits_.directory.string(), "read a temporary file back", errno);
    if (size == 0) fail(limits_.directory.string(), "a temporary file is shorter than it was written");
    if (size > 0) done += static_cast<std::size_t>(size);
  }
  Bytes plain(kChunk);
  const auto nonce = nonce_of(number);
  const Context context(EVP_CIPHER_CTX_new());
  int length = 0;
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.bytes().data(), nonce.data()), name_);
  require(EVP_DecryptUpdate(context.get(), plain.data(), &length, sealed.data(), static_cast<int>(kChunk)), name_);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, sealed.data() + kChunk), name_);
  if (EVP_DecryptFinal_ex(context.get(), plain.data() + length, &length) != 1)
    fail(limits_.directory.string(), "a temporary file is not as it was written");
  return plain;
}

}  // namespace sidik::command
