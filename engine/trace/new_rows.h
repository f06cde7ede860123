// A date that nobody registered of a feed that makes its rows anew, or their values: what it makes of a sample that no
// export of it explains.
#pragma once

#include <span>
#include <vector>

#include "trace/attribution.h"
#include "trace/row_sums.h"

namespace sidik {

/// Adds to the propositions of unregistered dates of incremental feeds what such a date makes of the sample, with the
/// feed's form: what the best of its exports does (`likelihoods`, one an export; `elsewhere` as they have it), where
/// columns that a date makes anew cost it nothing, but for values that do not return as they use to. And, of feeds of
/// new rows, where none of ours explains the sample nearly as well as an outsider does, what the best outsider makes of
/// it. The places of the feeds of the latter. Asks AttributionInput::incremental.
std::vector<std::size_t> add_new_rows(const AttributionInput& in, std::span<const SourceLikelihood> likelihoods,
                                      const Elsewhere& elsewhere, std::vector<Proposition>& propositions);

}  // namespace sidik
