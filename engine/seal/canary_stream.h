// Canaries of a table that is read once: those that the feed's last export could have had are planted as its rows come
// by, and its rows are looked at for the next.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "seal/canary_maker.h"
#include "seal/sealed_text.h"
#include "seal/sealing_state.h"

namespace sidik {

/// Whether an export with such columns can be planned by that state, without reading it first: so many canaries of
/// `rows` rows.
bool can_plan_ahead(const SealingState& state, const Schema* schema, std::uint64_t asked, std::uint64_t rows);

class CanaryStream {
 public:
  struct Input {
    SealSecrets secrets;
    Secret fingerprint_secret;
    SealingState last;
    std::uint64_t rows = 0;   // that are to come
    std::uint64_t asked = 0;  // canaries
    CanaryTraps traps;
    unsigned threads = 1;
  };
  explicit CanaryStream(Input input);
  ~CanaryStream();

  /// Before all else: the first rows, in order, show what all rows have in common by now, and whether they are sorted
  /// still. Gives the canaries to plant; Canary::before means nothing. Error(kRefused, place) where the columns are not
  /// those of the last export.
  std::vector<Canary> begin(const Schema& schema, const std::string& place, const std::vector<const Batch*>& head);

  /// A row of a block and the canary (its place in what begin() gave) that goes before it.
  struct Planting {
    std::size_t row, canary;
  };
  /// Each block once; blocks numbered from 0 without a gap, on any threads. Waits until the block before was here.
  /// `thread` is below Input::threads and used by one caller at a time.
  std::vector<Planting> pass(unsigned thread, std::uint64_t block, const Batch& batch, bool ascii_only);
  /// A block will not come: lets go of all who wait for it.
  void give_up();

  // When all blocks have passed:
  /// Canaries that come behind the last row, in their order.
  std::vector<std::size_t> left() const;
  /// By canary, whether a row turned out to have its identity.
  std::vector<bool> taken() const;
  /// As CanaryPlan has them.
  double check_bits() const { return check_bits_; }
  /// For the next export.
  SealingState state();

 private:
  struct Entry {
    std::size_t candidate;  // in last_.candidates
    std::uint64_t target;   // the row that it goes before, where the table is not sorted
  };
  void choose();
  void adapt(const std::vector<const Batch*>& head);
  void find_order(const std::vector<const Batch*>& head);
  void watch(unsigned thread, const Batch& batch);
  std::vector<Planting> plant_in_order(const Batch& batch);
  std::vector<Planting> plant_by_number(const Batch& batch);
  int compare(const Batch& batch, std::size_t row, const Entry& entry) const;

  Input input_;
  Schema schema_;
  std::vector<SortKey> keys_;
  std::optional<std::size_t> household_;
  std::vector<Entry> entries_;
  std::vector<std::uint8_t> hit_;  // by candidate
  std::unordered_map<RowTag, std::vector<std::size_t>> by_tag_;
  std::vector<std::unique_ptr<CanaryCensus>> census_;
  struct Watch;
  std::vector<std::unique_ptr<Watch>> watches_;

  std::mutex mutex_;
  std::condition_variable passed_;
  std::uint64_t next_block_ = 0, rows_ = 0;
  std::size_t next_ = 0;  // of entries_
  std::string last_household_;
  bool given_up_ = false;
  double check_bits_ = 0;
};

/// What of a census' rows goes into a state. `vetted` are the tags' owners known to be nobody; by candidate.
SealingState state_of(CanaryCensus& census, const Schema& schema, const std::vector<CanaryCandidate>& candidates);

}  // namespace sidik
