// How strong a likelihood ratio is in words, and how far figures are believed.
#pragma once

#include <string_view>

namespace sidik {

/// No ratio is headlined beyond about the number of known negatives that validation tried: a thousand (EVIDENCE.md,
/// "Bounds").
inline constexpr double kValidatedLog10 = 3.0;

/// The verbal scale of the ENFSI guideline for evaluative reporting, of a log10 likelihood ratio that speaks for the
/// numerator: "none", "weak", "moderate", "moderately strong", "strong", "very strong", "extremely strong".
std::string_view support_of(double log10_lr);

/// `log10_lr` within what validation supports.
double validated(double log10_lr);

/// Rounds for a verdict, so that it is the same byte for byte wherever it is computed: to `digits` decimals.
double rounded(double value, int digits);

}  // namespace sidik
