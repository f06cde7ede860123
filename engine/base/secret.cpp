#include "base/secret.h"

#include <sodium.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>

#include "base/error.h"

namespace sidik {
namespace {

void ensure_sodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) throw Error(ErrorKind::kFailed, "libsodium", "cannot be initialised");
}

/// Pages with secrets in them: several may share one, which stays locked until the last of them goes. (The system
/// counts no locks, so that a secret which unlocked its own bytes would unlock its neighbours'.)
class LockedPages {
 public:
  /// Where the limit allows no locking, wiping remains.
  void lock(const std::uint8_t* data, std::size_t size) {
    const std::lock_guard lock(mutex_);
    for (std::uintptr_t page = first(data); page <= last(data, size); page += size_)
      if (++secrets_[page] == 1) {
        ::mlock(pointer(page), size_);
        ::madvise(pointer(page), size_, MADV_DONTDUMP);
      }
  }
  void unlock(const std::uint8_t* data, std::size_t size) noexcept {
    const std::lock_guard lock(mutex_);
    for (std::uintptr_t page = first(data); page <= last(data, size); page += size_) {
      const auto held = secrets_.find(page);
      if (held == secrets_.end() || --held->second > 0) continue;
      secrets_.erase(held);
      ::madvise(pointer(page), size_, MADV_DODUMP);
      ::munlock(pointer(page), size_);
    }
  }
  /// The process's; outlives every secret.
  static LockedPages& instance() {
    static auto* const pages = new LockedPages;
    return *pages;
  }

 private:
  std::uintptr_t first(const std::uint8_t* data) const { return reinterpret_cast<std::uintptr_t>(data) & ~(size_ - 1); }
  std::uintptr_t last(const std::uint8_t* data, std::size_t size) const { return first(data + size - 1); }
  static void* pointer(std::uintptr_t page) { return reinterpret_cast<void*>(page); }

  const std::uintptr_t size_ = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  std::mutex mutex_;
  std::unordered_map<std::uintptr_t, std::uint32_t> secrets_;
};

}  // namespace

Secret::Secret(std::size_t size) : size_(size) {
  ensure_sodium();
  if (size == 0) return;
  data_ = new std::uint8_t[size]();
  LockedPages::instance().lock(data_, size);
}
Secret::Secret(ByteSpan bytes) : Secret(bytes.size()) {
  if (!bytes.empty()) std::memcpy(data_, bytes.data(), bytes.size());
}
Secret::Secret(const Secret& other) : Secret(other.bytes()) {}
Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret(other);
  return *this;
}
Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}
Secret::~Secret() {
  if (data_ == nullptr) return;
  sodium_memzero(data_, size_);
  LockedPages::instance().unlock(data_, size_);
  delete[] data_;
}
Secret Secret::random(std::size_t size) {
  Secret out(size);
  random_bytes(out.writable());
  return out;
}
bool Secret::operator==(const Secret& other) const {
  return size_ == other.size_ && (size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0);
}

void random_bytes(std::span<std::uint8_t> out) {
  ensure_sodium();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

void wipe(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace sidik
