// Verdicts as a trace would give them, for the tests of what is made of them.
#pragma once

#include "trace/verdict.h"

namespace sidik::test {

/// A thousand rows of one hospital's August copy.
inline Verdict hospital_verdict() {
  Verdict verdict;
  verdict.registry_id = "00112233445566778899aabbccddeeff";
  verdict.state = "abcd";
  verdict.exports = 35;
  verdict.sample.rows = 1000;
  verdict.sample.distinct = 998;
  verdict.sample.sha256 = "e3b0";
  verdict.sample.columns = {{"NIK", "nik", 0.97, std::nullopt, "nik"},
                            {std::nullopt, "date", std::nullopt, parse_utc("2021-07-30"), ""}};
  verdict.origin = Origin::kOurs;
  verdict.kind = Hypothesis::kRegisteredExport;
  verdict.probability = 0.998;
  verdict.prior = 0.5;
  verdict.robust = true;
  verdict.log10_lr = 2.7;
  verdict.log10_lr_computed = 37.1;
  verdict.numerator = "ours";
  verdict.denominator = "not ours";
  verdict.support = "moderately strong";
  verdict.summary = "The sample matches the copy made for rs-jabar.";
  verdict.caveats = {"Two exports of the feed were never registered."};
  verdict.would_tell_more = "30 rows with addresses would separate hospital-08 from hospital-07";
  Source best;
  best.name = "hospital-08";
  best.feed = "hospital";
  best.recipient = "rs-jabar";
  best.kind = "export";
  best.at = parse_utc("2021-08-05");
  best.registered_at = *parse_utc("2021-08-06T01:02:03Z");
  best.posterior = 0.965;
  best.share = 1;
  best.rows_explained = 0.994;
  best.rows_only_here = 12;
  best.log10_lr_outside = 37.1;
  best.log10_lr_next = 1.7;
  best.evidence.membership = 30.1;
  best.evidence.versions = 4.0;
  best.evidence.form = 2.0;
  best.evidence.parsimony = 1.0;
  Source next = best;
  next.name = "hospital-07";
  next.at = parse_utc("2021-07-05");
  next.posterior = 0.02;
  next.log10_lr_outside = 35.4;
  next.log10_lr_next = -1.7;
  next.evidence.versions = 2.3;
  verdict.sources = {best, next};
  const double hypotheses[kHypotheses] = {0.985, 0, 0.01, 0, 0.005, 0, 0};
  std::copy(hypotheses, hypotheses + kHypotheses, verdict.hypotheses);
  verdict.unexplained = 0.006;
  verdict.coverage = Coverage{"hospital", 33, 31};
  verdict.priors = {{"ours", 0.5}};
  return verdict;
}

}  // namespace sidik::test
