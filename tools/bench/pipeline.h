// The stages of a registration, driven one by one, so that each can be timed by itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "fields/inference.h"
#include "fingerprints/batch_fingerprinter.h"
#include "fingerprints/key.h"
#include "ingest/table_reader.h"

namespace sidik::bench {

/// Parses every block of a file on `threads` threads and shows each batch to `use` (called by several threads at once,
/// with the thread's number). Returns the rows.
std::uint64_t parse_file(const std::filesystem::path& csv, unsigned threads,
                         const std::function<void(unsigned thread, const Batch& batch)>& use);

/// The schema that a registration would infer: from the first 64 MiB.
Schema infer_schema(const std::filesystem::path& csv);

/// CSV to records and entries: parse, canonicalise, fingerprint, and make every index entry; nothing is kept. Returns
/// the number of entries, so that no compiler leaves the work out.
std::uint64_t fingerprint_file(const std::filesystem::path& csv, const Schema& schema, const RegistryKey& key,
                               unsigned threads);

/// The least bits that the records and entries of a file can take, as an order-0 coder sees them.
struct SizeBound {
  double tags = 0;     // multiset of 48-bit tags
  double columns = 0;  // order-0 entropy of each column's codes
  double entries =
      0;  // each index: set of distinct values, order-0 entropy of how often each stands, set of prefixes under each
  double bits() const { return tags + columns + entries; }
};
SizeBound size_bound(const std::filesystem::path& csv, const Schema& schema, const RegistryKey& key);

}  // namespace sidik::bench
