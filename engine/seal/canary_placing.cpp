#include "seal/canary_placing.h"

#include <algorithm>
#include <numeric>

namespace sidik {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool sorts_before(std::string_view a, std::string_view b) {
  const auto is_number = [](std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
  };
  if (is_number(a) && is_number(b) && a.size() != b.size()) {
    const auto plain = [](std::string_view text) {
      const std::size_t first = text.find_first_not_of('0');
      return first == std::string_view::npos ? std::string_view() : text.substr(first);
    };
    a = plain(a);
    b = plain(b);
    if (a.size() != b.size()) return a.size() < b.size();
  }
  return a < b;
}

CanaryPlacing::CanaryPlacing(const Secret& fingerprint_secret, const Schema& schema, std::vector<Canary> canaries,
                             std::optional<std::size_t> sorted_by)
    : schema_(schema), identities_(fingerprint_secret, schema), sorted_by_(sorted_by) {
  std::vector<std::size_t> turns(canaries.size());
  std::iota(turns.begin(), turns.end(), std::size_t{0});
  if (sorted_by)
    std::stable_sort(turns.begin(), turns.end(), [&](std::size_t a, std::size_t b) {
      return sorts_before(canaries[a].cells[*sorted_by], canaries[b].cells[*sorted_by]);
    });
  by_turn_.resize(canaries.size());
  for (std::size_t e = 0; e < turns.size(); ++e) {
    by_turn_[turns[e]] = e;
    entries_.push_back({std::move(canaries[turns[e]]), false});
    if (sorted_by) entries_.back().canary.before = kAtTheEnd;
  }
  const std::vector<RowTag> tags = tags_under(identities_);
  for (std::size_t e = 0; e < tags.size(); ++e) {
    entries_[e].taken = by_tag_.contains(tags[e]);
    by_tag_.emplace(tags[e], e);
  }
}

std::vector<RowTag> CanaryPlacing::tags_under(IdentityTags& identities) const {
  // Values are fingerprinted column by column, with room behind each.
  std::vector<std::vector<std::string>> values(schema_.columns.size());
  std::vector<std::vector<std::string_view>> columns(schema_.columns.size());
  for (std::size_t c = 0; c < values.size(); ++c) {
    for (const Entry& entry : entries_) values[c].push_back(entry.canary.cells[c] + std::string(kTextSlack, '\0'));
    for (const std::string& value : values[c]) columns[c].emplace_back(value.data(), value.size() - kTextSlack);
  }
  std::vector<RowTag> tags;
  identities.compute(columns, entries_.size(), tags);
  return tags;
}

void CanaryPlacing::observe(const Batch& batch) {
  identities_.compute(batch.columns, batch.rows, tags_);
  for (const RowTag tag : tags_) {
    const auto [from, to] = by_tag_.equal_range(tag);
    for (auto each = from; each != to; ++each) entries_[each->second].taken = true;
  }
  if (!sorted_by_) return;
  for (std::size_t r = 0; r < batch.rows && next_ < entries_.size(); ++r)
    while (next_ < entries_.size() &&
           !sorts_before(batch.columns[*sorted_by_][r], entries_[next_].canary.cells[*sorted_by_]))
      entries_[next_++].canary.before = batch.row_order[r];
}

void CanaryPlacing::drop_taken(const Secret& fingerprint_secret, const TakenTags& taken) {
  IdentityTags identities(fingerprint_secret, schema_);
  const std::vector<RowTag> tags = tags_under(identities);
  std::vector<RowTag> asked;
  for (std::size_t e = 0; e < tags.size(); ++e)
    if (!entries_[e].taken) asked.push_back(tags[e]);
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  std::vector<RowTag> found = taken(asked);
  std::sort(found.begin(), found.end());
  for (std::size_t e = 0; e < tags.size(); ++e)
    if (std::binary_search(found.begin(), found.end(), tags[e])) entries_[e].taken = true;
}

std::vector<Canary> CanaryPlacing::take(std::size_t most, const std::vector<bool>& preferred) {
  std::vector<std::size_t> kept;
  for (const bool wanted : {true, false})
    for (std::size_t turn = 0; turn < by_turn_.size() && kept.size() < most; ++turn) {
      if (preferred[turn] != wanted) continue;
      const std::size_t e = by_turn_[turn];
      if (entries_[e].taken)
        ++dropped_;
      else
        kept.push_back(e);
    }
  std::sort(kept.begin(), kept.end());
  std::vector<Canary> out;
  for (const std::size_t e : kept) out.push_back(std::move(entries_[e].canary));
  return out;
}

}  // namespace sidik
