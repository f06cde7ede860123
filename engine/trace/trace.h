// The main job after a leak: a sample and a store in, a verdict out.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

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

struct TraceOptions {
  DialectOverrides dialect;
  std::size_t screening_rows = 20000;
  unsigned threads = 1;
  std::size_t memory = std::size_t{512} << 20;
  std::optional<std::uint64_t> claimed;
  std::optional<UtcSeconds> seen;
  /// Overrides of priors by name; the names are those that Verdict::priors gives. Error(kUsage) for others.
  std::map<std::string, double> priors;
  std::function<void(const TraceProgress&)> progress;
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
