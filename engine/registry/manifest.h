// What a registry knows of an export beside its records: the encrypted manifest of a run, and what stands in clear in
// an envelope.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "fields/schema.h"
#include "fields/spelling.h"
#include "fingerprints/batch_fingerprinter.h"
#include "fingerprints/key.h"

namespace sidik {

using RunId = std::array<std::uint8_t, 16>;
using Digest = std::array<std::uint8_t, 32>;

enum class ExportKind : std::uint8_t { kExport = 1, kReference = 2, kExternal = 3 };
std::string_view kind_name(ExportKind kind);  // "export", "reference", "external"
std::optional<ExportKind> kind_from_name(std::string_view name);

/// What anybody who has the files may know of an export; said by the user, apart from `registered_at` and
/// `registered_by`.
struct ExportDescription {
  std::string name;
  std::string feed;       // "" where none was given
  std::string recipient;  // "" where none was given
  ExportKind kind = ExportKind::kExport;
  std::optional<UtcSeconds> at;
  std::optional<UtcSeconds> sent_at;
  UtcSeconds registered_at = 0;
  std::string registered_by;  // the key's holder

  /// What it is one of: an export without a feed is a feed of its own.
  const std::string& feed_or_name() const { return feed.empty() ? name : feed; }
};

/// One code of a column and how many of the export's rows have it.
struct CodeCount {
  ColumnCode code;
  std::uint64_t count;
};

struct ColumnStatistics {
  std::uint64_t nulls = 0;
  std::uint64_t invalid = 0;   // fingerprinted as text
  std::uint64_t distinct = 0;  // distinct values: exact up to 1,024, estimated above (within some 2 %)
  /// The most frequent value codes, most frequent first; all of them where there are at most 1,024, else the 64 most
  /// frequent (counts exact, except that codes of rare values may be missing).
  std::vector<CodeCount> frequent;
};

struct ExportColumn {
  ColumnId id = 0;
  ColumnSchema schema;
  Spelling spelling;
  ColumnStatistics statistics;
};

/// How many distinct identities of one type an export holds.
struct IdentityCount {
  FieldType type;
  std::uint64_t rows;      // rows that took their tag from this type
  std::uint64_t distinct;  // distinct tags among them
};

/// How the file was written (ingest's dialect, as words): evidence of form.
struct FileForm {
  std::string format = "csv";
  std::string delimiter;  // ingest::delimiter_name
  bool quoted = false;
  bool header = true;
  std::string encoding;  // "utf-8", "windows-1252", ...
  std::string line_end;  // "lf", "crlf", "cr"
};

struct ExportManifest {
  ExportDescription description;
  std::uint64_t rows = 0;              // rows read
  std::uint64_t rejected = 0;          // bad rows, not among `rows`
  std::uint64_t records = 0;           // distinct records (tag and codes)
  std::uint64_t tags = 0;              // distinct row tags
  std::uint64_t whole_row_tagged = 0;  // rows without a valid identity
  std::vector<IdentityCount> identities;
  std::vector<ExportColumn> columns;  // in the export's order
  FileForm form;
  std::string content_digest;  // keyed; hex: equal where the same rows were registered under the same schema
  std::string records_digest;  // keyed; hex: of the set of (tag, column ids and codes, count); survives merging
  std::string sealing{};       // how it was sealed, as engine/seal writes it (bytes); empty where it was not
};

}  // namespace sidik
