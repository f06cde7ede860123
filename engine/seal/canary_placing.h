// Where canaries stand in a table, and that nobody in it has their numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fields/schema.h"
#include "ingest/batch.h"
#include "seal/block_sealer.h"
#include "seal/canary_selection.h"
#include "seal/donor_ring.h"
#include "seal/sealed_text.h"
#include "seal/table_order.h"

namespace sidik {

class CanaryCensus;

/// Of tags under one fingerprint secret (rising, each once), those that somebody has already.
using TakenTags = std::function<std::vector<RowTag>(const std::vector<RowTag>& tags)>;

/// Drops canaries whose identity a row has after all (or another canary), and finds places: where a sorted table has
/// them, and anywhere by key among rows that are equal in what it is sorted by (all, where it is not). A family is put
/// before another household, not into one.
class CanaryPlacing {
 public:
  struct Table {
    Secret fingerprint_secret;
    Secret people_secret;  // places are keyed by rows' tags under it
    SealSecrets secrets;
    Schema schema;
    std::vector<SortKey> sorted_by;
    std::optional<std::size_t> household;  // the column that a household's rows have in common
  };
  CanaryPlacing(Table table, std::vector<CanaryCandidate> candidates);
  ~CanaryPlacing();

  /// What one thread saw of the table.
  class View {
   public:
    explicit View(const CanaryPlacing& placing);
    /// A block, once; blocks in any order.
    void observe(const Batch& batch);

   private:
    friend class CanaryPlacing;
    struct Start {
      std::uint64_t row_order;
      std::vector<std::string> keys;
    };
    void find_taken(const Batch& batch);
    void find_places(const Batch& batch);

    const CanaryPlacing& placing_;
    IdentityTags identities_, people_;
    RingNumbers numbers_;
    std::vector<std::uint8_t> taken_;   // by entry
    std::vector<std::uint64_t> first_;  // by group: the first row that is not before it, and has one before it
    std::vector<PlaceRing> rings_;      // by group
    std::vector<Start> starts_;         // of blocks
    std::vector<RowTag> tags_;
    std::vector<std::uint64_t> on_ring_;
  };
  void merge(View&& view);
  /// Instead of views of a table that is not sorted, what its census kept: takes who may be in it for somebody in it.
  /// False where that does not do, and nothing has changed.
  bool settle(const CanaryCensus& census);

  /// Drops those of what is left that somebody has in what was registered under `fingerprint_secret`.
  void drop_taken(const Secret& fingerprint_secret, const TakenTags& taken);
  /// The first `most` of what is left, in the order of the table: by their `turns`, then as they were given. Call once,
  /// when all views are merged.
  std::vector<Canary> take(std::size_t most, const std::vector<std::uint8_t>& turns);
  std::size_t dropped() const { return dropped_; }
  /// By turn, whether somebody has its identity.
  std::vector<bool> taken() const;

 private:
  struct Entry {
    Canary canary;
    bool taken = false;
    std::size_t group = 0, point = 0;
  };
  /// Entries that are equal in what the table is sorted by.
  struct Group {
    std::vector<std::string> keys;
    std::vector<std::uint64_t> points;
  };
  std::vector<RowTag> tags_under(IdentityTags& identities) const;
  void make_groups(const std::vector<CanaryCandidate>& candidates, const std::vector<std::size_t>& turns);
  void find_starts();
  /// Below, at or above 0 as the row is before, beside or behind the group.
  int compare(const Batch& batch, std::size_t row, const Group& group) const;

  Table table_;
  std::vector<Entry> entries_;  // in the order of the sort
  std::vector<Group> groups_;
  std::vector<std::size_t> by_turn_;  // places in entries_, in the order that canaries were given
  std::unordered_multimap<RowTag, std::size_t> by_tag_;
  std::vector<bool> some_tags_;  // by their last bits: whether one of by_tag_ has them
  std::unique_ptr<View> seen_;
  std::vector<std::optional<std::uint64_t>> settled_;  // the places, by entry, where they are settled
  std::size_t dropped_ = 0;
};

}  // namespace sidik
