#include "fields/month_names.h"

#include <array>

#include "fields/token_set.h"

namespace sidik {

namespace {

struct Entry {
  std::string_view words;
  DateWordKind kind;
  int value;
};

constexpr std::array<Entry, 28> kEntries = {{
    {"jan januari january", DateWordKind::kMonth, 1},
    {"feb peb februari pebruari february", DateWordKind::kMonth, 2},
    {"mar mrt maret march", DateWordKind::kMonth, 3},
    {"apr april", DateWordKind::kMonth, 4},
    {"mei may", DateWordKind::kMonth, 5},
    {"jun juni june", DateWordKind::kMonth, 6},
    {"jul juli july", DateWordKind::kMonth, 7},
    {"agu ags agt agust agustus aug august", DateWordKind::kMonth, 8},
    {"sep sept september", DateWordKind::kMonth, 9},
    {"okt oct oktober october", DateWordKind::kMonth, 10},
    {"nov nop november nopember", DateWordKind::kMonth, 11},
    {"des dec desember december", DateWordKind::kMonth, 12},
    {"sen senin mon monday", DateWordKind::kWeekday, 1},
    {"sel selasa tue tues tuesday", DateWordKind::kWeekday, 2},
    {"rab rabu wed wednesday", DateWordKind::kWeekday, 3},
    {"kam kamis thu thur thurs thursday", DateWordKind::kWeekday, 4},
    {"jum jumat fri friday", DateWordKind::kWeekday, 5},
    {"sab sabtu sat saturday", DateWordKind::kWeekday, 6},
    {"min minggu ahad sun sunday", DateWordKind::kWeekday, 7},
    {"am", DateWordKind::kMorning, 0},
    {"pm", DateWordKind::kAfternoon, 0},
    {"z utc gmt", DateWordKind::kZone, 0},
    {"wib", DateWordKind::kZone, 7},
    {"wita", DateWordKind::kZone, 8},
    {"wit", DateWordKind::kZone, 9},
    {"st nd rd th", DateWordKind::kOrdinal, 0},
    {"t", DateWordKind::kTimeMark, 0},
    {"pukul jam at", DateWordKind::kTimeMark, 0},
}};

/// The longest words ("september", "wednesday") have nine letters: the first eight tell them apart, the size is
/// checked.
constexpr std::size_t kLongest = 9;

constexpr auto kWords = [] {
  TokenMap<8> map;
  for (std::size_t e = 0; e < kEntries.size(); ++e) {
    std::string_view rest = kEntries[e].words;
    while (!rest.empty()) {
      const std::size_t space = rest.find(' ');
      map.insert(pack_literal(rest.substr(0, space)), static_cast<std::uint8_t>(e + 1));
      rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
    }
  }
  return map;
}();

}  // namespace

DateWord date_word(std::string_view word) {
  if (word.empty() || word.size() > kLongest) return {};
  std::uint64_t packed = 0;
  for (std::size_t i = 0; i < word.size() && i < 8; ++i)
    packed |= static_cast<std::uint64_t>(byte_of(kLowerTable[byte_of(word[i])])) << (8 * i);
  // Of nine letters the ninth must fit as well, and eight letters must not be nine cut short.
  const char last = kLowerTable[byte_of(word.back())];
  const bool nine = packed == pack_literal("septembe") || packed == pack_literal("wednesda");
  if (nine != (word.size() == 9) || (nine && last != (packed == pack_literal("septembe") ? 'r' : 'y'))) return {};
  const std::uint8_t entry = kWords.find(packed);
  if (entry == 0) return {};
  return {kEntries[entry - 1U].kind, kEntries[entry - 1U].value};
}

}  // namespace sidik
