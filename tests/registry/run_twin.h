// A table of random fingerprints, built into a run and into plain maps: the maps say what the run must answer.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "registry/run.h"

namespace sidik::test {

inline std::uint64_t mix(std::uint64_t x) {  // splitmix64's finaliser: spreads like a fingerprint
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// How the values of a column are drawn.
struct ColumnPlan {
  FieldType type = FieldType::kText;
  std::uint64_t distinct = 1000;
  double nulls = 0;
  double invalid = 0;
  bool indexed = false;
  bool identity = false;
  double skew = 1;  // above 1 some values are much commoner than others
};

struct TablePlan {
  std::vector<ColumnPlan> columns;
  std::size_t rows = 0;
  double repeated_rows = 0;  // share of rows that repeat the row before
  std::uint64_t seed = 1;
  std::size_t rows_in_block = 700;
};

/// Nine columns as an insurance export has them.
inline TablePlan insurance(std::size_t rows, std::uint64_t seed = 1) {
  TablePlan plan;
  const std::uint64_t n = std::max<std::size_t>(rows, 10);
  plan.columns = {{FieldType::kNik, n * 20, 0.01, 0.01, true, true},
                  {FieldType::kIdentifier, n * 20, 0, 0, true, true},
                  {FieldType::kPersonName, n / 3 + 5, 0.001, 0, true, false, 1.7},
                  {FieldType::kDate, 25000, 0.01, 0.001, true, false},
                  {FieldType::kCategory, 2, 0, 0, false, false},
                  {FieldType::kPhone, n * 2 / 3 + 5, 0.1, 0.02, true, true},
                  {FieldType::kEmail, n, 0.7, 0.01, true, true},
                  {FieldType::kCategory, 7266, 0, 0, false, false, 1.5},
                  {FieldType::kAddress, n / 2 + 5, 0.02, 0, true, false}};
  plan.rows = rows;
  plan.seed = seed;
  return plan;
}

/// Three columns, so that many rows fit few streams.
inline TablePlan narrow(std::size_t rows, std::uint64_t seed = 1) {
  TablePlan plan;
  plan.columns = {{FieldType::kNik, rows * 20, 0, 0, false, true},
                  {FieldType::kPersonName, 300, 0.1, 0, true, false, 3},
                  {FieldType::kCategory, 5, 0, 0, false, false}};
  plan.rows = rows;
  plan.seed = seed;
  return plan;
}

inline Schema schema_of(const TablePlan& plan) {
  Schema schema;
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    ColumnSchema column;
    column.name = "c" + std::to_string(c);
    column.type = plan.columns[c].type;
    column.indexed = plan.columns[c].indexed;
    column.identity = plan.columns[c].identity;
    schema.columns.push_back(column);
  }
  return schema;
}

struct Block {
  FingerprintedBatch batch;
  std::vector<std::uint64_t> order;
};

/// Draws all rows, in blocks.
inline std::vector<Block> draw(const TablePlan& plan) {
  std::mt19937_64 random(plan.seed);
  std::uniform_real_distribution<double> unit(0, 1);
  const std::vector<std::size_t> identity = schema_of(plan).identity_order();
  const std::size_t columns = plan.columns.size();
  std::vector<Block> blocks;
  std::vector<Fingerprint> values(columns);
  std::vector<ValueState> states(columns);
  for (std::size_t row = 0; row < plan.rows; ++row) {
    if (row % plan.rows_in_block == 0) {
      blocks.emplace_back();
      blocks.back().batch.columns.resize(columns);
    }
    Block& block = blocks.back();
    if (row == 0 || unit(random) >= plan.repeated_rows)
      for (std::size_t c = 0; c < columns; ++c) {
        const ColumnPlan& p = plan.columns[c];
        const double u = unit(random);
        const auto id = static_cast<std::uint64_t>(std::pow(unit(random), p.skew) * static_cast<double>(p.distinct));
        states[c] = u < p.nulls               ? ValueState::kNull
                    : u < p.nulls + p.invalid ? ValueState::kInvalid
                                              : ValueState::kValid;
        const auto type = states[c] == ValueState::kInvalid ? FieldType::kText : p.type;
        values[c] = states[c] == ValueState::kNull ? 0 : mix(id * 16 + static_cast<std::uint64_t>(type)) | 1;
      }
    std::size_t tag_column = columns;
    for (const std::size_t c : identity)
      if (tag_column == columns && states[c] == ValueState::kValid) tag_column = c;
    std::uint64_t tag_fingerprint = 77;
    if (tag_column < columns)
      tag_fingerprint = mix(values[tag_column] ^ 0x7461670000000000);
    else
      for (std::size_t c = 0; c < columns; ++c) tag_fingerprint = mix(tag_fingerprint ^ values[c]);
    block.batch.rows++;
    block.batch.tags.push_back(row_tag(tag_fingerprint));
    block.batch.tag_column.push_back(tag_column < columns ? static_cast<std::uint16_t>(tag_column)
                                                          : FingerprintedBatch::kWholeRow);
    for (std::size_t c = 0; c < columns; ++c) {
      auto& column = block.batch.columns[c];
      column.fingerprints.push_back(values[c]);
      column.states.push_back(states[c]);
      column.codes.push_back(c == tag_column                  ? kTagCode
                             : states[c] == ValueState::kNull ? kNullCode
                                                              : value_code(values[c]));
    }
    block.order.push_back((static_cast<std::uint64_t>(blocks.size() - 1) << 32) | (row % plan.rows_in_block));
  }
  return blocks;
}

/// What a run of these rows holds, plainly.
struct Twin {
  using Codes = std::vector<ColumnCode>;
  std::map<RowTag, std::map<Codes, std::uint32_t>> records;
  std::map<FieldType, std::set<IndexEntry>> entries;
  std::multimap<RowTag, std::uint64_t> positions;
  std::uint64_t rows = 0, whole_row = 0, record_count = 0;
};

inline Twin twin_of(const TablePlan& plan, const std::vector<Block>& blocks) {
  Twin twin;
  for (const ColumnPlan& column : plan.columns)
    if (column.indexed) twin.entries[column.type];
  for (const Block& block : blocks)
    for (std::size_t r = 0; r < block.batch.rows; ++r) {
      const RowTag tag = block.batch.tags[r];
      Twin::Codes codes;
      for (std::size_t c = 0; c < plan.columns.size(); ++c) {
        const auto& column = block.batch.columns[c];
        codes.push_back(column.codes[r]);
        if (plan.columns[c].indexed && column.states[r] == ValueState::kValid && column.codes[r] != kTagCode)
          twin.entries[plan.columns[c].type].insert(index_entry(column.fingerprints[r], tag));
      }
      if (twin.records[tag][codes]++ == 0) ++twin.record_count;
      if (tag % 64 == 0) twin.positions.emplace(tag, twin.rows);
      twin.whole_row += block.batch.tag_column[r] == FingerprintedBatch::kWholeRow;
      ++twin.rows;
    }
  return twin;
}

inline ExportManifest manifest_for(const Schema& schema, const std::string& name = "hospital-08") {
  ExportManifest manifest;
  manifest.description.name = name;
  manifest.description.feed = "hospital";
  manifest.description.at = 1628121600;
  manifest.description.registered_at = 1628200000;
  manifest.description.registered_by = "investigators";
  manifest.content_digest = "00112233";
  for (const ColumnSchema& column : schema.columns) {
    manifest.columns.emplace_back();
    manifest.columns.back().schema = column;
    manifest.columns.back().spelling.layout = "plain";
  }
  return manifest;
}

struct Built {
  RunFile file;
  ExportManifest manifest;
  std::uint64_t spilled = 0;
};

inline Built build(FileSystem& files, const RegistryKey& key, const TablePlan& plan, const std::vector<Block>& blocks,
                   const std::filesystem::path& path, RunBuildOptions options = {}) {
  const Schema schema = schema_of(plan);
  if (options.spill_directory.empty()) options.spill_directory = path.parent_path();
  RunBuilder builder(files, key, schema, options);
  std::vector<RunBuilder::Appender> appenders;
  for (unsigned t = 0; t < options.threads; ++t) appenders.push_back(builder.appender());
  run_on_threads(options.threads, [&](unsigned t) {
    for (std::size_t b = t; b < blocks.size(); b += options.threads) appenders[t].add(blocks[b].batch, blocks[b].order);
  });
  Built built;
  built.manifest = manifest_for(schema);
  built.file = builder.finish(built.manifest, path);
  built.spilled = builder.spilled_bytes();
  return built;
}

}  // namespace sidik::test
