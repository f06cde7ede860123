// Texts that are digests of something: MD5, SHA-1 and SHA-256 in hexadecimal digits or base64.
#pragma once

#include <span>
#include <string_view>

namespace sidik {

/// 32, 40 or 64 hexadecimal digits.
bool is_hex_digest(std::string_view text);
/// 16, 20 or 32 bytes in base64, with or without the signs that fill it up.
bool is_base64_digest(std::string_view text);
/// Whether nine in ten of a column's first values are: where they agree with nothing nobody can tell what they are of.
bool are_digests(std::span<const std::string_view> values);

}  // namespace sidik
