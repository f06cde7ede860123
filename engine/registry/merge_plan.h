// What a merge of runs will hold: the live exports of all, in order, and the columns that any of them has.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "registry/export_set_codec.h"
#include "registry/run_reader.h"

namespace sidik {

/// Whether exports a and b stand in this order in a run, and in a snapshot: by (feed, date, name).
bool stands_before(const ExportDescription& a, const ExportDescription& b);

struct MergePlan {
  static constexpr std::uint32_t kGone = 0xffffffff;
  struct Input {
    const RunReader* run = nullptr;
    std::vector<std::size_t> columns;    // the place of each of its columns among those of the merged run
    std::vector<std::uint32_t> exports;  // the number of each of its exports in the merged run; kGone of removed ones
    /// Up to which of its exports the merged numbers follow each other without a gap.
    std::vector<std::uint32_t> upto;
  };

  /// `runs` are of one epoch and live as long as the plan. Throws Error(kUsage) where their live exports are none, or
  /// more than a run can hold, or have more columns.
  explicit MergePlan(std::span<const std::shared_ptr<const Run>> runs);

  /// Adds what is live of a set of an input's exports to `words`; whether anything of it was removed.
  bool translate(const Input& input, std::span<const ExportSet::Range> set, std::span<std::uint64_t> words) const;

  std::vector<Input> inputs;
  std::vector<ExportManifest> exports;
  std::vector<ColumnId> columns;
  std::vector<FieldType> types;
  std::size_t words = 0;                                // of a set
  std::vector<std::vector<std::uint64_t>> with_column;  // by column: the exports that have it
  std::vector<std::vector<std::uint64_t>> indexing;     // by column: those that index it
  std::vector<std::uint32_t> date_rank;                 // by export: its place in the order of dates
  std::vector<FieldType> indexed_types;
  bool any_removed = false;
};

}  // namespace sidik
