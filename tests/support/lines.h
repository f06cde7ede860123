// A text as its lines, for tests of tables whose cells hold no line ends.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace sidik::testing {

/// Without their line feeds; nothing behind the last one.
inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace sidik::testing
