// Schema files: read for --schema, inferred and written for --write-schema.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fields/schema.h"
#include "ingest/table_reader.h"
#include "registry/registration.h"

namespace sidik::command {

/// Error(kUsage) naming file and line where it is none.
Schema read_schema_file(const std::string& path);

/// Error(kUsage) where there is a file at `path` already; "-" is standard output.
void require_no_file(const std::string& path);
/// Writes a new file, or to standard output.
void write_schema_file(const Schema& schema, const std::string& path);

/// The schema that a registration would decide on: from the first 64 MiB of `sources` (decompressed), which must have
/// the same columns. Error(kRefused) where there are no rows.
Schema infer_schema(std::vector<std::unique_ptr<ByteSource>> sources, const TableReaderOptions& options, bool quiet);

/// The schema that an export was registered under.
Schema schema_of(const RegistrationResult& result);

}  // namespace sidik::command
