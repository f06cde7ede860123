// A sample's column read as a type that the registry's columns have: states, fingerprints and tags of its values.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/roomy_vector.h"
#include "fingerprints/batch_fingerprinter.h"
#include "fingerprints/value_cache.h"
#include "registry/manifest.h"
#include "trace/all_epochs.h"
#include "trace/sample_reader.h"

namespace sidik {

/// One way to read one column of the sample.
struct Reading {
  std::size_t column = 0;
  FieldType type = FieldType::kText;
  CanonicalOptions options;
  Epoch epoch = 1;  // whose fingerprints are asked for
  bool operator==(const Reading&) const = default;
};

/// What a reading makes of some rows. Reused: keeps its capacity.
struct ReadValues {
  RoomyVector<ValueState> states;
  RoomyVector<Fingerprint> fingerprints;
  RoomyVector<RowTag> tags;  // 0 unless the value may give an identity
};

/// The options that decide how a type's values are read; all others are as in a fresh CanonicalOptions, so that equal
/// readings compare equal.
CanonicalOptions deciding_options(FieldType type, const CanonicalOptions& options);

/// Every (type, options) that the columns of `exports` have, and both orders of a date's day and month, in each epoch.
std::vector<Reading> readings_of(const std::vector<ExportManifest>& exports, const std::vector<Epoch>& epochs,
                                 std::size_t column);

/// Computes readings over batches; keeps a fingerprinter for each (type, options, epoch), and the values of columns
/// that repeat theirs (value_cache.h). One object a thread.
class ColumnReader {
 public:
  explicit ColumnReader(const EpochSecrets& secrets);
  ~ColumnReader();
  /// `out` is replaced.
  void read(const Reading& reading, std::span<const std::string_view> raw, ReadValues& out);
  /// The same into places that are there: all of one length, but `tags` may be empty: then none is computed.
  void read(const Reading& reading, std::span<const std::string_view> raw, std::span<ValueState> states,
            std::span<Fingerprint> fingerprints, std::span<RowTag> tags);

 private:
  struct Prepared;
  Prepared& prepared(const Reading& reading);

  const EpochSecrets& secrets_;
  std::vector<std::unique_ptr<Prepared>> prepared_;
  CacheBudget budget_;
  NewValues new_values_;  // of the batch at hand
  std::vector<PendingRow> pending_;
};

}  // namespace sidik
