// Rows of a date that nobody registered, of a feed that holds new rows each time: as likely as others' best
// explanation, but for the values that return.
#pragma once

#include <vector>

#include "trace/attribution.h"

namespace sidik {

/// Where none of ours is among `propositions` that explains the sample nearly as well as an outsider does: adds to
/// those of unregistered dates of incremental feeds what the best outsider makes of the sample, with the feed's form
/// and what of its values returns from date to date. The places of those feeds. Asks AttributionInput::incremental.
std::vector<std::size_t> add_new_rows(const AttributionInput& in, std::vector<Proposition>& propositions);

}  // namespace sidik
