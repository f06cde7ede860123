#include "seal/canary_stream.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "seal/canary_plan.h"
#include "seal/canary_selection.h"
#include "seal/people_secret.h"

namespace sidik {
namespace {

constexpr double kTied = 0.02;  // of the rows that are kept: more that are equal in what they are sorted by
constexpr std::size_t kFewestOfAConstant = 100;

bool same_columns(const Schema& a, const Schema& b) {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    [](const ColumnSchema& x, const ColumnSchema& y) {
                      return x.type == y.type && normalised_name(x.name) == normalised_name(y.name);
                    });
}

std::size_t vetted_of(const SealingState& state) {
  return static_cast<std::size_t>(
      std::count_if(state.candidates.begin(), state.candidates.end(), [](const auto& each) { return each.vetted; }));
}

}  // namespace

bool can_plan_ahead(const SealingState& state, const Schema* schema, std::uint64_t asked, std::uint64_t rows) {
  return schema && same_columns(*schema, state.schema) && !state.tied &&
         vetted_of(state) >= std::min(asked, rows / kRowsACanary);
}

struct CanaryStream::Watch {
  Watch(const Secret& secret, const Schema& schema) : identities(secret, schema) {}
  IdentityTags identities;
  std::vector<RowTag> tags;
  std::vector<std::size_t> found;
};

CanaryStream::CanaryStream(Input input) : input_(std::move(input)) {}
CanaryStream::~CanaryStream() = default;

std::vector<Canary> CanaryStream::begin(const Schema& schema, const std::string& place,
                                        const std::vector<const Batch*>& head) {
  if (!same_columns(schema, input_.last.schema))
    throw Error(
        ErrorKind::kRefused, place,
        "its columns are not those of the feed's last export, by which its rows of nobody were planned; leave out "
        "--expect-rows, and all of it is read before anything is written");
  schema_ = schema;
  const Secret people = people_secret(input_.secrets);
  for (unsigned t = 0; t < std::max(1U, input_.threads); ++t) {
    census_.push_back(std::make_unique<CanaryCensus>(input_.secrets, people, schema_,
                                                     static_cast<std::size_t>(input_.asked), input_.traps));
    watches_.push_back(std::make_unique<Watch>(input_.fingerprint_secret, schema_));
  }
  household_ = census_.front()->household();
  adapt(head);
  find_order(head);
  choose();
  std::vector<Canary> canaries;
  for (const Entry& entry : entries_) canaries.push_back({input_.last.candidates[entry.candidate].cells, kAtTheEnd});
  check_bits_ = fewest_check_bits(canaries, input_.rows, schema_, input_.secrets);
  return canaries;
}

/// What all rows of the head have is what canaries have: the month of the export, say.
void CanaryStream::adapt(const std::vector<const Batch*>& head) {
  for (std::size_t c = 0; c < schema_.columns.size(); ++c) {
    std::size_t rows = 0;
    std::optional<std::string> value;
    bool constant = true;
    for (const Batch* batch : head)
      for (std::size_t r = 0; r < batch->rows && constant; ++r, ++rows) {
        if (!value) value = std::string(batch->columns[c][r]);
        constant = *value == batch->columns[c][r];
      }
    if (!constant || rows < kFewestOfAConstant) continue;
    for (auto& candidate : input_.last.candidates) candidate.cells[c] = *value;
  }
}

/// The order of the last export, where the head has it still; else the head's own.
void CanaryStream::find_order(const std::vector<const Batch*>& head) {
  TableOrder order(schema_.columns.size());
  for (const Batch* batch : head) order.observe(*batch);
  if (!input_.last.sorted_by.empty() && order.holds(input_.last.sorted_by)) {
    keys_ = input_.last.sorted_by;
    return;
  }
  keys_ = order.sorted_by();
  std::size_t rows = 0, equal = 0;
  for (const Batch* batch : head)
    for (std::size_t r = 1; r < batch->rows; ++r, ++rows)
      equal += std::all_of(keys_.begin(), keys_.end(), [&](const SortKey& key) {
        return batch->columns[key.column][r] == batch->columns[key.column][r - 1];
      });
  if (static_cast<double>(equal) > kTied * static_cast<double>(rows)) keys_.clear();
}

/// As many as are asked for, of those that are nobody for all that is known.
void CanaryStream::choose() {
  std::vector<double> weights, chances;
  std::vector<bool> lived;
  std::vector<std::size_t> usable;
  auto& candidates = input_.last.candidates;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!candidates[i].vetted) continue;
    usable.push_back(i);
    weights.push_back(candidates[i].weight);
    chances.push_back(candidates[i].chance);
    lived.push_back(candidates[i].planted);
  }
  const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(input_.asked, input_.rows / kRowsACanary));
  const auto turns = planting_turns(weights, chances, lived, most + most / 20 + 4);
  for (auto& candidate : candidates) candidate.planted = false;
  for (const int turn : {0, 1, 2})
    for (std::size_t u = 0; u < usable.size() && entries_.size() < most; ++u) {
      if (turns[u] != turn) continue;
      auto& candidate = candidates[usable[u]];
      candidate.planted = true;
      const double share = static_cast<double>(candidate.place >> 4) * 1e-18;
      entries_.push_back({usable[u], static_cast<std::uint64_t>(share * static_cast<double>(input_.rows))});
    }
  const auto before = [&](const Entry& a, const Entry& b) {
    if (keys_.empty()) return a.target < b.target;
    for (const SortKey& key : keys_) {
      const int step =
          compare_sorted(candidates[a.candidate].cells[key.column], candidates[b.candidate].cells[key.column]);
      if (step != 0) return (step < 0) != key.falling;
    }
    return false;
  };
  std::stable_sort(entries_.begin(), entries_.end(), before);

  // All candidates are watched: who is not planted may be next time.
  std::vector<std::vector<std::string>> values(schema_.columns.size());
  std::vector<std::vector<std::string_view>> columns(schema_.columns.size());
  for (std::size_t c = 0; c < values.size(); ++c) {
    for (const auto& candidate : candidates) values[c].push_back(candidate.cells[c] + std::string(kTextSlack, '\0'));
    for (const std::string& value : values[c]) columns[c].emplace_back(value.data(), value.size() - kTextSlack);
  }
  std::vector<RowTag> tags;
  IdentityTags(input_.fingerprint_secret, schema_).compute(columns, candidates.size(), tags);
  for (std::size_t i = 0; i < tags.size(); ++i) by_tag_[tags[i]].push_back(i);
  hit_.assign(candidates.size(), 0);
}

int CanaryStream::compare(const Batch& batch, std::size_t row, const Entry& entry) const {
  const auto& cells = input_.last.candidates[entry.candidate].cells;
  for (const SortKey& key : keys_) {
    const int step = compare_sorted(batch.columns[key.column][row], cells[key.column]);
    if (step != 0) return key.falling ? -step : step;
  }
  return 0;
}

void CanaryStream::watch(unsigned thread, const Batch& batch) {
  Watch& watch = *watches_[thread];
  watch.found.clear();
  if (batch.rows == 0) return;
  watch.identities.compute(batch.columns, batch.rows, watch.tags);
  for (const RowTag tag : watch.tags)
    if (const auto found = by_tag_.find(tag); found != by_tag_.end())
      watch.found.insert(watch.found.end(), found->second.begin(), found->second.end());
}

std::vector<CanaryStream::Planting> CanaryStream::pass(unsigned thread, std::uint64_t block, const Batch& batch,
                                                       bool ascii_only) {
  std::vector<Planting> plantings;
  {
    std::unique_lock lock(mutex_);
    passed_.wait(lock, [&] { return given_up_ || next_block_ == block; });
    if (given_up_) return plantings;
    if (batch.rows > 0) {
      plantings = keys_.empty() ? plant_by_number(batch) : plant_in_order(batch);
      if (household_) last_household_.assign(batch.columns[*household_].back());
    }
    rows_ += batch.rows;
    ++next_block_;
  }
  passed_.notify_all();
  watch(thread, batch);
  if (batch.rows > 0) census_[thread]->observe(batch, ascii_only);
  if (!watches_[thread]->found.empty()) {
    const std::scoped_lock lock(mutex_);
    for (const std::size_t candidate : watches_[thread]->found) hit_[candidate] = 1;
  }
  return plantings;
}

std::vector<CanaryStream::Planting> CanaryStream::plant_in_order(const Batch& batch) {
  std::vector<Planting> plantings;
  std::size_t row = 0;
  for (; next_ < entries_.size(); ++next_) {
    // The first row that is not before it.
    std::size_t end = batch.rows;
    while (row < end) {
      const std::size_t middle = row + (end - row) / 2;
      if (compare(batch, middle, entries_[next_]) < 0)
        row = middle + 1;
      else
        end = middle;
    }
    if (row == batch.rows) break;
    plantings.push_back({row, next_});
  }
  return plantings;
}

std::vector<CanaryStream::Planting> CanaryStream::plant_by_number(const Batch& batch) {
  std::vector<Planting> plantings;
  while (next_ < entries_.size() && entries_[next_].target < rows_ + batch.rows) {
    std::size_t row = static_cast<std::size_t>(std::max(entries_[next_].target, rows_) - rows_);
    // Before another household, not into one.
    const auto begins = [&](std::size_t r) {
      if (!household_) return true;
      const auto& column = batch.columns[*household_];
      return column[r] != (r == 0 ? std::string_view(last_household_) : column[r - 1]);
    };
    while (row < batch.rows && !begins(row)) ++row;
    if (row == batch.rows) break;
    const std::uint64_t place = input_.last.candidates[entries_[next_].candidate].place;
    while (next_ < entries_.size() && input_.last.candidates[entries_[next_].candidate].place == place)
      plantings.push_back({row, next_++});
  }
  return plantings;
}

void CanaryStream::give_up() {
  {
    const std::scoped_lock lock(mutex_);
    given_up_ = true;
  }
  passed_.notify_all();
}

std::vector<std::size_t> CanaryStream::left() const {
  std::vector<std::size_t> left;
  for (std::size_t e = next_; e < entries_.size(); ++e) left.push_back(e);
  return left;
}

std::vector<bool> CanaryStream::taken() const {
  std::vector<bool> taken;
  for (const Entry& entry : entries_) taken.push_back(hit_[entry.candidate] != 0);
  return taken;
}

SealingState CanaryStream::state() {
  for (std::size_t t = 1; t < census_.size(); ++t) census_.front()->merge(std::move(*census_[t]));
  census_.resize(1);
  CanaryCensus& census = *census_.front();
  const auto candidates =
      census.make(census.most(static_cast<std::size_t>(input_.asked)), std::max(1U, input_.threads));
  SealingState state = state_of(census, schema_, candidates);
  // Who stays as it was keeps what is known of it.
  std::map<std::uint64_t, double> weights;
  for (const auto& each : input_.last.candidates) weights[each.family] = each.weight;
  std::map<std::string, std::size_t> known;  // by identity
  const auto identity = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (const std::size_t c : schema_.identity_order()) text += cells[c] + '\x1f';
    return text;
  };
  for (std::size_t i = 0; i < input_.last.candidates.size(); ++i) known[identity(input_.last.candidates[i].cells)] = i;
  for (auto& each : state.candidates) {
    if (const auto at = weights.find(each.family); at != weights.end()) each.weight = at->second;
    const auto last = known.find(identity(each.cells));
    if (last == known.end()) continue;
    each.vetted = hit_[last->second] == 0;
    each.planted = input_.last.candidates[last->second].planted;
  }
  return state;
}

SealingState state_of(CanaryCensus& census, const Schema& schema, const std::vector<CanaryCandidate>& candidates) {
  SealingState state;
  state.schema = schema;
  state.rows = census.rows();
  state.sorted_by = census.sorted_by();
  std::vector<const CanaryCandidate*> sorted;
  for (const CanaryCandidate& each : candidates) {
    state.candidates.push_back({each.canary.cells, each.family, each.place, each.chance, 1, false, false});
    sorted.push_back(&each);
  }
  const auto compare = [&](const CanaryCandidate* a, const CanaryCandidate* b) {
    for (const SortKey& key : state.sorted_by)
      if (const int step = compare_sorted(a->base[key.column], b->base[key.column]); step != 0) return step;
    return 0;
  };
  std::sort(sorted.begin(), sorted.end(), [&](const auto* a, const auto* b) { return compare(a, b) < 0; });
  std::size_t equal = 0;
  for (std::size_t i = 1; i < sorted.size(); ++i)
    equal += sorted[i]->base != sorted[i - 1]->base && compare(sorted[i - 1], sorted[i]) == 0 ? 1U : 0U;
  state.tied = !state.sorted_by.empty() && static_cast<double>(equal) > kTied * static_cast<double>(sorted.size());
  return state;
}

}  // namespace sidik
