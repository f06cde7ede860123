// Dates and timestamps, in the layouts that databases, spreadsheets and people write.
#pragma once

#include <string_view>

#include "fields/canonical.h"

namespace sidik {

/// Writes 1985-03-12 and returns the end; `out` itself where the value stands for no date (0000-00-00, 0001-01-01);
/// nullptr where `text` is no date. Read are: Y-M-D, D-M-Y (or M-D-Y: options.date_order) with any of - / . , or blanks
/// between, months as numbers or Indonesian or English names, weekdays before, 19850312, 12031985; two-digit years by
/// options.newest_year. A time behind the date is read and dropped; 17:00:00.000Z, which is how scripts write a
/// midnight of Jakarta, is that midnight's date. Years are 1500 to 9999. REQUIRES: as write_nik.
char* write_date(std::string_view text, const CanonicalOptions& options, char* out);

/// Writes 1985-03-12T10:11:12; else as write_date. A date alone is its midnight; fractions of a second are dropped; a
/// time with a zone (Z, +07:00, WIB, ...) is written in UTC, one without as it stands. Times: 10:11,
/// 10:11:12, 10.11.12, 10:11:12.345, am/pm.
char* write_timestamp(std::string_view text, const CanonicalOptions& options, char* out);

/// Whether a canonical date or timestamp is one that programs write for "none" or "no end": 1900-01-01, 1899-12-30,
/// 1970-01-01 at midnight, and the years 2999 and 9999. They are valid values, but date nothing.
bool is_placeholder_date(std::string_view form);

/// Whether a text is built as a date of numbers is, whatever its numbers: two separators or more between digits and
/// nothing else but a time, or eight or fourteen digits. What is, and is no date (2021-02-30), is an impossible one.
bool looks_like_date(std::string_view text);

/// What one value shows of its column's layout, for inference: the parts of a date of three numbers whose order is
/// open.
struct DateParts {
  int first = 0;
  int second = 0;
  bool open_order = false;  // D-M-Y or M-D-Y: the two parts count
  bool two_digit_year = false;
  bool has_time = false;  // another time than midnight
};
/// Nothing is read (all false) where `text` is a date in neither order.
DateParts date_parts(std::string_view text);

}  // namespace sidik
