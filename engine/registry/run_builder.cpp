// Building a run: appenders scatter records and entries by their top bits, finish() sorts and encodes partition by
// partition.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "registry/bit_stream.h"
#include "registry/column_tally.h"
#include "registry/run.h"
#include "registry/run_output.h"
#include "registry/run_stripe.h"
#include "registry/spill.h"

namespace sidik {
namespace {

/// Rows of each block of the input, from the largest number seen in it.
using RowsByBlock = std::map<std::uint32_t, std::uint32_t>;

/// A partition that takes more working memory than this is parted further.
std::size_t partition_limit(const RunBuildOptions& options) {
  constexpr std::size_t kLeast = std::size_t{1} << 16;
  return std::max(kLeast, options.memory / (4 * std::max(1U, options.threads)));
}

/// What is left of the memory for buffered rows beside the counters of wide tables.
std::size_t buffer_memory(const RunBuildOptions& options, std::size_t columns) {
  constexpr std::size_t kTally = std::size_t{180} << 10, kEncoder = std::size_t{256} << 10;
  return options.memory - std::min(options.memory / 2, columns * (kTally * std::max(1U, options.threads) + kEncoder));
}

/// A section's stripes: few for little, so that a small export has one small page a section.
std::size_t stripes_for(std::uint64_t bytes) {
  constexpr std::uint64_t kBytesInStripe = std::uint64_t{1} << 20;
  constexpr std::uint64_t kMost = 16;
  std::uint64_t stripes = 1;
  while (stripes < kMost && stripes * kBytesInStripe < bytes) stripes *= 2;
  return static_cast<std::size_t>(stripes);
}

}  // namespace

struct RunBuilder::State {
  State(FileSystem& file_system, const RegistryKey& registry_key, const Schema& table, RunBuildOptions build_options)
      : files(file_system),
        schema(table),
        options(std::move(build_options)),
        ids(column_ids(table)),
        store(files, options.spill_directory, buffer_memory(options, table.columns.size()),
              writers(table, options.threads)) {
    key.registry = registry_key.registry;
    key.epoch = registry_key.epoch;
    key.sealing_public = registry_key.sealing_public;
    key.digest_secret = registry_key.digest_secret;
    if (schema.columns.size() > kMostColumns)
      throw Error(ErrorKind::kRefused, "the table",
                  "has " + std::to_string(schema.columns.size()) + " columns; an export can have " +
                      std::to_string(kMostColumns) + " at most: leave out those that tell nothing");
    for (std::size_t c = 0; c < schema.columns.size(); ++c)
      if (schema.columns[c].indexed) index_types.push_back(schema.columns[c].type);
    std::sort(index_types.begin(), index_types.end());
    index_types.erase(std::unique(index_types.begin(), index_types.end()), index_types.end());
    record_streams = store.add_streams(Scatter::kFan);
    for (std::size_t i = 0; i < index_types.size(); ++i) index_streams.push_back(store.add_streams(Scatter::kFan));
    position_streams = store.add_streams(Scatter::kFan);
  }

  static std::size_t writers(const Schema& table, unsigned threads) {
    std::array<bool, kFieldTypes> types{};
    std::size_t sections = 2;
    for (const ColumnSchema& column : table.columns)
      if (column.indexed && !std::exchange(types[static_cast<std::size_t>(column.type)], true)) ++sections;
    return sections * Scatter::kFan * std::max(1U, threads);
  }

  FileSystem& files;
  RegistryKey key;  // only what building needs
  Schema schema;
  RunBuildOptions options;
  std::vector<ColumnId> ids;
  std::vector<FieldType> index_types;
  SpillStore store;
  std::size_t record_streams = 0, position_streams = 0;
  std::vector<std::size_t> index_streams;  // by place in index_types
  std::mutex mutex;
  std::vector<std::shared_ptr<Appender::State>> appenders;
  bool finished = false;
};

struct RunBuilder::Appender::State {
  explicit State(RunBuilder::State& builder)
      : schema(builder.schema),
        records(builder.store, builder.record_streams, record_bytes(schema.columns.size())),
        positions(builder.store, builder.position_streams, kPositionBytes),
        tallies(schema.columns.size()),
        rows_by_column(schema.columns.size()) {
    for (std::size_t i = 0; i < builder.index_types.size(); ++i)
      entries.emplace_back(builder.store, builder.index_streams[i], kEntryBytes);
    for (const ColumnSchema& column : schema.columns) {
      const auto type = std::lower_bound(builder.index_types.begin(), builder.index_types.end(), column.type);
      index_of_column.push_back(static_cast<std::size_t>(type - builder.index_types.begin()));
    }
  }

  void add_records(const FingerprintedBatch& batch) {
    codes.clear();
    for (const auto& column : batch.columns) codes.push_back(column.codes.data());
    for (std::size_t r = 0; r < batch.rows; ++r) {
      const RowTag tag = batch.tags[r];
      std::uint8_t* const out = records.next(static_cast<std::size_t>(tag >> (kTagBits - 8)));
      store_tag(out, tag);
      for (std::size_t c = 0; c < codes.size(); ++c) store_code(out + kTagBytes + 2 * c, codes[c][r]);
    }
  }

  void add_entries(const FingerprintedBatch& batch) {
    for (std::size_t c = 0; c < schema.columns.size(); ++c) {
      if (!schema.columns[c].indexed) continue;
      const FingerprintedBatch::Column& column = batch.columns[c];
      Scatter& to = entries[index_of_column[c]];
      for (std::size_t r = 0; r < batch.rows; ++r) {
        // Bits, not a branch: which values count depends on the data.
        const unsigned counts = static_cast<unsigned>(column.states[r] == ValueState::kValid) &
                                static_cast<unsigned>(column.codes[r] != kTagCode);
        const IndexEntry entry = index_entry(column.fingerprints[r], batch.tags[r]);
        const auto partition = static_cast<std::size_t>(entry >> 56);
        store_bits(to.room(partition), entry);
        to.advance(partition, counts != 0);
      }
    }
  }

  void add_positions(const FingerprintedBatch& batch, std::span<const std::uint64_t> row_order) {
    for (std::size_t r = 0; r < batch.rows; ++r) {
      const auto block = static_cast<std::uint32_t>(row_order[r] >> 32);
      if (r == 0 || block != last_block) {
        last_block = block;
        rows_in_block = &rows_by_block[block];
      }
      *rows_in_block = std::max(*rows_in_block, static_cast<std::uint32_t>(row_order[r]) + 1);
      if (!keeps_position(batch.tags[r])) continue;
      std::uint8_t* const out = positions.next(static_cast<std::size_t>(batch.tags[r] >> (kTagBits - 8)));
      store_bits(out, batch.tags[r]);
      store_bits(out + 8, row_order[r]);
    }
  }

  void add_counts(const FingerprintedBatch& batch) {
    rows += batch.rows;
    for (std::size_t r = 0; r < batch.rows; ++r) {
      const std::uint16_t c = batch.tag_column[r];
      ++(c == FingerprintedBatch::kWholeRow ? whole_row : rows_by_column[c]);
    }
    for (std::size_t c = 0; c < tallies.size(); ++c)
      tallies[c].add({batch.columns[c].fingerprints.data(), batch.rows}, {batch.columns[c].codes.data(), batch.rows});
  }

  static void store_tag(std::uint8_t* out, RowTag tag) {
    const std::uint32_t low = static_cast<std::uint32_t>(tag);
    const std::uint16_t high = static_cast<std::uint16_t>(tag >> 32);
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(out, &low, 4);
      std::memcpy(out + 4, &high, 2);
    } else {
      store_u32(out, low);
      store_u16(out + 4, high);
    }
  }
  static void store_code(std::uint8_t* out, ColumnCode code) {
    if constexpr (std::endian::native == std::endian::little)
      std::memcpy(out, &code, 2);
    else
      store_u16(out, code);
  }

  const Schema& schema;
  Scatter records, positions;
  std::vector<Scatter> entries;  // by index type
  std::vector<std::size_t> index_of_column;
  std::vector<ColumnTally> tallies;
  std::vector<const ColumnCode*> codes;
  std::uint64_t rows = 0, whole_row = 0;
  std::vector<std::uint64_t> rows_by_column;  // that took their tag from it
  RowsByBlock rows_by_block;
  std::uint32_t last_block = 0;
  std::uint32_t* rows_in_block = nullptr;
};

RunBuilder::RunBuilder(FileSystem& files, const RegistryKey& key, const Schema& schema, RunBuildOptions options)
    : state_(std::make_unique<State>(files, key, schema, std::move(options))) {}
RunBuilder::~RunBuilder() = default;

RunBuilder::Appender RunBuilder::appender() {
  Appender out;
  out.state_ = std::make_shared<Appender::State>(*state_);
  const std::lock_guard lock(state_->mutex);
  state_->appenders.push_back(out.state_);
  return out;
}

void RunBuilder::Appender::add(const FingerprintedBatch& batch, std::span<const std::uint64_t> row_order) {
  state_->add_counts(batch);
  state_->add_records(batch);
  state_->add_entries(batch);
  state_->add_positions(batch, row_order);
}

std::uint64_t RunBuilder::spilled_bytes() const { return state_->store.spilled_bytes(); }

namespace {

/// A stripe's place among the sections and partitions.
struct StripeTask {
  std::size_t section;
  std::size_t stripe;
  std::size_t first_stream, begin, end;
};

void add_section(RunManifest& run, SectionKind kind, FieldType type = {}) {
  RunSection section;
  section.kind = kind;
  section.type = type;
  run.sections.push_back(section);
}

void require_same_columns(const ExportManifest& manifest, const Schema& schema) {
  if (manifest.columns.size() != schema.columns.size())
    throw Error(ErrorKind::kFailed, "the manifest", "has other columns than the schema that the rows were added under");
}

}  // namespace

RunFile RunBuilder::finish(ExportManifest& manifest, const std::filesystem::path& path) {
  State& s = *state_;
  require_same_columns(manifest, s.schema);
  if (std::exchange(s.finished, true)) throw Error(ErrorKind::kFailed, path.string(), "a run is finished once only");
  const std::size_t columns = s.schema.columns.size();

  // What the appenders know, together.
  RowsByBlock rows_by_block;
  std::vector<std::uint64_t> rows_by_column(columns);
  std::vector<ColumnTally> tallies;
  manifest.rows = manifest.whole_row_tagged = 0;
  for (const auto& appender : s.appenders) {
    appender->records.flush();
    appender->positions.flush();
    for (Scatter& entries : appender->entries) entries.flush();
    manifest.rows += appender->rows;
    manifest.whole_row_tagged += appender->whole_row;
    for (std::size_t c = 0; c < columns; ++c) rows_by_column[c] += appender->rows_by_column[c];
    for (const auto& [block, rows] : appender->rows_by_block)
      rows_by_block[block] = std::max(rows_by_block[block], rows);
    if (tallies.empty()) {
      tallies = std::move(appender->tallies);
    } else {
      for (std::size_t c = 0; c < columns; ++c) tallies[c].add(appender->tallies[c]);
    }
    appender->tallies.clear();
  }
  if (tallies.empty()) tallies.resize(columns);
  std::vector<BlockRows> rows_before;
  std::uint64_t before = 0;
  for (const auto& [block, rows] : rows_by_block) {
    rows_before.push_back({block, before});
    before += rows;
  }

  RunManifest run;
  run.columns = s.ids;
  std::vector<ColumnEncoder> encoders;
  run.models.resize(columns);
  parallel_for(s.options.threads, columns, [&](std::size_t c) {
    run.models[c] = ColumnModel::fit(tallies[c].frequencies());
    tallies[c].describe(manifest.columns[c].statistics);
  });
  for (std::size_t c = 0; c < columns; ++c) {
    run.types.push_back(s.schema.columns[c].type);
    encoders.emplace_back(run.models[c]);
    manifest.columns[c].id = s.ids[c];
  }
  tallies.clear();
  run.set_model = ColumnModel::fit(std::vector<CodeFrequency>{{0, 1}});
  run.sets = {ExportSet::all(1)};
  const ColumnEncoder set_encoder(run.set_model);
  std::vector<std::uint16_t> tag_columns;
  for (std::size_t c = 0; c < columns; ++c)
    if (rows_by_column[c] > 0) tag_columns.push_back(static_cast<std::uint16_t>(c));

  // Sections and their stripes, the largest work first.
  std::vector<std::size_t> streams{s.record_streams};
  add_section(run, SectionKind::kRecords);
  for (std::size_t i = 0; i < s.index_types.size(); ++i) {
    add_section(run, SectionKind::kIndex, s.index_types[i]);
    streams.push_back(s.index_streams[i]);
  }
  add_section(run, SectionKind::kPositions);
  streams.push_back(s.position_streams);
  std::vector<std::vector<StripePages>> stripes(run.sections.size());
  std::vector<StripeTask> tasks;
  for (std::size_t section = 0; section < run.sections.size(); ++section) {
    std::uint64_t bytes = 0;
    for (std::size_t p = 0; p < Scatter::kFan; ++p) bytes += s.store.bytes(streams[section] + p);
    const std::size_t count = stripes_for(bytes);
    stripes[section].resize(count);
    const std::size_t width = Scatter::kFan / count;
    for (std::size_t i = 0; i < count; ++i) tasks.push_back({section, i, streams[section], i * width, (i + 1) * width});
  }

  RunOutput output(s.files, s.key, path);
  const StripeEncoder::Shared shared{s.store,     encoders,    set_encoder,
                                     tag_columns, rows_before, partition_limit(s.options)};
  std::atomic<std::size_t> next{0};
  std::mutex results;
  RecordCounts counts;
  counts.tags_by_column.resize(columns);
  RecordsDigest digest(s.key.digest_secret, s.ids);
  run_on_threads(std::max(1U, s.options.threads), [&](unsigned) {
    StripeEncoder encoder(shared, output, RecordsDigest(s.key.digest_secret, s.ids));
    try {
      for (std::size_t t = next++; t < tasks.size(); t = next++) {
        const StripeTask& task = tasks[t];
        StripePages& out = stripes[task.section][task.stripe];
        switch (run.sections[task.section].kind) {
          case SectionKind::kRecords:
            encoder.records(task.first_stream, task.begin, task.end, out);
            break;
          case SectionKind::kIndex:
            encoder.entries(task.first_stream, task.begin, task.end, out);
            break;
          case SectionKind::kPositions:
            encoder.positions(task.first_stream, task.begin, task.end, out);
            break;
        }
      }
      encoder.finish();
    } catch (...) {
      next = tasks.size();
      throw;
    }
    const std::lock_guard lock(results);
    counts.records += encoder.counts().records;
    counts.tags += encoder.counts().tags;
    for (std::size_t c = 0; c < columns; ++c) counts.tags_by_column[c] += encoder.counts().tags_by_column[c];
    digest.add(encoder.digest());
  });

  manifest.records = counts.records;
  manifest.tags = counts.tags;
  manifest.records_digest = digest.hex();
  manifest.identities.clear();
  std::map<FieldType, IdentityCount> identities;
  for (const std::uint16_t c : tag_columns) {
    IdentityCount& identity = identities[run.types[c]];
    identity.type = run.types[c];
    identity.rows += rows_by_column[c];
    identity.distinct += counts.tags_by_column[c];
  }
  for (const auto& [type, identity] : identities) manifest.identities.push_back(identity);

  write_shared_blocks(output, stripes, run.sections);
  run.exports = {manifest};
  return output.close(run);
}

}  // namespace sidik
