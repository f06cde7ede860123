// The texts that are one slip away from a cell: what it may have been before somebody mistyped or misread it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trace/partial_value.h"

namespace sidik {

/// The letters that a column is written with, lower case where it is ASCII: at most 48, the commonest.
std::vector<std::string> letters_of(std::span<const std::string_view> cells);

/// Fills `out` with the cell's neighbours by one slip: a digit replaced by another digit, a letter by another of
/// `letters`, one left out, one put in beside one of its kind, two neighbours exchanged. Each place of the text as
/// written, UTF-8 character by character; cells of more than `kLongestSlip` bytes have none.
inline constexpr std::size_t kLongestSlip = 80;
void one_slip_away(std::string_view raw, std::span<const std::string> letters, Completions& out);

}  // namespace sidik
