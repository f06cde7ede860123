#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace sidik {
namespace {

constexpr std::uint64_t kTopBits = 0x8080808080808080ULL;

std::uint64_t load_8(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, 8);
  return word;
}

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/// Length of the well-formed character at the front of `text`, 0 where there is none; `cut` is set where the text ends
/// in it.
std::size_t character_length(std::string_view text, bool& cut) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0) return 0;
  if (text.size() > 1) {
    const unsigned char second = at(1);
    const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most) return 0;
  }
  for (std::size_t i = 2; i < std::min(length, text.size()); ++i)
    if (!is_continuation(at(i))) return 0;
  if (text.size() < length) {
    cut = true;
    return 0;
  }
  return length;
}

bool well_formed(std::string_view text, bool& cut) {
  while (!text.empty()) {
    if (text.size() >= 8 && (load_8(text.data()) & kTopBits) == 0) {
      text.remove_prefix(8);
      continue;
    }
    const std::size_t length = character_length(text, cut);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

bool is_utf8(std::string_view text) {
  bool cut = false;
  return well_formed(text, cut);
}

bool is_utf8_cut(std::string_view text) {
  bool cut = false;
  return well_formed(text, cut) || cut;
}

}  // namespace sidik
