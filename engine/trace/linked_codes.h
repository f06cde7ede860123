// What exports of whole populations know of a sample's rows: the codes of all their columns, also of those that the
// sample does not show.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "trace/agreement.h"
#include "trace/sample_reader.h"

namespace sidik {

using CodesByColumn = std::unordered_map<ColumnId, std::vector<ColumnCode>>;

/// The codes of the records of up to 256 screened rows that the exports with `whole[e]` hold: of each row those of the
/// tag that agrees with it in most columns. What the record's tag was made of is not among them. One thread.
CodesByColumn linked_codes(const SampleSurvey& survey, const ColumnMap& map, const std::vector<FieldRole>& roles,
                           const ValueFrequencies& frequencies, const FingerprintStore& store,
                           const EpochSecrets& secrets, std::span<const char> whole);

}  // namespace sidik
