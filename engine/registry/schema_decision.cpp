#include "registry/schema_decision.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <span>

#include "base/error.h"
#include "base/parallel.h"

namespace sidik {
namespace {

constexpr std::size_t kSampledRowsOfFirstBlock = 256;
constexpr std::size_t kSampledRowsOfBlock = 8;

/// A type is contradicted where fewer of the values than this are valid under it, and there are enough values to say
/// so.
constexpr double kValidShareOfDrift = 0.9;
constexpr std::uint64_t kValuesForDrift = 20;

void sample_values(const Batch& batch, std::size_t most, std::vector<std::vector<std::string>>& samples) {
  const std::size_t taken = std::min(batch.rows, most);
  for (std::size_t i = 0; i < taken; ++i) {
    const std::size_t row = i * batch.rows / taken;
    for (std::size_t c = 0; c < samples.size(); ++c) samples[c].emplace_back(batch.columns[c][row]);
  }
}

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f %%", share * 100);
  return text;
}

/// Types whose form shows in each value; any text is a valid value of most others.
bool shows_in_form(FieldType type) {
  return type == FieldType::kNik || type == FieldType::kPhone || type == FieldType::kEmail ||
         type == FieldType::kDate || type == FieldType::kTimestamp;
}
bool takes_any_text(FieldType type) {
  return type == FieldType::kPersonName || type == FieldType::kAddress || type == FieldType::kCategory ||
         type == FieldType::kText;
}

/// Columns that keep their pinned name and type but hold something else. `read` is the inference with the pinned types
/// fixed, `free` the one without.
std::vector<std::string> contradicted_types(const Schema& pinned, const InferenceResult& read,
                                            const InferenceResult& free) {
  std::set<std::string> known;
  for (const auto& column : pinned.columns) known.insert(normalised_name(column.name));
  std::vector<std::string> drift;
  for (std::size_t c = 0; c < read.schema.columns.size(); ++c) {
    const ColumnSchema& column = read.schema.columns[c];
    const ColumnProfile& profile = read.profiles[c];
    const ColumnSchema& found = free.schema.columns[c];
    if (!known.contains(normalised_name(column.name))) continue;
    if (profile.values - profile.nulls < kValuesForDrift) continue;
    const std::string pinned_as = "column '" + column.name + "' is pinned as " + std::string(type_name(column.type));
    if (found.type != column.type && !takes_any_text(column.type) && profile.valid_share < kValidShareOfDrift)
      drift.push_back(pinned_as + ", but only " + percent(profile.valid_share) + " of its values are; they read as " +
                      std::string(type_name(found.type)));
    else if (takes_any_text(column.type) && shows_in_form(found.type))
      drift.push_back(pinned_as + ", but its values read as " + std::string(type_name(found.type)));
    else if (found.type == column.type && found.options.date_order == DateOrder::kMonthFirst &&
             column.options.date_order == DateOrder::kDayFirst)
      drift.push_back(pinned_as + " with the day first, but its values have the month first");
  }
  return drift;
}

void require_columns(const Schema& given, const std::vector<std::string>& names, const std::string& place) {
  std::set<std::string> have;
  for (const auto& name : names) have.insert(normalised_name(name));
  for (const auto& column : given.columns)
    if (!have.contains(normalised_name(column.name)))
      throw Error(
          ErrorKind::kRefused, place,
          "the given schema has a column '" + column.name + "' that is not in the header; correct the schema file");
}

/// `found`, the inference alone, becomes what it is as in that feed; unless some value contradicts that.
void take_types_of(const FeedSchema& like, const Inference& inference, InferenceResult& found) {
  InferenceResult read = inference.finish(&like.schema);
  if (!contradicted_types(like.schema, read, found).empty()) return;
  for (std::size_t c = 0; c < read.schema.columns.size(); ++c) {
    ColumnSchema& column = read.schema.columns[c];
    const ColumnSchema& own = found.schema.columns[c];
    // How dates and numbers are written is this file's own.
    if (own.type == column.type) column.options = own.options;
    column.reason = own.type == column.type ? own.reason : "as in the feed " + like.feed;
  }
  found = std::move(read);
}

}  // namespace

ExportHead read_head(TableStream& tables, Inference* inference, unsigned threads) {
  ExportHead head;
  head.samples.resize(tables.columns());
  std::vector<Batch> batches(2 * std::max(1U, threads));
  std::size_t bytes = 0;
  for (bool more = true; more && bytes < kHeadBytes;) {
    const std::size_t first = head.blocks.size();
    while (head.blocks.size() - first < batches.size() && bytes < kHeadBytes) {
      TableStream::Block block;
      if (more = tables.read(block); !more) break;
      bytes += block.text.size;
      head.blocks.push_back(std::move(block));
    }
    const std::size_t count = head.blocks.size() - first;
    parallel_for(threads, count, [&](std::size_t i) { TableStream::parse(head.blocks[first + i], batches[i]); });
    for (const Batch& batch : std::span(batches).first(count)) {
      if (inference != nullptr) inference->observe(batch.columns);
      sample_values(batch, head.rows == 0 ? kSampledRowsOfFirstBlock : kSampledRowsOfBlock, head.samples);
      head.rows += batch.rows;
    }
  }
  return head;
}

SchemaDecision decide_schema(const Inference& inference, const std::vector<std::string>& names,
                             const KnownSchemas& known, const std::string& place) {
  if (known.given) require_columns(*known.given, names, place);
  SchemaDecision decision;
  if (known.schema() == nullptr) {
    decision.inference = inference.finish();
    if (const auto like = known.alike ? known.alike(names) : std::nullopt)
      take_types_of(*like, inference, decision.inference);
    return decision;
  }
  decision.inference = inference.finish(known.schema());
  if (!known.pinned) return decision;
  decision.drift = schema_drift(*known.pinned, decision.inference.schema);
  if (!known.given) {
    const auto contradicted = contradicted_types(*known.pinned, decision.inference, inference.finish());
    decision.drift.insert(decision.drift.end(), contradicted.begin(), contradicted.end());
  }
  return decision;
}

std::vector<Spelling> describe_spellings(const ExportHead& head, const Schema& schema) {
  std::vector<Spelling> spellings;
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    const std::vector<std::string_view> values(head.samples[c].begin(), head.samples[c].end());
    spellings.push_back(describe_spelling(schema.columns[c].type, values));
  }
  return spellings;
}

}  // namespace sidik
