// What of a claimed number of records is possible: the hard bound, and what the sample says if it was not chosen.
#pragma once

#include "trace/share_interval.h"
#include "trace/verdict.h"

namespace sidik {

/// Rows of a sample and how many pairs of them show one identity.
struct RepeatedRows {
  std::uint64_t rows = 0;
  double pairs = 0;
};

/// What a claim of `claimed` records comes to. `authentic` is the interval of the sample's authentic share,
/// `identities` what was ever registered.
Volume volume_of(std::uint64_t claimed, const ShareInterval& authentic, IdentityCounts identities,
                 const RepeatedRows& repeated);

/// Identities among N records of which m were drawn and `pairs` pairs of these show one identity. All pairs are
/// (N (N - 1))/(m (m - 1)) times as many, their number Poisson (95 %); P pairs leave N^2/(N + 2 P) identities at least,
/// which is met where all are repeated alike: everybody twice is half. Nothing for m under 2.
std::optional<DuplicateEstimate> distinct_among(std::uint64_t records, const RepeatedRows& repeated);

}  // namespace sidik
