#include "fields/spelling.h"

#include <algorithm>
#include <map>

#include "fields/canonical.h"

namespace sidik {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::string letter_case_of(std::string_view value) {
  bool upper = false;
  bool lower = false;
  bool titled = true;
  char before = ' ';
  for (const char c : value) {
    const bool starts_word = !is_upper(before) && !is_lower(before) && before != '\'';
    if (is_upper(c)) {
      upper = true;
      titled = titled && starts_word;
    } else if (is_lower(c)) {
      lower = true;
      titled = titled && !starts_word;
    }
    before = c;
  }
  if (!upper && !lower) return {};
  if (!lower) return "upper";
  if (!upper) return "lower";
  return titled ? "title" : "mixed";
}

/// "9999-99-99" as "yyyy-mm-dd": which part is the year is seen from its length, which of the others is the day is the
/// column's date order and not told here ("dd" stands for the first small part after a leading year's month, as people
/// write it).
std::string date_layout_of(std::string_view value) {
  std::string layout;
  std::size_t parts = 0;
  bool year_first = false;
  for (std::size_t i = 0; i < value.size() && parts < 3;) {
    std::size_t end = i;
    if (is_digit(value[i])) {
      while (end < value.size() && is_digit(value[end])) ++end;
      const std::size_t digits = end - i;
      if (parts == 0 && digits == 8) return "yyyymmdd" + std::string(end < value.size() ? " time" : "");
      if (digits == 4) {
        layout += "yyyy";
        year_first = year_first || parts == 0;
      } else if (parts == 2) {
        layout += year_first ? "dd" : "yy";
      } else {
        layout += (parts == 1) ? "mm" : "dd";
      }
      ++parts;
    } else if (is_upper(value[i]) || is_lower(value[i])) {
      while (end < value.size() && (is_upper(value[end]) || is_lower(value[end]))) ++end;
      layout += (end - i > 3) ? "month" : "mon";
      ++parts;
    } else {
      layout += value[i];
      end = i + 1;
      i = end;
      continue;
    }
    i = end;
    if (parts == 3 && i < value.size()) return layout + " time";
  }
  return parts == 3 ? layout : std::string{};
}

std::string phone_layout_of(std::string_view value) {
  std::string layout;
  std::size_t i = 0;
  while (i < value.size() && (value[i] == ' ' || value[i] == '(' || value[i] == '\'')) ++i;
  const std::string_view rest = value.substr(i);
  if (rest.starts_with("+62")) {
    layout = "+62";
  } else if (rest.starts_with("+")) {
    layout = "+";
  } else if (rest.starts_with("0062")) {
    layout = "0062";
  } else if (rest.starts_with("62")) {
    layout = "62";
  } else if (rest.starts_with("0")) {
    layout = "0";
  } else if (!rest.empty() && is_digit(rest.front())) {
    layout = "bare";
  } else {
    return {};
  }
  if (std::any_of(rest.begin() + 1, rest.end(), [](char c) { return !is_digit(c); })) layout += " grouped";
  return layout;
}

std::string grouping_of(std::string_view value) {
  if (std::none_of(value.begin(), value.end(), is_digit)) return {};
  const bool grouped =
      std::any_of(value.begin(), value.end(), [](char c) { return c == ' ' || c == '-' || c == '.' || c == '/'; });
  return grouped ? "grouped" : "plain";
}

std::string decimal_layout_of(std::string_view value) {
  const std::size_t sign = value.find_last_of(".,");
  if (sign == std::string_view::npos) return {};
  return value[sign] == '.' ? "point" : "comma";
}

std::string layout_of(FieldType type, std::string_view value) {
  switch (type) {
    case FieldType::kDate:
    case FieldType::kTimestamp:
      return date_layout_of(value);
    case FieldType::kPhone:
      return phone_layout_of(value);
    case FieldType::kNik:
    case FieldType::kIdentifier:
      return grouping_of(value);
    case FieldType::kDecimal:
      return decimal_layout_of(value);
    default:
      return {};
  }
}

std::string folded_token(std::string_view raw) {
  std::string token;
  for (const char c : raw)
    if (c != ' ' && c != '\t') token.push_back(is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c);
  return token;
}

using Votes = std::map<std::string, std::size_t>;

/// The word with the most votes, the first in order among equals; `otherwise` without any.
std::string winner(const Votes& votes, std::string otherwise) {
  std::size_t most = 0;
  for (const auto& [word, count] : votes)
    if (count > most) {
      most = count;
      otherwise = word;
    }
  return otherwise;
}

}  // namespace

Spelling describe_spelling(FieldType type, std::span<const std::string_view> raw) {
  Votes cases;
  Votes layouts;
  Votes nulls;
  for (const std::string_view value : raw) {
    if (is_null_token(value)) {
      ++nulls[folded_token(value)];
      continue;
    }
    if (std::string letters = letter_case_of(value); !letters.empty()) ++cases[std::move(letters)];
    if (std::string layout = layout_of(type, value); !layout.empty()) ++layouts[std::move(layout)];
  }
  return {winner(cases, ""), winner(layouts, ""), winner(nulls, "none")};
}

}  // namespace sidik
