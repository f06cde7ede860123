#include "trace/masked.h"

#include <algorithm>

namespace sidik {
namespace {

constexpr std::string_view kBullet = "\xe2\x80\xa2";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number_type(FieldType type) {
  return type == FieldType::kNik || type == FieldType::kPhone || type == FieldType::kIdentifier;
}

}  // namespace

bool is_masked(FieldType type, std::string_view raw) {
  const bool number = is_number_type(type);
  if (!number && type != FieldType::kEmail && type != FieldType::kPersonName && type != FieldType::kAddress)
    return false;
  if (raw.find("**") != std::string_view::npos || raw.find("##") != std::string_view::npos ||
      raw.find(kBullet) != std::string_view::npos)
    return true;
  if (!number || (raw.find("xx") == std::string_view::npos && raw.find("XX") == std::string_view::npos)) return false;
  return std::any_of(raw.begin(), raw.end(), is_digit) && std::all_of(raw.begin(), raw.end(), [](char c) {
           return is_digit(c) || std::string_view("xX*#+-. ()").find(c) != std::string_view::npos;
         });
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
