// A page of records, column by column: sorted tags, counts, export sets, and one segment of codes a column (FORMAT.md,
// "Record pages").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fingerprints/record.h"
#include "registry/block.h"
#include "registry/column_model.h"
#include "registry/export_set.h"

namespace sidik {

inline constexpr std::size_t kMostRecordsInPage = 8192;
/// So that the smallest page, of one record, always fits a block.
inline constexpr std::size_t kMostColumns = 900;

/// Records as columns; all vectors have the same length. Sorted by tag, then codes.
struct RecordColumns {
  std::vector<RowTag> tags;
  std::vector<std::vector<ColumnCode>> codes;  // one a column
  std::vector<std::uint64_t> counts;           // rows that the record stands for, in each export of its set
  std::vector<std::uint16_t> sets;             // export set numbers
  std::vector<std::uint64_t> set_words;        // of merged runs: each record's set, words_for(exports) words each

  std::size_t size() const { return tags.size(); }
  void clear();
  /// Drops the first `n`.
  void drop(std::size_t n);
};

/// Writes pages. One object a thread.
class RecordPageEncoder {
 public:
  /// One encoder a column, and one for the export sets; they outlive the object. With `exports` the pages are those of
  /// a merged run of so many: sets may stand in the page, and versions are told from other records by a bit.
  RecordPageEncoder(std::span<const ColumnEncoder> columns, const ColumnEncoder& sets, std::size_t exports = 0);

  /// Writes as many records from `first` on as fill a block (at least one) and returns how many.
  std::size_t fill(const RecordColumns& records, std::size_t first);
  /// What the last fill() wrote.
  ByteSpan page() const { return {page_.data(), size_}; }

 private:
  /// Writes exactly these records; the size may be over a block's.
  void encode(const RecordColumns& records, std::size_t first, std::size_t count);
  std::size_t encode_tags(std::span<const RowTag> tags, std::uint8_t* out);
  std::size_t encode_sets(const RecordColumns& records, std::size_t first, std::size_t count, std::uint8_t* out) const;
  std::size_t encode_changes(const std::vector<ColumnCode>& codes, std::size_t first, std::uint8_t* out);

  std::span<const ColumnEncoder> columns_;
  const ColumnEncoder& sets_;
  std::size_t exports_;
  Bytes page_;
  std::size_t size_ = 0;
  double mean_bytes_;                    // a record
  std::vector<std::uint32_t> versions_;  // records with the tag of the one before, by their place in the page
  std::vector<ColumnCode> written_;
  std::vector<std::uint8_t> changed_;
};

/// Reads one page. Keeps its capacity; the bytes must outlive its use and have kBitSlack readable bytes behind them.
/// Every function returns false where the bytes are no such page.
class RecordPage {
 public:
  bool open(ByteSpan block, std::size_t columns);
  std::size_t size() const { return tags_.size(); }
  std::size_t bytes() const { return length_; }
  std::span<const RowTag> tags() const { return tags_; }
  /// Records, by their place, that have the tag of the one before.
  std::span<const std::uint32_t> versions() const { return versions_; }
  /// The codes of the first out.size() records.
  bool codes(std::size_t column, const ColumnDecoder& decoder, std::span<ColumnCode> out);
  /// Of some records alone, by their rising places: few of many versions cost what was written of them, and no look at
  /// those between. `records` must outlive the calls of chosen_codes, which puts the code of records[i] at
  /// out[i * stride].
  void choose(std::span<const std::uint32_t> records);
  bool chosen_codes(std::size_t column, const ColumnDecoder& decoder, ColumnCode* out, std::size_t stride);
  bool sets(const ColumnDecoder& decoder, std::span<std::uint16_t> out);
  /// The sets of the first out.size() records of a merged run of `exports`: numbers, and of those that stand in the
  /// page the ranges, set after set; begins[i] is where the ranges of record i begin (one more than there are records).
  struct PageSets {
    std::vector<std::uint16_t> numbers;
    std::vector<std::uint32_t> begins;
    std::vector<ExportSet::Range> ranges;
  };
  bool sets(const ColumnDecoder& decoder, std::size_t exports, std::size_t records, PageSets& out);
  /// The numbers of the same records, but the ranges of `wanted` alone, rising places of them (the last record is one).
  bool sets(const ColumnDecoder& decoder, std::size_t exports, std::span<const std::uint32_t> wanted, PageSets& out);
  /// The counts of all records.
  bool counts(std::vector<std::uint64_t>& out) const;

 private:
  ByteSpan segment(std::size_t number) const;
  bool read_changes(ByteSpan& segment);
  bool rank_changes(ByteSpan& segment, std::size_t& changes);
  template <class Wanted>
  bool read_sets(const ColumnDecoder& decoder, std::size_t exports, std::size_t records, PageSets& out, Wanted wanted);

  ByteSpan bytes_;
  std::size_t length_ = 0;
  std::size_t columns_ = 0;
  std::vector<RowTag> tags_;
  std::vector<std::uint32_t> versions_;
  std::vector<std::uint8_t> changed_;    // by version
  std::vector<std::uint8_t> unchanged_;  // by record
  std::vector<ColumnCode> written_;
  std::span<const std::uint32_t> chosen_;
  std::vector<std::uint32_t> versions_upto_;  // by chosen record: versions at or before it
  std::vector<std::uint32_t> changed_upto_;   // and those of them that changed the column
};

}  // namespace sidik
