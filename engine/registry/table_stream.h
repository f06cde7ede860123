// Several tables read one after another as one: the parts of an export.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "ingest/byte_source.h"
#include "ingest/table_reader.h"

namespace sidik {

/// The tables must have the same columns in the same order. `read` and the other functions that are not const are for
/// one thread at a time; `parse` is for any number, each with its own block and batch.
class TableStream {
 public:
  struct Block {
    TextBlock text;
    std::shared_ptr<const TableReader> table;  // that it comes from
    std::uint64_t first_number = 0;            // of that table's blocks among all
  };

  /// Opens the first tables. Throws as TableReader does, and Error(kRefused) naming a table whose columns differ.
  TableStream(std::vector<std::unique_ptr<ByteSource>> sources, TableReaderOptions options);

  /// Of the first table.
  const std::vector<std::string>& header() const { return first_->header(); }
  std::size_t columns() const { return first_->columns(); }
  const Dialect& dialect() const { return first_->dialect(); }
  const std::string& name() const { return name_; }

  /// The next rows, or false at the end of the last table. Throws as TableReader does.
  bool read(Block& block);
  /// TableReader::parse, with row numbers that rise over all tables.
  static void parse(const Block& block, Batch& batch);

  /// Of what is underneath all tables, as ByteSource has it.
  std::uint64_t consumed() const;
  std::uint64_t total() const { return total_; }

 private:
  void open_ahead();
  std::shared_ptr<TableReader> open_next();

  std::vector<std::unique_ptr<ByteSource>> sources_;
  TableReaderOptions options_;
  std::size_t next_source_ = 0;
  std::deque<std::shared_ptr<TableReader>> open_;  // the first is being read
  std::shared_ptr<const TableReader> first_;
  std::string name_;
  std::uint64_t finished_bytes_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t first_number_ = 0;
  std::uint64_t blocks_read_ = 0;  // of the table being read
};

}  // namespace sidik
