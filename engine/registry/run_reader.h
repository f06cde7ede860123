// An open run: where its blocks and pages are, and how they are read; what asking and verifying share.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "registry/block.h"
#include "registry/column_model.h"
#include "registry/position_page.h"
#include "registry/record_page.h"
#include "registry/run.h"
#include "registry/run_header.h"
#include "registry/run_manifest.h"

namespace sidik {

/// A section's directory in memory: the first item, the block and the number of items of each page.
struct SectionDirectory {
  std::vector<std::uint64_t> first;
  std::vector<PageEntry> pages;
  /// The page in which `key` stands if anywhere: the last whose first item is below it (the first page where there is
  /// none).
  std::size_t page_of(std::uint64_t key) const;
};

/// One caller's buffers: a decrypted block and what a page of it decodes to. Lent by the run, reused.
class ReadScratch {
 public:
  ReadScratch(const Secret& data_key, const BlockBinding& binding);

  BlockCipher cipher;
  std::vector<std::uint8_t> buffer;         // a block and slack
  std::uint64_t block = ~std::uint64_t{0};  // which one it holds, decrypted
  RecordPage records;
  std::vector<std::uint64_t> entries;
  const PageEntry* entries_of = nullptr;  // the page that they are; batches that follow each other often meet one
  std::vector<std::uint64_t> counts;
  RecordPage::PageSets sets;
};

/// Live exports of a run that have the same columns, and index the same ones.
struct ExportShape {
  ExportSet exports;
  std::vector<std::size_t> places;  // of their columns among the run's
  std::vector<char> indexed;        // of these columns
  std::vector<ColumnId> columns;
  std::vector<FieldType> types;
};

class RunReader final : public Run {
 public:
  RunReader(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key, const IsLive& is_live);

  const RunId& id() const override { return header_.run; }
  Epoch epoch() const override { return header_.epoch; }
  const std::vector<ExportManifest>& exports() const override { return manifest_.exports; }
  std::vector<ExportManifest> take_exports() override;
  bool is_live(ExportIndex place) const override { return live_[place] != 0; }
  std::vector<RunSectionSize> sizes() const override;
  std::uint64_t file_length() const override { return header_.file_length(); }
  const Digest& key_commitment() const override { return header_.key_commitment; }
  const std::vector<ColumnId>& columns() const { return manifest_.columns; }
  const std::vector<FieldType>& types() const { return manifest_.types; }
  const std::vector<ExportSet>& sets() const { return manifest_.sets; }

  void find_records(std::span<const RowTag> tags, RecordAnswers& out) const override;
  void find_records_by_prefix(std::span<const std::uint32_t> prefixes, RecordAnswers& out) const override;
  void find_records_between(RowTag from, RowTag to, RecordAnswers& out) const override;
  void find_candidates(FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                       CandidateAnswers& out) const override;
  void contains(FieldType type, std::span<const IndexEntry> entries, std::span<std::uint8_t> found) const override;
  std::vector<FieldType> indexed_types() const override;
  std::vector<PositionAnswer> positions(std::span<const RowTag> tags) const override;
  std::optional<RowTag> scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const override;
  void verify(const std::function<void(std::uint64_t)>& progress) const override;

 private:
  /// Scratch lent for the time of a call.
  class Lease {
   public:
    explicit Lease(const RunReader& run);
    ~Lease();
    ReadScratch* operator->() const { return scratch_.get(); }
    ReadScratch& operator*() const { return *scratch_; }

   private:
    const RunReader& run_;
    std::unique_ptr<ReadScratch> scratch_;
  };

  [[noreturn]] void damaged(std::uint64_t block, const std::string& what) const;
  void read_manifest_blocks();
  /// Decrypts a block of pages into the scratch unless it is there already.
  void read_block(ReadScratch& scratch, std::uint64_t block) const;
  ByteSpan page_bytes(ReadScratch& scratch, const PageEntry& page) const;
  const RunSection* find_section(SectionKind kind, FieldType type = {}) const;
  const SectionDirectory& directory(const RunSection& section) const;
  /// Null where there is no such section, or nothing in it.
  const SectionDirectory* pages_of(SectionKind kind, FieldType type = {}) const;
  void load_directory(const RunSection& section, SectionDirectory& out) const;

  void open_record_page(ReadScratch& scratch, const PageEntry& page) const;
  /// Into `scratch.entries`, unless they are this page's already.
  void read_index_entries(ReadScratch& scratch, const PageEntry& page) const;
  void read_index_entries(ReadScratch& scratch, const PageEntry& page, std::vector<IndexEntry>& out) const;
  /// Every export that is named is one of the run's.
  void read_positions(ReadScratch& scratch, const PageEntry& page, std::vector<TagPosition>& out) const;

  void find_shapes();
  ExportShape shape_in_manifest(ExportIndex e) const;  // without exports
  /// Of that export alone.
  ExportShape shape_of(ExportIndex e) const;
  std::span<const ExportShape> live_shapes() const { return std::span(shapes_).first(live_shapes_); }

  /// Reads the sets of the open page's first records; of merged runs, where some are `wanted`, only those of these.
  void read_sets(ReadScratch& scratch, const PageEntry& page, std::size_t records,
                 std::span<const std::uint32_t> wanted = {}) const;
  std::span<const ExportSet::Range> set_of(const ReadScratch& scratch, std::size_t record) const;

  /// Records on their way into answers: a group for each shape.
  class Answering;
  /// A record of the open page and the query that it answers.
  struct Hit {
    std::uint32_t query;
    std::uint32_t record;
  };
  /// Appends records of the open page, rising places of them.
  void append_hits(ReadScratch& scratch, const PageEntry& page, std::span<const Hit> hits, Answering& out) const;
  /// The prefixes, of rising ones, under which a live record has a value in an indexed column of the type: entries of
  /// others are left from removed exports.
  std::vector<std::uint32_t> live_prefixes(FieldType type, std::span<const std::uint32_t> prefixes) const;
  /// find_candidates and contains, the entries of removed exports included.
  void find_in_index(FieldType type, std::span<const IndexEntry> entries, std::span<std::uint8_t> found) const;
  void find_entries(FieldType type, std::span<const IndexValue> values, std::uint32_t cap, CandidateAnswers& out) const;
  /// Records whose tags lie in [first(i), last(i)], i below `queries`, ranges rising and apart.
  template <class First, class Last>
  void find_ranges(std::size_t queries, First first, Last last, RecordAnswers& out) const;

  std::unique_ptr<File> file_;
  std::string place_;
  RunHeader header_;
  Secret data_key_;
  Secret digest_secret_;
  BlockBinding binding_;
  RunManifest manifest_;
  std::vector<char> live_;  // by export
  bool all_live_ = true;
  std::vector<ExportShape> shapes_;      // those of live exports first
  std::vector<std::uint32_t> shape_of_;  // by export
  std::size_t live_shapes_ = 0;
  std::vector<ColumnDecoder> decoders_;
  std::optional<ColumnDecoder> set_decoder_;

  mutable std::vector<SectionDirectory> directories_;  // by section; loaded when first asked
  mutable std::unique_ptr<std::once_flag[]> directory_loaded_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<ReadScratch>> idle_;

  friend class RunVerifier;
  friend class RecordCursor;
  friend class EntryCursor;
  friend class PositionCursor;
};

}  // namespace sidik
