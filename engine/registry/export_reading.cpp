#include "registry/export_reading.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>

#include "base/parallel.h"
#include "fingerprints/content_digest.h"

namespace sidik {
namespace {

constexpr std::size_t kFirstRejected = 10;
constexpr std::chrono::milliseconds kProgressPause{100};

/// Hands out blocks to the threads: those of the head, then what is read on.
class BlockQueue {
 public:
  BlockQueue(TableStream& tables, std::deque<TableStream::Block> head) : tables_(tables), head_(std::move(head)) {}

  bool next(TableStream::Block& block) {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return false;
    if (!head_.empty()) {
      block = std::move(head_.front());
      head_.pop_front();
      return true;
    }
    const bool more = tables_.read(block);
    consumed_ = tables_.consumed();
    return more;
  }
  /// After a failure nobody gets another block.
  void stop() {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  std::uint64_t consumed() const { return consumed_; }

 private:
  std::mutex mutex_;
  TableStream& tables_;
  std::deque<TableStream::Block> head_;
  bool stopped_ = false;
  std::atomic<std::uint64_t> consumed_{0};
};

struct OrderedRejectedRow {
  std::uint64_t block;
  ExportReading::RejectedRow rejected;
};

/// One thread's part of the work.
class Reader {
 public:
  Reader(const Schema& schema, const RegistryKey& key, RunBuilder* builder)
      : fingerprinter_(key.fingerprint_secret, schema), digest_(key.digest_secret, schema), hasher_(schema) {
    if (builder != nullptr) appender_ = builder->appender();
  }

  void read(const TableStream::Block& block) {
    TableStream::parse(block, batch_);
    hasher_.append(batch_);
    fingerprinter_.compute(batch_.columns, batch_.rows, fingerprints_);
    digest_.add(fingerprints_);
    if (appender_) appender_->add(fingerprints_, batch_.row_order);
    rejected_ += batch_.rejected.size();
    repeated_headers_ += batch_.repeated_headers;
    frame_lines_ += batch_.frame_lines;
    transcoded_values_ += batch_.transcoded_values;
    for (const auto& row : batch_.rejected) {
      if (first_rejected_.size() == kFirstRejected) break;
      first_rejected_.push_back({block.first_number + block.text.number, {block.table->name(), row}});
    }
  }
  std::size_t rows_of_last_block() const { return batch_.rows; }

  /// Adds up into `reading` and `digest`; first_rejected is left to the caller.
  void report(ExportReading& reading, std::optional<ContentDigest>& digest,
              std::vector<OrderedRejectedRow>& first_rejected) {
    reading.rows += digest_.rows();
    reading.rejected += rejected_;
    reading.repeated_headers += repeated_headers_;
    reading.frame_lines += frame_lines_;
    reading.transcoded_values += transcoded_values_;
    const auto& counts = fingerprinter_.counts();
    reading.invalid.resize(counts.size());
    for (std::size_t c = 0; c < counts.size(); ++c) reading.invalid[c] += counts[c].invalid;
    first_rejected.insert(first_rejected.end(), first_rejected_.begin(), first_rejected_.end());
    if (digest)
      digest->merge(digest_);
    else
      digest.emplace(std::move(digest_));
  }

 private:
  BatchFingerprinter fingerprinter_;
  ContentDigest digest_;
  ColumnHasher hasher_;
  std::optional<RunBuilder::Appender> appender_;
  Batch batch_;
  FingerprintedBatch fingerprints_;
  std::uint64_t rejected_ = 0, repeated_headers_ = 0, frame_lines_ = 0, transcoded_values_ = 0;
  std::vector<OrderedRejectedRow> first_rejected_;
};

/// Tells the user how far it is, from one thread and not too often.
class ProgressReport {
 public:
  ProgressReport(const RegistrationOptions& options, std::uint64_t total) : options_(options), total_(total) {}

  void tell(std::uint64_t rows, std::uint64_t bytes) {
    if (!options_.progress) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kProgressPause) return;
    last_ = now;
    options_.progress({rows, bytes, total_, "reading"});
  }

 private:
  const RegistrationOptions& options_;
  std::uint64_t total_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace

ExportReading read_export(TableStream& tables, ExportHead head, const Schema& schema, const RegistryKey& key,
                          RunBuilder* builder, const RegistrationOptions& options) {
  const unsigned threads = std::max(1U, options.threads);
  BlockQueue blocks(tables, std::move(head.blocks));
  ProgressReport progress(options, tables.total());
  std::vector<std::optional<Reader>> readers(threads);
  std::atomic<std::uint64_t> rows{0};
  run_on_threads(threads, [&](unsigned thread) {
    try {
      Reader& reader = readers[thread].emplace(schema, key, builder);
      TableStream::Block block;
      while (blocks.next(block)) {
        reader.read(block);
        rows += reader.rows_of_last_block();
        // The last thread is the caller's.
        if (thread + 1 == threads) progress.tell(rows, blocks.consumed());
      }
    } catch (...) {
      blocks.stop();
      throw;
    }
  });

  ExportReading reading;
  std::optional<ContentDigest> digest;
  std::vector<OrderedRejectedRow> first_rejected;
  for (auto& reader : readers) reader->report(reading, digest, first_rejected);
  reading.content_digest = digest->finish();
  std::stable_sort(first_rejected.begin(), first_rejected.end(),
                   [](const auto& a, const auto& b) { return a.block < b.block; });
  for (auto& row : first_rejected)
    if (reading.first_rejected.size() < kFirstRejected) reading.first_rejected.push_back(std::move(row.rejected));
  return reading;
}

}  // namespace sidik
