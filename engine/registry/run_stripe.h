// From scattered items to pages: a stripe is a stretch of partitions that one thread sorts, merges repeats of, and
// encodes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "registry/column_model.h"
#include "registry/index_page.h"
#include "registry/position_page.h"
#include "registry/record_page.h"
#include "registry/records_digest.h"
#include "registry/run_output.h"
#include "registry/spill.h"

namespace sidik {

// Items as they are scattered: a record is its tag (6 bytes) and its codes (2 each); an index entry 8 bytes; a position
// the tag (8) and the row's order (8). All little-endian; all partitioned by their top eight bits.
inline constexpr std::size_t kTagBytes = kTagBits / 8;
inline constexpr std::size_t kEntryBytes = 8;
inline constexpr std::size_t kPositionBytes = 16;
inline std::size_t record_bytes(std::size_t columns) { return kTagBytes + 2 * columns; }

/// How many rows the blocks of the input before this one have.
struct BlockRows {
  std::uint32_t block;
  std::uint64_t rows_before;
};

/// What a stripe of records was found to hold.
struct RecordCounts {
  std::uint64_t records = 0;
  std::uint64_t tags = 0;
  std::vector<std::uint64_t> tags_by_column;  // distinct tags whose first record has kTagCode in that column
};

/// The items of a partition in memory, wherever they were. Reused: keeps its buffer.
class LoadedPartition {
 public:
  void load(SpillStore& store, std::size_t stream);
  /// Gives the memory back to the pool.
  void release(SpillStore& store);
  std::span<const ByteSpan> parts() const { return parts_; }

 private:
  std::vector<SpillPiece> pieces_;
  std::vector<ByteSpan> parts_;
  AlignedBuffer buffer_;
};

/// Encodes stripes, one after another. One object a thread.
class StripeEncoder {
 public:
  struct Shared {
    SpillStore& store;
    std::span<const ColumnEncoder> columns;
    const ColumnEncoder& sets;
    std::span<const std::uint16_t> tag_columns;  // columns that gave tags
    std::span<const BlockRows> rows_before;      // by block of the input, rising
    std::size_t partition_limit;                 // bytes; larger partitions are parted further first
  };
  StripeEncoder(const Shared& shared, RunOutput& output, RecordsDigest digest);

  /// Partitions [begin, end) of the 256 streams from `first_stream` on. `out` must stay where it is until finish().
  void records(std::size_t first_stream, std::size_t begin, std::size_t end, StripePages& out);
  void entries(std::size_t first_stream, std::size_t begin, std::size_t end, StripePages& out);
  void positions(std::size_t first_stream, std::size_t begin, std::size_t end, StripePages& out);
  void finish() { writer_.flush(); }

  const RecordCounts& counts() const { return counts_; }
  const RecordsDigest& digest() const { return digest_; }

 private:
  void record_partition(std::size_t stream, std::size_t depth, StripePages& out);
  void sort_records();
  void merge_group(std::size_t begin, std::size_t end);
  void append_record(const std::uint8_t* record, std::uint64_t count);
  void flush_records(StripePages& out, bool all);
  void entry_partition(std::size_t stream, std::size_t depth, StripePages& out);
  void flush_entries(StripePages& out, bool all);
  std::size_t part_further(std::size_t stream, std::size_t item_size, std::size_t byte);

  Shared shared_;
  PageWriter writer_;
  RecordsDigest digest_;
  RecordCounts counts_;
  LoadedPartition loaded_;

  RecordPageEncoder record_pages_;
  std::size_t columns_;
  std::vector<const std::uint8_t*> items_;
  std::vector<std::uint64_t> keys_, scratch_;
  RecordColumns pending_;
  std::size_t pending_size_ = 0;
  RowTag last_tag_ = ~RowTag{0};

  IndexPageEncoder index_pages_;
  std::vector<IndexEntry> entries_;
  std::size_t entries_size_ = 0;
};

}  // namespace sidik
