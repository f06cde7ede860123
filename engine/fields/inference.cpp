#include "fields/inference.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>

#include "base/parallel.h"
#include "fields/column_watch.h"

namespace sidik {

namespace {

constexpr std::size_t kSampledRows = 2048;
constexpr std::size_t kFewestSampledRows = 64;
constexpr std::size_t kSampledCells = 400'000;
constexpr std::size_t kSketchEntries = std::size_t{1} << 15;
constexpr std::size_t kFewestSketchEntries = 256;
constexpr std::size_t kSketchEntriesInAll = std::size_t{1} << 22;

/// A bound for one column that keeps all of them within the bound for a table.
std::size_t bounded(std::size_t most, std::size_t least, std::size_t in_all, std::size_t columns) {
  return std::clamp(in_all / std::max<std::size_t>(columns, 1), least, most);
}

constexpr double kSinglesOut = 0.98;  // distinct share of a column that tells rows apart
constexpr double kTellsMuch = 0.5;    // distinct share from which any column is worth an index
constexpr double kTellsSome = 0.1;    // the same of a number or code, whatever it is of: ten rows have it
constexpr double kManyValues = 1000;

bool may_identify(const ColumnSchema& column, const ColumnProfile& profile, const ColumnDecision& decision) {
  if (profile.values == profile.nulls || decision.numbers_rows) return false;
  if (column.type == FieldType::kNik) return true;
  return identity_rank(column.type).has_value() && profile.distinct_share >= kSinglesOut;
}

bool worth_an_index(const ColumnSchema& column, const ColumnProfile& profile, const ColumnDecision& decision,
                    HeaderMeaning meaning, double distinct) {
  if (profile.values == profile.nulls || decision.numbers_rows) return false;
  switch (column.type) {
    case FieldType::kNik:
    case FieldType::kPhone:
    case FieldType::kEmail:
    case FieldType::kPersonName:
    case FieldType::kAddress:
      return true;
    case FieldType::kIdentifier:
      return distinct >= kManyValues || profile.distinct_share >= kTellsSome;
    case FieldType::kInteger:
    case FieldType::kDecimal:
    case FieldType::kText:
      // A patient's number in a table of findings has no form of its own: it leads to all of that patient's.
      return profile.distinct_share >= kTellsSome;
    case FieldType::kDate:
      return meaning == HeaderMeaning::kBirthDate || profile.distinct_share >= kTellsMuch;
    default:
      return profile.distinct_share >= kTellsMuch;
  }
}

/// A table in which nothing identifies is asked through its rarest columns: as many as single out its rows together,
/// three at most. One birth date alone has thousands of rows in a large table; with the district it has one.
void index_the_rarest(InferenceResult& result, const std::vector<double>& distinct,
                      const std::vector<bool>& numbers_rows, double rows) {
  constexpr std::size_t kMost = 3;
  constexpr double kTogether = 1000;  // values that the indexed columns have together, for each row
  std::vector<std::size_t> order;
  std::size_t indexed = 0;
  double together = 1;
  for (std::size_t c = 0; c < result.profiles.size(); ++c) {
    if (result.schema.columns[c].identity) return;
    if (result.schema.columns[c].indexed) {
      ++indexed;
      together *= std::max(1.0, distinct[c]);
    } else if (!numbers_rows[c] && distinct[c] > 1) {
      order.push_back(c);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return distinct[a] > distinct[b]; });
  const bool none = indexed == 0;
  for (const std::size_t c : order) {
    if (indexed >= kMost || (!none && together >= kTogether * rows)) break;
    ++indexed;
    together *= distinct[c];
    result.schema.columns[c].indexed = true;
    result.schema.columns[c].reason += "; indexed, for no column identifies and this is one of the rarest";
  }
}

/// Fixed columns by normalised name, those of one name in their order.
class FixedColumns {
 public:
  explicit FixedColumns(const Schema* schema) {
    if (schema == nullptr) return;
    for (const ColumnSchema& column : schema->columns) columns_.emplace(normalised_name(column.name), &column);
  }
  const ColumnSchema* take(const std::string& header) {
    const auto found = columns_.find(normalised_name(header));
    if (found == columns_.end()) return nullptr;
    const ColumnSchema* column = found->second;
    columns_.erase(found);
    return column;
  }

 private:
  std::multimap<std::string, const ColumnSchema*> columns_;
};

}  // namespace

struct Inference::State {
  std::vector<ColumnWatch> columns;
  std::vector<WatchScratch> scratch;  // one a thread
  std::uint64_t rows = 0;
  std::size_t stride = 1;
  std::size_t sampled_rows = 0;
  std::size_t most_rows = kSampledRows;
};

Inference::Inference(std::vector<std::string> header, std::size_t columns, unsigned threads)
    : state_(std::make_unique<State>()) {
  state_->scratch.resize(std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, columns)));
  state_->most_rows = bounded(kSampledRows, kFewestSampledRows, kSampledCells, columns);
  const std::size_t sketch = bounded(kSketchEntries, kFewestSketchEntries, kSketchEntriesInAll, columns);
  state_->columns.reserve(columns);
  for (std::size_t c = 0; c < columns; ++c)
    state_->columns.emplace_back(c < header.size() ? header[c] : std::string(), sketch);
}

Inference::~Inference() = default;

void Inference::observe(std::span<const std::vector<std::string_view>> columns) {
  const std::size_t rows = columns.empty() ? 0 : columns.front().size();
  // In pieces of the sample's own size, so that it stays within twice its bound whatever the batch.
  for (std::size_t done = 0; done < rows;) {
    const std::size_t piece = std::min(rows - done, state_->most_rows * state_->stride);
    const std::size_t count = std::min(state_->columns.size(), columns.size());
    std::atomic<std::size_t> next{0};
    run_on_threads(static_cast<unsigned>(state_->scratch.size()), [&](unsigned thread) {
      for (std::size_t c = next++; c < count; c = next++)
        state_->columns[c].observe(std::span(columns[c]).subspan(done, piece), state_->rows, state_->stride,
                                   state_->scratch[thread]);
    });
    state_->rows += piece;
    done += piece;
    while (state_->rows > 2 * state_->most_rows * state_->stride) {
      state_->stride *= 2;
      for (ColumnWatch& column : state_->columns) column.thin();
    }
  }
}

InferenceResult Inference::finish(const Schema* fixed, std::string_view newest_plausible) const {
  InferenceResult result;
  FixedColumns given(fixed);
  std::vector<double> distinct;
  std::vector<bool> numbers_rows;
  bool any_given = false;
  for (std::size_t c = 0; c < state_->columns.size(); ++c) {
    const ColumnWatch& watch = state_->columns[c];
    ColumnSchema column;
    column.name = watch.header().empty() ? "column_" + std::to_string(c + 1) : watch.header();
    const ColumnSchema* pinned = given.take(column.name);
    const ColumnWatch::Findings found =
        watch.findings(state_->stride, pinned != nullptr ? &pinned->type : nullptr,
                       pinned != nullptr ? &pinned->options : nullptr, newest_plausible);

    ColumnProfile profile;
    profile.name = column.name;
    profile.values = watch.values();
    profile.nulls = watch.nulls();
    profile.distinct_share = found.distinct_share;
    profile.valid_share = found.evidence.valid[static_cast<std::size_t>(found.decision.type)];
    profile.valid_as.assign(found.evidence.valid.begin(), found.evidence.valid.end());
    profile.oldest = found.oldest;
    profile.newest = found.newest;
    profile.future = found.future;
    profile.impossible = found.impossible;

    if (pinned != nullptr) {
      any_given = true;
      const std::string written = column.name;
      column = *pinned;
      column.name = written;
      column.reason = "given in the schema";
    } else {
      column.type = found.decision.type;
      column.options = found.evidence.options;
      column.reason = found.decision.reason;
      column.identity = may_identify(column, profile, found.decision);
      column.indexed =
          column.identity || worth_an_index(column, profile, found.decision, watch.meaning(), found.distinct);
    }
    distinct.push_back(found.distinct);
    numbers_rows.push_back(found.decision.numbers_rows);
    result.schema.columns.push_back(std::move(column));
    result.profiles.push_back(std::move(profile));
  }
  if (!any_given) index_the_rarest(result, distinct, numbers_rows, static_cast<double>(state_->rows));
  return result;
}

}  // namespace sidik
