// A registry in memory: exports fingerprinted as registration does it, kept as plain tables and asked without any
// index. A twin of the embedded store that traces are tested against.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "fields/inference.h"
#include "ingest/table_reader.h"
#include "registry/fingerprint_store.h"

namespace sidik::testing {

class PlainStore : public FingerprintStore {
 public:
  explicit PlainStore(const RegistryKey& key) : key_(key) {}

  /// Reads a delimited text with a header, infers its schema (or takes the one given), and keeps its records.
  void add(const ExportDescription& description, const std::string& text, const Schema* fixed = nullptr) {
    TableReaderOptions options;
    TableReader reader(memory_source(text, description.name), options);
    TextBlock block;
    Batch batch;
    std::vector<std::vector<std::vector<std::string>>> rows;  // batches x columns x values
    Inference inference(reader.header(), reader.columns());
    Run run;
    run.manifest.description = description;
    std::vector<std::vector<std::string>> columns(reader.columns());
    while (reader.read_block(block)) {
      reader.parse(block, batch);
      inference.observe(batch.columns);
      for (std::size_t c = 0; c < batch.columns.size(); ++c)
        for (const auto value : batch.columns[c]) columns[c].emplace_back(value);
    }
    const Schema schema = fixed != nullptr ? *fixed : inference.finish().schema;
    fill(run, schema, columns, reader.dialect());
    runs_.push_back(std::move(run));
    settle();
  }

  const RegistryId& registry_id() const override { return key_.registry; }
  std::string state() const override { return "plain"; }
  std::string audit_head() const override { return ""; }
  const std::vector<ExportManifest>& exports() const override { return manifests_; }
  Epoch epoch_of(ExportIndex) const override { return key_.epoch; }

  void find_records(Epoch, std::span<const RowTag> tags, RecordAnswers& out) const override {
    for (const Run& run : runs_) {
      RecordAnswers::Group group = empty_group(run);
      for (std::uint32_t q = 0; q < tags.size(); ++q) {
        auto at = std::lower_bound(run.tags.begin(), run.tags.end(), tags[q]);
        for (; at != run.tags.end() && *at == tags[q]; ++at)
          give(run, static_cast<std::size_t>(at - run.tags.begin()), q, group);
      }
      out.groups.push_back(std::move(group));
    }
  }
  void find_records_by_prefix(Epoch, std::span<const std::uint32_t> prefixes, RecordAnswers& out) const override {
    for (const Run& run : runs_) {
      RecordAnswers::Group group = empty_group(run);
      for (std::uint32_t q = 0; q < prefixes.size(); ++q) {
        auto at = std::lower_bound(run.tags.begin(), run.tags.end(), first_tag_of(prefixes[q]));
        for (; at != run.tags.end() && tag_prefix(*at) == prefixes[q]; ++at)
          give(run, static_cast<std::size_t>(at - run.tags.begin()), q, group);
      }
      out.groups.push_back(std::move(group));
    }
  }
  void find_records_between(Epoch, RowTag from, RowTag to, RecordAnswers& out) const override {
    out.groups.clear();
    for (const Run& run : runs_) {
      RecordAnswers::Group group = empty_group(run);
      auto at = std::lower_bound(run.tags.begin(), run.tags.end(), from);
      for (; at != run.tags.end() && *at < to; ++at)
        give(run, static_cast<std::size_t>(at - run.tags.begin()), 0, group);
      out.groups.push_back(std::move(group));
    }
  }
  void find_candidates(Epoch, FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                       CandidateAnswers& out) const override {
    out = {};
    const auto& index = index_of(type);
    for (std::uint32_t q = 0; q < values.size(); ++q) {
      const auto from = std::lower_bound(index.begin(), index.end(), index_entry_of(values[q], 0));
      const auto to = std::upper_bound(from, index.end(), index_entry_of(values[q], (1U << kEntryTagBits) - 1));
      const auto count = static_cast<std::uint32_t>(to - from);
      out.totals.push_back(count);
      for (auto at = from; count <= cap && at != to; ++at) {
        out.query.push_back(q);
        out.prefixes.push_back(entry_tag_prefix(*at));
      }
    }
  }
  void contains(Epoch, FieldType type, std::span<const IndexEntry> entries,
                std::span<std::uint8_t> found) const override {
    const auto& index = index_of(type);
    for (std::size_t i = 0; i < entries.size(); ++i)
      found[i] = std::binary_search(index.begin(), index.end(), entries[i]) ? 1 : 0;
  }
  std::vector<FieldType> indexed_types() const override {
    std::vector<FieldType> types;
    for (const auto& [type, entries] : indexes_) types.push_back(type);
    return types;
  }
  std::vector<PositionAnswer> positions(Epoch, std::span<const RowTag> tags) const override {
    std::vector<PositionAnswer> answers;
    for (std::uint32_t q = 0; q < tags.size(); ++q) {
      if (tags[q] % 64 != 0) continue;
      for (const Run& run : runs_) {
        auto at = std::lower_bound(run.tags.begin(), run.tags.end(), tags[q]);
        for (; at != run.tags.end() && *at == tags[q]; ++at)
          answers.push_back({q, run.number, run.positions[static_cast<std::size_t>(at - run.tags.begin())]});
      }
    }
    return answers;
  }
  std::optional<RowTag> scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const override {
    for (const Run& run : runs_) {
      if (run.number != e) continue;
      RecordAnswers::Group group = empty_group(run);
      auto at = std::lower_bound(run.tags.begin(), run.tags.end(), from);
      std::size_t given = 0;
      RowTag last = 0;
      for (; at != run.tags.end() && (given < most || *at == last); ++at, ++given) {
        last = *at;
        give(run, static_cast<std::size_t>(at - run.tags.begin()), 0, group);
      }
      out.groups.push_back(std::move(group));
      if (at == run.tags.end()) return std::nullopt;
      return *at;
    }
    return std::nullopt;
  }

 private:
  struct Run {
    ExportIndex number = 0;
    ExportManifest manifest;
    std::vector<RowTag> tags;       // rising
    std::vector<ColumnCode> codes;  // records x columns
    std::vector<std::uint64_t> positions;
    std::vector<std::pair<FieldType, IndexEntry>> entries;
  };

  static RecordAnswers::Group empty_group(const Run& run) {
    RecordAnswers::Group group;
    for (const ExportColumn& column : run.manifest.columns) {
      group.columns.push_back(column.id);
      group.types.push_back(column.schema.type);
    }
    group.export_sets.push_back({run.number});
    return group;
  }
  static void give(const Run& run, std::size_t record, std::uint32_t query, RecordAnswers::Group& group) {
    const std::size_t width = run.manifest.columns.size();
    group.query.push_back(query);
    group.tags.push_back(run.tags[record]);
    for (std::size_t c = 0; c < width; ++c) group.codes.push_back(run.codes[record * width + c]);
    group.counts.push_back(1);
    group.sets.push_back(0);
  }
  const std::vector<IndexEntry>& index_of(FieldType type) const {
    static const std::vector<IndexEntry> none;
    const auto found = indexes_.find(type);
    return found == indexes_.end() ? none : found->second;
  }

  void fill(Run& run, const Schema& schema, const std::vector<std::vector<std::string>>& columns,
            const Dialect& dialect) {
    ExportManifest& manifest = run.manifest;
    manifest.rows = columns.empty() ? 0 : columns.front().size();
    manifest.form.delimiter = delimiter_name(dialect.delimiter);
    const std::vector<ColumnId> ids = column_ids(schema);
    // Values with slack behind them, as the contract of a batch has it.
    std::vector<std::string> padded;
    std::vector<std::vector<std::string_view>> views(columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      std::string& text = padded.emplace_back();
      std::size_t size = kTextSlack;
      for (const auto& value : columns[c]) size += value.size();
      text.reserve(size);
      for (const auto& value : columns[c]) text += value;
      text.append(kTextSlack, '\0');
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      std::size_t at = 0;
      for (const auto& value : columns[c]) {
        views[c].push_back(std::string_view(padded[c]).substr(at, value.size()));
        at += value.size();
      }
    }
    BatchFingerprinter fingerprinter(key_.fingerprint_secret, schema);
    FingerprintedBatch batch;
    fingerprinter.compute(views, manifest.rows, batch);
    std::vector<std::size_t> order(manifest.rows);
    for (std::size_t r = 0; r < order.size(); ++r) order[r] = r;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return batch.tags[a] < batch.tags[b]; });
    for (const std::size_t r : order) {
      run.tags.push_back(batch.tags[r]);
      run.positions.push_back(r);
      for (const auto& column : batch.columns) run.codes.push_back(column.codes[r]);
      manifest.whole_row_tagged += batch.tag_column[r] == FingerprintedBatch::kWholeRow;
    }
    std::map<FieldType, std::pair<std::uint64_t, std::vector<RowTag>>> identities;
    for (std::size_t r = 0; r < manifest.rows; ++r) {
      if (batch.tag_column[r] == FingerprintedBatch::kWholeRow) continue;
      auto& [rows, tags] = identities[schema.columns[batch.tag_column[r]].type];
      ++rows;
      tags.push_back(batch.tags[r]);
    }
    for (auto& [type, counted] : identities) {
      std::sort(counted.second.begin(), counted.second.end());
      const auto distinct = std::unique(counted.second.begin(), counted.second.end()) - counted.second.begin();
      manifest.identities.push_back({type, counted.first, static_cast<std::uint64_t>(distinct)});
    }
    manifest.records = manifest.tags = run.tags.size();
    for (std::size_t c = 0; c < schema.columns.size(); ++c) {
      ExportColumn column;
      column.id = ids[c];
      column.schema = schema.columns[c];
      column.statistics = statistics_of(batch.columns[c]);
      manifest.columns.push_back(column);
      if (!schema.columns[c].indexed) continue;
      for (std::size_t r = 0; r < manifest.rows; ++r) {
        if (batch.columns[c].states[r] != ValueState::kValid) continue;
        run.entries.emplace_back(schema.columns[c].type, index_entry(batch.columns[c].fingerprints[r], batch.tags[r]));
      }
    }
  }

  static ColumnStatistics statistics_of(const FingerprintedBatch::Column& column) {
    ColumnStatistics statistics;
    std::unordered_map<Fingerprint, std::uint64_t> values;
    std::map<ColumnCode, std::uint64_t> codes;
    for (std::size_t r = 0; r < column.codes.size(); ++r) {
      if (column.states[r] == ValueState::kNull) {
        ++statistics.nulls;
        continue;
      }
      ++values[column.fingerprints[r]];
      if (column.codes[r] >= kFirstValueCode) ++codes[column.codes[r]];
    }
    statistics.distinct = values.size();
    for (const auto& [code, count] : codes) statistics.frequent.push_back({code, count});
    std::stable_sort(statistics.frequent.begin(), statistics.frequent.end(),
                     [](const CodeCount& a, const CodeCount& b) { return a.count > b.count; });
    if (statistics.distinct > 1024 && statistics.frequent.size() > 64) statistics.frequent.resize(64);
    return statistics;
  }

  /// Numbers the exports by (feed, date, name) and makes the indexes.
  void settle() {
    std::stable_sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) {
      const auto& x = a.manifest.description;
      const auto& y = b.manifest.description;
      return std::tuple(x.feed, x.at.value_or(0), x.name) < std::tuple(y.feed, y.at.value_or(0), y.name);
    });
    manifests_.clear();
    indexes_.clear();
    for (std::size_t e = 0; e < runs_.size(); ++e) {
      runs_[e].number = static_cast<ExportIndex>(e);
      manifests_.push_back(runs_[e].manifest);
      for (const auto& [type, entry] : runs_[e].entries) indexes_[type].push_back(entry);
    }
    for (auto& [type, entries] : indexes_) {
      std::sort(entries.begin(), entries.end());
      entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    }
  }

  const RegistryKey& key_;
  std::vector<Run> runs_;
  std::vector<ExportManifest> manifests_;
  std::map<FieldType, std::vector<IndexEntry>> indexes_;
};

}  // namespace sidik::testing
