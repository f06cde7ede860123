// What the records of each export of a run add up to: the numbers and the digest that its manifest has of them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/secret.h"
#include "registry/records_digest.h"
#include "registry/run_manifest.h"

namespace sidik {

struct ExportTally {
  std::uint64_t rows = 0, records = 0, tags = 0, whole_row_rows = 0;
  std::vector<std::uint64_t> nulls;       // by place in the run's columns
  std::vector<IdentityCount> identities;  // by type
  std::string records_digest;
};

/// Counts all exports of a run at once. A record is added at the ends of its set's ranges, so it costs the same for one
/// export and for a thousand; the sums are taken at the end.
class ExportTallies {
 public:
  /// `manifest` outlives the object.
  ExportTallies(const RunManifest& manifest, const Secret& digest_secret);
  ~ExportTallies();

  /// Records in the run's order: codes[c][i] of column c, the count and the set of record i.
  void add(std::span<const RowTag> tags, const std::vector<std::vector<ColumnCode>>& codes,
           std::span<const std::uint64_t> counts, std::span<const std::span<const ExportSet::Range>> sets);
  /// By export. Once only.
  std::vector<ExportTally> finish();

 private:
  struct Shape;
  /// A number for each export, as the differences from the one before.
  using Steps = std::vector<std::uint64_t>;

  void add_to_shape(Shape& shape, std::span<const RowTag> tags, const std::vector<std::vector<ColumnCode>>& codes,
                    std::span<const std::uint64_t> counts, std::span<const std::span<const ExportSet::Range>> sets);
  static void step(Steps& steps, std::span<const ExportSet::Range> set, std::uint64_t value);

  const RunManifest& manifest_;
  std::vector<Shape> shapes_;
  Steps rows_, records_, tags_, whole_row_;
  std::vector<Steps> nulls_;
  struct Identity {
    Steps rows, distinct;
  };
  std::map<FieldType, Identity> identities_;
  std::vector<RecordTerm> digests_;  // steps
  std::vector<RecordTerm> terms_;
  ExportSet part_, fresh_;
};

}  // namespace sidik
