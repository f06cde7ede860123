// The ways in which tables write "no value". The test is nearly free: most values are refused by length and first
// character.
#pragma once

#include <cstdint>
#include <string_view>

#include "fields/characters.h"

namespace sidik {

/// Longer values are no null tokens, runs of dashes apart.
inline constexpr std::size_t kLongestNullToken = 9;

/// Bit c set where a null token may begin with character c (of 64..127 and, in the second word, of 0..63).
inline constexpr std::uint64_t kNullFirstHigh = [] {
  std::uint64_t mask = 0;
  for (const char c : {'n', 'N', '\\', '[', 'u', 'U', '_', '{'}) mask |= std::uint64_t{1} << (c & 63);
  return mask;
}();
inline constexpr std::uint64_t kNullFirstLow = [] {
  std::uint64_t mask = 0;
  for (const char c : {'-', '.', '#', '(', '<', '?', '\'', '"', '*'}) mask |= std::uint64_t{1} << c;
  return mask;
}();

/// Decides for a trimmed ASCII value that passed the first test.
bool is_null_token_slow(std::string_view trimmed);

/// The first test: what the first character, of an ASCII value, rules out.
inline bool may_begin_null_token(char c) {
  const auto first = static_cast<unsigned char>(c);
  return first < 0x80 && (((first < 64 ? kNullFirstLow : kNullFirstHigh) >> (first & 63)) & 1) != 0;
}

/// Whether a trimmed value that is not empty is a null token.
inline bool is_trimmed_null_token(std::string_view trimmed) {
  if (!may_begin_null_token(trimmed.front())) return false;
  if (trimmed.size() > kLongestNullToken && trimmed.front() != '-') return false;
  return is_null_token_slow(trimmed);
}

}  // namespace sidik
