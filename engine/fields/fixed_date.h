// Dates whose every character has its place, read without a loop: nearly all dates of nearly all files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fields/canonical.h"

namespace sidik {

/// Eight digits, YYYYMMDD, and HH:MM:SS, each as its characters.
struct FixedDate {
  std::uint64_t day;
  std::uint64_t time;
};

/// Reads YYYY-MM-DD, YYYY/MM/DD, DD-MM-YYYY, DD/MM/YYYY or DD.MM.YYYY (or with the month first), alone or with "
/// HH:MM:SS", "THH:MM:SS" and up to nine digits of fraction. Nothing for every other layout, for dates that do not
/// exist, and for years before 1500: those are left to the general reader.
std::optional<FixedDate> read_fixed_date(std::string_view text, DateOrder order);

/// Write 1985-03-12, and that with T10:11:12.
char* put_fixed_date(const FixedDate& date, char* out);
char* put_fixed_timestamp(const FixedDate& date, char* out);

}  // namespace sidik
