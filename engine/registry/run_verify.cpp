// Proof that a run is as it was written: its blocks without a key, its content with one.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "registry/index_page.h"
#include "registry/position_page.h"
#include "registry/records_digest.h"
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
  /// What the records of one export add up to.
  struct ExportTally {
    std::uint64_t rows = 0, records = 0, tags = 0;
    RowTag last_tag = ~RowTag{0};
    std::vector<std::uint64_t> nulls;  // by place in the run's columns
    std::map<FieldType, IdentityCount> identities;
    std::uint64_t whole_row_rows = 0;
    RecordsDigest digest;
    std::vector<bool> has_column;  // by place in the run's columns
  };

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
    const RunManifest& manifest = run_.manifest_;
    const std::size_t columns = manifest.columns.size();
    std::vector<ExportTally> tallies;
    for (const ExportManifest& e : manifest.exports) {
      std::vector<bool> has(columns);
      for (std::size_t c = 0; c < columns; ++c)
        has[c] = std::any_of(e.columns.begin(), e.columns.end(),
                             [&](const ExportColumn& column) { return column.id == manifest.columns[c]; });
      tallies.push_back({0,
                         0,
                         0,
                         ~RowTag{0},
                         std::vector<std::uint64_t>(columns),
                         {},
                         0,
                         RecordsDigest(run_.digest_secret_, manifest.columns),
                         std::move(has)});
    }
    const RunReader::Lease scratch(run_);
    RowTag last = 0;
    std::vector<std::vector<ColumnCode>> codes(columns);
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
      scratch->sets.resize(std::max(scratch->sets.size(), page.size()));
      if (!page.counts(scratch->counts)) run_.damaged(entry.block, "holds counts that cannot be read");
      if (!page.sets(*run_.set_decoder_, {scratch->sets.data(), page.size()}))
        run_.damaged(entry.block, "holds export sets that cannot be read");
      for (std::size_t i = 0; i < page.size(); ++i)
        if (scratch->sets[i] >= manifest.sets.size())
          run_.damaged(entry.block, "names an export set that the run has not");
      for (std::size_t e = 0; e < tallies.size(); ++e)
        add_page(tallies[e], static_cast<ExportIndex>(e), tags, codes, scratch->counts, scratch->sets);
      return page.bytes();
    });
    for (std::size_t e = 0; e < tallies.size(); ++e) compare(tallies[e], manifest.exports[e]);
  }

  /// Adds those records of a page that the export has, with the columns that it has.
  void add_page(ExportTally& tally, ExportIndex e, std::span<const RowTag> tags,
                const std::vector<std::vector<ColumnCode>>& codes, const std::vector<std::uint64_t>& counts,
                const std::vector<std::uint16_t>& sets) {
    const RunManifest& manifest = run_.manifest_;
    std::vector<std::uint32_t> own;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      const std::vector<ExportIndex>& set = manifest.sets[sets[i]];
      if (std::binary_search(set.begin(), set.end(), e)) own.push_back(static_cast<std::uint32_t>(i));
    }
    std::vector<RowTag> own_tags;
    std::vector<std::uint64_t> own_counts;
    for (const std::uint32_t i : own) {
      own_tags.push_back(tags[i]);
      own_counts.push_back(counts[i]);
    }
    std::vector<std::vector<ColumnCode>> own_codes(codes.size());
    std::vector<const ColumnCode*> pointers(codes.size(), nullptr);
    for (std::size_t c = 0; c < codes.size(); ++c) {
      if (!tally.has_column[c]) continue;
      for (const std::uint32_t i : own) own_codes[c].push_back(codes[c][i]);
      pointers[c] = own_codes[c].data();
    }
    tally.digest.add(own_tags, pointers, own_counts);
    for (std::size_t r = 0; r < own.size(); ++r) {
      ++tally.records;
      tally.rows += own_counts[r];
      std::optional<std::size_t> tag_column;
      for (std::size_t c = 0; c < codes.size(); ++c) {
        if (!tally.has_column[c]) continue;
        if (own_codes[c][r] == kNullCode) tally.nulls[c] += own_counts[r];
        if (own_codes[c][r] == kTagCode && !tag_column) tag_column = c;
      }
      const bool new_tag = own_tags[r] != tally.last_tag;
      tally.last_tag = own_tags[r];
      tally.tags += new_tag;
      if (!tag_column) {
        tally.whole_row_rows += own_counts[r];
        continue;
      }
      const FieldType type = manifest.types[*tag_column];
      IdentityCount& identity = tally.identities[type];
      identity.type = type;
      identity.rows += own_counts[r];
      identity.distinct += new_tag;
    }
  }

  void compare(const ExportTally& tally, const ExportManifest& written) const {
    const std::string name = "export '" + written.description.name + "'";
    if (tally.rows != written.rows || tally.records != written.records || tally.tags != written.tags ||
        tally.whole_row_rows != written.whole_row_tagged)
      wrong(name + " holds " + std::to_string(tally.rows) + " rows, " + std::to_string(tally.records) +
            " records and " + std::to_string(tally.tags) + " tags where its manifest says " +
            std::to_string(written.rows) + ", " + std::to_string(written.records) + " and " +
            std::to_string(written.tags));
    for (const IdentityCount& identity : written.identities) {
      const auto found = tally.identities.find(identity.type);
      if (found == tally.identities.end() || found->second.rows != identity.rows ||
          found->second.distinct != identity.distinct)
        wrong(name + " holds other identities than its manifest says");
    }
    if (tally.identities.size() != written.identities.size())
      wrong(name + " holds other identities than its manifest says");
    for (const ExportColumn& column : written.columns) {
      const auto place = std::find(run_.manifest_.columns.begin(), run_.manifest_.columns.end(), column.id);
      if (tally.nulls[static_cast<std::size_t>(place - run_.manifest_.columns.begin())] != column.statistics.nulls)
        wrong(name + " holds another number of nulls than its manifest says");
    }
    if (tally.digest.hex() != written.records_digest) wrong(name + " holds other records than its digest is of");
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
