// Memory for secrets: locked where the system allows it, out of core dumps, wiped when it goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace sidik {

/// An owned, fixed-size secret. Movable and copyable; each copy is locked and wiped by itself. Not thread-safe to
/// modify.
class Secret {
 public:
  Secret() = default;
  /// `size` zero bytes.
  explicit Secret(std::size_t size);
  /// A copy of `bytes`.
  explicit Secret(ByteSpan bytes);
  Secret(const Secret& other);
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// `size` bytes from the system's generator.
  static Secret random(std::size_t size);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteSpan bytes() const { return {data_, size_}; }
  std::span<std::uint8_t> writable() { return {data_, size_}; }
  /// Compares in constant time.
  bool operator==(const Secret& other) const;

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Fills `out` from the system's generator.
void random_bytes(std::span<std::uint8_t> out);

/// Overwrites in a way that the compiler may not leave out.
void wipe(std::span<std::uint8_t> bytes);

/// Forbids core dumps of this process and lets no other process of the user read its memory. Called once by a front
/// door.
void forbid_core_dumps();

}  // namespace sidik
