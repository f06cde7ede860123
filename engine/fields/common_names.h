// Common given names, Indonesian and English: enough to tell a column of people from one of places or things.
#pragma once

#include <string_view>

namespace sidik {

/// Whether one of the words of `value` is a common name of people.
bool has_common_name(std::string_view value);

}  // namespace sidik
