// Which exports hold a whole population, which a part that a simple condition describes (a region, the active ones),
// and which a part drawn at random: read off a few hundred records, for a condition may be on a column that the export
// does not show.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/agreement.h"
#include "trace/feed_dates.h"
#include "trace/linked_codes.h"

namespace sidik {

enum class PartKind : std::uint8_t { kWhole, kCondition, kRandom };

struct ExportPart {
  PartKind kind = PartKind::kRandom;
  double share = 1;  // of the rows of the largest export
};

/// A condition: the part of a population that one feed is.
struct FeedCondition {
  std::size_t feed = 0;              // place in the feeds
  std::vector<ExportIndex> exports;  // of that feed
  double share = 1;                  // of the largest export
  /// One an export: the share of its own rows that the condition leaves, and how large it may well be (two deviations).
  std::vector<double> within, at_most;
  std::vector<char> counted;  // one an export: whether that was counted by rows in both
};

struct ExportParts {
  std::vector<ExportPart> parts;  // one an export
  std::vector<FeedCondition> conditions;
  /// Rows of all exports together, each identity once and no planted ones, against those of the largest export.
  double united = 1;
};

/// What exports with `whole[e]` know of the sample's rows (linked_codes); asked where nothing else tells.
using CodesOfSample = std::function<CodesByColumn(std::span<const char> whole)>;

/// Looks at those exports that hold a good part of the linked rows of `agreement`: at most a dozen feeds, one export of
/// each, some 200 records. A condition describes an export where, in some column (also one that it does not show
/// itself), the codes of half of its records are commoner among its other half than in the whole population. An export
/// whose records have other tags than the population's is compared by the sample's rows instead: what does not stand
/// out in them was not filtered. What cannot be compared at all counts as a condition.
ExportParts find_parts(const FingerprintStore& store, Epoch epoch, const Agreement& agreement,
                       const std::vector<Feed>& feeds, const CodesOfSample& of_sample);

/// Whether the last export of a feed has less than half of its tags from the one before (a month's payments): then all
/// of them together have many more.
bool has_new_rows_each_time(const FingerprintStore& store, const Feed& feed);

/// Tags of an export, spread over all of it: `records` of each of `spots`. Rising, each once.
std::vector<RowTag> some_tags(const FingerprintStore& store, ExportIndex e, std::size_t spots = 12,
                              std::size_t records = 24);

}  // namespace sidik
