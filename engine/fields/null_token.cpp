#include "fields/null_token.h"

#include <algorithm>
#include <array>

#include "fields/canonical.h"
#include "fields/text_folding.h"

namespace sidik {

namespace {

// Lower case. What programs write for "nothing": databases, spreadsheets and their errors, statistics packages, people.
constexpr std::array<std::string_view, 42> kTokens = {
    "null",     "\\n",     "n/a",    "na",        "n.a.",     "n.a",    "nan",      "-nan",    "-nan(ind)",
    "nil",      "none",    "nihil",  "(null)",    "<null>",   "[null]", "{null}",   "(none)",  "<na>",
    "(blank)",  "(empty)", "<nil>",  "<none>",    "#n/a",     "#na",    "#null!",   "#value!", "#ref!",
    "#name?",   "#div/0!", "#num!",  "undefined", "null.",    "'null'", "\"null\"", "''",      "\"\"",
    "#n/a n/a", "n\\a",    "\\null", "#####",     "########", "\\\\n"};

bool is_run_of(std::string_view text, char c) {
  return std::all_of(text.begin(), text.end(), [c](char each) { return each == c; });
}

}  // namespace

bool is_null_token_slow(std::string_view trimmed) {
  const char first = trimmed.front();
  if (first == '-' || first == '.' || first == '?' || first == '_' || first == '*')
    if (is_run_of(trimmed, first)) return true;
  if (trimmed.size() > kLongestNullToken) return false;
  std::array<char, kLongestNullToken> lower{};
  std::transform(trimmed.begin(), trimmed.end(), lower.begin(), [](char c) { return kLowerTable[byte_of(c)]; });
  const std::string_view folded(lower.data(), trimmed.size());
  return std::find(kTokens.begin(), kTokens.end(), folded) != kTokens.end();
}

bool is_null_token(std::string_view raw) {
  const std::string_view trimmed = trim_blanks(raw);
  if (trimmed.empty()) return true;
  // What begins with another ASCII character folds to something that begins so.
  if (byte_of(trimmed.front()) < 0x80 && !may_begin_null_token(trimmed.front())) return false;
  if (std::all_of(trimmed.begin(), trimmed.end(), [](char c) { return byte_of(c) < 0x80; }))
    return is_trimmed_null_token(trimmed);
  // No-break spaces, zero-width characters and full-width letters: what counts is what folding leaves.
  if (trimmed.size() > 64) return false;
  std::string buffer;
  const std::string_view folded = fold_unicode(trimmed, buffer);
  return folded.empty() || is_trimmed_null_token(folded);
}

}  // namespace sidik
