// What was done to whole columns of a sample, undone: columns that were moved by a row, merged, split, or whose dates
// are all off by some days.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fields/canonical.h"

namespace sidik {

/// A column whose cells stand `by` rows off: the cell of a row is found `by` rows further on.
struct ColumnShift {
  std::size_t column = 0;
  int by = 0;
  std::uint64_t from = 0, end = ~std::uint64_t{0};  // the rows that it is of, by file_line()
  bool operator==(const ColumnShift&) const = default;
};

/// A part of a cell.
struct CellPart {
  enum class Take : std::uint8_t { kWhole, kPart, kFromEnd, kAfterFirst, kBeforeLast };
  std::size_t column = 0;
  Take take = Take::kWhole;
  std::string separator;
  std::size_t number = 0;  // of kPart and kFromEnd, from 0
  bool operator==(const CellPart&) const = default;
};

/// A column made of others: parts of cells, joined.
struct DerivedColumn {
  std::vector<CellPart> parts;
  std::string glue;
  int days = 0;  // added to the date that comes out; 0 for none
  CanonicalOptions options;
  bool from_base64 = false;  // bytes written in base64 become hexadecimal digits
  bool operator==(const DerivedColumn&) const = default;
};

struct SampleEdits {
  std::size_t given = 0;  // columns of the sample as it stands; derived ones come behind them
  std::vector<ColumnShift> shifts;
  std::vector<DerivedColumn> derived;
  /// How many changes were undone: what one cell too many did to several columns, and the parts of one cell, are one.
  std::size_t events() const;
  /// Whether a derived column is made of this one.
  bool uses(std::size_t column) const;
  /// Whether `column`, given or derived, is the given one or is made of it.
  bool shows(std::size_t column, std::size_t given_column) const;
};

/// Text that derived cells point into.
using EditedText = std::vector<std::unique_ptr<char[]>>;

/// Appends the derived columns to `columns`, which has the given ones, all of `rows` cells. What has no such part, or
/// is no date, has an empty cell.
void append_derived(const std::vector<DerivedColumn>& derived, std::size_t rows,
                    std::vector<std::vector<std::string_view>>& columns, EditedText& text);

/// Moves cells back, within rows that follow one another in the sample; the first or last gets none.
void undo_shifts(const std::vector<ColumnShift>& shifts, std::span<const std::uint64_t> places,
                 std::vector<std::vector<std::string_view>>& columns);

}  // namespace sidik
