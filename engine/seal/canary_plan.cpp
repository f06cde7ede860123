#include "seal/canary_plan.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <limits>
#include <mutex>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "ingest/text_encoding.h"
#include "registry/schema_decision.h"
#include "seal/canary_placing.h"
#include "seal/canary_recogniser.h"
#include "seal/canary_selection.h"
#include "seal/canary_stream.h"
#include "seal/people_secret.h"

namespace sidik {
namespace {

constexpr std::uint64_t kRowsOfUnknownLength = 30000000;  // are made ready for

/// What was read of a table and is to be looked at (again), and the reader that goes on behind it.
struct Begun {
  std::unique_ptr<TableReader> reader;
  std::deque<TextBlock> head;
};

/// Reads the table on several threads, from its start where nothing is begun. `work` gets blocks in any order, each
/// with its thread's number.
void for_each_block(const CanaryPlanInput& input, Begun begun,
                    const std::function<void(unsigned, const TableReader&, const Batch&)>& work) {
  if (!begun.reader) begun.reader = std::make_unique<TableReader>(decompressed(input.open()), input.reader);
  TableReader& reader = *begun.reader;
  std::mutex mutex;
  bool stopped = false;
  std::uint64_t rows = 0;
  const auto read = [&](TextBlock& block) {
    const std::scoped_lock lock(mutex);
    if (stopped) return false;
    if (begun.head.empty()) return reader.read_block(block);
    block = std::move(begun.head.front());
    begun.head.pop_front();
    return true;
  };
  run_on_threads(std::max(1U, input.threads), [&](unsigned thread) {
    try {
      TextBlock block;
      Batch batch;
      while (read(block)) {
        reader.parse(block, batch);
        work(thread, reader, batch);
        const std::scoped_lock lock(mutex);
        rows += batch.rows;
        if (input.progress && thread + 1 == std::max(1U, input.threads)) input.progress(rows);
      }
    } catch (...) {
      const std::scoped_lock lock(mutex);
      stopped = true;
      throw;
    }
  });
}

struct Looked {
  std::shared_ptr<const SchemaDecision> decision;  // none where there are no rows
  std::uint64_t rows = 0;                          // of the head
  bool whole = true;                               // there is nothing behind it
  std::uint64_t consumed = 0, total = 0;           // bytes of the input; total 0 where unknown
  Begun begun;                                     // for one reading

  const Schema& schema() const { return decision->inference.schema; }
};

/// The schema by the first 64 MiB, as a seal decides it.
Looked look(const CanaryPlanInput& input) {
  Looked out;
  const unsigned threads = std::max(1U, input.threads);
  out.begun.reader = std::make_unique<TableReader>(decompressed(input.open()), input.reader);
  TableReader& reader = *out.begun.reader;
  const std::vector<std::string> names = input.known.names(reader.header(), reader.columns());
  Inference inference(names, reader.columns(), threads);
  std::deque<TextBlock>& head = out.begun.head;
  std::vector<Batch> batches(2 * threads);
  std::size_t bytes = 0;
  for (bool more = true; more && out.whole;) {
    const std::size_t first = head.size();
    while (out.whole && head.size() - first < batches.size()) {
      TextBlock block;
      if (more = reader.read_block(block); !more) break;
      bytes += block.size;
      out.whole = bytes < kHeadBytes;
      head.push_back(std::move(block));
    }
    const std::size_t count = head.size() - first;
    parallel_for(threads, count, [&](std::size_t i) { reader.parse(head[first + i], batches[i]); });
    for (const Batch& batch : std::span(batches).first(count)) {
      out.rows += batch.rows;
      inference.observe(batch.columns);
    }
    if (input.progress) input.progress(out.rows);
  }
  if (out.rows > 0)
    out.decision = std::make_shared<const SchemaDecision>(decide_schema(inference, names, input.known, reader.name()));
  out.consumed = reader.consumed();
  out.total = reader.total();
  return out;
}

/// How many rows the table has at most, nearly, by what its head says of its length. Nothing where that cannot be told.
std::optional<std::uint64_t> likely_rows(const Looked& looked) {
  if (looked.whole) return looked.rows;
  if (looked.total == 0 || looked.consumed == 0) return std::nullopt;
  constexpr double kMargin = 1.25;
  return static_cast<std::uint64_t>(static_cast<double>(looked.rows) * static_cast<double>(looked.total) /
                                    static_cast<double>(looked.consumed) * kMargin);
}

/// How many canaries to make ready for: as many as are asked for, or as the table can have.
std::optional<std::uint64_t> likely_count(const CanaryPlanInput& input, const Looked& looked) {
  if (input.fixed_count) return *input.fixed_count;
  const auto rows = likely_rows(looked);
  return rows ? std::optional(input.count(*rows)) : std::nullopt;
}

std::uint64_t count_rows(const CanaryPlanInput& input) {
  std::atomic<std::uint64_t> rows{0};
  for_each_block(input, {}, [&](unsigned, const TableReader&, const Batch& batch) { rows += batch.rows; });
  return rows;
}

std::unique_ptr<CanaryCensus> take_census(const CanaryPlanInput& input, Looked& looked, std::uint64_t count,
                                          const Secret& people) {
  std::vector<std::unique_ptr<CanaryCensus>> parts;
  parts.push_back(std::make_unique<CanaryCensus>(input.secrets, people, looked.schema(),
                                                 static_cast<std::size_t>(count), input.traps,
                                                 likely_rows(looked).value_or(kRowsOfUnknownLength)));
  while (parts.size() < std::max(1U, input.threads)) parts.push_back(parts.front()->part());
  for_each_block(input, std::move(looked.begun), [&](unsigned thread, const TableReader& reader, const Batch& batch) {
    parts[thread]->observe(batch, reader.dialect().encoding == TextEncoding::kWindows1252);
  });
  for (std::size_t t = 1; t < parts.size(); ++t) parts.front()->merge(std::move(*parts[t]));
  return std::move(parts.front());
}

/// By candidate, whether the last export had it: by its family, and its number in that.
std::vector<bool> copied_columns(const std::vector<CanaryCandidate>& candidates) {
  std::vector<std::size_t> same;
  for (const CanaryCandidate& each : candidates) {
    same.resize(each.base.size());
    for (std::size_t c = 0; c < same.size(); ++c) same[c] += each.canary.cells[c] == each.base[c] ? 1U : 0U;
  }
  std::vector<bool> copied;
  for (const std::size_t count : same) copied.push_back(2 * count > candidates.size());
  return copied;
}

std::vector<bool> lived_in(const std::optional<SealingState>& last, const SealingState& now) {
  using Member = std::pair<std::uint64_t, std::size_t>;
  const auto each_member = [](const SealingState& state, const std::function<void(const Member&, bool)>& work) {
    Member member{0, 0};
    for (const auto& candidate : state.candidates) {
      member.second = candidate.family == member.first ? member.second + 1 : 0;
      member.first = candidate.family;
      work(member, candidate.planted);
    }
  };
  std::set<Member> before;
  if (last)
    each_member(*last, [&](const Member& member, bool planted) {
      if (planted) before.insert(member);
    });
  std::vector<bool> lived;
  each_member(now, [&](const Member& member, bool) { lived.push_back(before.contains(member)); });
  return lived;
}

}  // namespace

double fewest_check_bits(const std::vector<Canary>& canaries, std::uint64_t rows, const Schema& schema,
                         const SealSecrets& secrets) {
  if (canaries.empty()) return 0;
  CanaryRecogniser recogniser(secrets);
  double fewest = std::numeric_limits<double>::infinity();
  std::vector<RowField> fields;
  for (const Canary& canary : canaries) {
    fields.clear();
    for (std::size_t c = 0; c < schema.columns.size(); ++c) {
      const ColumnSchema& column = schema.columns[c];
      if (!CanaryRecogniser::looks_at(column.type)) continue;
      CanonicalValue value = canonical(column.type, canary.cells[c], column.options);
      if (value.state == ValueState::kValid) fields.push_back({column.type, std::move(value.text)});
    }
    fewest = std::min(fewest, recogniser.check(fields));
  }
  return std::max(0.0, fewest - std::log2(static_cast<double>(std::max<std::uint64_t>(rows, 1))));
}

void require_canary_count(std::uint64_t count) {
  if (count > kMostCanaries)
    throw Error(ErrorKind::kUsage, "--canaries",
                "so many rows of nobody (" + std::to_string(count) + ") would spoil the data; expected at most " +
                    std::to_string(kMostCanaries) +
                    ": for small leaks use marks or withheld rows (`sidik canary plan`)");
}

CanaryPlan plan_canaries(const CanaryPlanInput& input) {
  CanaryPlan plan;
  Looked looked = look(input);
  plan.rows = looked.rows;
  if (input.fixed_count) plan.asked = *input.fixed_count;
  require_canary_count(plan.asked);
  if (looked.rows == 0 || (input.fixed_count && plan.asked == 0)) return plan;
  plan.decision = looked.decision;
  const Secret people = people_secret(input.secrets);
  std::optional<std::uint64_t> ready_for = likely_count(input, looked);
  if (!ready_for) ready_for = input.count(count_rows(input));
  ready_for = std::min<std::uint64_t>(*ready_for, kMostCanaries);
  std::unique_ptr<CanaryCensus> census = take_census(input, looked, *ready_for, people);
  plan.rows = census->rows();
  if (!input.fixed_count) plan.asked = input.count(plan.rows);
  require_canary_count(plan.asked);
  if (plan.asked == 0) return plan;
  if (plan.asked > *ready_for) census = take_census(input, looked, plan.asked, people);

  const std::size_t most = census->most(static_cast<std::size_t>(plan.asked));
  const unsigned threads = std::max(1U, input.threads);
  std::vector<CanaryCandidate> candidates = census->make(most, threads);
  plan.state = state_of(*census, looked.schema(), candidates);
  std::vector<double> chances;
  for (const CanaryCandidate& each : candidates) chances.push_back(each.chance);
  plan.copied = copied_columns(candidates);
  CanarySelection selection(looked.schema(), census->nik(), census->name(), candidates);
  CanaryPlacing placing(
      {input.fingerprint_secret, people, input.secrets, looked.schema(), plan.state->sorted_by, census->household()},
      std::move(candidates));
  selection.observe(census->sample(), threads);
  if (!placing.settle(*census)) {
    std::vector<CanaryPlacing::View> views;
    for (unsigned t = 0; t < threads; ++t) views.emplace_back(placing);
    for_each_block(input, {},
                   [&](unsigned thread, const TableReader&, const Batch& batch) { views[thread].observe(batch); });
    for (CanaryPlacing::View& view : views) placing.merge(std::move(view));
  }
  for (const auto& epoch : input.registered) placing.drop_taken(epoch.fingerprint_secret, epoch.taken);
  const std::vector<double> weights = selection.weights();
  const std::vector<bool> lived = lived_in(input.last, *plan.state);
  const auto turns = planting_turns(weights, chances, lived, most + most / 20 + 4);
  const std::vector<bool> taken = placing.taken();
  plan.canaries = placing.take(most, turns);
  std::size_t left = plan.canaries.size();
  for (const int turn : {0, 1, 2})
    for (std::size_t i = 0; i < taken.size(); ++i) {
      auto& candidate = plan.state->candidates[i];
      candidate.weight = weights[i];
      candidate.vetted = !taken[i];
      if (taken[i] || turns[i] != turn || left == 0) continue;
      candidate.planted = true;
      --left;
    }
  plan.dropped = placing.dropped();
  plan.check_bits = fewest_check_bits(plan.canaries, plan.rows, looked.schema(), input.secrets);
  return plan;
}

}  // namespace sidik
