// What a registry whose catalogue is lost or damaged still tells of itself: signed lines, from the files in `runs` and
// from whatever the old catalogue still gives. Nothing is taken on trust but a signature.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "registry/audit.h"
#include "registry/catalogue.h"
#include "registry/merge_statement.h"
#include "registry/registry_config.h"

namespace sidik {

struct SalvagedExport {
  Envelope envelope;
  std::string text;
};
struct SalvagedRemoval {
  RemovalStatement statement;
  std::string text, envelope_text;
};
struct SalvagedMerge {
  MergeStatement statement;
  std::string text;
};
struct SalvagedAuditLine {
  AuditLine line;
  std::string text;
};

struct Salvage {
  std::map<std::string, SalvagedExport> exports;    // by digest of the envelope's line, hex
  std::map<std::string, SalvagedRemoval> removals;  // by the same of the removed export
  std::map<std::string, SalvagedMerge> merges;      // by run id, hex; of those whose run is there
  std::map<std::string, std::string> certificates;  // by digest, hex
  std::vector<SalvagedAuditLine> audit;           // from the first line on, as far as each follows from the one before
  bool audit_is_whole = false;                    // the old catalogue gave its audit to the end
  std::int64_t generation = 0;                    // no reader holds a later one
  std::vector<std::filesystem::path> unreadable;  // files in `runs` that no signature makes ours
};

/// Reads all that is there. `catalogue`: the old one, which may be missing or damaged. Throws Error(kFailed) where a
/// file that is there cannot be read.
Salvage salvage_catalogue(FileSystem& files, const RegistryFolder& folder, const RegistryConfig& config,
                          const Database::Options& catalogue);

}  // namespace sidik
