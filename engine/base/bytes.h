// Bytes in and out of formats: little-endian integers, hex, and a bounds-checked writer and reader for small
// structures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sidik {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

/// Room behind every text buffer, so that a value's last bytes may be loaded 16 at a time.
inline constexpr std::size_t kTextSlack = 64;

inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Little-endian loads and stores at any alignment. REQUIRES: 2, 4 or 8 bytes at `p`.
inline std::uint16_t load_u16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] | (p[1] << 8)); }
inline std::uint32_t load_u32(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(load_u16(p)) | (static_cast<std::uint32_t>(load_u16(p + 2)) << 16);
}
inline std::uint64_t load_u64(const std::uint8_t* p) {
  return static_cast<std::uint64_t>(load_u32(p)) | (static_cast<std::uint64_t>(load_u32(p + 4)) << 32);
}
void store_u16(std::uint8_t* p, std::uint16_t value);
void store_u32(std::uint8_t* p, std::uint32_t value);
void store_u64(std::uint8_t* p, std::uint64_t value);

/// Lower-case hex of `bytes`, and back; from_hex throws Error(kRefused, place) on anything but an even number of hex
/// digits.
std::string to_hex(ByteSpan bytes);
Bytes from_hex(std::string_view hex, const std::string& place);

/// Appends to a byte vector: fixed little-endian integers, LEB128 varints, length-prefixed strings.
class ByteWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void varint(std::uint64_t value);
  void f64(double value);
  /// varint length, then the bytes.
  void string(std::string_view text);
  void raw(ByteSpan bytes);

  const Bytes& bytes() const { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Reads what ByteWriter wrote. Every read past the end throws Error(kDamaged, place): a format is never trusted.
class ByteReader {
 public:
  ByteReader(ByteSpan bytes, std::string place) : bytes_(bytes), place_(std::move(place)) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::uint64_t varint();
  double f64();
  std::string string();
  ByteSpan raw(std::size_t size);
  /// A varint that counts things of at least `least_size` bytes each, which must still fit what is left.
  std::size_t count(std::size_t least_size);
  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t position() const { return position_; }

 private:
  [[noreturn]] void fail(const char* what) const;
  ByteSpan bytes_;
  std::string place_;
  std::size_t position_ = 0;
};

}  // namespace sidik
