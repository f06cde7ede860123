// The main job after a leak: a sample and a store in, a verdict out.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fingerprints/key.h"
#include "ingest/byte_source.h"
#include "ingest/table_reader.h"
#include "registry/fingerprint_store.h"
#include "trace/verdict.h"

namespace sidik {

struct TraceProgress {
  const char* stage = "reading";
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0, total_bytes = 0;
};

/// One row of the sample as `--rows` lists it. Names of columns and exports, no values.
struct TracedRow {
  std::uint32_t file = 0;                       // of the sample's files, from 0
  std::uint64_t line = 0;                       // on which it begins
  std::vector<std::string> matched, differing;  // columns that agree with its best record, and that differ
  std::vector<std::string> candidates;          // exports that hold it, or one as good
  bool canary = false;
};

/// Which values of which column of the sample are to be counted.
struct Breakdown {
  std::string column;
  std::vector<std::string> values;
};

struct TraceOptions {
  DialectOverrides dialect;
  std::size_t screening_rows = 20000;
  /// Of more exports than this, the first rows settle which are weighed in full.
  std::size_t few_exports = 64;
  unsigned threads = 1;
  std::size_t memory = std::size_t{512} << 20;
  std::optional<std::uint64_t> claimed;
  std::optional<UtcSeconds> seen;
  /// Overrides of priors by name; the names are those that Verdict::priors gives. Error(kUsage) for others.
  std::map<std::string, double> priors;
  std::function<void(const TraceProgress&)> progress;
  /// Told what the screened rows say, where there are more rows than these, before all of them are looked at.
  std::function<void(const Verdict&)> screened;
  /// Told of every row, in the sample's order, where it is set: costs another pass.
  std::function<void(const TracedRow&)> each_row;
  /// Error(kUsage) where the sample has no such column.
  std::optional<Breakdown> breakdown;
};

/// Where a sample's bytes come from. It may be read more than once: the factory opens it anew each time. The command
/// spools standard input first.
struct SampleInput {
  std::string name;
  std::function<std::unique_ptr<ByteSource>()> open;  // raw bytes as found (compressed ones included)
};

/// Traces one sample (several files are read one after another as one sample, each with its own dialect).
/// Deterministic: the same sample, options and registry state give the same verdict, whatever `threads` is.
/// Error(kKey) where the key has no fingerprint secret; Error(kRefused) where there is nothing in the sample.
Verdict trace(const std::vector<SampleInput>& sample, const FingerprintStore& store, const RegistryKey& key,
              const TraceOptions& options);

}  // namespace sidik
