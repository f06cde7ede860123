// A stream of bytes to blocks of whole records: the sequential part of reading, kept cheap.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/byte_source.h"
#include "ingest/record_scan.h"
#include "ingest/table_reader.h"

namespace sidik {

/// Where a text begins in the input.
struct TextPlace {
  std::uint64_t line = 1;
  std::uint64_t offset = 0;
};

/// Throws the Error(kRefused) for a quote that is not closed or a record without end.
[[noreturn]] void refuse_unclosed_quote(const std::string& name, TextPlace quote, std::string_view within);
[[noreturn]] void refuse_long_record(const std::string& name, TextPlace record, std::size_t limit);
/// "64 MiB".
std::string size_text(std::size_t bytes);

/// Not thread-safe. Memory: what is left over from one block to the next.
class BlockCutter {
 public:
  /// `head` was read from the source already and begins a record at `place`.
  BlockCutter(std::unique_ptr<ByteSource> source, std::string_view head, TextPlace place, const Separators& separators,
              const TableReaderOptions& options);

  /// See TableReader::read_block.
  bool read(TextBlock& block);

  const ByteSource& source() const { return *source_; }

 private:
  std::size_t fill(TextBlock& block, std::size_t filled, std::size_t wanted);
  void cut(TextBlock& block, std::size_t filled, std::size_t size, std::size_t lines);
  void cut_at_unclosed(TextBlock& block, std::size_t filled, const RecordScan& scan);
  void skip_line(TextBlock& block, std::size_t filled, std::size_t from);
  std::size_t line_end_after(const TextBlock& block, std::size_t from, std::size_t filled) const;

  std::unique_ptr<ByteSource> source_;
  Separators separators_;
  bool lenient_;
  std::size_t block_bytes_;
  std::size_t longest_;
  std::vector<char> left_;  // read already, not yet in a block: left_[left_begin_ ..]
  std::size_t left_begin_ = 0;
  TextPlace place_;  // of the next block
  std::uint64_t number_ = 0;
  bool ended_ = false;         // the source has no more
  bool after_return_ = false;  // the last block ended with a carriage return that ended its last record
};

}  // namespace sidik
