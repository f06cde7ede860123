// Cells of which a part is lost, and the values that they may have had, read in every way that their column is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trace/partial_value.h"
#include "trace/reading.h"

namespace sidik {

/// A cell of which a part is lost.
struct OpenCell {
  std::uint32_t row = 0;
  std::size_t column = 0;  // of the sample
  Loss loss = Loss::kNone;
  ColumnCut cut;
  std::string raw;
  RowHints hints;
};

/// What an agreement rests on: a tag, or an index under the record's tag; or a record's 16-bit code alone.
enum class ComparedBy : std::uint8_t { kTag, kCode };

/// A reading whose values may be set.
struct OpenColumn {
  const Reading* reading;
  ReadValues* values;
};

/// A cell's completions under one reading of its column; those that are not of its type are left out.
class ReadCompletions {
 public:
  FieldType type = FieldType::kText;
  std::vector<std::uint32_t> number;  // of the completion
  std::vector<ColumnCode> codes;
  std::vector<IndexValue> values;
  std::vector<RowTag> tags;

  /// Makes the searches below short: for cells that are held against many records.
  void index();
  /// Calls `use(i)` for the places of the completions with that code, rising, until it gives true. Whether it did.
  template <typename Use>
  bool find_code(ColumnCode code, Use&& use) const {
    return find(by_code_, codes, code, use);
  }
  /// The same of a tag.
  template <typename Use>
  bool find_tag(RowTag tag, Use&& use) const {
    return find(by_tag_, tags, tag, use);
  }

 private:
  /// Places by some bits of what stands there.
  struct Buckets {
    static constexpr std::size_t kBuckets = 4096;
    std::vector<std::uint32_t> begin, places;
  };
  template <typename T>
  static Buckets dealt(const std::vector<T>& of);
  template <typename T, typename Use>
  static bool find(const Buckets& buckets, const std::vector<T>& all, T wanted, Use&& use) {
    if (buckets.begin.empty()) {
      for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i] == wanted && use(i)) return true;
      return false;
    }
    const std::size_t bucket = static_cast<std::size_t>(wanted) % Buckets::kBuckets;
    for (std::uint32_t k = buckets.begin[bucket]; k < buckets.begin[bucket + 1]; ++k)
      if (all[buckets.places[k]] == wanted && use(buckets.places[k])) return true;
    return false;
  }
  Buckets by_code_, by_tag_;
};

struct TriedCell {
  Completeness completeness = Completeness::kNone;
  Completions texts;
  std::vector<ReadCompletions> readings;
  std::size_t tried = 0;
  bool looked_up = false;
};

/// Fills `out`, which is empty, with what `cell` may have had, as the type has it that tells most of what is lost.
void try_values(ColumnReader& reader, std::span<const OpenColumn> columns, const OpenCell& cell, TriedCell& out);

}  // namespace sidik
