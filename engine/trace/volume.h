// What of a claimed number of records is possible: the hard bound, and what the sample's authentic share says.
#pragma once

#include "trace/agreement.h"
#include "trace/verdict.h"

namespace sidik {

/// Distinct identities of the type that most rows have, as many as were ever exported at most: per feed the exports
/// overlap, so the largest of each feed and the newcomers of its later dates cannot be told apart without the records;
/// the bound given is the sum over feeds of the largest, which no union of persons under stable feeds exceeds by more
/// than their churn.
std::uint64_t ever_exported(const std::vector<ExportManifest>& exports);

/// Shares and bounds for a claim. `explained` of `rows` distinct rows are authentic; the interval (95 %) widens for
/// rows that come in families: Wilson's, with a design effect of 2.
Volume volume_of(std::uint64_t claimed, double explained, double rows, std::uint64_t ever_exported);

}  // namespace sidik
