#include "pipeline.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <unordered_map>

#include "base/parallel.h"

namespace sidik::bench {
namespace {

/// Calls `use` with each index entry of a batch: the column's number and the entry.
template <typename Use>
void for_each_entry(const Schema& schema, const FingerprintedBatch& batch, Use use) {
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    if (!schema.columns[c].indexed) continue;
    const FingerprintedBatch::Column& column = batch.columns[c];
    for (std::size_t r = 0; r < batch.rows; ++r)
      if (column.states[r] == ValueState::kValid && column.codes[r] != kTagCode)
        use(c, index_entry(column.fingerprints[r], batch.tags[r]));
  }
}

double log2_choose(double n, double k) {
  if (k <= 0 || k >= n) return 0;
  // Stirling's series keeps its precision where n is 2^48 and lgamma's would not.
  if (k < 30) {
    double bits = 0;
    for (double i = 0; i < k; ++i) bits += std::log2((n - i) / (i + 1));
    return bits;
  }
  const double p = k / n;
  const double entropy = -p * std::log2(p) - (1 - p) * std::log1p(-p) / std::log(2.0);
  return n * entropy - 0.5 * std::log2(2 * 3.14159265358979 * k * (1 - p));
}

double entropy_bits(const std::vector<std::uint64_t>& counts) {
  double total = 0;
  double bits = 0;
  for (const std::uint64_t count : counts) total += static_cast<double>(count);
  for (const std::uint64_t count : counts)
    if (count != 0) bits -= static_cast<double>(count) * std::log2(static_cast<double>(count) / total);
  return bits;
}

double entry_bits(std::vector<IndexEntry>& entries) {
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  std::map<std::uint64_t, std::uint64_t> repeats;  // how many values stand so often
  double bits = 0;
  double distinct = 0;
  for (std::size_t i = 0; i < entries.size();) {
    std::size_t end = i;
    while (end < entries.size() && entries[end] >> kEntryTagBits == entries[i] >> kEntryTagBits) ++end;
    ++repeats[end - i];
    ++distinct;
    bits += log2_choose(std::exp2(kEntryTagBits), static_cast<double>(end - i));
    i = end;
  }
  std::vector<std::uint64_t> counts;
  for (const auto& [size, count] : repeats) counts.push_back(count);
  return bits + log2_choose(std::exp2(kIndexValueBits), distinct) + entropy_bits(counts);
}

}  // namespace

std::uint64_t parse_file(const std::filesystem::path& csv, unsigned threads,
                         const std::function<void(unsigned, const Batch&)>& use) {
  TableReader reader(open_source(csv), {});
  std::mutex mutex;
  std::uint64_t rows = 0;
  run_on_threads(threads, [&](unsigned thread) {
    TextBlock block;
    Batch batch;
    std::uint64_t mine = 0;
    for (;;) {
      {
        const std::lock_guard lock(mutex);
        if (!reader.read_block(block)) break;
      }
      reader.parse(block, batch);
      mine += batch.rows;
      use(thread, batch);
    }
    const std::lock_guard lock(mutex);
    rows += mine;
  });
  return rows;
}

Schema infer_schema(const std::filesystem::path& csv) {
  TableReader reader(open_source(csv), {});
  Inference inference(reader.header(), reader.columns());
  TextBlock block;
  Batch batch;
  for (std::uint64_t bytes = 0; bytes < (std::uint64_t{64} << 20) && reader.read_block(block); bytes += block.size) {
    reader.parse(block, batch);
    inference.observe(batch.columns);
  }
  return inference.finish().schema;
}

std::uint64_t fingerprint_file(const std::filesystem::path& csv, const Schema& schema, const RegistryKey& key,
                               unsigned threads) {
  struct Worker {
    std::unique_ptr<BatchFingerprinter> fingerprinter;
    FingerprintedBatch batch;
    std::vector<IndexEntry> entries;
    std::uint64_t count = 0;
  };
  std::vector<Worker> workers(threads);
  for (Worker& worker : workers)
    worker.fingerprinter = std::make_unique<BatchFingerprinter>(key.fingerprint_secret, schema);
  parse_file(csv, threads, [&](unsigned thread, const Batch& batch) {
    Worker& worker = workers[thread];
    worker.fingerprinter->compute(batch.columns, batch.rows, worker.batch);
    worker.entries.clear();
    for_each_entry(schema, worker.batch, [&](std::size_t, IndexEntry entry) { worker.entries.push_back(entry); });
    worker.count += worker.entries.size();
  });
  std::uint64_t total = 0;
  for (const Worker& worker : workers) total += worker.count;
  return total;
}

SizeBound size_bound(const std::filesystem::path& csv, const Schema& schema, const RegistryKey& key) {
  std::vector<std::vector<std::uint64_t>> codes(schema.columns.size(), std::vector<std::uint64_t>(65536));
  std::map<FieldType, std::vector<IndexEntry>> entries;
  std::vector<RowTag> tags;
  BatchFingerprinter fingerprinter(key.fingerprint_secret, schema);
  FingerprintedBatch fingerprinted;
  parse_file(csv, 1, [&](unsigned, const Batch& batch) {
    fingerprinter.compute(batch.columns, batch.rows, fingerprinted);
    tags.insert(tags.end(), fingerprinted.tags.begin(), fingerprinted.tags.end());
    for (std::size_t c = 0; c < schema.columns.size(); ++c)
      for (const ColumnCode code : fingerprinted.columns[c].codes) ++codes[c][code];
    for_each_entry(schema, fingerprinted,
                   [&](std::size_t c, IndexEntry entry) { entries[schema.columns[c].type].push_back(entry); });
  });
  SizeBound bound;
  bound.tags = log2_choose(std::exp2(kTagBits), static_cast<double>(tags.size()));
  for (const auto& counts : codes) bound.columns += entropy_bits(counts);
  for (auto& [type, list] : entries) bound.entries += entry_bits(list);
  return bound;
}

}  // namespace sidik::bench
