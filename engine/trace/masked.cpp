#include "trace/masked.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sidik {
namespace {

constexpr std::string_view kBullet = "\xe2\x80\xa2";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number_type(FieldType type) {
  return type == FieldType::kNik || type == FieldType::kPhone || type == FieldType::kIdentifier;
}

constexpr std::uint64_t kOnes = 0x0101010101010101;

/// Whether one of eight bytes is this character.
bool holds(std::uint64_t bytes, char c) {
  const std::uint64_t x = bytes ^ (kOnes * static_cast<std::uint8_t>(c));
  return ((x - kOnes) & ~x & (kOnes << 7)) != 0;
}

/// Whether a character stands in it that masks are made of: nearly no value has one, and every value is looked at.
bool may_be_masked(std::string_view raw, bool number) {
  const auto any_of = [number](std::uint64_t bytes) {
    if (holds(bytes, '*') || holds(bytes, '#') || holds(bytes, kBullet.front())) return true;
    return number && (holds(bytes, 'x') || holds(bytes, 'X'));
  };
  std::uint64_t bytes = 0;
  if (raw.size() < sizeof bytes) {
    if (!raw.empty()) std::memcpy(&bytes, raw.data(), raw.size());
    return any_of(bytes);
  }
  for (std::size_t at = 0; at + sizeof bytes <= raw.size(); at += sizeof bytes) {
    std::memcpy(&bytes, raw.data() + at, sizeof bytes);
    if (any_of(bytes)) return true;
  }
  std::memcpy(&bytes, raw.data() + raw.size() - sizeof bytes, sizeof bytes);
  return any_of(bytes);
}

bool is_digits_and(std::string_view signs, std::string_view raw) {
  return std::any_of(raw.begin(), raw.end(), is_digit) && std::all_of(raw.begin(), raw.end(), [&](char c) {
           return is_digit(c) || signs.find(c) != std::string_view::npos;
         });
}

/// "M*** S******", "ck***@docomo.ne.jp": each word's first letters, and stars. Three stars are no "5***" for quality.
bool are_masked_words(std::string_view raw) {
  if (raw.find("***") == std::string_view::npos) return false;
  while (!raw.empty()) {
    const std::string_view word = raw.substr(0, raw.find(' '));
    raw.remove_prefix(std::min(raw.size(), word.size() + 1));
    const std::size_t stars = word.find("**");
    if (word.empty()) continue;
    if (stars == std::string_view::npos || stars == 0 || (stars == 1 && is_digit(word[0]))) return false;
    const char before = word[stars - 1];
    if (!is_letter(before) && !is_digit(before) && static_cast<unsigned char>(before) < 0x80) return false;
  }
  return true;
}

}  // namespace

bool is_masked(FieldType type, std::string_view raw) {
  const bool number = is_number_type(type);
  if ((type == FieldType::kText || type == FieldType::kCategory) && may_be_masked(raw, false) && are_masked_words(raw))
    return true;
  if (type == FieldType::kText || type == FieldType::kInteger || type == FieldType::kDecimal ||
      type == FieldType::kDate || type == FieldType::kTimestamp)
    return may_be_masked(raw, false) && raw.find("***") != std::string_view::npos && is_digits_and("*+-.,/: ()", raw);
  if (!number && type != FieldType::kEmail && type != FieldType::kPersonName && type != FieldType::kAddress)
    return false;
  if (!may_be_masked(raw, number)) return false;
  if (raw.find("**") != std::string_view::npos || raw.find("##") != std::string_view::npos ||
      raw.find(kBullet) != std::string_view::npos)
    return true;
  if (!number || (raw.find("xx") == std::string_view::npos && raw.find("XX") == std::string_view::npos)) return false;
  return is_digits_and("xX*#+-. ()", raw);
}

std::string with_unknowns(std::string_view raw) {
  const bool letters = std::any_of(raw.begin(), raw.end(), [](char c) { return is_letter(c) && c != 'x' && c != 'X'; });
  const std::string_view signs = letters ? "*#" : "*#xX";
  std::string pattern;
  for (std::size_t i = 0; i < raw.size();) {
    if (raw.substr(i).starts_with(kBullet)) {
      pattern += kUnknown;
      i += kBullet.size();
    } else {
      pattern += signs.find(raw[i]) != std::string_view::npos ? kUnknown : raw[i];
      ++i;
    }
  }
  return pattern;
}

}  // namespace sidik
