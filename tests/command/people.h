// Made-up exports for the command's tests: the fixtures' people, as text.
#pragma once

#include <string>

#include "fixtures/feeds.h"

namespace sidik::test {

/// A feed's text of a month, of a population of 6,000 people that is always the same.
inline std::string feed(const std::string& name, unsigned month, bool header = true) {
  static const fixtures::Population population(
      {.people = 6000, .seed = 1, .realm = fixtures::Realm::kOurs, .rates = {}});
  fixtures::FeedRun run;
  run.month = month;
  run.header = header ? fixtures::FeedRun::Header::kWith : fixtures::FeedRun::Header::kWithout;
  return fixtures::feed_text(population, fixtures::feed_named(name), run);
}

/// Other people, in the layout plain9.
inline std::string strangers() {
  const fixtures::Population population({.people = 3000, .seed = 5, .realm = fixtures::Realm::kStrangers, .rates = {}});
  return fixtures::feed_text(population, fixtures::feed_named("nightly"), {});
}

/// The header and every `step`-th row of a text, `most` of them.
inline std::string some_rows(const std::string& text, std::size_t step, std::size_t most) {
  std::string out;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size() && most > 0; ++line) {
    const std::size_t end = text.find('\n', begin) + 1;
    if (line == 0 || line % step == 0) {
      out.append(text, begin, end - begin);
      if (line > 0) --most;
    }
    begin = end;
  }
  return out;
}

inline std::size_t count_lines(const std::string& text) {
  std::size_t lines = 0;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  return lines;
}

}  // namespace sidik::test
