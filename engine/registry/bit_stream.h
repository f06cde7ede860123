// Bits in and out of pages, least significant first, and the Golomb-Rice codes made of them (FORMAT.md, "Codes").
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace sidik {

/// Bytes that must be writable behind a page being written, and readable behind one being read.
inline constexpr std::size_t kBitSlack = 16;

inline std::uint64_t load_bits(const std::uint8_t* p) {
  if constexpr (std::endian::native == std::endian::little) {
    std::uint64_t value;
    std::memcpy(&value, p, sizeof value);
    return value;
  } else {
    return load_u64(p);
  }
}
inline void store_bits(std::uint8_t* p, std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(p, &value, sizeof value);
  } else {
    store_u64(p, value);
  }
}

/// The Rice parameter for geometric values of this mean, at most 0.03 bits a value worse than the best.
unsigned rice_parameter(double mean);

/// Appends bits to a buffer that the caller knows to be large enough, with kBitSlack bytes to spare.
class BitWriter {
 public:
  explicit BitWriter(std::uint8_t* out) : begin_(out), out_(out) {}

  /// REQUIRES: size <= 56, value < 2^size.
  void put(std::uint64_t value, unsigned size) {
    bits_ |= value << filled_;
    filled_ += size;
    store_bits(out_, bits_);
    const unsigned whole = filled_ >> 3;
    out_ += whole;
    bits_ >>= whole * 8;
    filled_ &= 7;
  }
  /// REQUIRES: size <= 64, value < 2^size.
  void put_long(std::uint64_t value, unsigned size) {
    if (size > 32) {
      put(value & 0xffffffff, 32);
      value >>= 32;
      size -= 32;
    }
    put(value, size);
  }
  /// value >> k zeros, a one, then the low k bits. REQUIRES: k < 64.
  void rice(std::uint64_t value, unsigned k) {
    std::uint64_t quotient = value >> k;
    const std::uint64_t low = value & ((std::uint64_t{1} << k) - 1);
    if (quotient + 1 + k <= 56) {
      put(((low << 1) | 1) << quotient, static_cast<unsigned>(quotient) + 1 + k);
      return;
    }
    for (; quotient >= 56; quotient -= 56) put(0, 56);
    put(std::uint64_t{1} << quotient, static_cast<unsigned>(quotient) + 1);
    put_long(low, k);
  }
  std::size_t bits() const { return static_cast<std::size_t>(out_ - begin_) * 8 + filled_; }
  /// Pads with zeros to a whole byte and returns the bytes written.
  std::size_t finish() {
    if (filled_ > 0) {
      ++out_;
      filled_ = 0;
      bits_ = 0;
    }
    return static_cast<std::size_t>(out_ - begin_);
  }

 private:
  std::uint8_t* begin_;
  std::uint8_t* out_;
  std::uint64_t bits_ = 0;
  unsigned filled_ = 0;
};

/// What `BitWriter::rice` takes.
inline std::uint64_t rice_bits(std::uint64_t value, unsigned k) { return (value >> k) + 1 + k; }

/// Reads what BitWriter wrote. Never reads further than kBitSlack bytes behind the end, whatever the bytes; a page that
/// ran over is known by `overrun()` afterwards, and what was read of it is rubbish.
class BitReader {
 public:
  BitReader(const std::uint8_t* data, std::size_t size) : data_(data), limit_(size * 8) {}

  /// REQUIRES: size <= 56.
  std::uint64_t get(unsigned size) {
    const std::uint64_t value = window() & ((std::uint64_t{1} << size) - 1);
    position_ += size;
    return value;
  }
  /// REQUIRES: size <= 64.
  std::uint64_t get_long(unsigned size) {
    if (size <= 32) return get(size);
    const std::uint64_t low = get(32);
    return low | (get(size - 32) << 32);
  }
  /// REQUIRES: k < 64.
  std::uint64_t rice(unsigned k) {
    const std::uint64_t bits = window();
    const auto zeros = static_cast<unsigned>(std::countr_zero(bits));
    if (zeros + 1 + k <= 57) [[likely]] {
      position_ += zeros + 1 + k;
      const std::uint64_t low = (bits >> zeros >> 1) & ((std::uint64_t{1} << k) - 1);
      return (static_cast<std::uint64_t>(zeros) << k) | low;
    }
    return long_rice(k);
  }
  void skip(std::size_t bits) { position_ += bits; }
  bool overrun() const { return position_ > limit_; }
  std::size_t position() const { return position_; }

 private:
  /// At least 57 bits from here on.
  std::uint64_t window() {
    if (position_ > limit_) [[unlikely]]
      position_ = limit_ + 1;
    return load_bits(data_ + (position_ >> 3)) >> (position_ & 7);
  }
  std::uint64_t long_rice(unsigned k) {
    std::uint64_t quotient = 0;
    std::uint64_t bits = window();
    while ((bits & ((std::uint64_t{1} << 56) - 1)) == 0) {
      if (position_ > limit_) return 0;
      quotient += 56;
      position_ += 56;
      bits = window();
    }
    const auto zeros = static_cast<unsigned>(std::countr_zero(bits));
    position_ += zeros + 1;
    return ((quotient + zeros) << k) | get_long(k);
  }

  const std::uint8_t* data_;
  std::size_t limit_;
  std::size_t position_ = 0;
};

}  // namespace sidik
