// Opening a run and asking it: every question is a walk over pages in order, each page read once.
#include "registry/run_reader.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "registry/bit_stream.h"
#include "registry/index_page.h"
#include "registry/position_page.h"

namespace sidik {

std::shared_ptr<const Run> Run::open(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key) {
  return std::make_shared<RunReader>(files, path, key);
}

std::size_t SectionDirectory::page_of(std::uint64_t key) const {
  // First items are spread evenly: interpolation lands near, a gallop and a binary search over what is left end it.
  const std::size_t n = first.size();
  const double width = static_cast<double>(first.back() - first.front());
  std::size_t low = 0, high = n;  // the number of pages whose first item is below `key` lies in [low, high]
  if (key <= first.front()) return 0;
  if (key > first.back()) return n - 1;
  const double share = static_cast<double>(key - first.front()) / width;
  std::size_t guess = std::min(n - 1, static_cast<std::size_t>(share * static_cast<double>(n - 1)));
  std::size_t step = 4;
  if (first[guess] < key) {
    low = guess + 1;
    for (; guess + step < n && first[guess + step] < key; step *= 2) low = guess + step + 1;
    high = std::min(n, guess + step);
  } else {
    high = guess;
    for (; step <= guess && first[guess - step] >= key; step *= 2) high = guess - step;
    low = step <= guess ? guess - step + 1 : 0;
  }
  const auto at = std::lower_bound(first.begin() + static_cast<std::ptrdiff_t>(low),
                                   first.begin() + static_cast<std::ptrdiff_t>(high), key);
  return static_cast<std::size_t>(at - first.begin()) - 1;
}

ReadScratch::ReadScratch(const Secret& data_key, const BlockBinding& binding)
    : cipher(data_key, binding), buffer(kBlockSize + kBitSlack) {}

RunReader::Lease::Lease(const RunReader& run) : run_(run) {
  {
    const std::lock_guard lock(run.mutex_);
    if (!run.idle_.empty()) {
      scratch_ = std::move(run.idle_.back());
      run.idle_.pop_back();
    }
  }
  if (!scratch_) scratch_ = std::make_unique<ReadScratch>(run.data_key_, run.binding_);
}
RunReader::Lease::~Lease() {
  const std::lock_guard lock(run_.mutex_);
  run_.idle_.push_back(std::move(scratch_));
}

RunReader::RunReader(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key)
    : file_(files.open(path, OpenMode::kRead)), place_(path.string()), digest_secret_(key.digest_secret) {
  RunHeaderBytes bytes;
  header_ = read_run_header(*file_, bytes);
  data_key_ = unwrap_data_key(header_, key, place_);
  binding_ = {header_.registry, header_.run, header_.epoch, run_header_digest(bytes)};
  read_manifest_blocks();
  for (const ColumnModel& model : manifest_.models) decoders_.emplace_back(model);
  set_decoder_.emplace(manifest_.set_model);
  directories_.resize(manifest_.sections.size());
  directory_loaded_ = std::make_unique<std::once_flag[]>(manifest_.sections.size());
}

void RunReader::damaged(std::uint64_t block, const std::string& what) const {
  throw Error(ErrorKind::kDamaged, place_ + ", block " + std::to_string(block),
              what + "; `sidik check` tells what is affected");
}

void RunReader::read_manifest_blocks() {
  Bytes bytes;
  const Lease scratch(*this);
  const std::span<std::uint8_t, kBlockSize> block(scratch->buffer.data(), kBlockSize);
  for (std::uint64_t b = header_.manifest_block; b < header_.blocks; ++b) {
    if (file_->read_at(kRunHeaderSize + b * kBlockSize, block) != kBlockSize) damaged(b, "the file ends inside it");
    scratch->block = ~std::uint64_t{0};
    if (!scratch->cipher.open(block, {b, BlockRole::kManifest, b + 1 == header_.blocks}))
      damaged(b, "is not what was written there");
    const std::uint64_t left = header_.manifest_length - bytes.size();
    bytes.insert(bytes.end(), block.begin(),
                 block.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(left, kBlockPayload)));
  }
  manifest_ = decode_run_manifest(bytes, place_ + ", manifest");
}

void RunReader::read_block(ReadScratch& scratch, std::uint64_t block) const {
  if (scratch.block == block) return;
  if (block >= header_.manifest_block) damaged(block, "is named by a directory, but holds no pages");
  scratch.block = ~std::uint64_t{0};
  const std::span<std::uint8_t, kBlockSize> bytes(scratch.buffer.data(), kBlockSize);
  if (file_->read_at(kRunHeaderSize + block * kBlockSize, bytes) != kBlockSize)
    damaged(block, "the file ends inside it");
  if (!scratch.cipher.open(bytes, {block, BlockRole::kPages, false})) damaged(block, "is not what was written there");
  scratch.block = block;
}

ByteSpan RunReader::page_bytes(ReadScratch& scratch, const PageEntry& page) const {
  read_block(scratch, page.block);
  if (page.offset >= kBlockPayload) damaged(page.block, "has a page behind its end");
  return ByteSpan(scratch.buffer).subspan(page.offset, kBlockPayload - page.offset);
}

const RunSection* RunReader::find_section(SectionKind kind, FieldType type) const {
  for (const RunSection& section : manifest_.sections)
    if (section.kind == kind && (kind != SectionKind::kIndex || section.type == type)) return &section;
  return nullptr;
}

const SectionDirectory& RunReader::directory(const RunSection& section) const {
  const auto number = static_cast<std::size_t>(&section - manifest_.sections.data());
  std::call_once(directory_loaded_[number], [&] { load_directory(section, directories_[number]); });
  return directories_[number];
}

void RunReader::load_directory(const RunSection& section, SectionDirectory& out) const {
  const Lease scratch(*this);
  SectionDirectory found;
  for (const PageEntry& part : section.directory) {
    const ByteSpan bytes = page_bytes(*scratch, part);
    for (std::size_t i = 0; i < part.items; ++i) {
      const PageEntry page = load_page_entry(bytes.data() + i * kPageEntrySize);
      if (page.items == 0 || (!found.first.empty() && page.first < found.first.back()))
        damaged(part.block, "holds a directory that is out of order");
      found.first.push_back(page.first);
      found.pages.push_back(page);
    }
  }
  out = std::move(found);
}

std::vector<RunSectionSize> RunReader::sizes() const {
  std::vector<RunSectionSize> out;
  std::uint64_t pages = 0;
  for (const RunSection& section : manifest_.sections) {
    out.push_back({section_name(section), section.items, section.bytes});
    pages += section.pages;
  }
  out.push_back({"directory", pages, pages * kPageEntrySize});
  out.push_back({"manifest", manifest_.exports.size(), header_.manifest_length});
  return out;
}

std::vector<FieldType> RunReader::indexed_types() const {
  std::vector<FieldType> out;
  for (const RunSection& section : manifest_.sections)
    if (section.kind == SectionKind::kIndex) out.push_back(section.type);
  return out;
}

void RunReader::open_record_page(ReadScratch& scratch, const PageEntry& page) const {
  if (!scratch.records.open(page_bytes(scratch, page), manifest_.columns.size()) ||
      scratch.records.size() != page.items || scratch.records.tags().front() != page.first)
    damaged(page.block, "holds no page of records where the directory has one");
}

void RunReader::read_index_entries(ReadScratch& scratch, const PageEntry& page) const {
  std::size_t used = 0;
  if (!read_index_page(page_bytes(scratch, page), scratch.entries, used) || scratch.entries.size() != page.items ||
      scratch.entries.front() != page.first)
    damaged(page.block, "holds no page of index entries where the directory has one");
}

RecordAnswers::Group& RunReader::begin_group(RecordAnswers& out) const {
  out.groups.emplace_back();
  RecordAnswers::Group& group = out.groups.back();
  group.columns = manifest_.columns;
  group.types = manifest_.types;
  group.export_sets = manifest_.sets;
  return group;
}

void RunReader::append_hits(ReadScratch& scratch, const PageEntry& page, std::span<const Hit> hits,
                            RecordAnswers::Group& out) const {
  if (hits.empty()) return;
  const std::size_t columns = manifest_.columns.size();
  const std::size_t before = out.tags.size();
  const std::size_t upto = hits.back().record + std::size_t{1};
  RecordPage& records = scratch.records;
  for (const Hit& hit : hits) {
    out.query.push_back(hit.query);
    out.tags.push_back(records.tags()[hit.record]);
  }
  out.codes.resize((before + hits.size()) * columns);
  scratch.codes.resize(std::max(scratch.codes.size(), upto));
  const std::span<ColumnCode> codes(scratch.codes.data(), upto);
  for (std::size_t c = 0; c < columns; ++c) {
    ColumnCode* to = out.codes.data() + before * columns + c;
    if (!records.codes(c, decoders_[c], codes)) damaged(page.block, "holds codes that cannot be read");
    for (const Hit& hit : hits) {
      *to = codes[hit.record];
      to += columns;
    }
  }
  if (!records.counts(scratch.counts)) damaged(page.block, "holds counts that cannot be read");
  scratch.sets.resize(std::max(scratch.sets.size(), upto));
  const std::span<std::uint16_t> sets(scratch.sets.data(), upto);
  if (!records.sets(*set_decoder_, sets)) damaged(page.block, "holds export sets that cannot be read");
  for (const Hit& hit : hits) {
    out.counts.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(scratch.counts[hit.record], 0xffffffff)));
    if (sets[hit.record] >= manifest_.sets.size()) damaged(page.block, "names an export set that the run has not");
    out.sets.push_back(sets[hit.record]);
  }
}

template <class First, class Last>
void RunReader::find_ranges(std::size_t queries, First first, Last last, RecordAnswers& out) const {
  RecordAnswers::Group& group = begin_group(out);
  const SectionDirectory& pages = directory(manifest_.sections.front());
  if (pages.pages.empty()) return;
  const Lease scratch(*this);
  // About one record a query, where rows are people: one touch of fresh memory instead of one a doubling.
  const std::size_t expected = std::min<std::size_t>(queries, manifest_.sections.front().items);
  group.query.reserve(expected);
  group.tags.reserve(expected);
  group.codes.reserve(expected * manifest_.columns.size());
  group.counts.reserve(expected);
  group.sets.reserve(expected);
  std::vector<Hit> hits;
  std::size_t page = 0;
  for (std::size_t q = 0; q < queries;) {
    page = std::max(page, pages.page_of(first(q)));
    // All queries that begin on this page, and the last of them that goes on behind it.
    open_record_page(*scratch, pages.pages[page]);
    const std::span<const RowTag> tags = scratch->records.tags();
    const bool is_last = page + 1 == pages.pages.size();
    hits.clear();
    std::size_t at = 0;
    while (q < queries && first(q) <= tags.back()) {
      at = static_cast<std::size_t>(
          std::lower_bound(tags.begin() + static_cast<std::ptrdiff_t>(at), tags.end(), first(q)) - tags.begin());
      for (; at < tags.size() && tags[at] <= last(q); ++at)
        hits.push_back({static_cast<std::uint32_t>(q), static_cast<std::uint32_t>(at)});
      if (at == tags.size() && !is_last && pages.first[page + 1] <= last(q)) break;  // goes on in the next page
      ++q;
    }
    append_hits(*scratch, pages.pages[page], hits, group);
    if (is_last) break;
    // A query behind this page's last tag but before the next page's first has no records.
    while (q < queries && last(q) < pages.first[page + 1]) ++q;
    ++page;
  }
}

void RunReader::find_records(std::span<const RowTag> tags, RecordAnswers& out) const {
  const auto tag = [tags](std::size_t i) { return tags[i]; };
  find_ranges(tags.size(), tag, tag, out);
}

void RunReader::find_records_by_prefix(std::span<const std::uint32_t> prefixes, RecordAnswers& out) const {
  find_ranges(
      prefixes.size(), [prefixes](std::size_t i) { return first_tag_of(prefixes[i]); },
      [prefixes](std::size_t i) { return first_tag_of(prefixes[i] + 1) - 1; }, out);
}

std::optional<RowTag> RunReader::scan(RowTag from, std::size_t most, RecordAnswers& out) const {
  RecordAnswers::Group& group = begin_group(out);
  const SectionDirectory& pages = directory(manifest_.sections.front());
  if (pages.pages.empty()) return std::nullopt;
  const Lease scratch(*this);
  std::vector<Hit> hits;
  std::size_t taken = 0;
  RowTag last = 0;
  for (std::size_t page = pages.page_of(from); page < pages.pages.size(); ++page) {
    open_record_page(*scratch, pages.pages[page]);
    const std::span<const RowTag> tags = scratch->records.tags();
    hits.clear();
    std::optional<RowTag> next;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (tags[i] < from) continue;
      if (taken >= most && (taken == 0 || tags[i] != last)) {  // a tag's records are never parted
        next = tags[i];
        break;
      }
      last = tags[i];
      ++taken;
      hits.push_back({0, static_cast<std::uint32_t>(i)});
    }
    append_hits(*scratch, pages.pages[page], hits, group);
    if (next) return next;
  }
  return std::nullopt;
}

void RunReader::contains(FieldType type, std::span<const IndexEntry> entries, std::span<std::uint8_t> found) const {
  std::fill(found.begin(), found.end(), std::uint8_t{0});
  const RunSection* section = find_section(SectionKind::kIndex, type);
  if (section == nullptr || section->pages == 0) return;
  const SectionDirectory& pages = directory(*section);
  const Lease scratch(*this);
  std::size_t page = 0;
  for (std::size_t q = 0; q < entries.size();) {
    page = std::max(page, pages.page_of(entries[q]));
    // Entries stand once each: where the next page begins with the one asked, it is there.
    if (page + 1 < pages.pages.size() && pages.first[page + 1] == entries[q]) {
      found[q++] = 1;
      continue;
    }
    read_index_entries(*scratch, pages.pages[page]);
    const std::vector<IndexEntry>& here = scratch->entries;
    std::size_t at = 0;
    const bool is_last = page + 1 == pages.pages.size();
    for (; q < entries.size() && (is_last || entries[q] < pages.first[page + 1]); ++q) {
      at = static_cast<std::size_t>(
          std::lower_bound(here.begin() + static_cast<std::ptrdiff_t>(at), here.end(), entries[q]) - here.begin());
      found[q] = at < here.size() && here[at] == entries[q];
    }
    if (is_last) break;
  }
}

void RunReader::find_candidates(FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                                CandidateAnswers& out) const {
  out.query.clear();
  out.prefixes.clear();
  out.totals.assign(values.size(), 0);
  const RunSection* section = find_section(SectionKind::kIndex, type);
  if (section == nullptr || section->pages == 0) return;
  const SectionDirectory& pages = directory(*section);
  const Lease scratch(*this);
  std::size_t open = pages.pages.size();  // the page in scratch
  const auto entries_of = [&](std::size_t page) -> const std::vector<IndexEntry>& {
    if (open != page) read_index_entries(*scratch, pages.pages[page]);
    open = page;
    return scratch->entries;
  };
  for (std::size_t q = 0; q < values.size(); ++q) {
    const IndexEntry low = index_entry_of(values[q], 0);
    const IndexEntry high = index_entry_of(values[q], (1U << kEntryTagBits) - 1);
    std::uint64_t total = 0;
    std::uint32_t given = 0;
    for (std::size_t page = pages.page_of(low); page < pages.pages.size() && pages.first[page] <= high; ++page) {
      const bool next_within = page + 1 < pages.pages.size() && pages.first[page + 1] <= high;
      if (pages.first[page] >= low && next_within && given > cap) {  // wholly inside: counted by the directory
        total += pages.pages[page].items;
        continue;
      }
      const std::vector<IndexEntry>& here = entries_of(page);
      const auto begin = std::lower_bound(here.begin(), here.end(), low);
      const auto end = std::upper_bound(begin, here.end(), high);
      total += static_cast<std::uint64_t>(end - begin);
      for (auto at = begin; at != end && given <= cap; ++at, ++given) {
        out.query.push_back(static_cast<std::uint32_t>(q));
        out.prefixes.push_back(entry_tag_prefix(*at));
      }
    }
    out.totals[q] = static_cast<std::uint32_t>(std::min<std::uint64_t>(total, 0xffffffff));
  }
}

std::vector<PositionAnswer> RunReader::positions(std::span<const RowTag> tags) const {
  std::vector<PositionAnswer> out;
  const RunSection* section = find_section(SectionKind::kPositions);
  if (section == nullptr || section->pages == 0) return out;
  const SectionDirectory& pages = directory(*section);
  const Lease scratch(*this);
  std::vector<TagPosition> here;
  std::size_t open = pages.pages.size();
  for (std::size_t q = 0; q < tags.size(); ++q) {
    if (!keeps_position(tags[q])) continue;
    for (std::size_t page = pages.page_of(tags[q]); page < pages.pages.size() && pages.first[page] <= tags[q]; ++page) {
      if (open != page) {
        std::size_t used = 0;
        const PageEntry& entry = pages.pages[page];
        if (!read_position_page(page_bytes(*scratch, entry), here, used) || here.size() != entry.items ||
            here.front().tag != entry.first)
          damaged(entry.block, "holds no page of positions where the directory has one");
        open = page;
      }
      auto at = std::partition_point(here.begin(), here.end(), [&](const TagPosition& p) { return p.tag < tags[q]; });
      for (; at != here.end() && at->tag == tags[q]; ++at) {
        if (at->export_number >= manifest_.exports.size())
          damaged(pages.pages[page].block, "names an export that the run has not");
        out.push_back({static_cast<std::uint32_t>(q), at->export_number, at->row});
      }
    }
  }
  return out;
}

}  // namespace sidik
