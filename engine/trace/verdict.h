// What a trace concludes: the verdict, its sources and its evidence, as the command's JSON contract has them (DESIGN,
// section 5).
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"

namespace sidik {

enum class Origin { kOurs, kNotOurs, kUndetermined };
enum class Hypothesis {
  kRegisteredExport,
  kMixture,
  kUnregisteredExport,  // ours
  kKnownLeak,
  kSamePeopleElsewhere,
  kFabricated,
  kStrangers  // not ours
};
inline constexpr int kHypotheses = 7;
std::string_view origin_name(Origin origin);     // "ours", "not_ours", "undetermined"
std::string_view hypothesis_name(Hypothesis h);  // "registered_export", ...

/// log10 likelihood ratios of one source against the outside hypotheses, by kind; nothing where the sample cannot test
/// it.
struct Evidence {
  std::optional<double> membership, versions, form, parsimony, order, canaries, marks, withheld;
  /// Sum of the parts.
  double total() const;
};

struct SampleColumn {
  std::optional<std::string> name;
  std::string type;                  // the type that it was read as
  std::optional<double> agreement;   // share of linked rows that agree; nothing where it was mapped to nothing
  std::optional<UtcSeconds> newest;  // newest date of a date column
  std::string matched;               // the export's column it was mapped to; "" for none
};

struct SampleFacts {
  std::uint64_t rows = 0, distinct = 0, rejected = 0;
  std::string format = "csv";
  std::string sha256;  // of the bytes as given
  std::vector<SampleColumn> columns;
};

/// From which posterior on a source of a mixture is named, as a likely one and without more ado.
inline constexpr double kLikelySource = 0.5, kSureSource = 0.9;

struct Source {
  std::string name, feed, recipient;
  std::string kind;  // "export", "reference", "external"
  std::optional<UtcSeconds> at, sent_at;
  UtcSeconds registered_at = 0;
  double posterior = 0;
  double share = 0;           // of the sample's rows that came from it, if it is a source
  double rows_explained = 0;  // share of distinct sample rows that it explains
  std::uint64_t rows_only_here = 0;
  bool external = false;
  bool registered_after_seen = false;
  double log10_lr_outside = 0;
  std::optional<double> log10_lr_next;  // to the next best source
  Evidence evidence;
};

/// Columns of the sample whose values are one source's.
struct ColumnGroup {
  std::vector<std::string> columns;
  std::string from;       // an export's name; "" for nothing that is registered
  bool external = false;  // foreign data or a known leak
  double agreement = 0;   // share of the rows known to the best source in which their values agree, on average
};

/// not_before <= not_after where there are both.
struct AsOf {
  std::optional<UtcSeconds> not_before, not_after;
  std::vector<std::string> basis;
  std::vector<std::string> not_trusted;  // newest dates that are later than the data can be, in words
};

struct Coverage {
  std::string feed;
  std::uint64_t expected = 0, registered = 0;
};

/// Distinct identities of one feed, or of one export of no feed.
struct FeedIdentities {
  std::string feed;
  std::string recipient;  // "" where its exports have several, or none
  std::string kind;       // "export", "reference"
  std::uint64_t exports = 0, distinct = 0;
};

/// Distinct identities that exports of a date and of earlier ones hold together.
struct DatedIdentities {
  UtcSeconds until = 0;
  std::uint64_t distinct = 0;
};

/// Distinct identities ever registered as ours.
struct IdentityCounts {
  std::uint64_t distinct = 0;
  bool exact = false;  // one identifying type in one fingerprint epoch; else an upper bound
  std::vector<std::pair<std::string, std::uint64_t>> by_type;  // "nik", ..., "whole row"
  std::vector<FeedIdentities> by_feed;
  std::vector<DatedIdentities> by_date;
};

/// What rows that repeat an identity say of a claim, if the sample were a fair draw of it.
struct DuplicateEstimate {
  std::uint64_t rows = 0;                             // of the sample
  std::uint64_t pairs = 0;                            // of its rows that show one identity
  std::uint64_t distinct_low = 0, distinct_high = 0;  // identities that the claim would hold, 95 %
};

struct Volume {
  std::optional<std::uint64_t> claimed;  // nothing where only a breakdown was asked for
  double authentic_low = 0, authentic_high = 0;
  std::uint64_t supported_low = 0, supported_high = 0;
  std::uint64_t ever_exported = 0;
  std::map<std::string, double> breakdown;  // by value: the share of the sample's distinct rows that show it
  IdentityCounts identities{};              // `distinct` is ever_exported
  std::optional<DuplicateEstimate> duplicates{};
  bool ours = true;  // the sample is not said to be somebody else's

  /// What of the claim can be ours at all, whatever the seller chose to show.
  std::uint64_t at_most() const { return claimed ? std::min(*claimed, ever_exported) : ever_exported; }
};

/// A row of the sample that was planted in an export's copy.
struct CanaryHit {
  std::uint64_t row = 0;  // its line in the sample
  std::string export_name;
  std::vector<std::string> fields;  // whose values name it
};

struct Verdict {
  std::string registry_id, state, audit_head;
  std::uint64_t exports = 0;
  SampleFacts sample;

  Origin origin = Origin::kUndetermined;
  std::optional<Hypothesis> kind;
  double probability = 0, prior = 0;
  bool robust = false;
  double log10_lr = 0;  // bounded by what validation supports
  double log10_lr_computed = 0;
  std::string numerator, denominator;  // the two propositions
  std::string support;                 // verbal scale of log10_lr (ENFSI)
  std::string summary;                 // one sentence a manager can read
  std::vector<std::string> caveats;
  std::string would_tell_more;  // what further evidence would separate; "" for nothing

  std::vector<Source> sources;          // best first
  double hypotheses[kHypotheses] = {};  // posteriors, sum to 1
  std::vector<std::vector<std::string>> indistinguishable;
  std::optional<double> unexplained;  // share of distinct rows; nothing where there is nothing to compare
  double unexplained_low = 0, unexplained_high = 1;      // its interval, 95 %, for rows that come in clusters
  std::uint64_t rows_linked = 0, rows_not_linkable = 0;  // distinct rows
  std::vector<CanaryHit> canaries;                       // by row, at most a thousand
  AsOf as_of;
  std::vector<ColumnGroup> column_groups;  // where the columns are of several sources: the best one's first
  std::optional<Coverage> coverage;
  std::optional<Volume> volume;
  std::vector<std::pair<std::string, double>> priors;  // as used, in a fixed order
};

}  // namespace sidik
