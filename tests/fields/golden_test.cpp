// tests/fields/golden/<type>.tsv: raw value, state, canonical form. A line that changes is a change of format:
// registries made before it would no longer find their values.
#include <fstream>
#include <map>
#include <string>

#include "fields/canonical.h"
#include "support/catch.h"

namespace sidik {
namespace {

/// In the files a raw value has \t, \n, \\ and \xNN for what would not stand in a line of UTF-8.
std::string unescaped(std::string_view written) {
  std::string text;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] != '\\' || i + 1 == written.size()) {
      text.push_back(written[i]);
      continue;
    }
    const char c = written[++i];
    if (c == 'x' && i + 2 < written.size()) {
      text.push_back(static_cast<char>(std::stoi(std::string(written.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      text.push_back(c == 't' ? '\t' : c == 'n' ? '\n' : c);
    }
  }
  return text;
}

TEST_CASE("every type's forms are those of its golden file", "[fields][golden]") {
  const std::map<std::string, ValueState> states = {
      {"valid", ValueState::kValid}, {"null", ValueState::kNull}, {"invalid", ValueState::kInvalid}};
  for (const FieldType type : all_field_types()) {
    const std::string path = SIDIK_SOURCE_DIR "/tests/fields/golden/" + std::string(type_name(type)) + ".tsv";
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    std::string line;
    int lines = 0;
    while (std::getline(file, line)) {
      const std::size_t first = line.find('\t');
      const std::size_t second = line.find('\t', first + 1);
      REQUIRE(second != std::string::npos);
      ++lines;
      const CanonicalValue form = canonical(type, unescaped(std::string_view(line).substr(0, first)));
      INFO(path << ", line " << lines << ": " << line);
      CHECK(form.state == states.at(line.substr(first + 1, second - first - 1)));
      CHECK(form.text == unescaped(std::string_view(line).substr(second + 1)));
    }
    CHECK(lines > 10);
  }
}

}  // namespace
}  // namespace sidik
