// Cells whose digits or letters somebody hid: 3273********0001, 0812xxxx7890, si***@gmail.com.
#pragma once

#include <string>
#include <string_view>

#include "fields/field_type.h"

namespace sidik {

/// Whether a value of a column of this type is masked: two or more '*' or '#' (or a bullet) of a number, an e-mail
/// address, a name or an address; 'x' and 'X' as well where all else is digits; three '*' among the digits of texts,
/// amounts and dates. Never true of other types, which may hold such signs as they are.
bool is_masked(FieldType type, std::string_view raw);

/// The cell with one kUnknown for each hidden character. 'x' hides digits where there is no other letter.
inline constexpr char kUnknown = '?';
std::string with_unknowns(std::string_view raw);

}  // namespace sidik
