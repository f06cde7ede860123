// The rows of an export to fingerprints on several threads: into a run, or only into their digest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "registry/registration.h"
#include "registry/run.h"
#include "registry/schema_decision.h"
#include "registry/table_stream.h"

namespace sidik {

/// What was seen while reading.
struct ExportReading {
  std::uint64_t rows = 0;
  std::uint64_t rejected = 0;
  std::uint64_t repeated_headers = 0;
  std::uint64_t frame_lines = 0;  // of printed tables
  std::uint64_t transcoded_values = 0;
  std::vector<std::uint64_t> invalid;  // a column, in the schema's order
  std::string content_digest;
  struct RejectedRow {
    std::string file;
    Batch::Rejected row;
  };
  std::vector<RejectedRow> first_rejected;  // up to 10, in the order of the input
};

/// Reads `head` and then all that is left in `tables`. `builder` takes the rows in, where there is one.
/// options.progress is called on the calling thread, at most ten times a second.
ExportReading read_export(TableStream& tables, ExportHead head, const Schema& schema, const RegistryKey& key,
                          RunBuilder* builder, const RegistrationOptions& options);

}  // namespace sidik
