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
  unsigned zeroed = 0;
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
struct ReadCompletions {
  FieldType type = FieldType::kText;
  std::vector<std::uint32_t> number;  // of the completion
  std::vector<ColumnCode> codes;
  std::vector<IndexValue> values;
  std::vector<RowTag> tags;
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
