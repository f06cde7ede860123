#include "fingerprints/batch_fingerprinter.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/equal_runs.h"
#include "fingerprints/reuse_costs.h"
#include "fingerprints/value_cache.h"

namespace sidik {
namespace {

constexpr std::size_t kCacheBytes = 24U << 20;    // of all columns of one thread
constexpr std::size_t kMessageBytes = 64U << 10;  // of whole rows that are fingerprinted together

/// What missing cells are read as: an empty value with readable bytes behind it.
constexpr std::array<char, kTextSlack> kNothing{};

/// Canonicalises and fingerprints values of one type: all keys that such a value may meet.
class TypedFingerprinter {
 public:
  TypedFingerprinter(const Secret& secret, FieldType type)
      : type_(type),
        value_(fingerprint_key(secret, FingerprintDomain::kValue, type)),
        text_(fingerprint_key(secret, FingerprintDomain::kValue, FieldType::kText)) {
    if (identity_rank(type)) tag_.emplace(fingerprint_key(secret, FingerprintDomain::kTag, type));
  }
  bool gives_tags() const { return tag_.has_value(); }

  /// Sets each value's state and fingerprint: that of its tag where it is valid and `wants_tag` (one flag a value, or
  /// empty where none does), of text where it is invalid, 0 where it is null. Returns the canonical forms, until the
  /// next call.
  const CanonicalColumn& compute(const CanonicalOptions& options, std::span<const std::string_view> raw,
                                 std::span<const std::uint8_t> wants_tag, std::span<ValueState> states,
                                 std::span<Fingerprint> fingerprints) {
    readable_.clear();
    if (std::any_of(raw.begin(), raw.end(), [](std::string_view value) { return value.data() == nullptr; })) {
      for (const std::string_view value : raw)
        readable_.push_back(value.data() == nullptr ? std::string_view(kNothing.data(), 0) : value);
      raw = readable_;
    }
    canonicalise(type_, options, raw, canonical_);
    std::copy(canonical_.state.begin(), canonical_.state.end(), states.begin());
    const auto valid = static_cast<std::size_t>(std::count(states.begin(), states.end(), ValueState::kValid));
    const auto wanted = static_cast<std::size_t>(std::count(wants_tag.begin(), wants_tag.end(), 1));
    if (valid == raw.size() && wanted == 0) {
      value_.compute(canonical_.text.data(), canonical_.begin, fingerprints);
    } else if (valid == raw.size() && wanted == raw.size()) {
      tag_->compute(canonical_.text.data(), canonical_.begin, fingerprints);
    } else {
      compute_mixed(wants_tag, states, fingerprints);
    }
    return canonical_;
  }

  /// Sets the tag fingerprints of the valid ones among the values last computed.
  void compute_tags(std::span<const ValueState> states, std::span<Fingerprint> tags) {
    list(states, [](std::size_t, ValueState state) { return state == ValueState::kValid; });
    tag_->compute_some(canonical_.text.data(), canonical_.begin, which_, tags);
  }

 private:
  void compute_mixed(std::span<const std::uint8_t> wants_tag, std::span<const ValueState> states,
                     std::span<Fingerprint> fingerprints) {
    std::fill(fingerprints.begin(), fingerprints.end(), 0);
    const auto wants = [&](std::size_t i) { return !wants_tag.empty() && wants_tag[i] != 0; };
    const auto run = [&](Cmac& cmac) {
      cmac.compute_some(canonical_.text.data(), canonical_.begin, which_, fingerprints);
    };
    list(states, [&](std::size_t i, ValueState state) { return state == ValueState::kValid && !wants(i); });
    run(value_);
    list(states, [](std::size_t, ValueState state) { return state == ValueState::kInvalid; });
    run(text_);
    if (!tag_) return;
    list(states, [&](std::size_t i, ValueState state) { return state == ValueState::kValid && wants(i); });
    run(*tag_);
  }

  void list(std::span<const ValueState> states, auto condition) {
    which_.clear();
    for (std::size_t i = 0; i < states.size(); ++i)
      if (condition(i, states[i])) which_.push_back(static_cast<std::uint32_t>(i));
  }

  FieldType type_;
  Cmac value_;
  Cmac text_;
  std::optional<Cmac> tag_;
  CanonicalColumn canonical_;
  std::vector<std::string_view> readable_;
  std::vector<std::uint32_t> which_;
};

}  // namespace

struct BatchFingerprinter::State {
  State(const Secret& secret, const Schema& table, ValueReuse value_reuse)
      : schema(table),
        identity_order(table.identity_order()),
        ids(column_ids(table)),
        by_id(table.columns.size()),
        whole_row(fingerprint_key(secret, FingerprintDomain::kWholeRow, FieldType::kText)),
        reuse(value_reuse),
        counts(table.columns.size()) {
    caches.resize(table.columns.size());
    costs.resize(table.columns.size());
    std::iota(by_id.begin(), by_id.end(), std::size_t{0});
    std::sort(by_id.begin(), by_id.end(), [this](std::size_t a, std::size_t b) { return ids[a] < ids[b]; });
    for (const ColumnSchema& column : schema.columns)
      if (auto& typed = by_type.at(static_cast<std::size_t>(column.type)); !typed) typed.emplace(secret, column.type);
    std::erase_if(identity_order, [this](std::size_t c) { return !identity_rank(schema.columns[c].type); });
  }

  void fingerprint_column(std::size_t c, std::span<const std::string_view> raw, std::span<const std::uint8_t> wants_tag,
                          FingerprintedBatch::Column& out);
  void fingerprint_reusing(std::size_t c, std::span<const std::string_view> raw,
                           std::span<const std::uint8_t> wants_tag, FingerprintedBatch::Column& out);
  void fingerprint_values(std::size_t c, std::span<const std::string_view> raw, std::span<const std::uint8_t> wants_tag,
                          std::span<ValueState> states, std::span<Fingerprint> fingerprints);
  void take_tags(std::size_t c, FingerprintedBatch& out);
  void tag_whole_rows(FingerprintedBatch& out);

  const Schema schema;
  std::vector<std::size_t> identity_order;
  const std::vector<ColumnId> ids;
  std::vector<std::size_t> by_id;  // columns by rising id
  std::array<std::optional<TypedFingerprinter>, kFieldTypes> by_type;
  Cmac whole_row;
  const ValueReuse reuse;
  std::vector<ValueCache> caches;  // one a column
  std::vector<ReuseCosts> costs;   // one a column
  CacheBudget budget{kCacheBytes};
  std::vector<ColumnCounts> counts;

  // Of the batch at hand, kept for their capacity.
  std::vector<std::uint8_t> untagged;  // one flag a row
  EqualRuns runs;
  std::vector<ValueState> run_states;
  std::vector<Fingerprint> run_fingerprints;
  NewValues new_values;
  std::vector<PendingRow> pending;
  Bytes messages;
  std::vector<std::uint32_t> message_begin;
  std::vector<std::uint32_t> message_row;
  std::vector<Fingerprint> message_fingerprints;
};

void BatchFingerprinter::State::fingerprint_values(std::size_t c, std::span<const std::string_view> raw,
                                                   std::span<const std::uint8_t> wants_tag,
                                                   std::span<ValueState> states, std::span<Fingerprint> fingerprints) {
  const ColumnSchema& column = schema.columns[c];
  TypedFingerprinter& typed = *by_type[static_cast<std::size_t>(column.type)];
  const bool cached = reuse == ValueReuse::kAdaptive && caches[c].start_batch(raw, costs[c].worthwhile(), budget);
  costs[c].used_cache(cached);
  Lap lap;
  if (!cached) {
    typed.compute(column.options, raw, wants_tag, states, fingerprints);
    return costs[c].compute.add(lap.take(), raw.size());
  }
  new_values.clear();
  pending.clear();
  caches[c].find(raw, wants_tag, states, fingerprints, new_values, pending);
  double looking = lap.take();
  new_values.states.resize(new_values.size());
  new_values.fingerprints.resize(new_values.size());
  typed.compute(column.options, new_values.raw, new_values.wants_tag, new_values.states, new_values.fingerprints);
  costs[c].compute.add(lap.take(), new_values.size());
  caches[c].settle(new_values);
  for (const PendingRow& row : pending) {
    states[row.row] = new_values.states[row.value];
    fingerprints[row.row] = new_values.fingerprints[row.value];
  }
  looking += lap.take();
  costs[c].look_up.add(looking, raw.size());
}

void BatchFingerprinter::State::fingerprint_reusing(std::size_t c, std::span<const std::string_view> raw,
                                                    std::span<const std::uint8_t> wants_tag,
                                                    FingerprintedBatch::Column& out) {
  if (reuse == ValueReuse::kNever || !costs[c].wants_runs())
    return fingerprint_values(c, raw, wants_tag, out.states, out.fingerprints);
  Lap lap;
  find_runs(raw, wants_tag, runs);
  double looking = lap.take();
  run_states.resize(runs.size());
  run_fingerprints.resize(runs.size());
  fingerprint_values(c, runs.raw, runs.flags, run_states, run_fingerprints);
  lap.take();
  for (std::size_t r = 0; r < raw.size(); ++r) {
    const std::uint32_t run = runs.run_of_row[r];
    out.states[r] = run_states[run];
    out.fingerprints[r] = run_fingerprints[run];
  }
  looking += lap.take();
  costs[c].saw_runs(looking, raw.size(), runs.size());
}

void BatchFingerprinter::State::fingerprint_column(std::size_t c, std::span<const std::string_view> raw,
                                                   std::span<const std::uint8_t> wants_tag,
                                                   FingerprintedBatch::Column& out) {
  out.states.resize(raw.size());
  out.fingerprints.resize(raw.size());
  out.codes.resize(raw.size());
  fingerprint_reusing(c, raw, wants_tag, out);
  const auto count = [&](ValueState state) {
    return static_cast<std::size_t>(std::count(out.states.begin(), out.states.end(), state));
  };
  const std::size_t nulls = count(ValueState::kNull);
  counts[c].nulls += nulls;
  counts[c].invalid += count(ValueState::kInvalid);
  std::transform(out.fingerprints.begin(), out.fingerprints.end(), out.codes.begin(), value_code);
  if (nulls == 0) return;
  for (std::size_t r = 0; r < raw.size(); ++r)
    if (out.states[r] == ValueState::kNull) out.codes[r] = kNullCode;
}

void BatchFingerprinter::State::take_tags(std::size_t c, FingerprintedBatch& out) {
  FingerprintedBatch::Column& column = out.columns[c];
  for (std::size_t r = 0; r < out.rows; ++r) {
    if (untagged[r] == 0 || column.states[r] != ValueState::kValid) continue;
    untagged[r] = 0;
    out.tags[r] = row_tag(column.fingerprints[r]);
    out.tag_column[r] = static_cast<std::uint16_t>(c);
    column.codes[r] = kTagCode;
  }
}

void BatchFingerprinter::State::tag_whole_rows(FingerprintedBatch& out) {
  const std::size_t widest = 16 * std::max<std::size_t>(by_id.size(), 1);
  const std::size_t together = std::max<std::size_t>(kMessageBytes / widest, 1);
  messages.resize(together * widest + kTextSlack);
  message_begin.assign(1, 0);
  message_row.clear();
  std::size_t size = 0;
  const auto flush = [&] {
    message_fingerprints.resize(message_row.size());
    whole_row.compute(messages.data(), message_begin, message_fingerprints);
    for (std::size_t i = 0; i < message_row.size(); ++i) out.tags[message_row[i]] = row_tag(message_fingerprints[i]);
    message_begin.assign(1, 0);
    message_row.clear();
    size = 0;
  };
  for (std::size_t r = 0; r < out.rows; ++r) {
    if (untagged[r] == 0) continue;
    out.tag_column[r] = FingerprintedBatch::kWholeRow;
    for (const std::size_t c : by_id) {
      if (out.columns[c].states[r] == ValueState::kNull) continue;
      store_u64(messages.data() + size, ids[c]);
      store_u64(messages.data() + size + 8, out.columns[c].fingerprints[r]);
      size += 16;
    }
    message_row.push_back(static_cast<std::uint32_t>(r));
    message_begin.push_back(static_cast<std::uint32_t>(size));
    if (message_row.size() == together) flush();
  }
  if (!message_row.empty()) flush();
}

BatchFingerprinter::BatchFingerprinter(const Secret& fingerprint_secret, const Schema& schema, ValueReuse reuse) {
  if (schema.columns.size() > FingerprintedBatch::kWholeRow)
    throw Error(ErrorKind::kRefused, "",
                "the table has " + std::to_string(schema.columns.size()) +
                    " columns, and at most 65,535 can be registered; leave some out with --columns");
  state_ = std::make_unique<State>(fingerprint_secret, schema, reuse);
}
BatchFingerprinter::~BatchFingerprinter() = default;
BatchFingerprinter::BatchFingerprinter(BatchFingerprinter&&) noexcept = default;

void BatchFingerprinter::compute(std::span<const std::vector<std::string_view>> columns, std::size_t rows,
                                 FingerprintedBatch& out) {
  State& state = *state_;
  if (columns.size() != state.schema.columns.size())
    throw Error(ErrorKind::kFailed, "",
                "a batch of " + std::to_string(columns.size()) + " columns was met where the schema has " +
                    std::to_string(state.schema.columns.size()));
  out.rows = rows;
  out.tags.resize(rows);
  out.tag_column.resize(rows);
  out.columns.resize(columns.size());
  state.untagged.assign(rows, 1);
  const auto values = [&](std::size_t c) { return std::span<const std::string_view>(columns[c]).first(rows); };
  std::vector<bool> done(columns.size());
  for (const std::size_t c : state.identity_order) {
    state.fingerprint_column(c, values(c), state.untagged, out.columns[c]);
    state.take_tags(c, out);
    done[c] = true;
  }
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (!done[c]) state.fingerprint_column(c, values(c), {}, out.columns[c]);
  if (std::find(state.untagged.begin(), state.untagged.end(), 1) != state.untagged.end()) state.tag_whole_rows(out);
}

const std::vector<ColumnCounts>& BatchFingerprinter::counts() const { return state_->counts; }

struct ValueFingerprinter::State {
  TypedFingerprinter typed;
  CanonicalOptions options;
  std::vector<std::uint8_t> all{};  // ones
};

ValueFingerprinter::ValueFingerprinter(const Secret& fingerprint_secret, FieldType type, CanonicalOptions options)
    : state_(std::make_unique<State>(State{TypedFingerprinter(fingerprint_secret, type), options})) {}
ValueFingerprinter::~ValueFingerprinter() = default;
ValueFingerprinter::ValueFingerprinter(ValueFingerprinter&&) noexcept = default;

void ValueFingerprinter::compute(std::span<const std::string_view> raw, std::span<ValueState> states,
                                 std::span<Fingerprint> fingerprints, std::span<RowTag> tags) {
  state_->typed.compute(state_->options, raw, {}, states, fingerprints);
  std::fill(tags.begin(), tags.end(), 0);
  if (tags.empty() || !state_->typed.gives_tags()) return;
  state_->typed.compute_tags(states, tags);
  for (RowTag& tag : tags) tag = row_tag(tag);
}

void ValueFingerprinter::compute_tags(std::span<const std::string_view> raw, std::span<ValueState> states,
                                      std::span<RowTag> tags) {
  state_->all.resize(raw.size(), 1);
  state_->typed.compute(state_->options, raw, state_->all, states, tags);
  for (std::size_t i = 0; i < raw.size(); ++i) tags[i] = states[i] == ValueState::kValid ? row_tag(tags[i]) : 0;
}

}  // namespace sidik
