// Whether bytes are well-formed UTF-8.
#pragma once

#include <string_view>

namespace sidik {

/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms, nothing over U+10FFFF).
bool is_utf8(std::string_view text);

/// The same where `text` may have been cut within its last character.
bool is_utf8_cut(std::string_view text);

}  // namespace sidik
