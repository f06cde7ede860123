// From the raw bytes of a cell, quotes and all, to its value.
#pragma once

#include <string>
#include <string_view>

namespace sidik {

/// The part of a record's last cell that is not the return of a "\r\n" (or "\r\r\n", as text-mode copies write it).
inline std::string_view without_returns(std::string_view raw) {
  while (!raw.empty() && raw.back() == '\r') raw.remove_suffix(1);
  return raw;
}

/// Appends the value of `raw`, a cell that begins with a quote: what stands between the quotes, doubled ones made one,
/// and what stands behind the closing one as it is. Out: anything with insert(end, first, last) and push_back.
template <class Out>
void append_unquoted(std::string_view raw, Out& out) {
  raw.remove_prefix(1);
  for (;;) {
    const std::size_t quote = raw.find('"');
    const std::string_view plain = raw.substr(0, quote);
    out.insert(out.end(), plain.begin(), plain.end());
    if (quote == std::string_view::npos) return;
    raw.remove_prefix(quote + 1);
    if (raw.empty() || raw.front() != '"') break;
    out.push_back('"');
    raw.remove_prefix(1);
  }
  out.insert(out.end(), raw.begin(), raw.end());
}

/// Without white space of ASCII around it.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace sidik
