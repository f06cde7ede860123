// What spreadsheets leave around a value so that it stays text, or add to it because it was none.
#pragma once

#include <string_view>

#include "fields/characters.h"

namespace sidik {

/// Without a leading apostrophe ('0812...), a formula's wrapping (="0812...") or a pair of quotes. For types whose
/// values never begin with such characters.
inline std::string_view without_spreadsheet_wrapping(std::string_view text) {
  // One comparison for nearly all values: quotes, '=' and '`' are rare first characters.
  while (text.size() > 1 &&
         (text.front() == '\'' || text.front() == '=' || text.front() == '"' || text.front() == '`')) {
    const char last = text.back();
    text.remove_prefix(1);
    if (text.size() > 1 && (last == '"' || last == '\'')) text.remove_suffix(1);
    text = trim_blanks(text);
  }
  return text;
}

/// Without the ".0" that a column of integers gets when something took it for floating point; `text` is all digits
/// before it.
inline std::string_view without_float_tail(std::string_view text) {
  if (text.size() > 2 && text.back() == '0' && text[text.size() - 2] == '.' &&
      all_digits(text.substr(0, text.size() - 2)))
    text.remove_suffix(2);
  return text;
}

}  // namespace sidik
