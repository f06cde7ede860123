#include "base/secret.h"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstring>
#include <new>
#include <utility>

#include "base/error.h"

namespace sidik {
namespace {

void ensure_sodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) throw Error(ErrorKind::kFailed, "libsodium", "cannot be initialised");
}

}  // namespace

Secret::Secret(std::size_t size) : size_(size) {
  ensure_sodium();
  if (size == 0) return;
  data_ = new std::uint8_t[size]();
  sodium_mlock(data_, size);  // where the limit allows no locking, wiping remains
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
  sodium_munlock(data_, size_);  // wipes as well
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
