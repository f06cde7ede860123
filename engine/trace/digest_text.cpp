#include "trace/digest_text.h"

#include <algorithm>

#include "fields/canonical.h"
#include "fields/characters.h"

namespace sidik {

bool is_hex_digest(std::string_view text) {
  text = trim_blanks(text);
  if (text.size() != 32 && text.size() != 40 && text.size() != 64) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool is_base64_digest(std::string_view text) {
  text = trim_blanks(text);
  const std::size_t whole = text.size();
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() != 22 && text.size() != 27 && text.size() != 43) return false;
  if (whole != text.size() && whole % 4 != 0) return false;
  bool upper = false;
  bool lower = false;
  for (const char c : text) {
    if (!is_ascii_digit(c) && !is_ascii_letter(c) && c != '+' && c != '/' && c != '-' && c != '_') return false;
    upper = upper || (c >= 'A' && c <= 'Z');
    lower = lower || (c >= 'a' && c <= 'z');
  }
  return upper && lower;
}

bool are_digests(std::span<const std::string_view> values) {
  constexpr std::size_t kEnough = 200;
  std::size_t shown = 0, digests = 0;
  for (std::size_t r = 0; r < std::min(kEnough, values.size()); ++r) {
    if (is_null_token(values[r])) continue;
    ++shown;
    digests += is_hex_digest(values[r]) || is_base64_digest(values[r]) ? 1U : 0U;
  }
  return shown > 0 && digests * 10 >= shown * 9;
}

}  // namespace sidik
