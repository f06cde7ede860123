#include "registry/run_cursor.h"

#include "registry/export_set_codec.h"

namespace sidik {

const PageEntry* PageWalk::next_page() {
  if (pages_ == nullptr || page_ == pages_->pages.size()) return nullptr;
  return &pages_->pages[page_++];
}

RecordCursor::RecordCursor(const RunReader& run, const PageProgress& progress)
    : PageWalk(run, run.pages_of(SectionKind::kRecords), progress), codes_(run.manifest_.columns.size()) {
  load();
}

void RecordCursor::load() {
  at_ = 0;
  const RowTag last = tags_.empty() ? 0 : tags_.back();
  tags_.clear();
  const PageEntry* const entry = next_page();
  if (entry == nullptr) return;
  const RunReader::Lease scratch(run_);
  run_.open_record_page(*scratch, *entry);
  RecordPage& page = scratch->records;
  for (std::size_t c = 0; c < codes_.size(); ++c) {
    codes_[c].resize(page.size());
    if (!page.codes(c, run_.decoders_[c], codes_[c])) run_.damaged(entry->block, "holds codes that cannot be read");
  }
  if (!page.counts(counts_)) run_.damaged(entry->block, "holds counts that cannot be read");
  run_.read_sets(*scratch, *entry, page.size());
  sets_ = scratch->sets;
  if (page.tags().front() < last) run_.damaged(entry->block, "holds records out of order");
  tags_.assign(page.tags().begin(), page.tags().end());
  report(page.bytes());
}

std::span<const ExportSet::Range> RecordCursor::set() const {
  const std::uint16_t number = sets_.numbers[at_];
  if (!run_.manifest_.sets_in_pages || !stands_in_page(number)) return run_.manifest_.sets[number].ranges();
  return std::span(sets_.ranges).subspan(sets_.begins[at_], sets_.begins[at_ + 1] - sets_.begins[at_]);
}

EntryCursor::EntryCursor(const RunReader& run, FieldType type, const PageProgress& progress)
    : PageWalk(run, run.pages_of(SectionKind::kIndex, type), progress) {
  load();
}

void EntryCursor::load() {
  at_ = 0;
  entries_.clear();
  const PageEntry* const entry = next_page();
  if (entry == nullptr) return;
  const RunReader::Lease scratch(run_);
  run_.read_index_entries(*scratch, *entry, entries_);
  report(entries_.size() * sizeof(IndexEntry) / 2);
}

PositionCursor::PositionCursor(const RunReader& run, const PageProgress& progress)
    : PageWalk(run, run.pages_of(SectionKind::kPositions), progress) {
  load();
}

void PositionCursor::load() {
  at_ = 0;
  positions_.clear();
  const PageEntry* const entry = next_page();
  if (entry == nullptr) return;
  const RunReader::Lease scratch(run_);
  run_.read_positions(*scratch, *entry, positions_);
  report(positions_.size() * 4);
}

}  // namespace sidik
