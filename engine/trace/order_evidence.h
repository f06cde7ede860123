// What the order of a sample's rows, and the stretch that they come from, says of each export whose own order they
// would have kept.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/agreement.h"
#include "trace/all_epochs.h"
#include "trace/column_map.h"
#include "trace/sample_reader.h"

namespace sidik {

/// ln of the likelihood ratio of the screened rows' order, one an export; nothing where fewer than two of its sampled
/// positions are met, or where columns that the sample shows explain all of it: anyone can sort, and filter. A column
/// that sorts the sample leaves the order among its equal values only; one that sorts the positions leaves no slice; of
/// one that has a single value in all rows, only the export's rows of that value count as its whole. `weighed`: by
/// export, whether it is asked for; empty for all.
std::vector<std::optional<double>> order_evidence(const FingerprintStore& store, const EpochSecrets& secrets,
                                                  const SampleSurvey& survey, const ColumnMap& map,
                                                  const ValueFrequencies& frequencies,
                                                  const std::vector<PlacedTag>& placed,
                                                  std::span<const char> weighed = {});

}  // namespace sidik
