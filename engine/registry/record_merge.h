// The records of several runs as one rising stream: equal ones are one with the exports of all, versions of a row stand
// side by side, and an export with fewer columns shares the records that it equals.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "registry/merge_plan.h"
#include "registry/run_cursor.h"

namespace sidik {

/// Records of one tag; codes and words row by row.
struct TagRecords {
  RowTag tag = 0;
  std::vector<ColumnCode> codes;  // records x the plan's columns
  std::vector<std::uint64_t> counts;
  std::vector<std::uint64_t> words;  // records x the plan's words: their sets
  std::size_t size() const { return counts.size(); }
  void clear();
};

/// Tag prefixes, a bit each; no memory before the first.
class PrefixSet {
 public:
  void insert(std::uint32_t prefix);
  bool contains(std::uint32_t prefix) const { return !bits_.empty() && (bits_[prefix / 64] >> (prefix % 64) & 1) != 0; }

 private:
  std::vector<std::uint64_t> bits_;
};

/// By type: prefixes whose entries no live record accounts for any more.
using GonePrefixes = std::array<PrefixSet, kFieldTypes>;

/// Gives tag by tag what a merge will hold. In a merged record a code is kAbsentCode where no export of its set has the
/// column; which of several records that differ only in such codes are made one is a matter of bytes, not of truth:
/// each export finds its own records again by its own columns.
class RecordMerge {
 public:
  /// With `gone`, notes there what removed exports leave without a record. Plan, progress and `gone` outlive it.
  RecordMerge(const MergePlan& plan, const PageProgress& progress, GonePrefixes* gone = nullptr);

  /// The records of the next tag, sorted by their first export, then codes. False at the end.
  bool next(TagRecords& out);

 private:
  struct Source {
    const MergePlan::Input* input;
    RecordCursor cursor;
    std::vector<std::uint64_t> dictionary;  // sets x words, translated
    std::vector<char> removed;              // by set of the dictionary: whether an export of it was removed
  };

  void take(Source& source);
  void drop_columns_of_nobody(std::size_t record);
  void unite_equal();
  void unite_projections();
  void sort_by_export();
  void note_values();
  void end_prefix();

  bool holds(std::size_t record, const std::vector<std::uint64_t>& exports) const;
  std::span<const ColumnCode> codes(std::size_t record) const {
    return {raw_.codes.data() + record * columns_, columns_};
  }
  std::span<std::uint64_t> set(std::size_t record) { return {raw_.words.data() + record * plan_.words, plan_.words}; }
  bool compatible(std::size_t a, std::size_t b) const;
  std::uint32_t distance(std::size_t record, std::uint32_t rank) const;

  const MergePlan& plan_;
  std::size_t columns_;
  GonePrefixes* gone_;
  std::vector<Source> sources_;
  TagRecords raw_;
  std::vector<std::uint32_t> kept_;    // records of raw_ that go on
  std::uint64_t lost_ = 0, live_ = 0;  // types, a bit each, of the prefix so far
  std::uint32_t prefix_ = 0;
};

}  // namespace sidik
