// Delimited text of any size to batches: one thread cuts the stream into blocks of whole rows, many threads parse them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ingest/batch.h"
#include "ingest/byte_source.h"
#include "ingest/dialect.h"

namespace sidik {

/// What to do with a row that has another number of cells than the table: kStrict rejects it (trailing empty cells
/// apart), kLenient pads it or folds what is too much into the last cell.
enum class Raggedness { kStrict, kLenient };

struct TableReaderOptions {
  DialectOverrides dialect;
  Raggedness raggedness = Raggedness::kStrict;
  std::size_t block_bytes = std::size_t{1} << 20;
  /// A longer record is refused: Error(kRefused) when strict ("a quote opened on line 7 is not closed within 64 MiB
  /// ..."); when lenient its quote is read as a plain character, the line is counted as rejected, and reading goes on
  /// behind it.
  std::size_t longest_record = std::size_t{64} << 20;
  std::size_t most_columns = 4096;
  /// The column names where the input has no header of its own but they are known (a later file of the same export).
  std::vector<std::string> expected_header;
};

/// Some whole rows of text, and where they stand.
struct TextBlock {
  std::uint64_t number = 0;        // from 0, in input order
  std::uint64_t first_line = 1;    // of the first row
  std::uint64_t first_offset = 0;  // of the first row, in the decompressed input
  std::size_t size = 0;            // bytes of text; kTextSlack readable bytes stand behind them
  std::size_t lines = 0;           // line breaks in the text: with one more, a bound of its rows
  bool too_long = false;           // no text: here stood a record that is too long, left out (lenient)
  Bytes bytes;                     // capacity is kept when the block is used again
};

/// Reads one table. `read_block` is called by one thread at a time (the caller holds a lock); `parse` is const and may
/// run on many threads at once, each with its own block and batch. Memory: the blocks that the caller owns, and one
/// head of 1 MiB.
class TableReader {
 public:
  /// Reads the head, sniffs the dialect, takes the header off. Throws Error(kRefused) for an empty or binary input,
  /// more than `most_columns` columns, or a head that is no table.
  TableReader(std::unique_ptr<ByteSource> source, TableReaderOptions options);
  ~TableReader();
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  const Dialect& dialect() const;
  /// The header's cells as written (trimmed, unquoted, UTF-8); where there is none, `expected_header`, else empty.
  const std::vector<std::string>& header() const;
  std::size_t columns() const;
  /// For messages.
  std::string name() const;
  /// See ByteSource.
  std::uint64_t consumed() const;
  std::uint64_t total() const;

  /// The next rows, or false at the end of the input. Throws as ByteSource does, and for a record that is too long
  /// (strict).
  bool read_block(TextBlock& block);
  /// Cuts the block into `batch`. Rows that are no rows are counted in `batch.rejected`; empty lines are skipped; a row
  /// equal to the header is skipped and counted. The block must outlive the use of the batch.
  void parse(const TextBlock& block, Batch& batch) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik
