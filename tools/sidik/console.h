// Standard output and standard error: written whole or reported, widths and colour as the terminal has them.
#pragma once

#include <string>
#include <string_view>

#include "report/report.h"

namespace sidik::command {

/// Writes all of `text` to standard output. Error(kFailed) where that fails (a full disk, a closed pipe).
void print(std::string_view text);

/// One line to standard error, "sidik: " before it and control characters escaped; what cannot be written is lost.
void say(std::string_view text);
/// Text to standard error as it stands.
void print_error(std::string_view text);

/// The columns of the terminal behind `descriptor`, or of COLUMNS, or `otherwise`.
int terminal_width(int descriptor, int otherwise);
/// How wide a text for `descriptor` may be: as its terminal, or `otherwise` where it is none.
std::size_t text_width(int descriptor, std::size_t otherwise = 120);

/// Colour for standard output: on a terminal that is not dumb, where NO_COLOR is not set.
Colour output_colour();

}  // namespace sidik::command
