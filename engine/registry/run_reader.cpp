// Opening a run: its header, manifest and directories, and how blocks and pages are read.
#include "registry/run_reader.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "registry/bit_stream.h"
#include "registry/export_set_codec.h"
#include "registry/index_page.h"

namespace sidik {

std::shared_ptr<Run> Run::open(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key) {
  return open(files, path, key, {});
}
std::shared_ptr<Run> Run::open(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key,
                               const IsLive& is_live) {
  return std::make_shared<RunReader>(files, path, key, is_live);
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

RunReader::RunReader(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key,
                     const IsLive& is_live)
    : file_(files.open(path, OpenMode::kRead)), place_(path.string()), digest_secret_(key.digest_secret) {
  RunHeaderBytes bytes;
  header_ = read_run_header(*file_, bytes);
  data_key_ = unwrap_data_key(header_, key, place_);
  binding_ = {header_.registry, header_.run, header_.epoch, run_header_digest(bytes)};
  read_manifest_blocks();
  for (const ExportManifest& e : manifest_.exports) live_.push_back(!is_live || is_live(e) ? 1 : 0);
  all_live_ = std::find(live_.begin(), live_.end(), 0) == live_.end();
  find_shapes();
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

const SectionDirectory* RunReader::pages_of(SectionKind kind, FieldType type) const {
  const RunSection* const section = find_section(kind, type);
  return section == nullptr || section->pages == 0 ? nullptr : &directory(*section);
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
    for (const ExportShape& shape : live_shapes())
      for (std::size_t c = 0; c < shape.types.size() && section.kind == SectionKind::kIndex; ++c)
        if (shape.types[c] == section.type && shape.indexed[c]) out.push_back(section.type);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void RunReader::open_record_page(ReadScratch& scratch, const PageEntry& page) const {
  if (!scratch.records.open(page_bytes(scratch, page), manifest_.columns.size()) ||
      scratch.records.size() != page.items || scratch.records.tags().front() != page.first)
    damaged(page.block, "holds no page of records where the directory has one");
}

void RunReader::read_index_entries(ReadScratch& scratch, const PageEntry& page) const {
  if (scratch.entries_of == &page) return;
  scratch.entries_of = nullptr;
  read_index_entries(scratch, page, scratch.entries);
  scratch.entries_of = &page;
}

void RunReader::read_index_entries(ReadScratch& scratch, const PageEntry& page, std::vector<IndexEntry>& out) const {
  std::size_t used = 0;
  if (!read_index_page(page_bytes(scratch, page), out, used) || out.size() != page.items || out.front() != page.first)
    damaged(page.block, "holds no page of index entries where the directory has one");
}

void RunReader::read_positions(ReadScratch& scratch, const PageEntry& page, std::vector<TagPosition>& out) const {
  std::size_t used = 0;
  if (!read_position_page(page_bytes(scratch, page), out, used) || out.size() != page.items ||
      out.front().tag != page.first)
    damaged(page.block, "holds no page of positions where the directory has one");
  for (const TagPosition& position : out)
    if (position.export_number >= manifest_.exports.size()) damaged(page.block, "names an export that the run has not");
}

std::vector<ExportManifest> RunReader::take_exports() {
  std::vector<ExportManifest> taken(manifest_.exports.size());
  taken.swap(manifest_.exports);
  return taken;
}

ExportShape RunReader::shape_of(ExportIndex e) const {
  ExportShape shape = shapes_[shape_of_[e]];
  shape.exports = {};
  shape.exports.append(e);
  return shape;
}

ExportShape RunReader::shape_in_manifest(ExportIndex e) const {
  ExportShape shape;
  const std::vector<ExportColumn>& columns = manifest_.exports[e].columns;
  for (std::size_t place = 0; place < manifest_.columns.size(); ++place) {
    const auto at = std::find_if(columns.begin(), columns.end(),
                                 [&](const ExportColumn& column) { return column.id == manifest_.columns[place]; });
    if (at == columns.end()) continue;
    shape.places.push_back(place);
    shape.indexed.push_back(at->schema.indexed ? 1 : 0);
    shape.columns.push_back(manifest_.columns[place]);
    shape.types.push_back(manifest_.types[place]);
  }
  return shape;
}

/// Shapes of removed exports alone come last, and are no answer's.
void RunReader::find_shapes() {
  shape_of_.resize(live_.size());
  for (const bool live : {true, false}) {
    for (std::size_t e = 0; e < live_.size(); ++e) {
      if ((live_[e] != 0) != live) continue;
      ExportShape shape = shape_in_manifest(static_cast<ExportIndex>(e));
      auto same = std::find_if(shapes_.begin(), shapes_.end(), [&](const ExportShape& known) {
        return known.places == shape.places && known.indexed == shape.indexed;
      });
      if (same == shapes_.end()) same = shapes_.insert(shapes_.end(), std::move(shape));
      if (live) same->exports.append(static_cast<ExportIndex>(e));
      shape_of_[e] = static_cast<std::uint32_t>(same - shapes_.begin());
    }
    if (live) live_shapes_ = shapes_.size();
  }
}

void RunReader::read_sets(ReadScratch& scratch, const PageEntry& page, std::size_t records,
                          std::span<const std::uint32_t> wanted) const {
  RecordPage::PageSets& sets = scratch.sets;
  bool read = true;
  if (manifest_.sets_in_pages && !wanted.empty()) {
    read = scratch.records.sets(*set_decoder_, manifest_.exports.size(), wanted, sets);
  } else if (manifest_.sets_in_pages) {
    read = scratch.records.sets(*set_decoder_, manifest_.exports.size(), records, sets);
  } else {
    sets.numbers.resize(records);
    read = scratch.records.sets(*set_decoder_, sets.numbers);
  }
  if (!read) damaged(page.block, "holds export sets that cannot be read");
  for (const std::uint16_t number : sets.numbers)
    if (number >= manifest_.sets.size() && !(manifest_.sets_in_pages && stands_in_page(number)))
      damaged(page.block, "names an export set that the run has not");
}

std::span<const ExportSet::Range> RunReader::set_of(const ReadScratch& scratch, std::size_t record) const {
  const RecordPage::PageSets& sets = scratch.sets;
  const std::uint16_t number = sets.numbers[record];
  if (!manifest_.sets_in_pages || !stands_in_page(number)) return manifest_.sets[number].ranges();
  return std::span(sets.ranges).subspan(sets.begins[record], sets.begins[record + 1] - sets.begins[record]);
}

}  // namespace sidik
