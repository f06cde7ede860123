#include "base/utc_time.h"

#include <chrono>
#include <cstdio>

namespace sidik {
namespace {

/// Takes exactly `digits` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int second = 0;
  if (take(text, ':')) {
    const auto seconds = take_number(text, 2);
    if (!seconds || *seconds > 60) return std::nullopt;
    second = *seconds;
    if (take(text, '.'))
      while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  }
  return *hour * 3600 + *minute * 60 + second;
}

std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return 0;
  const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const auto hours = take_number(text, 2);
  take(text, ':');
  const auto minutes = take_number(text, 2);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::int64_t days_from_civil(int year, unsigned month, unsigned day) {
  namespace c = std::chrono;
  return c::sys_days{c::year{year} / c::month{month} / c::day{day}}.time_since_epoch().count();
}

bool is_civil_date(int year, unsigned month, unsigned day) {
  namespace c = std::chrono;
  return c::year_month_day{c::year{year}, c::month{month}, c::day{day}}.ok();
}

std::optional<UtcSeconds> parse_utc(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !is_civil_date(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day))) return std::nullopt;
  const UtcSeconds midnight =
      days_from_civil(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)) * 86400;
  if (text.empty()) return midnight;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return midnight + *clock - *zone;
}

std::string format_date(UtcSeconds time) { return format_utc(time).substr(0, 10); }

std::string format_utc(UtcSeconds time) {
  namespace c = std::chrono;
  const c::sys_seconds point{c::seconds{time}};
  const auto day = c::floor<c::days>(point);
  const c::year_month_day date{day};
  const auto rest = (point - day).count();
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(rest / 3600),
                static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return text;
}

UtcSeconds utc_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace sidik
