// Integers and decimals: signs, grouping, exponents, currency.
#pragma once

#include <string_view>

#include "fields/canonical.h"

namespace sidik {

/// Writes digits without leading zeros or grouping, "-" before a negative one, and returns the end; nullptr where
/// `text` is no whole number of at most 38 digits. REQUIRES (both): as write_nik.
char* write_integer(std::string_view text, const CanonicalOptions& options, char* out);

/// Writes the shortest plain form ("-12.5", "0.25", "3"; but "1.2340", for "1.234" can be read as a thousand), and
/// mantissa and exponent ("1.5e42") beyond 30 digits before the point or 20 zeros behind it. A single sign is read as
/// options.decimal_sign says: with kPoint "1.234" is a fraction and "1,234" a thousand, "1,5" is a fraction all the
/// same. Two signs, or a repeated one, tell themselves. Read too: 1.5E+3, (5), 5-, Rp 1.500,-, $5, 12 %.
char* write_decimal(std::string_view text, const CanonicalOptions& options, char* out);

/// What one value shows of its column's decimal sign, for inference.
enum class SignEvidence { kNone, kPoint, kComma };
SignEvidence decimal_sign_of(std::string_view text);

}  // namespace sidik
