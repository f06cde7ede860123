#include "report/plain_text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace sidik {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

// Strict UTF-8: overlong forms, surrogates and what lies beyond U+10FFFF are no code points.
CodePoint decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t length = 0;
  char32_t value = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2, value = lead & 0x1fU;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3, value = lead & 0x0fU;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4, value = lead & 0x07U;
  }
  if (length == 0 || text.size() - at < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, length, true};
}

bool within(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// Controls, marks that turn the reading direction, separators of lines, tags: all that changes more than its own place.
bool is_unruly(char32_t c) {
  return c < 0x20 || within(c, 0x7f, 0x9f) || c == 0xad || c == 0x61c || within(c, 0x200b, 0x200f) ||
         within(c, 0x2028, 0x202e) || within(c, 0x2060, 0x206f) || c == 0xfeff || within(c, 0xfff9, 0xfffb) ||
         within(c, 0xe0000, 0xe0fff);
}

bool is_wide(char32_t c) {
  return within(c, 0x1100, 0x115f) || within(c, 0x2e80, 0xa4cf) || within(c, 0xac00, 0xd7a3) ||
         within(c, 0xf900, 0xfaff) || within(c, 0xfe30, 0xfe6f) || within(c, 0xff00, 0xff60) ||
         within(c, 0xffe0, 0xffe6) || within(c, 0x1f300, 0x1faff) || within(c, 0x20000, 0x3fffd);
}

bool is_combining(char32_t c) {
  return within(c, 0x300, 0x36f) || within(c, 0x1ab0, 0x1aff) || within(c, 0x20d0, 0x20ff) || within(c, 0xfe00, 0xfe0f);
}

std::string escaped(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), c < 0x80 ? "\\x%02x" : "\\u{%x}", static_cast<unsigned>(c));
  return text.data();
}

// How many bytes of `text` fill at most `width` columns; at least one code point, so that cutting always goes on.
std::size_t bytes_within(std::string_view text, std::size_t width) {
  std::size_t at = 0;
  std::size_t used = 0;
  while (at < text.size()) {
    const CodePoint point = decode(text, at);
    const std::size_t columns = point.valid && is_wide(point.value)        ? 2
                                : point.valid && is_combining(point.value) ? 0
                                                                           : 1;
    if (at > 0 && used + columns > width) break;
    used += columns;
    at += point.length;
  }
  return at;
}

std::string formatted(const char* format, double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

void wrap_line(std::string_view line, std::size_t width, std::vector<std::string>& out) {
  std::string current;
  std::size_t used = 0;
  while (true) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    std::size_t columns = display_width(word);
    if (used > 0 && used + 1 + columns > width) {
      out.push_back(std::move(current));
      current.clear();
      used = 0;
    }
    while (columns > width) {
      const std::size_t head = bytes_within(word, width);
      out.emplace_back(word.substr(0, head));
      word.remove_prefix(head);
      columns = display_width(word);
    }
    if (used > 0) current += ' ', ++used;
    current += word;
    used += columns;
  }
  out.push_back(std::move(current));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode(text, at);
    if (!point.valid) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(text[at])));
      out += hex.data();
    } else if (is_unruly(point.value)) {
      out += escaped(point.value);
    } else {
      out += text.substr(at, point.length);
    }
    at += point.length;
  }
  return out;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = decode(utf8, at);
    if (!point.valid || !is_combining(point.value)) columns += point.valid && is_wide(point.value) ? 2 : 1;
    at += point.length;
  }
  return columns;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  if (width == 0) width = 1;
  while (true) {
    const std::size_t end = text.find('\n');
    wrap_line(text.substr(0, end), width, lines);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string percent(double share) {
  if (std::isnan(share)) return "unknown";
  if (share <= 0) return "0 %";
  if (share >= 1) return "100 %";
  if (share < 0.001) return "under 0.1 %";
  if (share > 0.999) return "over 99.9 %";
  const double hundredths = share * 100;
  if (hundredths >= 10 && hundredths < 90) return formatted("%.0f %%", hundredths);
  std::string text = formatted("%.1f", hundredths);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text + " %";
}

std::string chance(double probability) {
  if (probability <= 0) return "under 0.1 %";
  return probability >= 1 ? "over 99.9 %" : percent(probability);
}

std::string decades(double log10_ratio) {
  if (!std::isfinite(log10_ratio)) return log10_ratio > 0 ? "+inf" : log10_ratio < 0 ? "-inf" : "unknown";
  const std::string text = formatted("%+.1f", log10_ratio);
  return text == "+0.0" || text == "-0.0" ? "0.0" : text;
}

std::string byte_size(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  constexpr std::array<const char*, 5> kUnits = {"kB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) value /= 1000, ++unit;
  return formatted(value < 10 ? "%.1f " : "%.0f ", value) + kUnits[unit];
}

}  // namespace sidik
