// What a run holds and where: columns and their models, export sets, sections and their directories, the exports'
// manifests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "fingerprints/batch_fingerprinter.h"
#include "registry/column_model.h"
#include "registry/export_set.h"
#include "registry/fingerprint_store.h"
#include "registry/manifest.h"

namespace sidik {

enum class SectionKind : std::uint8_t { kRecords = 1, kIndex = 2, kPositions = 3 };

/// One page of a section, as its directory has it: 16 bytes.
struct PageEntry {
  std::uint64_t first;  // tag or index entry of the page's first item
  std::uint32_t block;
  std::uint16_t offset;  // in the block's payload
  std::uint16_t items;
};
inline constexpr std::size_t kPageEntrySize = 16;
void store_page_entry(std::uint8_t* out, const PageEntry& entry);
PageEntry load_page_entry(const std::uint8_t* in);

struct RunSection {
  SectionKind kind = SectionKind::kRecords;
  FieldType type{};  // of an index
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;  // of its pages, padding left out
  std::uint64_t pages = 0;
  std::vector<PageEntry> directory;  // the pages of its directory, each a list of page entries
};

struct RunManifest {
  std::vector<ColumnId> columns;
  std::vector<FieldType> types;     // of the columns
  std::vector<ColumnModel> models;  // of the columns
  ColumnModel set_model;
  /// Whether export sets may stand in record pages: so in merged runs, whose sets are many.
  bool sets_in_pages = false;
  std::vector<ExportSet> sets;          // by export set number; places in `exports`, never empty
  std::vector<RunSection> sections;     // records first, then indexes by type, then positions
  std::vector<ExportManifest> exports;  // by (feed, date, name)
};

/// The manifest's bytes, compressed, and back. `place` is for messages; throws Error(kDamaged) for anything malformed.
Bytes encode_run_manifest(const RunManifest& manifest);
RunManifest decode_run_manifest(ByteSpan bytes, const std::string& place);

/// "records", "index name", "positions".
std::string section_name(const RunSection& section);

}  // namespace sidik
