#include "registry/spill.h"

#include <openssl/evp.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/encryption.h"

namespace sidik {
namespace {

constexpr std::size_t kSlab = std::size_t{4} << 20;
constexpr std::size_t kSmallRoom = 2048;
constexpr std::size_t kLeastChunk = 4096, kMostChunk = 65536;
/// What one spill writes at most, and the size of its writes.
constexpr std::size_t kSpillAtOnce = std::size_t{8} << 20;
constexpr std::size_t kWriteSize = std::size_t{1} << 20;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

[[noreturn]] void crypto_failed() { throw Error(ErrorKind::kFailed, "the crypto library", "refuses AES-256-GCM"); }

std::array<std::uint8_t, 12> nonce_of(std::uint64_t chunk) {
  std::array<std::uint8_t, 12> nonce{};
  store_u64(nonce.data(), chunk);
  return nonce;
}

/// Decrypts a chunk in place.
void decrypt(EVP_CIPHER_CTX& context, const SpillPiece& piece, std::uint8_t* chunk, std::size_t chunk_size,
             const File& file) {
  if constexpr (!kEncrypted) return;
  std::array<std::uint8_t, 16> tag = piece.tag;
  std::array<std::uint8_t, 16> rest{};
  int size = 0;
  if (EVP_DecryptInit_ex(&context, nullptr, nullptr, nullptr, nonce_of(piece.place).data()) != 1 ||
      EVP_DecryptUpdate(&context, chunk, &size, chunk, static_cast<int>(chunk_size)) != 1 ||
      EVP_CIPHER_CTX_ctrl(&context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()), tag.data()) != 1)
    crypto_failed();
  if (EVP_DecryptFinal_ex(&context, rest.data(), &size) != 1)
    throw Error(ErrorKind::kFailed, file.path().string(),
                "the spill file does not give back what was written to it; look for a failing disk, then run the "
                "command again");
}

}  // namespace

void AlignedBuffer::Free::operator()(std::uint8_t* p) const { std::free(p); }

void AlignedBuffer::reserve(std::size_t size) {
  if (size <= size_) return;
  constexpr std::size_t kLarge = std::size_t{2} << 20;
  const std::size_t alignment = size >= kLarge ? kLarge : kDirectAlignment;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  data_.reset(static_cast<std::uint8_t*>(std::aligned_alloc(alignment, rounded)));
  if (!data_) throw std::bad_alloc();
  // First touch of memory is dear on virtual machines: 512 small pages cost several times what a large one does.
  if (size >= kLarge) madvise(data_.get(), rounded, MADV_HUGEPAGE);
  size_ = rounded;
}

SpillStore::SpillStore(FileSystem& files, std::filesystem::path directory, std::size_t memory, std::size_t writers)
    : files_(files), directory_(std::move(directory)), memory_(memory), key_(Secret::random(32)) {
  const std::size_t share = memory / (3 * std::max<std::size_t>(1, writers));
  chunk_size_ = std::clamp(share / kLeastChunk * kLeastChunk, kLeastChunk, kMostChunk);
}
SpillStore::~SpillStore() = default;

std::size_t SpillStore::add_streams(std::size_t count) {
  const std::lock_guard lock(mutex_);
  streams_.resize(streams_.size() + count);
  return streams_.size() - count;
}

std::uint8_t* SpillStore::allocate_locked(std::size_t size) {
  if (slab_left_ < size) {
    slabs_.emplace_back(kSlab);
    slab_left_ = kSlab;
  }
  std::uint8_t* const out = slabs_.back().data() + (kSlab - slab_left_);
  slab_left_ -= size;
  in_use_ += size;
  return out;
}

std::span<std::uint8_t> SpillStore::take_small() {
  const std::lock_guard lock(mutex_);
  return {allocate_locked(kSmallRoom), kSmallRoom};
}

std::span<std::uint8_t> SpillStore::take() {
  std::unique_lock lock(mutex_);
  if (free_.empty() && in_use_ + chunk_size_ > memory_) spill(lock);
  if (!free_.empty()) {
    std::uint8_t* const chunk = free_.back();
    free_.pop_back();
    in_use_ += chunk_size_;
    return {chunk, chunk_size_};
  }
  // Small rooms leave a slab unaligned.
  slab_left_ -= slab_left_ % kLeastChunk;
  return {allocate_locked(chunk_size_), chunk_size_};
}

void SpillStore::add(std::size_t stream, std::span<std::uint8_t> room, std::size_t size) {
  const std::lock_guard lock(mutex_);
  SpillPiece piece;
  piece.memory = room.data();
  piece.size = static_cast<std::uint32_t>(size);
  piece.pooled = room.size() == chunk_size_;
  Stream& to = streams_[stream];
  to.pieces.push_back(piece);
  to.bytes += size;
  to.pooled += piece.pooled;
}

void SpillStore::open_file_locked() {
  if (file_) return;
  std::array<std::uint8_t, 8> name{};
  random_bytes(name);
  const std::filesystem::path path = directory_ / ("spill-" + to_hex(name));
  file_ = files_.open(path, OpenMode::kCreate, Caching::kDirect);
  files_.remove(path);
}

std::vector<SpillStore::Victim> SpillStore::choose_victims_locked() {
  // Whole streams at a time, the fullest first, so that a stream is read back in large pieces.
  std::vector<std::size_t> order;
  for (std::size_t s = 0; s < streams_.size(); ++s)
    if (streams_[s].pooled > 0) order.push_back(s);
  std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return streams_[a].pooled != streams_[b].pooled ? streams_[a].pooled > streams_[b].pooled : a < b;
  });
  const std::size_t most = std::min(kSpillAtOnce, std::max(memory_ / 8, chunk_size_));
  std::vector<Victim> victims;
  for (const std::size_t s : order) {
    if (victims.size() * chunk_size_ >= most) break;
    Stream& stream = streams_[s];
    std::vector<SpillPiece> kept;
    for (const SpillPiece& piece : stream.pieces) {
      if (piece.pooled && victims.size() * chunk_size_ < most) {
        victims.push_back({s, piece});
        --stream.pooled;
        ++stream.leaving;
      } else {
        kept.push_back(piece);
      }
    }
    stream.pieces.swap(kept);
  }
  return victims;
}

void SpillStore::spill(std::unique_lock<std::mutex>& lock) {
  open_file_locked();
  std::vector<Victim> victims = choose_victims_locked();
  if (victims.empty()) return;
  const std::uint64_t first = chunks_written_;
  chunks_written_ += victims.size();
  lock.unlock();
  std::exception_ptr failure;
  try {
    write_chunks(victims, first);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  for (Victim& victim : victims) {
    Stream& stream = streams_[victim.stream];
    --stream.leaving;
    if (!failure) {
      free_.push_back(victim.piece.memory);
      in_use_ -= chunk_size_;
      victim.piece.memory = nullptr;
      victim.piece.pooled = false;
    }
    stream.pooled += victim.piece.pooled;
    stream.pieces.push_back(victim.piece);
  }
  written_.notify_all();
  if (failure) std::rethrow_exception(failure);
}

void SpillStore::write_chunks(std::span<Victim> victims, std::uint64_t first) {
  const std::size_t together = std::max<std::size_t>(1, kWriteSize / chunk_size_);
  const AlignedBuffer staging(std::min(together, victims.size()) * chunk_size_);
  const Context context(EVP_CIPHER_CTX_new());
  if (!context || EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.bytes().data(), nullptr) != 1)
    crypto_failed();
  for (std::size_t begin = 0; begin < victims.size(); begin += together) {
    const std::size_t end = std::min(begin + together, victims.size());
    for (std::size_t v = begin; v < end; ++v) {
      SpillPiece& piece = victims[v].piece;
      piece.place = first + v;
      std::uint8_t* const out = staging.data() + (v - begin) * chunk_size_;
      if constexpr (!kEncrypted) {
        std::memcpy(out, piece.memory, chunk_size_);
        continue;
      }
      int size = 0;
      if (EVP_EncryptInit_ex(context.get(), nullptr, nullptr, nullptr, nonce_of(piece.place).data()) != 1 ||
          EVP_EncryptUpdate(context.get(), out, &size, piece.memory, static_cast<int>(chunk_size_)) != 1 ||
          EVP_EncryptFinal_ex(context.get(), out + size, &size) != 1 ||
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(piece.tag.size()),
                              piece.tag.data()) != 1)
        crypto_failed();
    }
    file_->write_at((first + begin) * chunk_size_, {staging.data(), (end - begin) * chunk_size_});
  }
}

std::uint64_t SpillStore::bytes(std::size_t stream) const {
  const std::lock_guard lock(mutex_);
  return streams_[stream].bytes;
}

std::vector<SpillPiece> SpillStore::pieces(std::size_t stream) {
  std::unique_lock lock(mutex_);
  written_.wait(lock, [&] { return streams_[stream].leaving == 0; });
  std::vector<SpillPiece> out;
  out.swap(streams_[stream].pieces);
  streams_[stream].bytes = 0;
  streams_[stream].pooled = 0;
  return out;
}

void SpillStore::load(std::span<SpillPiece> pieces, std::uint8_t* out) const {
  std::sort(pieces.begin(), pieces.end(), [](const SpillPiece& a, const SpillPiece& b) { return a.place < b.place; });
  const Context context(EVP_CIPHER_CTX_new());
  if (!context || EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.bytes().data(), nullptr) != 1)
    crypto_failed();
  for (std::size_t begin = 0; begin < pieces.size();) {
    std::size_t end = begin + 1;
    while (end < pieces.size() && pieces[end].place == pieces[end - 1].place + 1) ++end;
    const std::span<std::uint8_t> chunks(out + begin * chunk_size_, (end - begin) * chunk_size_);
    if (file_->read_at(pieces[begin].place * chunk_size_, chunks) != chunks.size())
      throw Error(ErrorKind::kFailed, file_->path().string(), "the spill file is shorter than what was written to it");
    for (std::size_t i = begin; i < end; ++i) decrypt(*context, pieces[i], out + i * chunk_size_, chunk_size_, *file_);
    begin = end;
  }
}

void SpillStore::give_back(const SpillPiece& piece) {
  if (!piece.pooled) return;
  const std::lock_guard lock(mutex_);
  free_.push_back(piece.memory);
  in_use_ -= chunk_size_;
}

std::uint64_t SpillStore::spilled_bytes() const {
  const std::lock_guard lock(mutex_);
  return chunks_written_ * chunk_size_;
}

void Scatter::refill(std::size_t partition) {
  Cursor& cursor = cursors_[partition];
  const bool first = cursor.room.empty();
  hand_over(partition);
  // A first piece is small: few rows should not touch a chunk for each of a thousand streams.
  cursor.room = first && item_size_ <= 512 ? store_->take_small() : store_->take();
  if (cursor.room.size() < item_size_)
    throw Error(ErrorKind::kFailed, "the memory option", "is too small for rows of so many columns");
  cursor.at = cursor.room.data();
  cursor.left = cursor.room.size();
}

void Scatter::hand_over(std::size_t partition) {
  Cursor& cursor = cursors_[partition];
  if (!cursor.room.empty()) store_->add(first_stream_ + partition, cursor.room, cursor.room.size() - cursor.left);
  cursor.at = nullptr;
  cursor.left = 0;
  cursor.room = {};
}

void Scatter::flush() {
  for (std::size_t p = 0; p < kFan; ++p) hand_over(p);
}

}  // namespace sidik
