// Export sets as a few exports see them: who of them holds a record, and whether it is older than one of them.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/feed_dates.h"

namespace sidik {

/// Immutable: any number of threads may ask.
class ExportProjection {
 public:
  /// Only the exports whose place in `kept` is not 0.
  explicit ExportProjection(std::vector<char> kept);
  /// Beside them, of each feed of theirs, the oldest holder of a record where it is older than a kept one: it, or
  /// another that all kept ones are as much younger than. So a row that is an older state stays one.
  ExportProjection(std::vector<char> kept, const std::vector<Feed>& feeds);

  /// Which exports count, by export.
  std::span<const char> kept() const { return kept_; }
  /// Whether records that none of them holds are left out; else they keep a place, with an empty set.
  bool leaves_out_others() const { return !older_; }
  /// What of a set is seen; `out` is overwritten. Costs by ranges and kept ones, however many members there are.
  void of(const ExportSet& exports, ExportSet& out) const;

 private:
  static constexpr ExportIndex kNone = std::numeric_limits<ExportIndex>::max();
  /// An export as one of a feed with kept ones, at or before the last of them.
  struct Stand {
    std::size_t feed = 0, place = 0;
    ExportIndex as = 0;
    ExportIndex next = kNone;  // the first export behind it that is no younger one of its feed, and counts
  };

  std::vector<char> kept_;
  std::vector<ExportIndex> rising_;  // those that are kept
  bool older_ = false;
  std::vector<Stand> stands_;             // by export, where they count
  std::vector<ExportIndex> first_stand_;  // by export: the first from it on that counts; kNone where there is none
};

}  // namespace sidik
