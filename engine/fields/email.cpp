#include "fields/email.h"

#include <array>
#include <cstdint>

#include "fields/characters.h"
#include "fields/spreadsheet.h"

namespace sidik {

namespace {

constexpr std::size_t kLongestAddress = 320;  // RFC 3696: 64 and 255 about the @

enum : std::uint8_t { kLocal = 1, kDomain = 2 };

/// Which parts of an address a byte may stand in; bytes of other scripts may stand in both.
constexpr std::array<std::uint8_t, 256> kParts = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
    if (letter || c == '-' || c == '.') table[c] = kLocal | kDomain;
  }
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '/', '=', '?', '^', '_', '`', '{', '|', '}', '~'})
    table[static_cast<std::size_t>(c)] = kLocal;
  return table;
}();

std::string_view unwrapped(std::string_view text) {
  std::size_t before = 0;
  do {
    before = text.size();
    text = without_spreadsheet_wrapping(trim_blanks(text));
    if (text.size() > 7 && (pack_token(text.data(), 7) | 0x0020202020202020U) == pack_literal("mailto:"))
      text.remove_prefix(7);
    if (!text.empty() && text.front() == '<') text.remove_prefix(1);
    while (!text.empty() && (text.back() == '>' || text.back() == '.' || text.back() == ',' || text.back() == ';'))
      text.remove_suffix(1);
  } while (text.size() != before);
  return text;
}

bool is_domain(const char* begin, const char* end) {
  std::size_t label = 0;
  std::size_t dots = 0;
  for (const char* p = begin; p != end; ++p) {
    if (*p != '.') {
      ++label;
      continue;
    }
    if (label == 0) return false;
    label = 0;
    ++dots;
  }
  return dots != 0 && label >= 2 && !is_ascii_digit(end[-1]);
}

}  // namespace

char* write_email(std::string_view text, char* out) {
  text = unwrapped(text);
  if (text.size() < 5 || text.size() > kLongestAddress) return nullptr;
  unsigned common = kLocal;
  const char* at = nullptr;
  char* end = out;
  for (const char c : text) {
    if (c == '@') {
      if (at != nullptr || end == out || common == 0) return nullptr;
      at = end;
      common = kDomain;
    } else {
      common &= kParts[byte_of(c)];
    }
    *end++ = kLowerTable[byte_of(c)];
  }
  if (at == nullptr || common == 0 || out[0] == '.' || at[-1] == '.' || !is_domain(at + 1, end)) return nullptr;
  return end;
}

}  // namespace sidik
