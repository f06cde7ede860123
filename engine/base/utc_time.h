// Points in time as seconds since 1970, UTC, read and written as ISO 8601.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sidik {

/// Seconds since 1970-01-01T00:00:00Z.
using UtcSeconds = std::int64_t;

/// Reads `2021-08-05`, `2021-08-05T12:30`, `...:59`, with `Z`, `+07:00` or nothing (UTC) behind; a space may stand for
/// `T`. Nothing for anything else or for a date that does not exist.
std::optional<UtcSeconds> parse_utc(std::string_view text);

/// `2021-08-05T00:00:00Z`.
std::string format_utc(UtcSeconds time);
/// `2021-08-05`.
std::string format_date(UtcSeconds time);

/// The clock's time now.
UtcSeconds utc_now();

/// Days since 1970-01-01 of a Gregorian date, and whether there is such a date.
std::int64_t days_from_civil(int year, unsigned month, unsigned day);
bool is_civil_date(int year, unsigned month, unsigned day);

}  // namespace sidik
