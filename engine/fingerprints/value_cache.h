// What became of a column's recent raw values, so that a value met again is neither canonicalised nor fingerprinted
// again. Birth dates, districts, classes and common names cost a look-up of a few nanoseconds; a column of unique
// values costs nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "fields/canonical.h"
#include "fingerprints/fingerprinter.h"

namespace sidik {

/// The distinct values of a batch that the cache does not know, to be canonicalised and fingerprinted by the caller.
struct NewValues {
  std::vector<std::string_view> raw;
  std::vector<std::uint8_t> wants_tag;  // asked for as a row's identity
  std::vector<void*> slot;              // where the cache wants it; null where it does not
  std::vector<ValueState> states;       // this and the next are the caller's, before settle()
  std::vector<Fingerprint> fingerprints;

  std::size_t size() const { return raw.size(); }
  void clear();
};

/// A row whose value is the new value of that index.
struct PendingRow {
  std::uint32_t row;
  std::uint32_t value;
};

/// Bytes that the caches of one thread may still take.
struct CacheBudget {
  std::size_t left;
};

/// A bounded two-way table of one column's raw values (its own copies, compared in full: nobody can make two values
/// meet by choosing them), kept across batches. It watches what it is good for: where fewer values were met before than
/// make it worthwhile, it lets go of its memory and tries again some hundred thousand rows later. One object a column
/// and thread.
class ValueCache {
 public:
  ValueCache();
  ~ValueCache();
  ValueCache(ValueCache&&) noexcept;

  /// Whether the cache wants to be asked for this batch. Decides on size and width, within the budget. `worthwhile` is
  /// the share of values met before from which on look-ups cost less than they save.
  bool start_batch(std::span<const std::string_view> raw, double worthwhile, CacheBudget& budget);

  /// For each row: a known value's state and fingerprint go to `states` and `fingerprints`; an empty value is null; any
  /// other goes to `new_values` (repeated ones once, as far as the cache holds them) and the row to `pending`.
  /// `wants_tag` has one flag a row, or is empty where no row asks for a tag: a value is kept apart by it. Appends;
  /// call settle() before the next batch. REQUIRES: start_batch() said yes; kTextSlack readable bytes behind each value
  /// that is not empty.
  void find(std::span<const std::string_view> raw, std::span<const std::uint8_t> wants_tag,
            std::span<ValueState> states, std::span<Fingerprint> fingerprints, NewValues& new_values,
            std::vector<PendingRow>& pending);

  /// Keeps the new values, now that the caller has filled them.
  void settle(const NewValues& new_values);

 private:
  class Table;
  template <std::size_t Blocks>
  class TableOf;

  void choose_width(std::span<const std::string_view> raw);
  bool make_table(CacheBudget& budget);
  void drop_table(CacheBudget& budget);
  void resize_table(std::size_t slots, CacheBudget& budget);
  void learn(double worthwhile, CacheBudget& budget);

  std::unique_ptr<Table> table_;
  std::size_t slots_;
  std::size_t largest_;  // slots that growing was not in vain for
  std::size_t slots_before_growth_ = 0;
  double met_before_growth_ = -1;  // share; negative where it has not just grown
  std::size_t width_ = 0;          // of raw bytes a slot, in blocks of 16
  std::size_t pause_ = 0;          // values to let pass before the next try
  std::size_t next_pause_;         // doubles with each try in vain
  std::uint64_t asked_ = 0;        // since the last decision
  std::uint64_t met_ = 0;          // of these, known or new but repeated
  std::uint64_t replaced_ = 0;     // of these, took the place of another value
  bool unsettled_ = false;
};

}  // namespace sidik
