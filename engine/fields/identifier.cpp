#include "fields/identifier.h"

#include <array>
#include <cstdint>

#include "fields/characters.h"
#include "fields/spreadsheet.h"

namespace sidik {

namespace {

constexpr std::size_t kLongestIdentifier = 128;
constexpr std::size_t kLongestSpaced = 48;

enum : std::uint8_t { kDigit = 1, kLetter = 2, kSeparator = 4, kBlank = 8, kForeign = 16 };

constexpr std::array<std::uint8_t, 256> kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (auto& each : table) each = kForeign;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = kDigit;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = kLetter;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = kLetter;
  for (const char c : {'-', '.', '/', '_', ':', '#', '(', ')', ',', '+', '*', '\'', '\\', '|'})
    table[static_cast<std::size_t>(c)] = kSeparator;
  table[' '] = kBlank;
  return table;
}();

char* write_number(std::string_view digits, char* out) {
  std::size_t zeros = 0;
  while (zeros + 1 < digits.size() && digits[zeros] == '0') ++zeros;
  return copy_loosely(out, digits.data() + zeros, digits.size() - zeros);
}

/// 3.20517E+15 and 1,2e+08: the lost digits are lost.
bool is_rounded(std::string_view text) {
  std::size_t i = 0;
  std::size_t signs = 0;
  for (; i < text.size() && (is_ascii_digit(text[i]) || text[i] == '.' || text[i] == ','); ++i)
    signs += is_ascii_digit(text[i]) ? 0 : 1;
  if (i == 0 || i + 1 >= text.size() || (text[i] | 0x20) != 'e') return false;
  ++i;
  const bool signed_exponent = text[i] == '+' || text[i] == '-';
  if (signed_exponent) ++i;
  return (signed_exponent || signs == 1) && all_digits(text.substr(i)) && text.size() - i <= 3;
}

}  // namespace

char* write_identifier(std::string_view text, char* out) {
  if (text.size() > kLongestIdentifier) return nullptr;
  if (all_digits(text)) return write_number(text, out);
  text = without_float_tail(without_spreadsheet_wrapping(text));
  unsigned seen = 0;
  std::size_t digits = 0;
  char* end = out;
  for (const char c : text) {
    const unsigned kind = kClass[byte_of(c)];
    seen |= kind;
    *end = kLowerTable[byte_of(c)];
    end += (kind & (kDigit | kLetter)) != 0;
    digits += kind & kDigit;
  }
  const auto size = static_cast<std::size_t>(end - out);
  if ((seen & kForeign) != 0 || size == 0) return nullptr;
  const std::size_t letters = size - digits;
  if ((seen & kBlank) != 0 && (letters > 3 * digits || text.size() > kLongestSpaced)) return nullptr;
  if ((seen & kLetter) != 0) return is_rounded(text) ? nullptr : end;

  std::size_t zeros = 0;
  while (zeros + 1 < size && out[zeros] == '0') ++zeros;
  if (zeros != 0) std::memmove(out, out + zeros, size - zeros);
  return end - zeros;
}

}  // namespace sidik
