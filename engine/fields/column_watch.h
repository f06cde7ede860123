// One column while rows go by: a thinned sample of its values, counts, distinct values, and the span of its dates.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fields/column_decision.h"
#include "fields/distinct_sketch.h"

namespace sidik {

/// Values of a column, apart by `stride` rows, with the slack that canonical forms need.
class ValueSample {
 public:
  void add(std::string_view value);
  /// Keeps every second value.
  void thin();
  /// Views into the sample; valid until it changes.
  std::vector<std::string_view> views() const;

 private:
  std::vector<std::string> values_;
};

/// The oldest and the newest of a column's dates, and how many lie on each day: what is future is asked later.
class DateSpan {
 public:
  /// `form` is a canonical date or timestamp. Placeholders (1900-01-01, 9999-12-31, ...) do not count.
  void add(std::string_view form);
  /// A value of the column that is no date; counted where it is built as one.
  void add_invalid(std::string_view written);
  std::uint64_t impossible() const { return impossible_; }
  const std::string& oldest() const { return oldest_; }
  const std::string& newest() const { return newest_; }
  /// How many lie on days after that of `newest_plausible` (ISO 8601); 0 where it is none.
  std::uint64_t after(std::string_view newest_plausible) const;

 private:
  std::string oldest_;
  std::string newest_;
  std::vector<std::uint32_t> days_;  // from kFirstDay on; the last counts all that is later
  std::uint64_t impossible_ = 0;
};

/// Room to work in, shared by the columns of a table.
struct WatchScratch {
  std::vector<std::string_view> chosen;
  CanonicalColumn forms;
};

/// Watches one column. Not thread-safe.
class ColumnWatch {
 public:
  ColumnWatch(std::string header, std::size_t sketch_capacity);

  /// Every value of the column, in order; those of every `stride`-th row (rows counted from `first_row`) join the
  /// sample. REQUIRES: kTextSlack readable bytes behind each value.
  void observe(std::span<const std::string_view> values, std::uint64_t first_row, std::size_t stride,
               WatchScratch& scratch);
  void thin() { sample_.thin(); }

  /// What the column would be taken for now.
  struct Findings {
    ColumnEvidence evidence;
    ColumnDecision decision;
    double distinct = 0;
    double distinct_share = 0;
    std::string oldest, newest;
    std::uint64_t future = 0;
    std::uint64_t impossible = 0;
  };
  /// `given`: the type and options of a schema, nullptr where it is to be decided.
  Findings findings(std::size_t stride, const FieldType* given, const CanonicalOptions* options,
                    std::string_view newest_plausible) const;

  const std::string& header() const { return header_; }
  HeaderMeaning meaning() const { return meaning_; }
  std::uint64_t values() const { return values_; }
  std::uint64_t nulls() const { return nulls_; }

 private:
  void settle_provisional_type(std::size_t stride);
  /// Counts nulls, and picks the values whose forms are to be looked at.
  void choose(std::span<const std::string_view> values, std::vector<std::string_view>& chosen);

  std::string header_;
  HeaderMeaning meaning_;
  ValueSample sample_;
  std::uint64_t values_ = 0;
  std::uint64_t nulls_ = 0;
  // Distinct values and dates are counted under the type that the first values suggest: to wait for the last would be
  // to keep all.
  bool settled_ = false;
  FieldType type_ = FieldType::kText;
  CanonicalOptions options_;
  DistinctSketch sketch_;
  DateSpan dates_;
};

}  // namespace sidik
