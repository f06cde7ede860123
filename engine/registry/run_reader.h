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
  std::vector<ColumnCode> codes;
  std::vector<std::uint64_t> counts;
  std::vector<std::uint16_t> sets;
};

class RunReader final : public Run {
 public:
  RunReader(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key);

  const RunId& id() const override { return header_.run; }
  Epoch epoch() const override { return header_.epoch; }
  const std::vector<ExportManifest>& exports() const override { return manifest_.exports; }
  std::vector<RunSectionSize> sizes() const override;
  std::uint64_t file_length() const override { return header_.file_length(); }

  void find_records(std::span<const RowTag> tags, RecordAnswers& out) const override;
  void find_records_by_prefix(std::span<const std::uint32_t> prefixes, RecordAnswers& out) const override;
  void find_candidates(FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                       CandidateAnswers& out) const override;
  void contains(FieldType type, std::span<const IndexEntry> entries, std::span<std::uint8_t> found) const override;
  std::vector<FieldType> indexed_types() const override;
  std::vector<PositionAnswer> positions(std::span<const RowTag> tags) const override;
  std::optional<RowTag> scan(RowTag from, std::size_t most, RecordAnswers& out) const override;
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
  void load_directory(const RunSection& section, SectionDirectory& out) const;

  void open_record_page(ReadScratch& scratch, const PageEntry& page) const;
  void read_index_entries(ReadScratch& scratch, const PageEntry& page) const;

  /// Begins a group of answers with the run's columns and sets.
  RecordAnswers::Group& begin_group(RecordAnswers& out) const;
  /// Appends records of the open page, rising places of them, each with the query that it answers.
  struct Hit {
    std::uint32_t query;
    std::uint32_t record;
  };
  void append_hits(ReadScratch& scratch, const PageEntry& page, std::span<const Hit> hits,
                   RecordAnswers::Group& out) const;
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
  std::vector<ColumnDecoder> decoders_;
  std::optional<ColumnDecoder> set_decoder_;

  mutable std::vector<SectionDirectory> directories_;  // by section; loaded when first asked
  mutable std::unique_ptr<std::once_flag[]> directory_loaded_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<ReadScratch>> idle_;

  friend class RunVerifier;
};

}  // namespace sidik
