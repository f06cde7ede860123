#include "seal/canary_placing.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "seal/canary_maker.h"

namespace sidik {
namespace {

constexpr std::size_t kFilterBits = 20;  // of some_tags_
constexpr std::uint64_t kNowhere = kAtTheEnd;

std::size_t low_bits(RowTag tag) { return static_cast<std::size_t>(tag & ((RowTag{1} << kFilterBits) - 1)); }

int directed(int step, const SortKey& key) { return key.falling ? -step : step; }

}  // namespace

CanaryPlacing::CanaryPlacing(Table table, std::vector<CanaryCandidate> candidates) : table_(std::move(table)) {
  std::vector<std::size_t> turns(candidates.size());
  std::iota(turns.begin(), turns.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    for (const SortKey& key : table_.sorted_by)
      if (const int step = directed(
              compare_sorted(candidates[a].canary.cells[key.column], candidates[b].canary.cells[key.column]), key);
          step != 0)
        return step < 0;
    return false;
  };
  std::stable_sort(turns.begin(), turns.end(), before);
  make_groups(candidates, turns);
  by_turn_.resize(candidates.size());
  for (std::size_t e = 0; e < turns.size(); ++e) {
    by_turn_[turns[e]] = e;
    entries_[e].canary = std::move(candidates[turns[e]].canary);
  }
  IdentityTags identities(table_.fingerprint_secret, table_.schema);
  const std::vector<RowTag> tags = tags_under(identities);
  some_tags_.resize(std::size_t{1} << kFilterBits);
  // Of two with one number, the one whose turn comes first has it.
  for (const std::size_t e : by_turn_) {
    entries_[e].taken = by_tag_.contains(tags[e]);
    by_tag_.emplace(tags[e], e);
    some_tags_[low_bits(tags[e])] = true;
  }
  seen_ = std::make_unique<View>(*this);
}
CanaryPlacing::~CanaryPlacing() = default;

void CanaryPlacing::make_groups(const std::vector<CanaryCandidate>& candidates, const std::vector<std::size_t>& turns) {
  entries_.resize(turns.size());
  for (std::size_t e = 0; e < turns.size(); ++e) {
    const CanaryCandidate& candidate = candidates[turns[e]];
    std::vector<std::string> keys;
    for (const SortKey& key : table_.sorted_by) keys.push_back(candidate.canary.cells[key.column]);
    const auto equal = [](const std::string& a, const std::string& b) { return compare_sorted(a, b) == 0; };
    if (groups_.empty() || !std::equal(keys.begin(), keys.end(), groups_.back().keys.begin(), equal))
      groups_.push_back({std::move(keys), {}});
    auto& points = groups_.back().points;
    const auto same = std::find(points.rbegin(), points.rend(), candidate.place);  // a family's stand near each other
    entries_[e].group = groups_.size() - 1;
    entries_[e].point = same == points.rend() ? points.size() : static_cast<std::size_t>(points.rend() - same) - 1;
    if (same == points.rend()) points.push_back(candidate.place);
  }
}

int CanaryPlacing::compare(const Batch& batch, std::size_t row, const Group& group) const {
  for (std::size_t k = 0; k < table_.sorted_by.size(); ++k)
    if (const int step = directed(compare_sorted(batch.columns[table_.sorted_by[k].column][row], group.keys[k]),
                                  table_.sorted_by[k]);
        step != 0)
      return step;
  return 0;
}

std::vector<RowTag> CanaryPlacing::tags_under(IdentityTags& identities) const {
  // Values are fingerprinted column by column, with room behind each.
  const std::size_t width = table_.schema.columns.size();
  std::vector<std::vector<std::string>> values(width);
  std::vector<std::vector<std::string_view>> columns(width);
  for (std::size_t c = 0; c < width; ++c) {
    for (const Entry& entry : entries_) values[c].push_back(entry.canary.cells[c] + std::string(kTextSlack, '\0'));
    for (const std::string& value : values[c]) columns[c].emplace_back(value.data(), value.size() - kTextSlack);
  }
  std::vector<RowTag> tags;
  identities.compute(columns, entries_.size(), tags);
  return tags;
}

CanaryPlacing::View::View(const CanaryPlacing& placing)
    : placing_(placing),
      identities_(placing.table_.fingerprint_secret, placing.table_.schema),
      people_(placing.table_.people_secret, placing.table_.schema),
      numbers_(placing.table_.secrets.recipient, "ring"),
      taken_(placing.entries_.size()),
      first_(placing.groups_.size(), kNowhere) {
  for (const Group& group : placing.groups_) rings_.emplace_back(group.points);
}

void CanaryPlacing::View::observe(const Batch& batch) {
  if (batch.rows == 0 || placing_.entries_.empty()) return;
  find_taken(batch);
  find_places(batch);
}

void CanaryPlacing::View::find_taken(const Batch& batch) {
  identities_.compute(batch.columns, batch.rows, tags_);
  for (const RowTag tag : tags_) {
    if (!placing_.some_tags_[low_bits(tag)]) continue;
    const auto [from, to] = placing_.by_tag_.equal_range(tag);
    for (auto each = from; each != to; ++each) taken_[each->second] = 1;
  }
}

void CanaryPlacing::View::find_places(const Batch& batch) {
  const Table& table = placing_.table_;
  Start start{batch.row_order.front(), {}};
  for (const SortKey& key : table.sorted_by) start.keys.emplace_back(batch.columns[key.column][0]);
  starts_.push_back(std::move(start));
  const auto& groups = placing_.groups_;
  // The first group that is not before the first row.
  auto next = static_cast<std::size_t>(
      std::partition_point(groups.begin(), groups.end(),
                           [&](const Group& group) { return placing_.compare(batch, 0, group) > 0; }) -
      groups.begin());
  bool numbered = false;
  for (std::size_t r = 0; r < batch.rows && next < groups.size(); ++r) {
    int step = placing_.compare(batch, r, groups[next]);
    while (step > 0) {
      if (r > 0) first_[next] = std::min(first_[next], batch.row_order[r]);
      if (++next == groups.size()) return;
      step = placing_.compare(batch, r, groups[next]);
    }
    if (step < 0) continue;
    if (r > 0) first_[next] = std::min(first_[next], batch.row_order[r]);
    // Whether a block's first row begins a household is not known.
    if (r == 0 || (table.household && batch.columns[*table.household][r] == batch.columns[*table.household][r - 1]))
      continue;
    if (!numbered) {
      people_.compute(batch.columns, batch.rows, tags_);
      numbers_.compute(tags_, on_ring_);
      numbered = true;
    }
    rings_[next].offer(on_ring_[r], batch.row_order[r]);
  }
}

void CanaryPlacing::merge(View&& view) {
  View& seen = *seen_;
  for (std::size_t e = 0; e < entries_.size(); ++e) seen.taken_[e] |= view.taken_[e];
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    seen.first_[g] = std::min(seen.first_[g], view.first_[g]);
    seen.rings_[g].merge(view.rings_[g]);
  }
  std::move(view.starts_.begin(), view.starts_.end(), std::back_inserter(seen.starts_));
}

bool CanaryPlacing::settle(const CanaryCensus& census) {
  if (!table_.sorted_by.empty() || census.people().is_overfull()) return false;
  std::vector<std::optional<std::uint64_t>> places;
  for (const Entry& entry : entries_) {
    places.push_back(census.places().of_number(groups_[entry.group].points[entry.point]));
    if (!places.back()) return false;
  }
  IdentityTags people(table_.people_secret, table_.schema);
  const std::vector<RowTag> tags = tags_under(people);
  for (std::size_t e = 0; e < entries_.size(); ++e)
    if (census.people().may_have(tags[e])) seen_->taken_[e] = 1;
  settled_ = std::move(places);
  return true;
}

/// Groups that come between the last row of a block and the first of the next, or with that.
void CanaryPlacing::find_starts() {
  auto& starts = seen_->starts_;
  std::sort(starts.begin(), starts.end(),
            [](const View::Start& a, const View::Start& b) { return a.row_order < b.row_order; });
  std::size_t next = 0;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto is_before = [&](const View::Start& start) {
      for (std::size_t k = 0; k < start.keys.size(); ++k)
        if (const int step = directed(compare_sorted(start.keys[k], groups_[g].keys[k]), table_.sorted_by[k]);
            step != 0)
          return step < 0;
      return false;
    };
    while (next < starts.size() && is_before(starts[next])) ++next;
    if (next < starts.size()) seen_->first_[g] = std::min(seen_->first_[g], starts[next].row_order);
  }
}

void CanaryPlacing::drop_taken(const Secret& fingerprint_secret, const TakenTags& taken) {
  IdentityTags identities(fingerprint_secret, table_.schema);
  const std::vector<RowTag> tags = tags_under(identities);
  std::vector<RowTag> asked;
  for (std::size_t e = 0; e < tags.size(); ++e)
    if (!entries_[e].taken && seen_->taken_[e] == 0) asked.push_back(tags[e]);
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  std::vector<RowTag> found = taken(asked);
  std::sort(found.begin(), found.end());
  for (std::size_t e = 0; e < tags.size(); ++e)
    if (std::binary_search(found.begin(), found.end(), tags[e])) entries_[e].taken = true;
}

std::vector<bool> CanaryPlacing::taken() const {
  std::vector<bool> taken;
  for (const std::size_t e : by_turn_) taken.push_back(entries_[e].taken || seen_->taken_[e] != 0);
  return taken;
}

std::vector<Canary> CanaryPlacing::take(std::size_t most, const std::vector<std::uint8_t>& turns) {
  find_starts();
  std::vector<std::size_t> kept;
  for (const int turn : {0, 1, 2})
    for (std::size_t given = 0; given < by_turn_.size() && kept.size() < most; ++given) {
      if (turns[given] != turn) continue;
      const std::size_t e = by_turn_[given];
      if (entries_[e].taken || seen_->taken_[e] != 0)
        ++dropped_;
      else
        kept.push_back(e);
    }
  std::sort(kept.begin(), kept.end());
  std::vector<Canary> out;
  for (const std::size_t e : kept) {
    Entry& entry = entries_[e];
    const std::optional<std::uint64_t> place =
        settled_.empty() ? seen_->rings_[entry.group].of(entry.point) : settled_[e];
    entry.canary.before = place ? *place : seen_->first_[entry.group];  // kNowhere: behind the last row
    out.push_back(std::move(entry.canary));
  }
  return out;
}

}  // namespace sidik
