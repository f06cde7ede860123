// Where canaries stand in a table, and that nobody in it has their numbers.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "fields/schema.h"
#include "ingest/batch.h"
#include "seal/block_sealer.h"
#include "seal/sealed_text.h"

namespace sidik {

/// Whether `a` comes before `b` where a table is sorted: numbers by their size, all else by its bytes.
bool sorts_before(std::string_view a, std::string_view b);

/// Of tags under one fingerprint secret (rising, each once), those that somebody has already.
using TakenTags = std::function<std::vector<RowTag>(const std::vector<RowTag>& tags)>;

/// Drops canaries whose identity a row has after all (or another canary), and finds their places in a sorted table. Not
/// thread-safe.
class CanaryPlacing {
 public:
  CanaryPlacing(const Secret& fingerprint_secret, const Schema& schema, std::vector<Canary> canaries,
                std::optional<std::size_t> sorted_by);
  void observe(const Batch& batch);

  /// Drops those of what is left that somebody has in what was registered under `fingerprint_secret`.
  void drop_taken(const Secret& fingerprint_secret, const TakenTags& taken);
  /// The first `most` of what is left, in the order of the table: those that are `preferred`, by their turn, before all
  /// others. Call once.
  std::vector<Canary> take(std::size_t most, const std::vector<bool>& preferred);
  std::size_t dropped() const { return dropped_; }

 private:
  struct Entry {
    Canary canary;
    bool taken = false;
  };
  std::vector<RowTag> tags_under(IdentityTags& identities) const;

  Schema schema_;
  IdentityTags identities_;
  std::optional<std::size_t> sorted_by_;
  std::vector<Entry> entries_;        // in the order of the sort
  std::vector<std::size_t> by_turn_;  // places in entries_, in the order that canaries were given
  std::multimap<RowTag, std::size_t> by_tag_;
  std::size_t next_ = 0;
  std::size_t dropped_ = 0;
  std::vector<RowTag> tags_;
};

}  // namespace sidik
