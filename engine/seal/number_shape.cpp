#include "seal/number_shape.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fields/check_digits.h"

namespace sidik {
namespace {

constexpr std::uint64_t kFewestNumbers = 50;
constexpr double kUneven = 0.6;            // part of a share by which it may differ beside chance: a tenth by 0.06
constexpr double kDates = 0.98;            // of numbers with a date: half of all digits could be one
constexpr double kChecked = 0.9;           // of numbers with check digits: the others are slips
constexpr std::uint64_t kRoom = 2;         // numbers on the step for each row
constexpr std::size_t kFewestLetters = 8;  // different characters where they are random

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::string_view kAllCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kNone = kAllCharacters.size();

std::size_t character(char c) {
  if (is_digit(c)) return static_cast<std::size_t>(c - '0');
  if (c >= 'A' && c <= 'Z') return static_cast<std::size_t>(c - 'A') + 10;
  if (c >= 'a' && c <= 'z') return static_cast<std::size_t>(c - 'a') + 36;
  return kNone;
}

/// Six digits that are a year of a century, a month (with a century's twenties) and a day (with a sex's forty).
bool is_date(std::string_view raw, std::size_t at, bool year_first) {
  if (at + 6 > raw.size()) return false;
  for (std::size_t i = 0; i < 6; ++i)
    if (!is_digit(raw[at + i])) return false;
  const auto two = [&](std::size_t i) {
    return static_cast<unsigned>(raw[at + i] - '0') * 10 + static_cast<unsigned>(raw[at + i + 1] - '0');
  };
  const unsigned month = two(2) % 20, day = two(year_first ? 4 : 0) % 40;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// Whether counts are as even as chance makes them; `kinds` of them.
template <class Counts>
bool is_even(const Counts& counts, std::size_t kinds, double all) {
  const double share = 1 / static_cast<double>(kinds);
  const double room = kUneven * share + 5 * std::sqrt(share * (1 - share) / all);
  return std::all_of(counts.begin(), counts.end(),
                     [&](std::uint32_t count) { return std::abs(count / all - share) <= room; });
}

}  // namespace

std::optional<std::uint64_t> digits_value(std::string_view raw) {
  std::string digits;
  std::copy_if(raw.begin(), raw.end(), std::back_inserter(digits), is_digit);
  return digits.empty() || digits.size() > 18 ? std::nullopt : std::optional(std::stoull(digits));
}

void NumberShape::observe(std::string_view raw) {
  Length& length = lengths_[raw.size()];
  length.characters.resize(raw.size());
  length.year_first.resize(raw.size());
  length.day_first.resize(raw.size());
  ++length.numbers;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (const std::size_t c = character(raw[i]); c != kNone) ++length.characters[i][c];
    length.year_first[i] += is_date(raw, i, true) ? 1U : 0U;
    length.day_first[i] += is_date(raw, i, false) ? 1U : 0U;
  }
  if (const auto number = digits_value(raw)) {
    if (!first_) first_ = least_ = most_ = number;
    least_ = std::min(*least_, *number);
    most_ = std::max(*most_, *number);
    step_ = std::gcd(step_, std::max(*number, *first_) - std::min(*number, *first_));
  }
  checked_.resize(check_system_count());
  count_checked(raw, checked_);
}

std::optional<std::size_t> NumberShape::check_system() const {
  std::uint64_t numbers = 0;
  for (const auto& [size, length] : lengths_) numbers += length.numbers;
  if (numbers < kFewestNumbers) return std::nullopt;
  return checked_by(checked_, kChecked * static_cast<double>(numbers));
}

std::vector<bool> NumberShape::free_digits(std::string_view like) const {
  std::vector<bool> free(like.size());
  for (std::size_t i = 0; i < like.size(); ++i) free[i] = is_digit(like[i]);
  const auto found = lengths_.find(like.size());
  if (found != lengths_.end() && found->second.numbers >= kFewestNumbers) {
    const Length& length = found->second;
    const double dates = kDates * static_cast<double>(length.numbers);
    for (std::size_t i = 0; i < like.size(); ++i) {
      std::array<std::uint32_t, 10> digits{};
      std::copy_n(length.characters[i].begin(), digits.size(), digits.begin());
      const double all = std::accumulate(digits.begin(), digits.end(), 0.0);
      if (all > 0 && !is_even(digits, digits.size(), all)) free[i] = false;
    }
    for (std::size_t i = 0; i < like.size(); ++i)
      if (length.year_first[i] >= dates || length.day_first[i] >= dates)
        std::fill_n(free.begin() + static_cast<std::ptrdiff_t>(i), 6, false);
  }
  if (const auto system = check_system()) {
    const std::vector<bool> checks = check_places(*system, like);
    for (std::size_t i = 0; i < like.size(); ++i) free[i] = free[i] && !checks[i];
  }
  return free;
}

std::string NumberShape::with_other_letters(std::string_view like, std::string_view drawn,
                                            const std::vector<bool>& kept) const {
  std::string out(like);
  const auto found = lengths_.find(like.size());
  if (found == lengths_.end() || found->second.numbers < kFewestNumbers) return out;
  const auto system = check_system();
  const std::vector<bool> checks = system ? check_places(*system, like) : std::vector<bool>(like.size());
  for (std::size_t i = 0; i < like.size(); ++i) {
    const auto& counts = found->second.characters[i];
    std::vector<std::uint32_t> seen;
    std::string letters;
    for (std::size_t c = 0; c < counts.size(); ++c) {
      if (counts[c] == 0) continue;
      seen.push_back(counts[c]);
      letters += kAllCharacters[c];
    }
    const double all = std::accumulate(seen.begin(), seen.end(), 0.0);
    const bool only_digits = letters.empty() || is_digit(letters.back());
    if (kept[i] || checks[i] || only_digits || seen.size() < kFewestLetters || character(like[i]) == kNone ||
        !is_even(seen, seen.size(), all))
      continue;
    out[i] = letters[std::stoul(std::string(drawn.substr(3 * i, 3))) % letters.size()];
  }
  return out;
}

/// The nearest below that is whole steps away from the others.
std::string NumberShape::on_step(std::string number) const {
  const auto value = digits_value(number);
  if (step_ < 2 || !value || (*most_ - *least_) / step_ < kRoom * rows_) return number;
  const std::uint64_t beside = (*value % step_ + step_ - *first_ % step_) % step_;
  std::string digits = std::to_string(*value - std::min(*value, beside));
  for (std::size_t i = number.size(); i-- > 0;) {
    if (!is_digit(number[i])) continue;
    number[i] = digits.empty() ? '0' : digits.back();
    if (!digits.empty()) digits.pop_back();
  }
  return number;
}

std::optional<std::string> NumberShape::with_check_digits(std::string number, const std::vector<bool>& free) const {
  const auto system = check_system();
  if (!system) return on_step(std::move(number));
  if (check_places(*system, number) == std::vector<bool>(number.size())) return number;
  for (int tries = 0; tries < 10; ++tries) {
    if (auto made = with_checks(*system, number)) return made;
    const auto last = std::find(free.rbegin(), free.rend(), true);
    if (last == free.rend()) return std::nullopt;
    char& digit = number[static_cast<std::size_t>(free.rend() - last) - 1];
    digit = digit == '9' ? '0' : static_cast<char>(digit + 1);
  }
  return std::nullopt;
}

}  // namespace sidik
