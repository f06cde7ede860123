// Sets and maps of short lower-case words, built by the compiler and asked in a nanosecond.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fields/characters.h"

namespace sidik {

/// Words of one to eight bytes, each with a small number; open addressing over 2^kBits slots, at most half full.
template <int kBits>
class TokenMap {
 public:
  static constexpr std::uint8_t kNone = 0;

  constexpr void insert(std::uint64_t word, std::uint8_t value) {
    std::size_t slot = slot_of(word);
    while (words_[slot] != 0 && words_[slot] != word) slot = (slot + 1) % kSlots;
    words_[slot] = word;
    values_[slot] = value;
  }

  /// The word's number, kNone where it is not there. `word` is packed by pack_token and not 0.
  constexpr std::uint8_t find(std::uint64_t word) const {
    std::size_t slot = slot_of(word);
    while (words_[slot] != word) {
      if (words_[slot] == 0) return kNone;
      slot = (slot + 1) % kSlots;
    }
    return values_[slot];
  }

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << kBits;
  static constexpr std::size_t slot_of(std::uint64_t word) {
    return static_cast<std::size_t>((word * 0x9e3779b97f4a7c15U) >> (64 - kBits));
  }

  std::array<std::uint64_t, kSlots> words_{};
  std::array<std::uint8_t, kSlots> values_{};
};

/// Says of most words that they are none of a set, from 256 bytes that stay in the nearest cache.
class TokenFilter {
 public:
  constexpr void insert(std::uint64_t word) { bits_[index(word) / 64] |= std::uint64_t{1} << (index(word) % 64); }
  constexpr bool may_hold(std::uint64_t word) const {
    return ((bits_[index(word) / 64] >> (index(word) % 64)) & 1) != 0;
  }

 private:
  static constexpr std::size_t index(std::uint64_t word) {
    return static_cast<std::size_t>((word * 0x9e3779b97f4a7c15U) >> 53);
  }
  std::array<std::uint64_t, 32> bits_{};
};

/// A map in which every word of `words` has the number 1.
template <int kBits, std::size_t kCount>
constexpr TokenMap<kBits> token_set(const std::array<std::string_view, kCount>& words) {
  TokenMap<kBits> set;
  for (const std::string_view word : words) set.insert(pack_literal(word), 1);
  return set;
}

}  // namespace sidik
