#include "base/bytes.h"

#include <bit>

#include "base/error.h"

namespace sidik {

void store_u16(std::uint8_t* p, std::uint16_t value) {
  p[0] = static_cast<std::uint8_t>(value);
  p[1] = static_cast<std::uint8_t>(value >> 8);
}
void store_u32(std::uint8_t* p, std::uint32_t value) {
  store_u16(p, static_cast<std::uint16_t>(value));
  store_u16(p + 2, static_cast<std::uint16_t>(value >> 16));
}
void store_u64(std::uint8_t* p, std::uint64_t value) {
  store_u32(p, static_cast<std::uint32_t>(value));
  store_u32(p + 4, static_cast<std::uint32_t>(value >> 32));
}

std::string to_hex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

Bytes from_hex(std::string_view hex, const std::string& place) {
  const auto digit = [&](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    throw Error(ErrorKind::kRefused, place, "expected hexadecimal digits");
  };
  if (hex.size() % 2 != 0) throw Error(ErrorKind::kRefused, place, "expected an even number of hexadecimal digits");
  Bytes out(hex.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
  return out;
}

void ByteWriter::u16(std::uint16_t value) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + 2);
  store_u16(bytes_.data() + at, value);
}
void ByteWriter::u32(std::uint32_t value) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + 4);
  store_u32(bytes_.data() + at, value);
}
void ByteWriter::u64(std::uint64_t value) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + 8);
  store_u64(bytes_.data() + at, value);
}
void ByteWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    u8(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  u8(static_cast<std::uint8_t>(value));
}
void ByteWriter::f64(double value) { u64(std::bit_cast<std::uint64_t>(value)); }
void ByteWriter::string(std::string_view text) {
  varint(text.size());
  raw(as_bytes(text));
}
void ByteWriter::raw(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

void ByteReader::fail(const char* what) const {
  throw Error(ErrorKind::kDamaged, place_ + ", byte " + std::to_string(position_), what);
}
ByteSpan ByteReader::raw(std::size_t size) {
  if (size > bytes_.size() - position_) fail("the structure ends before its last field");
  const ByteSpan out = bytes_.subspan(position_, size);
  position_ += size;
  return out;
}
std::uint8_t ByteReader::u8() { return raw(1)[0]; }
std::uint16_t ByteReader::u16() { return load_u16(raw(2).data()); }
std::uint32_t ByteReader::u32() { return load_u32(raw(4).data()); }
std::uint64_t ByteReader::u64() { return load_u64(raw(8).data()); }
std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = u8();
    if (shift == 63 && byte > 1) break;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail("a number is too large");
}
double ByteReader::f64() { return std::bit_cast<double>(u64()); }
std::string ByteReader::string() {
  const std::uint64_t size = varint();
  if (size > bytes_.size() - position_) fail("a string reaches past the end");
  return std::string(as_text(raw(static_cast<std::size_t>(size))));
}
std::size_t ByteReader::count(std::size_t least_size) {
  const std::uint64_t value = varint();
  if (value > (bytes_.size() - position_) / (least_size == 0 ? 1 : least_size)) fail("a count reaches past the end");
  return static_cast<std::size_t>(value);
}

}  // namespace sidik
