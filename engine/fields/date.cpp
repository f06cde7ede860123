#include "fields/date.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/utc_time.h"
#include "fields/characters.h"
#include "fields/fixed_date.h"
#include "fields/month_names.h"
#include "fields/spreadsheet.h"

namespace sidik {

namespace {

constexpr std::size_t kLongestDate = 80;
constexpr int kOldestYear = 1500;
constexpr int kNewestYear = 9999;

struct Moment {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::optional<int> zone;       // minutes east of Greenwich
  bool script_midnight = false;  // ended in ".000Z"
  DateParts parts;
};

struct Number {
  int value = 0;
  std::size_t digits = 0;
};

/// Reads a value from left to right; every step answers whether it could.
class DateReader {
 public:
  DateReader(std::string_view text, const CanonicalOptions& options) : rest_(text), options_(options) {}

  bool read(Moment& moment) {
    skip_weekday();
    return read_date(moment) && read_rest(moment);
  }

 private:
  bool at_end() const { return rest_.empty(); }
  bool next_is_digit() const { return !rest_.empty() && is_ascii_digit(rest_.front()); }
  bool next_is_letter() const { return !rest_.empty() && is_ascii_letter(rest_.front()); }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (take(' ')) {
    }
  }
  /// What may stand between the parts of a date.
  bool skip_separators() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() &&
           (rest_.front() == ' ' || rest_.front() == '-' || rest_.front() == '/' || rest_.front() == '.' ||
            rest_.front() == ',' || rest_.front() == '_' || rest_.front() == '\''))
      rest_.remove_prefix(1);
    return rest_.size() != before && before - rest_.size() <= 3;
  }

  Number number() {
    Number read;
    for (; next_is_digit() && read.digits < 9; rest_.remove_prefix(1), ++read.digits)
      read.value = read.value * 10 + (rest_.front() - '0');
    return read;
  }
  DateWord word() {
    std::size_t size = 0;
    while (size < rest_.size() && is_ascii_letter(rest_[size])) ++size;
    const DateWord meaning = date_word(rest_.substr(0, size));
    if (meaning.kind != DateWordKind::kNone) rest_.remove_prefix(size);
    return meaning;
  }

  void skip_weekday() {
    if (!next_is_letter()) return;
    if (rest_.size() > 6 && lower_word(pack_token(rest_.data(), 6)) == pack_literal("jum'at")) {
      rest_.remove_prefix(6);
      skip_separators();
      return;
    }
    const std::string_view before = rest_;
    if (word().kind == DateWordKind::kWeekday) {
      skip_separators();
    } else {
      rest_ = before;
    }
  }

  int full_year(Number year) const {
    if (year.digits == 4) return year.value;
    if (year.digits != 2) return -1;
    const int newest = options_.newest_year;
    int full = newest - newest % 100 + year.value;
    if (full > newest) full -= 100;
    return full;
  }

  bool read_date(Moment& moment) {
    if (next_is_letter()) return read_month_first(moment);
    std::size_t run = 0;
    while (run < rest_.size() && is_ascii_digit(rest_[run])) ++run;
    if (run == 8 || run == 14) return read_compact(moment, run == 14);
    const Number first = number();
    if (first.digits == 4) return read_year_first(moment, first);
    if (first.digits == 0 || first.digits > 2) return false;
    return read_day_first(moment, first);
  }

  /// 19850312 and 12031985, perhaps with six digits of time.
  bool read_compact(Moment& moment, bool with_time) {
    const auto pair = [this](std::size_t at) { return (rest_[at] - '0') * 10 + (rest_[at + 1] - '0'); };
    const int century = pair(0);
    moment.year = century * 100 + pair(2);
    moment.month = pair(4);
    moment.day = pair(6);
    const bool year_first = century >= 15 && is_date(moment);
    if (!year_first && moment.year != 0) {
      if (with_time) return false;
      moment.year = pair(4) * 100 + pair(6);
      moment.parts = {pair(0), pair(2), true, false, false};
      set_day_and_month(moment, pair(0), pair(2));
    }
    rest_.remove_prefix(8);
    if (!with_time) return true;
    moment.hour = pair(0);
    moment.minute = pair(2);
    moment.second = pair(4);
    rest_.remove_prefix(6);
    return true;
  }

  bool read_year_first(Moment& moment, Number year) {
    moment.year = full_year(year);
    if (!skip_separators()) return false;
    if (next_is_letter()) {
      if (!read_month_name(moment)) return false;
    } else {
      const Number month = number();
      if (month.digits == 0 || month.digits > 2) return false;
      moment.month = month.value;
    }
    if (!skip_separators()) return false;
    return read_day(moment);
  }

  bool read_day_first(Moment& moment, Number first) {
    if (next_is_letter()) {
      const std::string_view before = rest_;
      if (word().kind != DateWordKind::kOrdinal) rest_ = before;
    }
    const bool separated = skip_separators();
    if (next_is_letter()) {
      if (!read_month_name(moment)) return false;
      moment.day = first.value;
      skip_separators();
      return read_year(moment);
    }
    if (!separated) return false;
    const Number second = number();
    if (second.digits == 0 || second.digits > 2 || !skip_separators()) return false;
    if (first.digits == 2 && first.value > 31) {  // 85-03-12
      moment.year = full_year(first);
      moment.month = second.value;
      moment.parts.two_digit_year = true;
      return read_day(moment);
    }
    if (!read_year(moment)) return false;
    moment.parts.first = first.value;
    moment.parts.second = second.value;
    moment.parts.open_order = true;
    set_day_and_month(moment, first.value, second.value);
    return true;
  }

  /// Mar 12, 1985, and Mar 12 10:11:12 1985 with the year last.
  bool read_month_first(Moment& moment) {
    if (!read_month_name(moment)) return false;
    if (!skip_separators() || !read_day(moment)) return false;
    if (next_is_letter()) {
      const std::string_view before = rest_;
      if (word().kind != DateWordKind::kOrdinal) rest_ = before;
    }
    if (!skip_separators()) return false;
    if (rest_.size() > 2 && (rest_[1] == ':' || rest_[2] == ':')) {
      if (!read_time(moment)) return false;
      skip_blanks();
    }
    return read_year(moment);
  }

  bool read_month_name(Moment& moment) {
    const DateWord name = word();
    if (name.kind != DateWordKind::kMonth) return false;
    moment.month = name.value;
    return true;
  }
  bool read_day(Moment& moment) {
    const Number day = number();
    moment.day = day.value;
    return day.digits == 1 || day.digits == 2;
  }
  bool read_year(Moment& moment) {
    const Number year = number();
    moment.year = full_year(year);
    moment.parts.two_digit_year = year.digits == 2;
    return moment.year >= 0;
  }
  void set_day_and_month(Moment& moment, int first, int second) const {
    const bool day_first = options_.date_order == DateOrder::kDayFirst;
    moment.day = day_first ? first : second;
    moment.month = day_first ? second : first;
  }

  bool read_rest(Moment& moment) {
    skip_blanks();
    take(',');
    skip_blanks();
    if (at_end()) return true;
    if (next_is_letter()) {
      const std::string_view before = rest_;
      if (word().kind != DateWordKind::kTimeMark) rest_ = before;
      skip_blanks();
    }
    take(':');  // 12/Mar/1985:10:11:12, as web servers log
    if (next_is_digit() && !read_time(moment)) return false;
    return read_zone(moment) && at_end();
  }

  bool read_time(Moment& moment) {
    std::size_t run = 0;
    while (run < rest_.size() && is_ascii_digit(rest_[run])) ++run;
    if (run == 6) {
      moment.hour = two_digits();
      moment.minute = two_digits();
      moment.second = two_digits();
      return true;
    }
    const Number hour = number();
    moment.hour = hour.value;
    if (hour.digits == 0 || hour.digits > 2) return false;
    if (!take(':') && !take('.')) return read_half(moment);
    if (!next_is_digit()) return false;
    const Number minute = number();
    moment.minute = minute.value;
    if (minute.digits != 2) return false;
    if (take(':') || take('.')) {
      const Number second = number();
      moment.second = second.value;
      if (second.digits != 2) return false;
      if (take('.') || take(',') || take(':')) read_fraction(moment);
    }
    read_half(moment);
    return true;
  }
  int two_digits() {
    const int value = (rest_[0] - '0') * 10 + (rest_[1] - '0');
    rest_.remove_prefix(2);
    return value;
  }
  void read_fraction(Moment& moment) {
    const std::string_view before = rest_;
    while (next_is_digit()) rest_.remove_prefix(1);
    moment.script_midnight = before.substr(0, before.size() - rest_.size()) == "000" && (rest_ == "Z" || rest_ == "z");
  }
  bool read_half(Moment& moment) {
    const std::string_view before = rest_;
    skip_blanks();
    const DateWord half = next_is_letter() ? word() : DateWord{};
    if (half.kind != DateWordKind::kMorning && half.kind != DateWordKind::kAfternoon) {
      rest_ = before;
      return false;
    }
    if (moment.hour == 0 || moment.hour > 12) {
      moment.hour = moment.hour == 0 || half.kind == DateWordKind::kAfternoon ? moment.hour : 99;
      return true;
    }
    moment.hour = moment.hour % 12 + (half.kind == DateWordKind::kAfternoon ? 12 : 0);
    return true;
  }

  bool read_zone(Moment& moment) {
    skip_blanks();
    if (next_is_letter()) {
      const DateWord zone = word();
      if (zone.kind != DateWordKind::kZone) return false;
      moment.zone = zone.value * 60;
    }
    if (!rest_.empty() && (rest_.front() == '+' || rest_.front() == '-')) {
      const int sign = rest_.front() == '+' ? 1 : -1;
      rest_.remove_prefix(1);
      Number hours = number();
      int minutes = 0;
      if (hours.digits == 4) {
        minutes = hours.value % 100;
        hours.value /= 100;
      } else if (hours.digits == 0 || hours.digits > 2) {
        return false;
      } else if (take(':')) {
        const Number read = number();
        minutes = read.value;
        if (read.digits != 2) return false;
      }
      if (hours.value > 14 || minutes > 59) return false;
      moment.zone = sign * (hours.value * 60 + minutes);
    }
    skip_blanks();
    if (!rest_.empty() && (rest_.front() == '(' || rest_.front() == '[') &&
        (rest_.back() == ')' || rest_.back() == ']'))
      rest_ = {};  // the zone's name, once more
    return true;
  }

 public:
  static bool is_date(const Moment& moment) {
    return moment.month > 0 && moment.day > 0 &&
           is_civil_date(moment.year, static_cast<unsigned>(moment.month), static_cast<unsigned>(moment.day));
  }

 private:
  std::string_view rest_;
  const CanonicalOptions& options_;
};

enum class Reading { kDate, kPlaceholder, kNone };

Reading read_moment(std::string_view text, const CanonicalOptions& options, Moment& moment) {
  text = without_float_tail(without_spreadsheet_wrapping(text));
  if (text.size() < 6 || text.size() > kLongestDate) return Reading::kNone;
  if (!DateReader(text, options).read(moment)) return Reading::kNone;
  if (moment.year == 0 && moment.month == 0 && moment.day == 0) return Reading::kPlaceholder;
  if (moment.year == 1 && moment.month == 1 && moment.day == 1) return Reading::kPlaceholder;
  if (moment.year < kOldestYear || moment.year > kNewestYear || !DateReader::is_date(moment)) return Reading::kNone;
  if (moment.hour > 23 || moment.minute > 59 || moment.second > 59) return Reading::kNone;
  return Reading::kDate;
}

/// Moves a moment by some minutes; only where a zone was given, so this may take its time.
void shift(Moment& moment, int minutes) {
  const std::int64_t seconds =
      days_from_civil(moment.year, static_cast<unsigned>(moment.month), static_cast<unsigned>(moment.day)) * 86'400 +
      moment.hour * 3'600 + moment.minute * 60 + moment.second + std::int64_t{minutes} * 60;
  const std::string written = format_utc(seconds);
  const auto part = [&written](std::size_t from, std::size_t size) {
    int value = 0;
    for (std::size_t i = from; i < from + size; ++i) value = value * 10 + (written[i] - '0');
    return value;
  };
  if (written.size() != 20) {
    moment.year = 0;
    return;
  }
  moment.year = part(0, 4);
  moment.month = part(5, 2);
  moment.day = part(8, 2);
  moment.hour = part(11, 2);
  moment.minute = part(14, 2);
  moment.second = part(17, 2);
}

char* put_two(char* out, int value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

char* put_date(const Moment& moment, char* out) {
  out = put_two(out, moment.year / 100);
  out = put_two(out, moment.year % 100);
  *out++ = '-';
  out = put_two(out, moment.month);
  *out++ = '-';
  return put_two(out, moment.day);
}

char* put_time(const Moment& moment, char* out) {
  *out++ = 'T';
  out = put_two(out, moment.hour);
  *out++ = ':';
  out = put_two(out, moment.minute);
  *out++ = ':';
  return put_two(out, moment.second);
}

}  // namespace

char* write_date(std::string_view text, const CanonicalOptions& options, char* out) {
  if (const auto fixed = read_fixed_date(text, options.date_order)) return put_fixed_date(*fixed, out);
  Moment moment;
  const Reading reading = read_moment(text, options, moment);
  if (reading != Reading::kDate) return reading == Reading::kPlaceholder ? out : nullptr;
  if (moment.script_midnight && moment.zone == 0 && moment.hour == 17 && moment.minute == 0 && moment.second == 0) {
    shift(moment, 7 * 60);
    if (moment.year < kOldestYear) return nullptr;
  }
  return put_date(moment, out);
}

char* write_timestamp(std::string_view text, const CanonicalOptions& options, char* out) {
  if (const auto fixed = read_fixed_date(text, options.date_order)) return put_fixed_timestamp(*fixed, out);
  Moment moment;
  const Reading reading = read_moment(text, options, moment);
  if (reading != Reading::kDate) return reading == Reading::kPlaceholder ? out : nullptr;
  if (moment.zone.has_value() && *moment.zone != 0) {
    shift(moment, -*moment.zone);
    if (moment.year < kOldestYear) return nullptr;
  }
  return put_time(moment, put_date(moment, out));
}

bool is_placeholder_date(std::string_view form) {
  const std::string_view day = form.substr(0, 10);
  if (day.starts_with("9999") || day.starts_with("2999")) return true;
  const bool midnight = form.size() == day.size() || form.substr(day.size()) == "T00:00:00";
  return midnight && (day == "1900-01-01" || day == "1899-12-30" || day == "1899-12-31" || day == "1970-01-01");
}

bool looks_like_date(std::string_view text) {
  std::size_t digits = 0;
  std::size_t separators = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != 'T' && !(text[at] == ' ' && separators >= 2); ++at) {
    const char c = text[at];
    if (is_ascii_digit(c)) {
      ++digits;
    } else if (c == '-' || c == '/' || c == '.') {
      ++separators;
    } else {
      return false;
    }
  }
  const bool timed = std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), [](char c) {
    return is_ascii_digit(c) || std::string_view("T :.+-Z").find(c) != std::string_view::npos;
  });
  if (separators == 0) return at == text.size() && (digits == 8 || digits == 14);
  return timed && separators == 2 && digits >= 3 && digits <= 8;
}

DateParts date_parts(std::string_view text) {
  for (const DateOrder order : {DateOrder::kDayFirst, DateOrder::kMonthFirst}) {
    CanonicalOptions options;
    options.date_order = order;
    Moment moment;
    if (read_moment(text, options, moment) != Reading::kDate) continue;
    moment.parts.has_time = moment.hour != 0 || moment.minute != 0 || moment.second != 0;
    return moment.parts;
  }
  return {};
}

}  // namespace sidik
