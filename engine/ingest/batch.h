// A batch: some thousand rows of a table as columns of string views over one block of text. Ingest knows no types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace sidik {

/// Rows of a table, column by column. The views point into the block that was parsed and into `unescaped`; both must
/// outlive their use, and both have kTextSlack readable bytes behind the last value. Reused from block to block: keeps
/// its capacity.
struct Batch {
  std::size_t rows = 0;
  /// columns[c][r]; every column has `rows` values. A cell that a short row lacks is an empty view with a null pointer.
  std::vector<std::vector<std::string_view>> columns;
  /// Where row r begins in the (decompressed) input, in bytes; `rows` values, rising.
  std::vector<std::uint64_t> row_offset;
  /// The line, from 1, on which row r begins; `rows` values.
  std::vector<std::uint64_t> row_line;
  /// The number, from 0, of the row among the data rows of its block's input: block number << 32 | row in block; rising
  /// in input order.
  std::vector<std::uint64_t> row_order;
  /// Values that had to be rewritten (doubled quotes, Windows-1252) live here.
  Bytes unescaped;

  /// Rows that are no part of `columns`, with why and where; counted, never thrown.
  struct Rejected {
    std::uint64_t line = 0;
    std::uint64_t offset = 0;
    enum class Reason { kTooManyCells, kTooFewCells, kTooLong, kUnclosedQuote } reason = Reason::kTooFewCells;
    std::uint32_t cells = 0;  // how many cells the row had
  };
  std::vector<Rejected> rejected;
  std::size_t repeated_headers = 0;   // header lines met again and skipped
  std::size_t frame_lines = 0;        // rulers and row counts of printed tables, skipped
  std::size_t transcoded_values = 0;  // values that were no UTF-8 and were read as Windows-1252

  std::span<const std::string_view> column(std::size_t c) const { return columns[c]; }
};

}  // namespace sidik
