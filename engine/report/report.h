// A verdict for people and programs: text for a terminal, JSON for scripts, HTML for a file that is handed on.
#pragma once

#include <string>

#include "trace/verdict.h"

namespace sidik {

/// The JSON object of DESIGN, section 5: keys in a fixed order, numbers in shortest form, a newline behind. Byte for
/// byte the same for the same verdict.
std::string verdict_json(const Verdict& verdict);

enum class Colour { kNone, kAnsi };
/// The fixed first lines, the table of sources, the evidence, caveats. `width` is the terminal's. Names from samples
/// and registries are shown with control characters escaped.
std::string verdict_text(const Verdict& verdict, Colour colour, int width);

/// One self-contained page: verdict, sources, a waterfall of the best source's evidence, hypotheses, sample, caveats.
/// No script and nothing fetched; every name escaped.
std::string verdict_html(const Verdict& verdict);

}  // namespace sidik
