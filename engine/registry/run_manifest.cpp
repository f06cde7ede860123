#include "registry/run_manifest.h"

#include <zstd.h>

#include <algorithm>

#include "base/error.h"
#include "registry/block.h"
#include "registry/export_set_codec.h"
#include "registry/manifest_codec.h"
#include "registry/record_page.h"

namespace sidik {
namespace {

constexpr std::uint8_t kManifestVersion = 2;  // 1 had nothing of sealing
/// No manifest is larger; a compressed one that says so is not believed.
constexpr std::uint64_t kMostManifestBytes = std::uint64_t{1} << 30;
/// Forms of the sets.
constexpr std::uint8_t kSetDictionary = 0;
constexpr std::uint8_t kSetsInPages = 1;  // a dictionary, and sets in the pages

class Reading {
 public:
  Reading(ByteSpan bytes, const std::string& place) : in_(bytes, place), place_(place) {}

  RunManifest manifest() {
    const std::uint8_t version = in_.u8();
    if (version == 0 || version > kManifestVersion)
      damaged("the manifest is of a newer version; read the run with that version of sidik");
    RunManifest out;
    out.exports.resize(in_.count(32));
    for (ExportManifest& e : out.exports) e = read_manifest(in_, version, place_);
    if (out.exports.empty()) damaged("the manifest names no export");
    const std::size_t columns = in_.count(10);
    if (columns > kMostColumns) damaged("the manifest names more columns than a run can have");
    for (std::size_t c = 0; c < columns; ++c) {
      out.columns.push_back(in_.u64());
      out.types.push_back(type());
      out.models.push_back(ColumnModel::read(in_, place_));
    }
    const std::uint8_t form = in_.u8();
    if (form > kSetsInPages) damaged("export sets are in a newer form; read the run with that version of sidik");
    out.sets_in_pages = form == kSetsInPages;
    if (out.sets_in_pages && out.exports.size() > kMostExportsInRun)
      damaged("the manifest names more exports than a run can have");
    out.set_model = ColumnModel::read(in_, place_);
    out.sets.resize(in_.count(1));
    for (auto& set : out.sets) set = read_set(in_, out.exports.size(), place_);
    if (out.sets.empty() && !out.sets_in_pages) damaged("the manifest names no export set");
    if (out.sets.size() > kRangesInPage) damaged("the manifest names more export sets than there are numbers");
    out.sections.resize(in_.count(5));
    for (RunSection& s : out.sections) s = section();
    if (!in_.at_end()) damaged("something stands behind the manifest's end");
    check_sections(out);
    check_columns(out);
    return out;
  }

 private:
  [[noreturn]] void damaged(const char* what) const { throw Error(ErrorKind::kDamaged, place_, what); }

  FieldType type() {
    const std::uint8_t number = in_.u8();
    if (number == 0 || number >= kFieldTypes)
      damaged("the manifest names a field type that this version does not know");
    return static_cast<FieldType>(number);
  }

  RunSection section() {
    RunSection out;
    const std::uint8_t kind = in_.u8();
    if (kind < 1 || kind > 3) damaged("the manifest names a section of an unknown kind");
    out.kind = static_cast<SectionKind>(kind);
    if (out.kind == SectionKind::kIndex) out.type = type();
    out.items = in_.varint();
    out.bytes = in_.varint();
    out.pages = in_.varint();
    out.directory.resize(in_.count(kPageEntrySize));
    std::uint64_t pages = 0;
    for (PageEntry& entry : out.directory) {
      entry = load_page_entry(in_.raw(kPageEntrySize).data());
      if (entry.items == 0 || entry.items > kBlockPayload / kPageEntrySize ||
          entry.offset + entry.items * kPageEntrySize > kBlockPayload)
        damaged("a directory reaches past its block");
      pages += entry.items;
    }
    if (pages != out.pages) damaged("a directory has another number of pages than its section");
    return out;
  }

  void check_sections(const RunManifest& m) const {
    for (std::size_t s = 0; s < m.sections.size(); ++s) {
      const bool records = m.sections[s].kind == SectionKind::kRecords;
      if (records != (s == 0)) damaged("a run has one records section, and it comes first");
      if (s < 2) continue;
      const auto order = [&m](std::size_t i) { return std::pair(m.sections[i].kind, m.sections[i].type); };
      if (order(s) <= order(s - 1)) damaged("the sections are out of order");
    }
    if (m.sections.empty()) damaged("a run has one records section, and it comes first");
  }

  void check_columns(const RunManifest& m) const {
    for (const ExportManifest& e : m.exports)
      for (const ExportColumn& column : e.columns)
        if (std::find(m.columns.begin(), m.columns.end(), column.id) == m.columns.end())
          damaged("an export has a column that the run has not");
  }

  ByteReader in_;
  const std::string& place_;
};

}  // namespace

void store_page_entry(std::uint8_t* out, const PageEntry& entry) {
  store_u64(out, entry.first);
  store_u32(out + 8, entry.block);
  store_u16(out + 12, entry.offset);
  store_u16(out + 14, entry.items);
}
PageEntry load_page_entry(const std::uint8_t* in) {
  return {load_u64(in), load_u32(in + 8), load_u16(in + 12), load_u16(in + 14)};
}

Bytes encode_run_manifest(const RunManifest& manifest) {
  ByteWriter out;
  out.u8(kManifestVersion);
  out.varint(manifest.exports.size());
  for (const ExportManifest& e : manifest.exports) write_manifest(out, e);
  out.varint(manifest.columns.size());
  for (std::size_t c = 0; c < manifest.columns.size(); ++c) {
    out.u64(manifest.columns[c]);
    out.u8(static_cast<std::uint8_t>(manifest.types[c]));
    manifest.models[c].write(out);
  }
  out.u8(manifest.sets_in_pages ? kSetsInPages : kSetDictionary);
  manifest.set_model.write(out);
  out.varint(manifest.sets.size());
  for (const auto& set : manifest.sets) write_set(out, set, manifest.exports.size());
  out.varint(manifest.sections.size());
  for (const RunSection& section : manifest.sections) {
    out.u8(static_cast<std::uint8_t>(section.kind));
    if (section.kind == SectionKind::kIndex) out.u8(static_cast<std::uint8_t>(section.type));
    out.varint(section.items);
    out.varint(section.bytes);
    out.varint(section.pages);
    out.varint(section.directory.size());
    for (const PageEntry& entry : section.directory) {
      std::uint8_t raw[kPageEntrySize];
      store_page_entry(raw, entry);
      out.raw(raw);
    }
  }
  const Bytes plain = out.take();
  Bytes packed(ZSTD_compressBound(plain.size()));
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 6);
  if (ZSTD_isError(size)) throw Error(ErrorKind::kFailed, "the manifest", ZSTD_getErrorName(size));
  packed.resize(size);
  return packed;
}

RunManifest decode_run_manifest(ByteSpan bytes, const std::string& place) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMostManifestBytes)
    throw Error(ErrorKind::kDamaged, place, "the manifest is not compressed as this format has it");
  Bytes plain(static_cast<std::size_t>(size));
  const std::size_t got = ZSTD_decompress(plain.data(), plain.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) || got != plain.size())
    throw Error(ErrorKind::kDamaged, place, "the manifest does not decompress");
  return Reading(plain, place).manifest();
}

std::string section_name(const RunSection& section) {
  switch (section.kind) {
    case SectionKind::kRecords:
      return "records";
    case SectionKind::kIndex:
      return "index " + std::string(type_name(section.type));
    case SectionKind::kPositions:
      return "positions";
  }
  return "section";
}

}  // namespace sidik
