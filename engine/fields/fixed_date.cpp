#include "fields/fixed_date.h"

#include <array>

#include "fields/characters.h"

namespace sidik {

namespace {

constexpr std::uint64_t kMidnight = pack_literal("00:00:00");
constexpr std::array<std::uint8_t, 16> kDaysOfMonth = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0};

/// Values of the pairs of eight digits, in bytes 0, 2, 4 and 6.
std::uint64_t pairs_of(std::uint64_t digits) {
  const std::uint64_t values = digits & (0x0f * kOnes);
  return values * 10 + (values >> 8);
}

bool is_day(std::uint64_t digits) {
  if (!all_digits_word(digits)) return false;
  const std::uint64_t pairs = pairs_of(digits);
  const auto year = static_cast<unsigned>((pairs & 0xff) * 100 + ((pairs >> 16) & 0xff));
  const auto month = static_cast<unsigned>((pairs >> 32) & 0xff);
  const auto day = static_cast<unsigned>((pairs >> 48) & 0xff);
  if (year < 1500 || month > 12 || day == 0 || day > kDaysOfMonth[month]) return false;
  return month != 2 || day != 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

bool is_time(std::uint64_t time) {
  constexpr std::uint64_t kColonPlaces = 0x0000ff0000ff0000U;
  if ((time & kColonPlaces) != (kColonPlaces & (0x3a * kOnes))) return false;
  const std::uint64_t digits = (time & ~kColonPlaces) | (kColonPlaces & (0x30 * kOnes));
  if (!all_digits_word(digits)) return false;
  // Pairs begin at bytes 0, 3 and 6.
  const std::uint64_t values = digits & (0x0f * kOnes);
  const std::uint64_t pairs = values * 10 + (values >> 8);
  return (pairs & 0xff) <= 23 && ((pairs >> 24) & 0xff) <= 59 && ((pairs >> 48) & 0xff) <= 59;
}

}  // namespace

std::optional<FixedDate> read_fixed_date(std::string_view text, DateOrder order) {
  if (text.size() < 10) return std::nullopt;
  const char* p = text.data();
  const std::uint64_t head = load_word(p);            // 1985-03- or 12/03/19
  const std::uint64_t tail = load_word(p + 2) >> 48;  // the last two of ten bytes
  FixedDate date{0, kMidnight};
  const char mark = p[4];
  if ((mark == '-' || mark == '/') && p[7] == mark) {
    date.day = (head & 0xffffffffU) | ((head >> 40) & 0xffff) << 32 | tail << 48;
  } else {
    const char sign = p[2];
    if ((sign != '/' && sign != '-' && sign != '.') || p[5] != sign) return std::nullopt;
    const std::uint64_t first = head & 0xffff;
    const std::uint64_t second = (head >> 24) & 0xffff;
    const std::uint64_t month = order == DateOrder::kDayFirst ? second : first;
    const std::uint64_t day = order == DateOrder::kDayFirst ? first : second;
    date.day = (head >> 48) | tail << 16 | month << 32 | day << 48;
  }
  if (!is_day(date.day)) return std::nullopt;
  if (text.size() == 10) return date;
  if (text.size() < 19 || text.size() > 29 || (p[10] != ' ' && p[10] != 'T')) return std::nullopt;
  date.time = load_word(p + 11);
  if (!is_time(date.time)) return std::nullopt;
  if (text.size() > 19 && (p[19] != '.' || !all_digits(text.substr(20)))) return std::nullopt;
  return date;
}

char* put_fixed_date(const FixedDate& date, char* out) {
  store_word(out, (date.day & 0xffffffffU) | std::uint64_t{'-'} << 32 | ((date.day >> 32) & 0xffff) << 40 |
                      std::uint64_t{'-'} << 56);
  store_word(out + 8, date.day >> 48);
  return out + 10;
}

char* put_fixed_timestamp(const FixedDate& date, char* out) {
  out = put_fixed_date(date, out);
  *out = 'T';
  store_word(out + 1, date.time);
  return out + 9;
}

}  // namespace sidik
