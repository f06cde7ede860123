// What the records of a merge look like in numbers, counted before they are written: how columns and sets are coded
// follows from it.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "registry/column_model.h"
#include "registry/record_merge.h"

namespace sidik {

/// Export sets and how many records have them, as far as they repeat. Memory is bounded: of too many, the rare go.
class SetCounts {
 public:
  explicit SetCounts(std::size_t exports);
  void add(SetWords set);

  struct Dictionary {
    std::vector<ExportSet> sets;
    ColumnModel model;
    /// The set's number, in the dictionary or in the page.
    std::uint16_t number_of(SetWords set) const;

   private:
    friend class SetCounts;
    struct Hash {
      std::size_t operator()(const std::vector<std::uint64_t>& words) const;
    };
    std::unordered_map<std::vector<std::uint64_t>, std::uint16_t, Hash> numbers_;
    std::size_t exports_ = 0;
    mutable std::vector<std::uint64_t> last_;  // of the set asked before: neighbours are often alike
    mutable std::uint16_t last_number_ = 0;
  };
  /// The sets that are cheaper by number, and how numbers are coded.
  Dictionary dictionary() const;

 private:
  static constexpr std::size_t kMostCounted = 1 << 16;
  void forget_rare();

  std::size_t exports_;
  std::unordered_map<std::vector<std::uint64_t>, std::uint64_t, Dictionary::Hash> counts_;
  std::vector<std::uint64_t> last_;
  std::uint64_t* last_count_ = nullptr;
  std::uint64_t as_ranges_ = 0, as_bitmap_ = 0;  // records, by the form that their sets would have in a page
};

/// Counts the codes that pages will hold: of versions only what changed.
class MergeStatistics {
 public:
  MergeStatistics(std::size_t columns, std::size_t exports);
  void add(const TagRecords& records);

  std::uint64_t records = 0;
  ColumnModel column_model(std::size_t column) const;
  SetCounts sets;

 private:
  std::size_t columns_;
  std::size_t words_;
  std::vector<std::vector<std::uint32_t>> codes_;  // by column and code
};

}  // namespace sidik
