#include "trace/rounded_measure.h"

#include <cmath>
#include <cstdlib>

namespace sidik {
namespace {

constexpr int kDecimals = 2;

/// Units of the last digit that a number of the type may have.
int smallest_place(FieldType type) { return type == FieldType::kDecimal ? -kDecimals : 0; }

long long units(int places) {
  long long power = 1;
  for (int i = 0; i < places; ++i) power *= 10;
  return power;
}

/// In units of the smallest place; nothing for what is no number, or a larger one than any amount is.
std::optional<long long> in_units(FieldType type, const CanonicalOptions& options, std::string_view raw) {
  constexpr double kLargest = 1e15;
  const CanonicalValue value = canonical(type, raw, options);
  if (value.state != ValueState::kValid) return std::nullopt;
  const double scaled = std::strtod(value.text.c_str(), nullptr) * static_cast<double>(units(-smallest_place(type)));
  return std::abs(scaled) < kLargest ? std::optional(std::llround(scaled)) : std::nullopt;
}

std::string text_of(FieldType type, long long value) {
  const long long whole = units(-smallest_place(type));
  std::string text = std::to_string(std::llabs(value) / whole);
  if (type == FieldType::kDecimal) {
    const std::string cents = std::to_string(std::llabs(value) % whole);
    text += "." + std::string(kDecimals - cents.size(), '0') + cents;
  }
  return value < 0 ? "-" + text : text;
}

}  // namespace

std::optional<Rounding> rounding_of(FieldType type, const CanonicalOptions& options,
                                    std::span<const std::string_view> cells) {
  constexpr std::size_t kFewest = 10;
  constexpr int kMostLost = 3;  // digits
  if (type != FieldType::kInteger && type != FieldType::kDecimal) return std::nullopt;
  std::size_t lost[kMostLost + 1] = {};  // values that are multiples of that many digits more than they may have
  std::size_t all = 0;
  for (const std::string_view raw : cells) {
    const std::optional<long long> value = in_units(type, options, raw);
    if (!value || *value == 0) continue;
    ++all;
    for (int digits = 1; digits <= kMostLost && *value % units(digits) == 0; ++digits) ++lost[digits];
  }
  int most = 0;
  for (int digits = 1; digits <= kMostLost; ++digits)
    if (all >= kFewest && lost[digits] * 100 >= all * 95) most = digits;
  return most > 0 ? std::optional(Rounding{type, most, options}) : std::nullopt;
}

double count_within(const Rounding& rounding) { return 1.5 * static_cast<double>(units(rounding.lost)); }

std::vector<std::string> measures_within(std::string_view raw, const Rounding& rounding) {
  std::vector<std::string> values;
  const std::optional<long long> value = in_units(rounding.type, rounding.options, raw);
  if (!value) return values;
  const long long unit = units(rounding.lost);
  for (long long one = *value - unit / 2; one < *value + unit; ++one) values.push_back(text_of(rounding.type, one));
  return values;
}

}  // namespace sidik
