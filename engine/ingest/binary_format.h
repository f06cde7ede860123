// What is no delimited text: known by its first bytes, and refused with what to do instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sidik {

/// Throws Error(kRefused, name) where `head`, the first bytes of an input after decompression, is a known binary format
/// (archives, spreadsheets, databases, pictures, ...) or a text that is no table of delimited rows (JSON, HTML, XML,
/// SQL).
void refuse_known_formats(std::string_view head, const std::string& name);

/// The same, and where `head` is riddled with control bytes. `delimiter`, where the user gave one, is none of them.
void refuse_what_is_no_table(std::string_view head, const std::string& name, std::optional<char> delimiter);

}  // namespace sidik
