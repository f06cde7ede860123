// Proof that a run is as it was written: its blocks without a key, its content with one.
#include <algorithm>

#include "base/error.h"
#include "registry/export_tally.h"
#include "registry/index_page.h"
#include "registry/position_page.h"
#include "registry/run_reader.h"

namespace sidik {

/// Walks through one run. Section by section, page by page; what is counted is held against the manifests at the end.
class RunVerifier {
 public:
  RunVerifier(const RunReader& run, const std::function<void(std::uint64_t)>& progress)
      : run_(run), progress_(progress) {}

  void verify() {
    every_block();
    for (const RunSection& section : run_.manifest_.sections) {
      switch (section.kind) {
        case SectionKind::kRecords:
          records(section);
          break;
        case SectionKind::kIndex:
          index(section);
          break;
        case SectionKind::kPositions:
          positions(section);
          break;
      }
    }
  }

 private:
  [[noreturn]] void wrong(const std::string& what) const {
    throw Error(ErrorKind::kDamaged, run_.place_, what + "; `sidik check` tells what is affected");
  }

  void every_block() {
    const RunReader::Lease scratch(run_);
    std::uint64_t unreported = kRunHeaderSize;
    for (std::uint64_t b = 0; b < run_.header_.manifest_block; ++b) {
      run_.read_block(*scratch, b);
      unreported += kBlockSize;
      if (b % 64 == 63) report(unreported);
    }
    unreported += (run_.header_.blocks - run_.header_.manifest_block) * kBlockSize;  // read when the run was opened
    report(unreported);
  }
  void report(std::uint64_t& bytes) {
    if (progress_) progress_(bytes);
    bytes = 0;
  }

  /// Walks over a section's pages; `page` returns the bytes that a page takes.
  template <class Page>
  void pages(const RunSection& section, Page page) {
    const SectionDirectory& directory = run_.directory(section);
    std::uint64_t items = 0, bytes = 0;
    for (const PageEntry& entry : directory.pages) {
      bytes += page(entry);
      items += entry.items;
    }
    if (items != section.items || bytes != section.bytes || directory.pages.size() != section.pages)
      wrong("the section " + section_name(section) + " holds " + std::to_string(items) +
            " items where its manifest says " + std::to_string(section.items));
  }

  void records(const RunSection& section) {
    const std::size_t columns = run_.manifest_.columns.size();
    const RunReader::Lease scratch(run_);
    RowTag last = 0;
    std::vector<std::vector<ColumnCode>> codes(columns);
    std::vector<std::span<const ExportSet::Range>> sets;
    ExportTallies tallies(run_.manifest_, run_.digest_secret_);
    pages(section, [&](const PageEntry& entry) {
      run_.open_record_page(*scratch, entry);
      RecordPage& page = scratch->records;
      const std::span<const RowTag> tags = page.tags();
      if (tags.front() < last) run_.damaged(entry.block, "holds records out of order");
      last = tags.back();
      for (std::size_t c = 0; c < columns; ++c) {
        codes[c].resize(page.size());
        if (!page.codes(c, run_.decoders_[c], codes[c])) run_.damaged(entry.block, "holds codes that cannot be read");
      }
      if (!page.counts(scratch->counts)) run_.damaged(entry.block, "holds counts that cannot be read");
      run_.read_sets(*scratch, entry, page.size());
      sets.clear();
      for (std::size_t i = 0; i < page.size(); ++i) sets.push_back(run_.set_of(*scratch, i));
      tallies.add(tags, codes, scratch->counts, sets);
      return page.bytes();
    });
    const std::vector<ExportTally> found = tallies.finish();
    for (std::size_t e = 0; e < found.size(); ++e) compare(found[e], run_.manifest_.exports[e]);
  }

  void compare(const ExportTally& tally, const ExportManifest& written) const {
    const std::string name = "export '" + written.description.name + "'";
    if (tally.rows != written.rows || tally.records != written.records || tally.tags != written.tags ||
        tally.whole_row_rows != written.whole_row_tagged)
      wrong(name + " holds " + std::to_string(tally.rows) + " rows, " + std::to_string(tally.records) +
            " records and " + std::to_string(tally.tags) + " tags where its manifest says " +
            std::to_string(written.rows) + ", " + std::to_string(written.records) + " and " +
            std::to_string(written.tags));
    const auto same_identity = [](const IdentityCount& a, const IdentityCount& b) {
      return a.type == b.type && a.rows == b.rows && a.distinct == b.distinct;
    };
    if (!std::equal(tally.identities.begin(), tally.identities.end(), written.identities.begin(),
                    written.identities.end(), same_identity))
      wrong(name + " holds other identities than its manifest says");
    for (const ExportColumn& column : written.columns) {
      const auto place = std::find(run_.manifest_.columns.begin(), run_.manifest_.columns.end(), column.id);
      if (tally.nulls[static_cast<std::size_t>(place - run_.manifest_.columns.begin())] != column.statistics.nulls)
        wrong(name + " holds another number of nulls than its manifest says");
    }
    if (tally.records_digest != written.records_digest) wrong(name + " holds other records than its digest is of");
  }

  void index(const RunSection& section) {
    const RunReader::Lease scratch(run_);
    bool any = false;
    IndexEntry last = 0;
    pages(section, [&](const PageEntry& entry) {
      std::size_t used = 0;
      if (!read_index_page(run_.page_bytes(*scratch, entry), scratch->entries, used) ||
          scratch->entries.size() != entry.items || scratch->entries.front() != entry.first ||
          (any && scratch->entries.front() <= last))
        run_.damaged(entry.block, "holds no page of index entries where the directory has one");
      last = scratch->entries.back();
      any = true;
      return used;
    });
  }

  void positions(const RunSection& section) {
    const RunReader::Lease scratch(run_);
    std::vector<TagPosition> here;
    RowTag last = 0;
    pages(section, [&](const PageEntry& entry) {
      std::size_t used = 0;
      if (!read_position_page(run_.page_bytes(*scratch, entry), here, used) || here.size() != entry.items ||
          here.front().tag != entry.first || here.front().tag < last)
        run_.damaged(entry.block, "holds no page of positions where the directory has one");
      for (const TagPosition& position : here)
        if (position.export_number >= run_.manifest_.exports.size())
          run_.damaged(entry.block, "names an export that the run has not");
      last = here.back().tag;
      return used;
    });
  }

  const RunReader& run_;
  const std::function<void(std::uint64_t)>& progress_;
};

void RunReader::verify(const std::function<void(std::uint64_t)>& progress) const {
  RunVerifier(*this, progress).verify();
}

RunFile verify_run_checksums(FileSystem& files, const std::filesystem::path& path,
                             const std::function<void(std::uint64_t)>& progress) {
  const auto file = files.open(path, OpenMode::kRead);
  RunHeaderBytes bytes;
  const RunHeader header = read_run_header(*file, bytes);
  RunDigest digest(bytes);
  if (progress) progress(kRunHeaderSize);
  constexpr std::size_t kAtOnce = 16;
  Bytes buffer(kAtOnce * kBlockSize);
  for (std::uint64_t first = 0; first < header.blocks; first += kAtOnce) {
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(kAtOnce, header.blocks - first));
    const std::size_t got = file->read_at(kRunHeaderSize + first * kBlockSize, {buffer.data(), count * kBlockSize});
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const std::uint8_t, kBlockSize> block(buffer.data() + i * kBlockSize, kBlockSize);
      if ((i + 1) * kBlockSize > got || !block_checksum_fits(block))
        throw Error(ErrorKind::kDamaged, path.string() + ", block " + std::to_string(first + i),
                    "does not fit its checksum; `sidik check --read-data` tells what is affected");
      digest.add(block.last<kBlockTrailer>());
    }
    if (progress) progress(count * kBlockSize);
  }
  RunFile out;
  out.id = header.run;
  out.epoch = header.epoch;
  out.path = path;
  out.length = header.file_length();
  out.key_commitment = header.key_commitment;
  out.digest = digest.finish();
  return out;
}

}  // namespace sidik
