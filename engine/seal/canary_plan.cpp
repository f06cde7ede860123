#include "seal/canary_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "ingest/text_encoding.h"
#include "registry/schema_decision.h"
#include "seal/canary_placing.h"
#include "seal/canary_recogniser.h"

namespace sidik {
namespace {

/// Reads the table from its start and hands on its batches until `work` has seen enough.
void for_each_batch(const CanaryPlanInput& input, const std::function<bool(const TableReader&, const Batch&)>& work) {
  TableReader reader(decompressed(input.open()), input.reader);
  TextBlock block;
  Batch batch;
  while (reader.read_block(block)) {
    reader.parse(block, batch);
    if (!work(reader, batch)) return;
  }
}

struct Looked {
  Schema schema;
  std::uint64_t rows = 0;
};

/// The schema by the first 64 MiB, as a seal decides it, and the number of rows; of the first alone where the number is
/// not needed.
Looked look(const CanaryPlanInput& input) {
  Looked out;
  std::unique_ptr<Inference> inference;
  std::vector<std::string> names;
  std::string name;
  std::size_t bytes = 0;
  for_each_batch(input, [&](const TableReader& reader, const Batch& batch) {
    if (!inference) {
      names = reader.header();
      name = reader.name();
      const std::optional<Schema>& known = input.given ? input.given : input.pinned;
      if (names.empty() && known && known->columns.size() == reader.columns())
        for (const auto& column : known->columns) names.push_back(column.name);
      inference = std::make_unique<Inference>(names, reader.columns());
    }
    out.rows += batch.rows;
    if (bytes < kHeadBytes) inference->observe(batch.columns);
    bytes += input.reader.block_bytes;
    if (input.progress) input.progress(out.rows);
    return !input.fixed_count || bytes < kHeadBytes;
  });
  if (inference) out.schema = decide_schema(*inference, names, input.given, input.pinned, name).inference.schema;
  return out;
}

/// What a recogniser finds in the canary that shows least, after trying all rows of the table.
double fewest_check_bits(const CanaryPlan& plan, const Schema& schema, const SealSecrets& secrets) {
  if (plan.canaries.empty()) return 0;
  CanaryRecogniser recogniser(secrets);
  double fewest = std::numeric_limits<double>::infinity();
  std::vector<RowField> fields;
  for (const Canary& canary : plan.canaries) {
    fields.clear();
    for (std::size_t c = 0; c < schema.columns.size(); ++c) {
      const ColumnSchema& column = schema.columns[c];
      if (!CanaryRecogniser::looks_at(column.type)) continue;
      CanonicalValue value = canonical(column.type, canary.cells[c], column.options);
      if (value.state == ValueState::kValid) fields.push_back({column.type, std::move(value.text)});
    }
    fewest = std::min(fewest, recogniser.check(fields));
  }
  return std::max(0.0, fewest - std::log2(static_cast<double>(std::max<std::uint64_t>(plan.rows, 1))));
}

/// What households and donors are found by: not the epoch's secret, so that the canaries of a feed live on when an
/// epoch begins.
Secret people_secret(const SealSecrets& secrets) { return derive(secrets.recipient, "sidik/1/seal/people", 32); }

}  // namespace

CanaryPlan plan_canaries(const CanaryPlanInput& input) {
  CanaryPlan plan;
  const Looked looked = look(input);
  plan.rows = looked.rows;
  plan.asked = input.fixed_count ? *input.fixed_count : input.count(looked.rows);
  if (plan.asked > kMostCanaries)
    throw Error(ErrorKind::kUsage, "--canaries",
                "so many rows of nobody (" + std::to_string(plan.asked) + ") would spoil the data; expected at most " +
                    std::to_string(kMostCanaries) +
                    ": for small leaks use marks or withheld rows (`sidik canary plan`)");
  if (plan.asked == 0 || looked.rows == 0) return plan;
  CanaryCensus census(input.secrets, people_secret(input.secrets), looked.schema, static_cast<std::size_t>(plan.asked),
                      input.traps);
  for_each_batch(input, [&](const TableReader& reader, const Batch& batch) {
    census.observe(batch, reader.dialect().encoding == TextEncoding::kWindows1252);
    if (input.progress) input.progress(census.rows());
    return true;
  });
  plan.rows = census.rows();
  std::vector<CanaryCandidate> candidates = census.make();
  CanarySelection selection(looked.schema, census.nik(), census.name(), candidates);
  std::vector<Canary> canaries;
  for (CanaryCandidate& each : candidates) canaries.push_back(std::move(each.canary));
  CanaryPlacing placing(input.fingerprint_secret, looked.schema, std::move(canaries), census.sorted_by());
  std::uint64_t rows = 0;
  for_each_batch(input, [&](const TableReader&, const Batch& batch) {
    placing.observe(batch);
    selection.observe(batch);
    rows += batch.rows;
    if (input.progress) input.progress(rows);
    return true;
  });
  for (const auto& epoch : input.registered) placing.drop_taken(epoch.fingerprint_secret, epoch.taken);
  plan.canaries = placing.take(census.most(), selection.choose(census.most() + census.most() / 20 + 4));
  plan.dropped = placing.dropped();
  plan.check_bits = fewest_check_bits(plan, looked.schema, input.secrets);
  return plan;
}

}  // namespace sidik
