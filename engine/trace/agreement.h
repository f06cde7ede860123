// What the sample's rows have in common with the registered records: classes of rows that agree and differ alike, each
// row tag once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/column_map.h"
#include "trace/field_role.h"
#include "trace/frequencies.h"
#include "trace/read_rows.h"
#include "trace/slip_odds.h"

namespace sidik {

/// Records that agree and differ alike with the rows of a class.
struct ClassMatch {
  FieldMask agrees = 0;
  FieldMask differs = 0;
  ExportSet exports;
  double records = 1;                  // how many such records a row has
  std::vector<FieldSlips> slips = {};  // means a row, of fields that differ; empty where it was not looked at

  /// Whether `e` is among the exports. They mostly follow each other without a gap: two looks, however many they are.
  bool held_by(ExportIndex e) const {
    const std::span<const ExportSet::Range> ranges = exports.ranges();
    if (ranges.empty() || e < ranges.front().first || e > ranges.back().last) return false;
    return ranges.size() == 1 || exports.contains(e);
  }
};

/// Rows whose candidates agree and differ alike.
struct AgreementClass {
  FieldMask visible = 0;            // fields in which the rows have a value
  FieldMask repeats = 0;            // of them those that repeat another's (ColumnMap::repeated)
  std::vector<ClassMatch> matches;  // those of most agreement first
  double rows = 0;                  // distinct row tags (rows, where nothing was linked)
  std::vector<double> information;  // mean ln(1/u) of the rows' values, one a field, each given those it goes with
  std::vector<double> alone;        // the same of each value by itself
};

/// A row whose tag's position exports keep, and where the sample has it.
struct PlacedTag {
  std::uint64_t place = 0;  // file_line()
  RowTag tag = 0;
};

/// A row and its class.
struct PlacedClass {
  std::uint64_t place = 0;  // file_line()
  std::uint32_t row_class = 0;
};

struct Agreement {
  std::vector<AgreementClass> classes;  // in a fixed order, whatever the threads
  std::uint64_t rows = 0;               // distinct rows looked at that may say something
  std::uint64_t linked = 0;
  std::uint64_t not_linkable = 0;   // others: all that they show stands in too many records, or in no index
  std::uint64_t repeated_tags = 0;  // rows left out because their tag was there already
  std::uint64_t untried = 0;        // cells that show a part only and were not completed: there were too many
  std::vector<double> seen,
      unseen;                     // one a field: values that the registry holds, and does not hold, where it can tell
  std::vector<double> told;       // FieldPlan::told()
  std::vector<double> lifts;      // dependence_lifts(); empty where not look_for_values
  std::vector<double> repeats;    // one a field: value_repeats(); empty where it was not asked
  std::vector<PlacedTag> placed;  // by place, each tag once, where it stands first
  std::vector<PlacedClass> rows_by_place;  // by place: the class of each row, where look_for_values
};

/// What rows are compared with, and how.
struct AgreementTask {
  const FingerprintStore& store;
  const EpochSecrets& secrets;
  const ColumnMap& map;
  const std::vector<FieldRole>& roles;
  const ValueFrequencies& frequencies;
  const ExportProjection* seen = nullptr;        // which exports count; nothing for all
  bool look_for_values = false;                  // fill Agreement::seen, unseen and rows_by_place
  std::size_t memory = std::size_t{64} << 20;    // for rows that were looked at
  std::size_t waiting = std::size_t{192} << 20;  // for rows that were read and wait to be linked
  std::size_t expected_rows = 0;                 // about how many will be examined
  unsigned threads = 1;
};

/// Collects the rows of batches: reads them, lets them wait until there are many (each page of a run is then read once
/// for all of them), links and compares them. Rows are kept as far as `memory` goes; of more, those with the smallest
/// digests of their tags, and counts are scaled up.
class AgreementTable {
 public:
  explicit AgreementTable(AgreementTask task);
  ~AgreementTable();
  /// May be called by `threads` threads at once, each with its own `thread` number. `places` are file_line() of the
  /// rows.
  void examine(unsigned thread, std::size_t rows, std::span<const std::vector<std::string_view>> columns,
               std::span<const std::uint64_t> places);
  /// The same of rows that are in memory as a whole, on all threads.
  void examine_all(std::size_t rows, std::span<const std::vector<std::string_view>> columns,
                   std::span<const std::uint64_t> places);
  Agreement finish();

 private:
  struct Shared;
  class Worker;
  std::size_t take_places(std::size_t rows);
  void read(unsigned thread, std::size_t first, std::size_t rows,
            std::span<const std::vector<std::string_view>> columns, std::span<const std::uint64_t> places);
  void link_waiting();
  unsigned thin_out_all();
  std::vector<std::vector<std::uint32_t>> unite_classes(std::vector<AgreementClass>& classes) const;
  std::uint64_t count_classes(std::vector<AgreementClass>& classes,
                              const std::vector<std::vector<std::uint32_t>>& numbers) const;
  void place_rows(Agreement& result, const std::vector<std::vector<std::uint32_t>>& numbers) const;

  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace sidik
