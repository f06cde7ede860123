// ASCII at speed: character classes, eight bytes at a time where it pays. Loads may read up to kTextSlack bytes past a
// value.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sidik {

inline constexpr std::uint64_t kOnes = 0x0101010101010101U;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080U;

/// Eight bytes, the first in the lowest byte whatever the machine.
inline std::uint64_t load_word(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, 8);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

inline void store_word(char* p, std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  std::memcpy(p, &word, 8);
}

/// The first `size` (0 to 8) bytes of a word, the others zero.
inline std::uint64_t keep_bytes(std::uint64_t word, std::size_t size) {
  return size >= 8 ? word : word & ((std::uint64_t{1} << (8 * size)) - 1);
}

/// A token of up to eight bytes as one integer: tokens are compared and hashed as such.
inline std::uint64_t pack_token(const char* p, std::size_t size) { return keep_bytes(load_word(p), size); }
constexpr std::uint64_t pack_literal(std::string_view text) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < text.size() && i < 8; ++i)
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * i);
  return word;
}

/// Lower-cases the ASCII capitals of a word; other bytes stay.
inline std::uint64_t lower_word(std::uint64_t word) {
  const std::uint64_t heptets = word & ~kHighBits;
  const std::uint64_t from_a = heptets + (0x80 - 'A') * kOnes;  // bit 7 set where byte >= 'A'
  const std::uint64_t past_z = heptets + (0x7f - 'Z') * kOnes;  // bit 7 set where byte > 'Z'
  return word | (((from_a ^ past_z) & ~word & kHighBits) >> 2);
}

inline bool all_digits_word(std::uint64_t word) {
  return ((word & 0xf0f0f0f0f0f0f0f0U) | (((word + 0x0606060606060606U) & 0xf0f0f0f0f0f0f0f0U) >> 4)) ==
         0x3333333333333333U;
}

inline bool is_ascii_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
inline bool is_ascii_letter(char c) { return static_cast<unsigned char>((c | 0x20) - 'a') < 26; }

/// Whether all of `text` are ASCII digits; false for an empty one. REQUIRES: 8 readable bytes behind it.
inline bool all_digits(std::string_view text) {
  const char* p = text.data();
  std::size_t left = text.size();
  for (; left >= 8; p += 8, left -= 8)
    if (!all_digits_word(load_word(p))) return false;
  if (left == 0) return !text.empty();
  const std::uint64_t filler = 0x3030303030303030U << (8 * left);
  return all_digits_word(keep_bytes(load_word(p), left) | filler);
}

/// Sixteen bytes at once, in the compilers' own vector types: SSE2 and NEON alike.
using Bytes16 = std::uint8_t __attribute__((vector_size(16)));

inline Bytes16 load_16(const char* p) {
  Bytes16 bytes;
  std::memcpy(&bytes, p, 16);
  return bytes;
}
inline void store_16(char* p, Bytes16 bytes) { std::memcpy(p, &bytes, 16); }
inline Bytes16 all_16(std::uint8_t byte) { return Bytes16{} + byte; }

/// A comparison's result (0 or 0xff a byte) as bytes again.
template <class Compared>
inline Bytes16 as_mask(Compared compared) {
  static_assert(sizeof(Compared) == 16);
  return reinterpret_cast<Bytes16>(compared);
}
inline bool any_byte(Bytes16 bytes) {
  std::uint64_t halves[2];
  std::memcpy(halves, &bytes, 16);
  return (halves[0] | halves[1]) != 0;
}

/// Bit i is set where byte i of a mask is.
inline unsigned mask_bits(Bytes16 mask) {
#if defined(__SSE2__)
  return static_cast<unsigned>(_mm_movemask_epi8(reinterpret_cast<__m128i>(mask)));
#else
  std::uint64_t halves[2];
  std::memcpy(halves, &mask, 16);
  const auto gather = [](std::uint64_t half) {
    return static_cast<unsigned>(((half & kHighBits) * 0x0002040810204081U) >> 56);
  };
  return std::endian::native == std::endian::little
             ? gather(halves[0]) | gather(halves[1]) << 8
             : gather(__builtin_bswap64(halves[0])) | gather(__builtin_bswap64(halves[1])) << 8;
#endif
}

inline Bytes16 is_digit_16(Bytes16 bytes) { return as_mask(bytes - '0' < 10); }
inline Bytes16 is_letter_16(Bytes16 bytes) { return as_mask((bytes | 0x20) - 'a' < 26); }
inline Bytes16 lower_16(Bytes16 bytes) { return bytes | (as_mask(bytes - 'A' < 26) & 0x20); }

/// 0xff in the first `size` (0 to 16) bytes.
inline Bytes16 first_bytes(std::size_t size) {
  static constexpr std::array<std::uint8_t, 32> kMask = [] {
    std::array<std::uint8_t, 32> mask{};
    for (std::size_t i = 0; i < 16; ++i) mask[i] = 0xff;
    return mask;
  }();
  Bytes16 mask;
  std::memcpy(&mask, kMask.data() + 16 - size, 16);
  return mask;
}

/// Whether `text` is pure ASCII. REQUIRES: 16 readable bytes behind it.
inline bool is_ascii(std::string_view text) {
  const char* p = text.data();
  std::size_t left = text.size();
  Bytes16 seen{};
  for (; left > 16; p += 16, left -= 16) seen |= load_16(p);
  seen |= load_16(p) & first_bytes(left);
  return !any_byte(seen & 0x80);
}

/// ASCII white space and control characters: all that a fold takes for a space.
inline bool is_blank(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }

inline std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

/// Copies `size` bytes in steps of 16: writes up to 15 bytes more than asked, and reads as many.
inline char* copy_loosely(char* out, const char* from, std::size_t size) {
  for (std::size_t i = 0; i < size; i += 16) std::memcpy(out + i, from + i, 16);
  return out + size;
}

inline constexpr std::array<char, 256> kLowerTable = [] {
  std::array<char, 256> table{};
  for (int c = 0; c < 256; ++c)
    table[static_cast<std::size_t>(c)] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return table;
}();

inline std::size_t byte_of(char c) { return static_cast<unsigned char>(c); }

}  // namespace sidik
