// Every string over a small alphabet, shortest first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sidik::test {

/// The bytes that have a meaning in delimited text, and one that has none.
inline constexpr std::string_view kNasty = "a,\"\n\r";

template <class Check>
void for_all_strings(std::string_view alphabet, std::size_t longest, const Check& check) {
  for (std::size_t size = 0; size <= longest; ++size) {
    std::vector<std::size_t> digits(size, 0);
    for (;;) {
      std::string text;
      for (const std::size_t digit : digits) text += alphabet[digit];
      check(text);
      std::size_t i = 0;
      while (i < size && ++digits[i] == alphabet.size()) digits[i++] = 0;
      if (i == size) break;
    }
  }
}

}  // namespace sidik::test
