// Addresses of mail of which a part is hidden, as people make them of their names.
#pragma once

#include "trace/partial_value.h"

namespace sidik {

/// Fills `out` with the addresses that usual habits make of `hints.names` and that fit what is shown; of a hidden
/// domain the common ones. Never all that there may be.
Completeness complete_email(std::string_view raw, const RowHints& hints, Completions& out);

}  // namespace sidik
