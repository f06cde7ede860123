// Walking over all of a run in order, a page at a time: what merging reads.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "registry/position_page.h"
#include "registry/run_reader.h"

namespace sidik {

/// Told the bytes of each page read; may wait, to go slower.
using PageProgress = std::function<void(std::size_t bytes)>;

/// Walks over the pages of one section. The three cursors below know what stands in them.
class PageWalk {
 protected:
  PageWalk(const RunReader& run, const SectionDirectory* pages, const PageProgress& progress)
      : run_(run), pages_(pages), progress_(progress) {}
  /// The next page's entry; null at the end.
  const PageEntry* next_page();
  void report(std::size_t bytes) const {
    if (progress_) progress_(bytes);
  }

  const RunReader& run_;

 private:
  const SectionDirectory* pages_;  // null where there is no such section
  const PageProgress& progress_;
  std::size_t page_ = 0;
};

/// All records, by tag, those of removed exports too. The run outlives the cursor.
class RecordCursor : PageWalk {
 public:
  RecordCursor(const RunReader& run, const PageProgress& progress);
  bool at_end() const { return at_ == tags_.size(); }
  RowTag tag() const { return tags_[at_]; }
  ColumnCode code(std::size_t column) const { return codes_[column][at_]; }
  std::uint64_t count() const { return counts_[at_]; }
  /// The set's number in the dictionary, or where it stands in the page; and its ranges.
  std::uint16_t set_number() const { return sets_.numbers[at_]; }
  std::span<const ExportSet::Range> set() const;
  void next() {
    if (++at_ == tags_.size()) load();
  }

 private:
  void load();

  std::vector<RowTag> tags_;
  std::vector<std::vector<ColumnCode>> codes_;
  std::vector<std::uint64_t> counts_;
  RecordPage::PageSets sets_;
  std::size_t at_ = 0;
};

/// All index entries of one type, rising.
class EntryCursor : PageWalk {
 public:
  EntryCursor(const RunReader& run, FieldType type, const PageProgress& progress);
  bool at_end() const { return at_ == entries_.size(); }
  IndexEntry entry() const { return entries_[at_]; }
  void next() {
    if (++at_ == entries_.size()) load();
  }

 private:
  void load();

  std::vector<IndexEntry> entries_;
  std::size_t at_ = 0;
};

/// All positions, by tag.
class PositionCursor : PageWalk {
 public:
  PositionCursor(const RunReader& run, const PageProgress& progress);
  bool at_end() const { return at_ == positions_.size(); }
  const TagPosition& position() const { return positions_[at_]; }
  void next() {
    if (++at_ == positions_.size()) load();
  }

 private:
  void load();

  std::vector<TagPosition> positions_;
  std::size_t at_ = 0;
};

}  // namespace sidik
