// A block of text to a batch of columns. Immutable, so that many threads may parse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/batch.h"
#include "ingest/printed_table.h"
#include "ingest/quote_tracker.h"
#include "ingest/table_reader.h"

namespace sidik {

/// What a table looks like, once its head was read.
struct TableLayout {
  Separators separators;
  std::size_t columns = 0;
  std::vector<std::string> header;  // trimmed; empty where there is none
  Raggedness raggedness = Raggedness::kStrict;
  Frame frame = Frame::kNone;
  bool all_windows_1252 = false;  // said by the user: not only what is no UTF-8
};

class BlockParser {
 public:
  explicit BlockParser(TableLayout layout);
  const TableLayout& layout() const { return layout_; }

  /// See TableReader::parse.
  void parse(const TextBlock& block, Batch& batch) const;

 private:
  class Filling;
  TableLayout layout_;
  std::size_t telling_column_ = 0;  // the first that has a name: tells a repeated header apart from nearly every row
};

}  // namespace sidik
