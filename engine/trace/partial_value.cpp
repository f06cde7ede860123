#include "trace/partial_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/bytes.h"
#include "fields/canonical.h"
#include "fields/characters.h"
#include "fields/region_codes.h"
#include "fields/spreadsheet.h"
#include "trace/masked.h"
#include "trace/misread_number.h"
#include "trace/partial_email.h"

namespace sidik {
namespace {

constexpr std::size_t kNikDigits = 16;
constexpr std::size_t kFloatDigits = 15;  // that a spreadsheet keeps
constexpr unsigned kFewestFloatDigits = 6;
constexpr std::size_t kMostDigits = 18;

bool is_number_type(FieldType type) {
  return type == FieldType::kNik || type == FieldType::kPhone || type == FieldType::kIdentifier;
}

/// The whole numbers that a rounded or cut one may have been: [first, first + count).
struct Interval {
  std::uint64_t first = 0, count = 0;
  std::size_t digits = 0;
  unsigned kept = 0;
};

std::uint64_t power_of_ten(std::size_t exponent) {
  std::uint64_t power = 1;
  for (std::size_t i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char c : digits) number = number * 10 + static_cast<std::uint64_t>(c - '0');
  return number;
}

/// 3.27306E+15, 8,12346e+11. Trailing zeros are not written: six digits are shown by default.
std::optional<Interval> rounded_interval(std::string_view raw) {
  raw = without_spreadsheet_wrapping(trim_blanks(raw));
  std::uint64_t mantissa = 0;
  std::size_t digits = 0;
  std::size_t behind_point = 0;
  bool point = false;
  std::size_t i = 0;
  for (; i < raw.size() && (raw[i] | 0x20) != 'e'; ++i) {
    if (raw[i] == '.' || raw[i] == ',') {
      if (point) return std::nullopt;
      point = true;
      continue;
    }
    if (!is_ascii_digit(raw[i]) || digits == kMostDigits) return std::nullopt;
    mantissa = mantissa * 10 + static_cast<std::uint64_t>(raw[i] - '0');
    ++digits;
    behind_point += point ? 1 : 0;
  }
  if (digits == 0 || digits != behind_point + 1 || mantissa == 0 || i + 1 >= raw.size()) return std::nullopt;
  ++i;
  if (raw[i] == '+') ++i;
  unsigned exponent = 0;
  const auto [end, error] = std::from_chars(raw.data() + i, raw.data() + raw.size(), exponent);
  if (error != std::errc() || end != raw.data() + raw.size() || exponent < 8 || exponent >= kMostDigits)
    return std::nullopt;
  if (digits < kFewestFloatDigits) {
    mantissa *= power_of_ten(kFewestFloatDigits - digits);
    digits = kFewestFloatDigits;
  }
  if (digits > exponent) return std::nullopt;
  const std::uint64_t unit = power_of_ten(exponent + 1 - digits);
  return Interval{mantissa * unit - unit / 2, unit, exponent + 1, static_cast<unsigned>(digits)};
}

std::string digits_of(std::string_view raw) {
  std::string digits;
  for (const char c : raw) {
    if (is_ascii_digit(c)) digits += c;
  }
  return digits;
}

/// A number that stands by itself, without what separates its groups; nothing where there is anything else.
std::optional<std::string> plain_digits(std::string_view raw) {
  raw = without_float_tail(without_spreadsheet_wrapping(trim_blanks(raw)));
  for (const char c : raw) {
    if (!is_ascii_digit(c) && c != ' ' && c != '.' && c != '-') return std::nullopt;
  }
  return digits_of(raw);
}

std::optional<Interval> zeroed_interval(std::string_view raw, unsigned zeroed) {
  const auto digits = plain_digits(raw);
  if (!digits || zeroed == 0 || digits->size() <= kFloatDigits || digits->size() > kMostDigits ||
      digits->size() <= zeroed)
    return std::nullopt;
  if (digits->find_first_not_of('0', digits->size() - zeroed) != std::string::npos) return std::nullopt;
  return Interval{number_of(*digits), power_of_ten(zeroed), digits->size(),
                  static_cast<unsigned>(digits->size()) - zeroed};
}

std::optional<Interval> interval_of(std::string_view raw, Loss loss, unsigned zeroed) {
  if (loss == Loss::kRounded) return rounded_interval(raw);
  return zeroed_interval(raw, zeroed);
}

/// Every way to put digits for the '?' of a pattern.
Completeness fill_digits(std::string pattern, Completions& out) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == kUnknown) places.push_back(i);
  }
  if (places.empty() || places.size() > kMostDigits || power_of_ten(places.size()) > kMostCompletions)
    return Completeness::kNone;
  const std::uint64_t all = power_of_ten(places.size());
  for (std::uint64_t n = 0; n < all; ++n) {
    std::uint64_t left = n;
    for (auto place = places.rbegin(); place != places.rend(); ++place, left /= 10)
      pattern[*place] = static_cast<char>('0' + left % 10);
    out.add(pattern);
  }
  return Completeness::kAll;
}

/// Sixteen signs, digits and '?'; nothing where the cell is no such number. A single run of hidden digits may be of any
/// length: "3273***0001" hides eight.
std::optional<std::string> nik_pattern(std::string_view raw) {
  std::string pattern;
  for (const char c : with_unknowns(without_spreadsheet_wrapping(trim_blanks(raw)))) {
    if (is_ascii_digit(c) || c == kUnknown)
      pattern += c;
    else if (c != ' ' && c != '.' && c != '-' && c != '/')
      return std::nullopt;
  }
  const std::size_t first = pattern.find(kUnknown);
  const std::size_t last = pattern.rfind(kUnknown);
  if (first == std::string::npos) return std::nullopt;
  if (pattern.size() == kNikDigits) return pattern;
  const std::size_t known = pattern.size() - (last - first + 1);
  if (pattern.find_first_not_of(kUnknown, first) <= last || known >= kNikDigits) return std::nullopt;
  return pattern.substr(0, first) + std::string(kNikDigits - known, kUnknown) + pattern.substr(last + 1);
}

bool fits(std::string_view digits, std::string_view pattern) {
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (pattern[i] != kUnknown && pattern[i] != digits[i]) return false;
  }
  return true;
}

std::string padded(std::uint64_t number, std::size_t width) {
  std::string text(width, '0');
  for (std::size_t i = width; i > 0; --i, number /= 10) text[i - 1] = static_cast<char>('0' + number % 10);
  return text;
}

/// The parts of a NIK that fit a pattern, each by itself: PPRRDD, DDMMYY, SSSS.
class NikParts {
 public:
  NikParts(std::string_view pattern, const std::vector<std::string>& dates) : pattern_(pattern) {
    find_births(dates);
    find_regions();
    find_serials();
  }
  bool taken_from_hint() const { return taken_from_hint_; }
  std::size_t count() const { return regions_.size() * births_.size() * serials_.size(); }
  template <typename Use>
  void each(Use&& use) const {
    each_within(0, ~std::uint64_t{0}, use);
  }
  /// Those from `first` on, below `end`.
  template <typename Use>
  void each_within(std::uint64_t first, std::uint64_t end, Use&& use) const {
    constexpr std::uint64_t kSerials = 10000;
    std::string nik(kNikDigits, '0');
    for (const std::string& region : regions_) {
      std::copy(region.begin(), region.end(), nik.begin());
      for (const std::string& birth : births_) {
        std::copy(birth.begin(), birth.end(), nik.begin() + 6);
        const std::uint64_t number = number_of(region + birth) * kSerials;
        if (number + kSerials <= first || number >= end) continue;
        for (const std::string& serial : serials_) {
          std::copy(serial.begin(), serial.end(), nik.begin() + 12);
          const std::uint64_t whole = number + number_of(serial);
          if (whole >= first && whole < end) use(std::string_view(nik));
        }
      }
    }
  }

 private:
  void find_births(const std::vector<std::string>& dates) {
    const std::string_view part = pattern_.substr(6, 6);
    const auto add = [&](unsigned day, unsigned month, unsigned year) {
      for (const unsigned sex : {0U, 40U}) {
        const std::string birth = padded(day + sex, 2) + padded(month, 2) + padded(year, 2);
        if (fits(birth, part) && std::find(births_.begin(), births_.end(), birth) == births_.end())
          births_.push_back(birth);
      }
    };
    if (part.find(kUnknown) == std::string_view::npos) {
      births_.emplace_back(part);
      return;
    }
    for (const std::string& date : dates) {
      if (date.size() < 10) continue;
      const auto number = [&](std::size_t at) {
        return static_cast<unsigned>(date[at] - '0') * 10 + static_cast<unsigned>(date[at + 1] - '0');
      };
      add(number(8), number(5), number(2));
    }
    taken_from_hint_ = !births_.empty();
    if (taken_from_hint_ || std::count(part.begin(), part.end(), kUnknown) > 4) return;
    for (unsigned year = 0; year < 100; ++year)
      for (unsigned month = 1; month <= 12; ++month)
        for (unsigned day = 1; day <= 31; ++day) {
          const std::string rest = padded(month, 2) + padded(year, 2);
          if (fits(rest, part.substr(2))) add(day, month, year);
        }
  }
  void find_regions() {
    const std::string_view part = pattern_.substr(0, 6);
    unsigned first = 0;
    unsigned last = 9999;
    if (part.substr(0, 4).find(kUnknown) == std::string_view::npos) {
      std::from_chars(part.data(), part.data() + 4, first);
      last = first;
    }
    for (unsigned regency = first; regency <= last; ++regency) {
      if (!is_nik_region(regency) || !fits(padded(regency, 4), part)) continue;
      for (unsigned district = 1; district < 100; ++district) {
        const std::string two = padded(district, 2);
        if (fits(two, part.substr(4))) regions_.push_back(padded(regency, 4) + two);
      }
    }
  }
  void find_serials() {
    const std::string_view part = pattern_.substr(12, 4);
    if (part.find(kUnknown) == std::string_view::npos) {
      serials_.emplace_back(part);
      return;
    }
    for (unsigned serial = 1; serial < 10000; ++serial) {
      std::string text = padded(serial, 4);
      if (fits(text, part)) serials_.push_back(std::move(text));
    }
  }

  std::string_view pattern_;
  std::vector<std::string> regions_, births_, serials_;
  bool taken_from_hint_ = false;
};

/// Digits that all numbers of an interval begin with, and '?' behind them.
std::string common_start(const Interval& interval) {
  const std::string first = padded(interval.first, interval.digits);
  const std::string last = padded(interval.first + interval.count - 1, interval.digits);
  std::string pattern(interval.digits, kUnknown);
  for (std::size_t i = 0; i < first.size() && first[i] == last[i]; ++i) pattern[i] = first[i];
  return pattern;
}

Completeness complete_interval(FieldType type, const Interval& interval, const RowHints& hints, Completions& out) {
  if (type == FieldType::kNik && interval.digits != kNikDigits) return Completeness::kNone;
  if (interval.count <= kMostCompletions) {
    for (std::uint64_t n = interval.first; n < interval.first + interval.count; ++n)
      out.add(padded(n, interval.digits));
    return Completeness::kAll;
  }
  // Too few digits to try all the rest; a NIK has its birth date from the row.
  if (type != FieldType::kNik || hints.dates.empty()) return Completeness::kNone;
  const std::string pattern = common_start(interval);
  const NikParts parts(pattern, hints.dates);
  if (!parts.taken_from_hint()) return Completeness::kNone;
  bool too_many = false;
  parts.each_within(interval.first, interval.first + interval.count, [&](std::string_view nik) {
    if (out.size() < kMostCompletions)
      out.add(nik);
    else
      too_many = true;
  });
  if (!too_many) return Completeness::kSome;
  out.clear();
  return Completeness::kNone;
}

Completeness complete_nik(std::string_view raw, const RowHints& hints, Completions& out) {
  const auto pattern = nik_pattern(raw);
  if (!pattern) return Completeness::kNone;
  const NikParts parts(*pattern, hints.dates);
  if (parts.count() == 0 || parts.count() > kMostCompletions) return Completeness::kNone;
  parts.each([&](std::string_view nik) { out.add(nik); });
  return parts.taken_from_hint() ? Completeness::kSome : Completeness::kAll;
}

}  // namespace

Loss loss_of(FieldType type, std::string_view raw, const ColumnCut& cut) {
  if (cut.rounding && type == cut.rounding->type) return Loss::kCoarse;
  if (is_masked(type, raw)) return Loss::kHidden;
  if (!is_number_type(type)) return Loss::kNone;
  if (raw.find_first_of("eE") != std::string_view::npos && rounded_interval(raw)) return Loss::kRounded;
  if (cut.zeroed > 0 && zeroed_interval(raw, cut.zeroed)) return Loss::kZeroed;
  return Loss::kNone;
}

unsigned zeroed_digits(std::span<const std::string_view> cells) {
  constexpr std::size_t kEnough = 8, kMostZeros = 4;
  std::array<std::size_t, kMostZeros + 1> ending{};  // with so many zeros and more
  std::size_t all = 0;
  for (const std::string_view raw : cells) {
    const auto digits = plain_digits(raw);
    if (!digits || digits->size() <= kFloatDigits || digits->size() > kMostDigits) continue;
    ++all;
    const std::size_t last = digits->find_last_not_of('0');
    const std::size_t zeros = last == std::string::npos ? kMostZeros : digits->size() - 1 - last;
    for (std::size_t z = 1; z <= std::min(zeros, kMostZeros); ++z) ++ending[z];
  }
  unsigned zeroed = 0;
  for (unsigned z = 1; z <= kMostZeros && all >= kEnough; ++z) {
    if (ending[z] * 100 >= all * 95) zeroed = z;
  }
  return zeroed;
}

unsigned digits_left(std::string_view raw, Loss loss, const ColumnCut& cut) {
  const auto interval = interval_of(raw, loss, cut.zeroed);
  return interval ? interval->kept : 0;
}

bool is_plausible(FieldType type, std::string_view raw, Loss loss, const ColumnCut& cut) {
  Completions one;
  const auto reads = [&](std::string_view value) {
    one.clear();
    one.add(value);
    return canonical(type, one.views().front()).state == ValueState::kValid;
  };
  if (loss == Loss::kRounded || loss == Loss::kZeroed) {
    const auto interval = interval_of(raw, loss, cut.zeroed);
    if (!interval) return false;
    if (type != FieldType::kNik) return reads(padded(interval->first, interval->digits));
    return interval->digits == kNikDigits &&
           is_nik_region(static_cast<unsigned>(interval->first / power_of_ten(kNikDigits - 4)));
  }
  if (loss != Loss::kHidden) return false;
  std::string pattern;
  if (type == FieldType::kNik) {
    pattern = nik_pattern(raw).value_or("");
  } else if (type == FieldType::kPhone || type == FieldType::kIdentifier) {
    pattern = with_unknowns(raw);
    if (pattern.find_first_of("0123456789") == std::string::npos) return false;  // a name's first letters
  } else {
    return type == FieldType::kEmail ? raw.find('@') != std::string_view::npos : reads(raw);
  }
  std::replace(pattern.begin(), pattern.end(), kUnknown, '1');
  return !pattern.empty() && reads(pattern);
}

double likely_completions(std::string_view raw, Loss loss, const ColumnCut& cut) {
  constexpr auto kMost = static_cast<double>(kMostCompletions);
  if (loss == Loss::kRounded || loss == Loss::kZeroed) {
    const auto interval = interval_of(raw, loss, cut.zeroed);
    if (!interval) return 1;
    if (interval->count <= kMostCompletions) return static_cast<double>(interval->count);
    return interval->digits == kNikDigits ? kMost : 1;
  }
  if (loss == Loss::kMisread) return kUsualMisreadings;
  if (loss == Loss::kCoarse) return cut.rounding ? count_within(*cut.rounding) : 1;
  const std::string pattern = with_unknowns(raw);
  const double hidden = std::pow(10, static_cast<double>(std::count(pattern.begin(), pattern.end(), kUnknown)));
  return hidden <= kMost || nik_pattern(raw) ? std::min(kMost, hidden) : 1;
}

void Completions::clear() {
  text_.clear();
  ends_.clear();
}

void Completions::add(std::string_view value) {
  text_ += value;
  ends_.push_back(text_.size());
}

std::vector<std::string_view> Completions::views() {
  if (text_.capacity() < text_.size() + kTextSlack) text_.reserve(text_.size() + kTextSlack);
  text_.append(kTextSlack, '\0');
  text_.resize(text_.size() - kTextSlack);
  std::vector<std::string_view> all;
  all.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) all.push_back((*this)[i]);
  return all;
}

Completeness complete(FieldType type, std::string_view raw, Loss loss, const ColumnCut& cut, const RowHints& hints,
                      Completions& out) {
  out.clear();
  switch (loss) {
    case Loss::kNone:
      return Completeness::kNone;
    case Loss::kRounded:
    case Loss::kZeroed: {
      const auto interval = interval_of(raw, loss, cut.zeroed);
      return interval ? complete_interval(type, *interval, hints, out) : Completeness::kNone;
    }
    case Loss::kCoarse:
      if (cut.rounding)
        for (const std::string& value : measures_within(raw, *cut.rounding)) out.add(value);
      return out.size() > 0 ? Completeness::kAll : Completeness::kNone;
    case Loss::kMisread:
      return misreadings(type, raw, out);
    case Loss::kHidden:
      break;
  }
  if (type == FieldType::kNik) return complete_nik(raw, hints, out);
  if (type == FieldType::kEmail) return complete_email(raw, hints, out);
  if (type == FieldType::kPhone || type == FieldType::kIdentifier) return fill_digits(with_unknowns(raw), out);
  return Completeness::kNone;
}

}  // namespace sidik
