#include "trace/partial_email.h"

#include <algorithm>
#include <array>

#include "fields/characters.h"
#include "trace/masked.h"

namespace sidik {
namespace {

std::string padded(unsigned number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

/// Whether `text` is what `pattern` shows, where each run of '?' stands for at least one letter.
bool fits_runs(std::string_view text, std::string_view pattern) {
  const std::size_t first = pattern.find(kUnknown);
  const std::size_t last = pattern.rfind(kUnknown);
  if (first == std::string_view::npos) return text == pattern;
  const std::string_view head = pattern.substr(0, first);
  const std::string_view tail = pattern.substr(last + 1);
  return text.size() > head.size() + tail.size() && text.starts_with(head) && text.ends_with(tail);
}

/// Users' names as people make them of their own: budi.santoso, bsantoso85, santoso_budi1985, ...
std::vector<std::string> usual_users(const std::string& name) {
  std::vector<std::string> words;
  for (std::size_t from = 0; from < name.size() && words.size() < 4;) {
    const std::size_t to = std::min(name.find(' ', from), name.size());
    if (to > from) words.push_back(name.substr(from, to - from));
    from = to + 1;
  }
  std::vector<std::string> users;
  for (const std::string& a : words) {
    users.push_back(a);
    for (const std::string& b : words) {
      if (&a == &b) continue;
      for (const char* between : {"", ".", "_", "-"}) {
        users.push_back(a + between + b);
        users.push_back(a.substr(0, 1) + between + b);
        users.push_back(a + between + b.substr(0, 1));
      }
    }
  }
  std::sort(users.begin(), users.end());
  users.erase(std::unique(users.begin(), users.end()), users.end());
  return users;
}

}  // namespace

Completeness complete_email(std::string_view raw, const RowHints& hints, Completions& out) {
  static constexpr std::array<std::string_view, 8> kDomains = {
      "gmail.com", "yahoo.com", "yahoo.co.id", "hotmail.com", "outlook.com", "icloud.com", "ymail.com", "mail.com"};
  std::string pattern = with_unknowns(trim_blanks(raw));
  for (char& c : pattern) c = kLowerTable[byte_of(c)];
  const std::size_t at = pattern.find('@');
  if (at == std::string::npos) return Completeness::kNone;
  const std::string_view user = std::string_view(pattern).substr(0, at);
  const std::string_view domain = std::string_view(pattern).substr(at + 1);
  std::vector<std::string> domains;
  if (domain.find(kUnknown) == std::string_view::npos) domains.emplace_back(domain);
  for (const std::string_view known : kDomains) {
    if (domains.empty() || domain.find(kUnknown) != std::string_view::npos) {
      if (fits_runs(known, domain)) domains.emplace_back(known);
    }
  }
  const auto add = [&](const std::string& one) {
    if (!fits_runs(one, user)) return;
    for (const std::string& of : domains) out.add(one + "@" + of);
  };
  if (user.find(kUnknown) == std::string_view::npos) {
    add(std::string(user));
  } else {
    for (const std::string& name : hints.names) {
      for (const std::string& one : usual_users(name)) {
        add(one);
        for (unsigned n = 0; n < 10; ++n) add(one + padded(n, 1));
        for (unsigned n = 0; n < 100; ++n) add(one + padded(n, 2));
        for (unsigned year = 1940; year < 2016; ++year) add(one + padded(year, 4));
        if (out.size() > kMostCompletions) break;
      }
    }
  }
  if (out.size() == 0 || out.size() > kMostCompletions) {
    out.clear();
    return Completeness::kNone;
  }
  return Completeness::kSome;
}

}  // namespace sidik
