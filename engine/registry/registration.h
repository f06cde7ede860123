// One export into a registry: read, infer, fingerprint, build a run, commit. Nothing is left behind when any step
// fails.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fields/inference.h"
#include "ingest/byte_source.h"
#include "ingest/table_reader.h"
#include "registry/hashed_columns.h"
#include "registry/registry.h"

namespace sidik {

struct SchemaDecision;

struct RegistrationProgress {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0, total_bytes = 0;  // of the input; total 0 where unknown
  const char* stage = "reading";             // "reading", "writing"
};

enum class DriftPolicy { kRefuse, kWarn };

struct RegistrationOptions {
  ExportDescription description;  // registered_at and registered_by are filled in
  std::optional<Schema> schema;   // given by --schema; else the feed's pinned one, else inferred
  DriftPolicy on_drift = DriftPolicy::kRefuse;
  TableReaderOptions reader;
  std::optional<std::uint64_t> expect_rows;
  double max_rejects = 0.01;  // share of the rows read
  unsigned threads = 1;
  std::size_t memory = std::size_t{512} << 20;
  std::filesystem::path spill_directory;  // the registry's own where empty
  std::function<void(const RegistrationProgress&)> progress;
  /// Called when all rows are read and before anything is committed; throws to refuse (a producer that failed).
  std::function<void()> before_commit;
  /// What the encrypted manifest says of how the export was sealed; asked when all rows are read. May be empty.
  std::function<std::string()> sealing{};
  /// Where the types were decided already, by rows of the same meaning (a text that is sealed as it is read): nothing
  /// is decided again, unless the columns turn out to be others.
  std::shared_ptr<const SchemaDecision> decided{};
  /// Where the name is taken by this very content: whether that was sealed as this is, by its manifest. Fingerprints
  /// cannot tell, for marks change none. Asked where the key can read manifests.
  std::function<bool(const ExportManifest&)> sealed_alike{};
  /// Columns whose digests are registered beside them; where there are none, those of the schema given or pinned.
  std::vector<HashedColumn> also_hashed{};
};

struct RegistrationResult {
  bool already_registered = false;  // the same name, content, feed, recipient and date: nothing was written
  CatalogueEntry entry;
  ExportManifest manifest;
  InferenceResult inference;                    // what was decided and why
  std::vector<std::string> warnings;            // drift accepted, values that contradict what was pinned, ...
  std::vector<Batch::Rejected> first_rejected;  // up to 10
  std::uint64_t rejected = 0;
};

/// Registers the rows of `sources`, one after another, as one export. Each source is one table; all must have the same
/// columns. Throws Error(kRefused) for bad input, Error(kNameTaken) when the name holds other content, Error(kBusy),
/// Error(kKey), Error(kFailed).
RegistrationResult register_export(Registry& registry, const RegistryKey& key,
                                   std::vector<std::unique_ptr<ByteSource>> sources,
                                   const RegistrationOptions& options);

}  // namespace sidik
