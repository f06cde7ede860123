// How registered foreign data agree with ours: the best witness for how other foreign data would.
#pragma once

#include <vector>

#include "trace/column_map.h"
#include "trace/field_role.h"

namespace sidik {

/// Pseudo-counts that one registry's externals may add to a field in all: twenty, however many rows they have.
inline constexpr double kMostPseudoCounts = 20;

/// Moves the agreement of contacts, classes and segments (FieldRole::agreed, differed) by that of the exports of kind
/// external with our records of the same identities, in some 300 of each. An external that has our own numbers is a
/// leak of ours and no foreign data: it moves nothing, nor do own numbers.
void observe_externals(const FingerprintStore& store, Epoch epoch, const ColumnMap& map, std::vector<FieldRole>& roles);

}  // namespace sidik
