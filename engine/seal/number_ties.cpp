#include "seal/number_ties.h"

#include <algorithm>
#include <cmath>

#include "fields/canonical.h"
#include "fields/check_digits.h"
#include "fields/null_token.h"

namespace sidik {
namespace {

constexpr std::uint32_t kFewestRows = 50;
constexpr double kMostDo = 0.9;           // of the rows: the others are slips
constexpr double kVary = 0.2;             // what nearly all rows have alike is no tie
constexpr std::size_t kMostValues = 64;   // a category has
constexpr std::size_t kFewestDigits = 4;  // a number within a number has
constexpr std::uint32_t kFewestOfCategories = 100;
constexpr double kWeakest = 0.05;  // squared contingency (Cramer's V) of digit and category

bool is_digit(char c) { return c >= '0' && c <= '9'; }
unsigned two_digits_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned>(text[at] - '0') * 10 + static_cast<unsigned>(text[at + 1] - '0');
}

}  // namespace

NumberTies::NumberTies(const Schema& schema) : schema_(schema) {
  for (std::size_t c = 0; c < schema.columns.size(); ++c) switch (schema.columns[c].type) {
      case FieldType::kIdentifier:
        numbers_.push_back(c);
        break;
      case FieldType::kDate:
      case FieldType::kTimestamp:
        dates_.push_back(c);
        break;
      case FieldType::kBoolean:
      case FieldType::kCategory:
        categories_.push_back(c);
        break;
      default:
        break;
    }
  ties_.resize(numbers_.size());
}

std::optional<std::array<std::string, NumberTies::kParts>> NumberTies::parts_of(std::size_t column,
                                                                                std::string_view raw) const {
  const ColumnSchema& schema = schema_.columns[column];
  const auto date = canonical(schema.type, raw, schema.options);
  if (date.state != ValueState::kValid || date.text.size() < 10) return std::nullopt;
  return std::array<std::string, kParts>{date.text.substr(0, 4), date.text.substr(2, 2), date.text.substr(5, 2),
                                         date.text.substr(8, 2)};
}

/// A month and a day may have some twenties or forty more: a century or a sex.
bool NumberTies::holds(std::string_view number, std::size_t at, Part part, std::string_view value) {
  if (at + value.size() > number.size()) return false;
  const std::string_view its = number.substr(at, value.size());
  if (!std::all_of(its.begin(), its.end(), is_digit)) return false;
  if (part == Part::kMonth) return two_digits_at(its, 0) % 20 == two_digits_at(value, 0);
  if (part == Part::kDay) return two_digits_at(its, 0) % 40 == two_digits_at(value, 0);
  return its == value;
}

bool NumberTies::is_told(const Place& place, std::uint32_t rows) {
  return rows >= kFewestRows && place.hits >= kMostDo * rows && place.varied >= kVary * rows;
}

void NumberTies::observe(const std::vector<std::string_view>& cells) {
  std::vector<std::optional<std::array<std::string, kParts>>> parts;
  for (const std::size_t d : dates_) parts.push_back(parts_of(d, cells[d]));
  for (std::size_t n = 0; n < numbers_.size(); ++n) {
    const std::string_view number = cells[numbers_[n]];
    if (number.empty() || is_null_token(number)) continue;
    Ties& ties = ties_[n][number.size()];
    ++ties.rows;
    for (std::size_t d = 0; d < dates_.size(); ++d) {
      if (!parts[d]) continue;
      DateTie& tie = ties.dates[dates_[d]];
      if (tie.rows++ == 0) tie.first = *parts[d];
      for (std::size_t p = 0; p < kParts; ++p) {
        tie.places[p].resize(number.size());
        for (std::size_t at = 0; at < number.size(); ++at) {
          if (!holds(number, at, part(p), (*parts[d])[p])) continue;
          ++tie.places[p][at].hits;
          tie.places[p][at].varied += (*parts[d])[p] == tie.first[p] ? 0U : 1U;
        }
      }
    }
    const std::string plain = letters_and_digits(number);
    for (const std::size_t k : numbers_) {
      const std::string other = letters_and_digits(cells[k]);
      if (k == numbers_[n] || other.size() < kFewestDigits || other.size() >= plain.size()) continue;
      NumberTie& tie = ties.numbers[k];
      if (tie.rows++ == 0) tie.first = other;
      const std::size_t at = plain.find(other);
      if (at == std::string::npos) continue;
      ++tie.places[at].hits;
      tie.places[at].varied += other == tie.first ? 0U : 1U;
    }
    for (const std::size_t k : categories_) {
      CategoryTie& tie = ties.categories[k];
      if (tie.too_many || is_null_token(cells[k])) continue;
      auto found = tie.values.find(cells[k]);
      if (found == tie.values.end()) {
        if (tie.too_many = tie.values.size() == kMostValues; tie.too_many) continue;
        found = tie.values.emplace(cells[k], number.size()).first;
      }
      ++tie.rows;
      for (std::size_t i = 0; i < number.size(); ++i)
        if (is_digit(number[i])) ++found->second[i][static_cast<std::size_t>(number[i] - '0')];
    }
  }
}

const NumberTies::Ties* NumberTies::ties_of(std::size_t column, std::size_t size) const {
  const auto n = std::find(numbers_.begin(), numbers_.end(), column);
  if (n == numbers_.end()) return nullptr;
  const auto& by_length = ties_[static_cast<std::size_t>(n - numbers_.begin())];
  const auto found = by_length.find(size);
  return found == by_length.end() ? nullptr : &found->second;
}

/// By Pearson's chi-square over digits and values: beyond what chance makes of it, and strong enough to be seen by.
std::vector<bool> NumberTies::told_by(const CategoryTie& tie, std::size_t size) {
  std::vector<bool> told(size);
  if (tie.too_many || tie.rows < kFewestOfCategories || tie.values.size() < 2) return told;
  for (std::size_t i = 0; i < size; ++i) {
    std::array<double, 10> of_digit{};
    double all = 0;
    std::vector<double> of_value;
    for (const auto& [value, digits] : tie.values) {
      double sum = 0;
      for (std::size_t d = 0; d < 10; ++d) {
        of_digit[d] += digits[i][d];
        sum += digits[i][d];
      }
      of_value.push_back(sum);
      all += sum;
    }
    const auto seen = [](double n) { return n > 0; };
    const double digits = static_cast<double>(std::count_if(of_digit.begin(), of_digit.end(), seen)),
                 values = static_cast<double>(std::count_if(of_value.begin(), of_value.end(), seen));
    if (all < kFewestOfCategories || digits < 2 || values < 2) continue;
    double square = 0;
    std::size_t v = 0;
    for (const auto& [value, counts] : tie.values) {
      for (std::size_t d = 0; d < 10; ++d) {
        const double expected = of_digit[d] * of_value[v] / all;
        if (expected > 0) square += (counts[i][d] - expected) * (counts[i][d] - expected) / expected;
      }
      ++v;
    }
    const double freedom = (digits - 1) * (values - 1);
    told[i] = square > freedom + 6 * std::sqrt(2 * freedom) + 20 &&
              square / (all * (std::min(digits, values) - 1)) > kWeakest;
  }
  return told;
}

std::vector<bool> NumberTies::tied_to_numbers(std::size_t column, std::string_view like) const {
  std::vector<bool> tied(like.size());
  const Ties* const ties = ties_of(column, like.size());
  if (ties == nullptr) return tied;
  for (const auto& [other, tie] : ties->numbers)
    for (const auto& [at, place] : tie.places) {
      if (!is_told(place, tie.rows)) continue;
      std::size_t plain = 0;
      for (std::size_t i = 0; i < like.size(); ++i) {
        if (!is_letter_or_digit(like[i])) continue;
        if (plain >= at && plain < at + tie.first.size()) tied[i] = true;
        ++plain;
      }
    }
  return tied;
}

std::vector<bool> NumberTies::tellers() const {
  std::vector<bool> tells(schema_.columns.size());
  for (const auto& by_size : ties_)
    for (const auto& [size, ties] : by_size) {
      for (const auto& [other, tie] : ties.dates)
        for (const auto& places : tie.places)
          for (const Place& place : places) tells[other] = tells[other] || is_told(place, tie.rows);
      for (const auto& [other, tie] : ties.numbers)
        for (const auto& [at, place] : tie.places) tells[other] = tells[other] || is_told(place, tie.rows);
      for (const auto& [other, tie] : ties.categories) {
        const std::vector<bool> told = told_by(tie, size);
        tells[other] = tells[other] || std::find(told.begin(), told.end(), true) != told.end();
      }
    }
  return tells;
}

std::vector<bool> NumberTies::tied(std::size_t column, std::string_view like, bool categories) const {
  std::vector<bool> tied = tied_to_numbers(column, like);
  const Ties* const ties = ties_of(column, like.size());
  if (ties == nullptr) return tied;
  const auto mark = [&](std::size_t from, std::size_t size) {
    for (std::size_t i = from; i < std::min(from + size, tied.size()); ++i) tied[i] = true;
  };
  for (const auto& [other, tie] : ties->dates)
    for (std::size_t p = 0; p < kParts; ++p)
      for (std::size_t at = 0; at < tie.places[p].size(); ++at)
        if (is_told(tie.places[p][at], tie.rows)) mark(at, tie.first[p].size());
  if (!categories) return tied;
  for (const auto& [other, tie] : ties->categories) {
    const std::vector<bool> told = told_by(tie, like.size());
    for (std::size_t i = 0; i < like.size(); ++i) tied[i] = tied[i] || told[i];
  }
  return tied;
}

std::string NumberTies::following(std::size_t column, std::string number, const std::vector<std::string>& before,
                                  const std::vector<std::string>& after) const {
  const std::string& was = before[column];
  const Ties* const ties = ties_of(column, was.size());
  if (ties == nullptr || number.size() != was.size()) return number;
  for (const auto& [other, tie] : ties->dates) {
    const auto old_parts = parts_of(other, before[other]), new_parts = parts_of(other, after[other]);
    if (!old_parts || !new_parts) continue;
    for (std::size_t p = 0; p < kParts; ++p)
      for (std::size_t at = 0; at < tie.places[p].size(); ++at) {
        if (!is_told(tie.places[p][at], tie.rows) || !holds(was, at, part(p), (*old_parts)[p])) continue;
        std::string text = (*new_parts)[p];
        if (part(p) == Part::kMonth || part(p) == Part::kDay) {
          const unsigned written = two_digits_at(was, at) - two_digits_at((*old_parts)[p], 0) + two_digits_at(text, 0);
          text = {static_cast<char>('0' + written / 10), static_cast<char>('0' + written % 10)};
        }
        number.replace(at, text.size(), text);
      }
  }
  for (const std::size_t other : numbers_) {
    const std::string is = letters_and_digits(after[other]), its = letters_and_digits(before[other]),
                      own = letters_and_digits(was);
    if (after[other] == before[other] || is.size() != its.size()) continue;
    // The other number is within this one, or this one within it.
    const bool within = its.size() < own.size();
    const Ties* const outer = within ? ties : ties_of(other, before[other].size());
    if (outer == nullptr) continue;
    const auto tie = outer->numbers.find(within ? other : column);
    if (tie == outer->numbers.end()) continue;
    for (const auto& [at, place] : tie->second.places) {
      if (!is_told(place, tie->second.rows)) continue;
      if ((within ? own.compare(at, its.size(), its) : its.compare(at, own.size(), own)) != 0) continue;
      std::size_t plain = 0;
      for (char& c : number) {
        if (!is_letter_or_digit(c)) continue;
        if (within && plain >= at && plain < at + is.size()) c = is[plain - at];
        if (!within && at + plain < is.size()) c = is[at + plain];
        ++plain;
      }
    }
  }
  return number;
}

}  // namespace sidik
