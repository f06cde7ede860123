// What became of each row of a sample, for `--rows`: which columns agree, which differ, and whose copies hold it.
#pragma once

#include <vector>

#include "trace/agreement.h"
#include "trace/all_epochs.h"
#include "trace/seal_evidence.h"
#include "trace/trace.h"

namespace sidik {

/// Reads the sample once more and tells `each` of every row, in the sample's order, batch by batch. The candidates of a
/// row are the exports of its best match; `canaries` may be nothing.
void list_rows(const std::vector<SampleInput>& sample, const SampleSurvey& survey, const FingerprintStore& store,
               const EpochSecrets& secrets, const ColumnMap& map, const std::vector<FieldRole>& roles,
               const ValueFrequencies& frequencies, const SealEvidence* canaries, const TraceOptions& options,
               const std::function<void(const TracedRow&)>& each);

}  // namespace sidik
