// Cells that are made of others: another number, house or time of day, written as the one before was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sidik {

/// "07".
std::string two_digits(unsigned n);

/// The digits of `like` replaced by `digits`, whatever stands between them; `digits` alone where they are more.
std::string with_digits(std::string_view like, std::string_view digits);

/// The donor's street and house in the base's neighbourhood and village: RT and RW go with those, and the whole is
/// nobody's address. Two households of a street would be found by it.
std::string with_house_of(std::string_view base, std::string_view donor);

/// A time of day (hh:mm:ss within `raw`) with other minutes and seconds, of four digits, so that no two rows share
/// theirs to the second; nothing where it has none, or none but zeros.
std::optional<std::string> other_minutes(std::string_view raw, std::string_view digits);

/// The same so many seconds later; nothing where it has no seconds or would be in another hour.
std::optional<std::string> seconds_later(std::string_view raw, std::uint64_t seconds);

/// Fills `cell` up with blanks to the width of `like`, on the side where that has some: tables of fixed widths.
void pad_like(const std::string& like, std::string& cell);

}  // namespace sidik
