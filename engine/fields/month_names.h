// The words of dates: months and weekdays in Indonesian and English, halves of the day, time zones.
#pragma once

#include <cstdint>
#include <string_view>

namespace sidik {

enum class DateWordKind : std::uint8_t { kNone, kMonth, kWeekday, kMorning, kAfternoon, kZone, kOrdinal, kTimeMark };

struct DateWord {
  DateWordKind kind = DateWordKind::kNone;
  int value = 0;  // a month's number from 1, a zone's hours east of Greenwich
};

/// What a word of letters, in any case, means in a date.
DateWord date_word(std::string_view word);

}  // namespace sidik
