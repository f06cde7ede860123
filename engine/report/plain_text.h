// Text for people: names from samples and registries made harmless, numbers and shares as one reads them, widths and
// wrapping.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sidik {

/// `text` with everything that could move a cursor, reorder a line or break it written as an escape: control characters
/// as \n, \x1b, ..., direction marks and line separators as \u{202e}, bytes that are no UTF-8 as \xff. Samples come
/// from strangers.
std::string printable(std::string_view text);

/// Columns that UTF-8 text takes in a terminal: wide characters count two, combining ones none.
std::size_t display_width(std::string_view utf8);

/// `text` cut into lines of at most `width` columns at spaces; a longer word is cut inside. At least one line. Splits
/// at '\n' too.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// 279000000 as "279,000,000".
std::string grouped(std::uint64_t number);

/// A share or probability in per cent with as many digits as it bears: "99.4 %", "2 %", "under 0.1 %", "over 99.9 %".
/// "0 %" and "100 %" are said only of exactly 0 and 1.
std::string percent(double share);

/// A probability that was computed: as percent(), but never certain. A sum that rounds to 1 is "over 99.9 %".
std::string chance(double probability);

/// A log10 likelihood ratio with its sign and one decimal: "+30.1", "-0.8", "0.0".
std::string decades(double log10_ratio);

/// Bytes as "37 B", "4.2 MB", "1.3 GB" (powers of ten).
std::string byte_size(std::uint64_t bytes);

}  // namespace sidik
