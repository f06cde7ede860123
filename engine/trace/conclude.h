// From odds to words: the verdict that a person signs.
#pragma once

#include "trace/attribution.h"
#include "trace/volume.h"

namespace sidik {

/// All that a verdict is made of.
struct Findings {
  const FingerprintStore& store;
  const TraceOptions& options;
  const SampleSurvey& survey;
  const ColumnMap& map;
  const Agreement& agreement;
  const std::vector<FieldRole>& roles;
  const std::vector<Feed>& feeds;
  const Attribution& attribution;
  const RowTerms& terms;
  bool confirmed = false;  // all rows were looked at, not the screened ones only
  const SealEvidence* seals = nullptr;
  std::vector<char> explained = {};  // of the screened rows, in the sample's order: whether a registered export
                                     // explains each
};

/// Findings::explained of screened rows.
std::vector<char> explained_in_order(const Agreement& screened, const Attribution& attribution);

/// The verdict. Figures are rounded, lists are ordered; it holds no clock.
Verdict conclude(const Findings& findings);

}  // namespace sidik
