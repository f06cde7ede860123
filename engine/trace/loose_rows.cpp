#include "trace/loose_rows.h"

#include <algorithm>
#include <limits>

namespace sidik {

IdentityReach::IdentityReach(const std::vector<ExportManifest>& exports, std::span<const char> counted) {
  for (std::size_t e = 0; e < exports.size(); ++e) {
    if (!counted.empty() && !counted[e]) continue;
    const ExportManifest& manifest = exports[e];
    Need need{{}, manifest.rows};
    for (const IdentityCount& identity : manifest.identities) {
      // Of several columns of the type each gives what those before it have not.
      std::uint64_t left = identity.rows;
      for (const ExportColumn& column : manifest.columns) {
        if (!column.schema.identity || column.schema.type != identity.type) continue;
        const ColumnStatistics& its = column.statistics;
        const std::uint64_t gives = std::min(left, manifest.rows - std::min(manifest.rows, its.nulls + its.invalid));
        need.keys.emplace_back(key_of({column.id, identity.type}), gives);
        left -= gives;
      }
      if (left > 0) need.keys.emplace_back(key_of({0, identity.type}), left);
    }
    needs_.push_back(std::move(need));
  }
  std::sort(needs_.begin(), needs_.end());
  needs_.erase(std::unique(needs_.begin(), needs_.end()), needs_.end());
}

/// What is beyond the set's bits is never reached: its rows are looked for by all that they show.
IdentityReach::Set IdentityReach::key_of(const Key& key) {
  const auto known = std::find(keys_.begin(), keys_.end(), key);
  const auto place = static_cast<std::size_t>(known - keys_.begin());
  if (known == keys_.end()) keys_.push_back(key);
  return place < kMostKeys ? Set{1} << place : 0;
}

bool IdentityReach::uses(FieldType type) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) { return key.type == type; });
}

IdentityReach::Set IdentityReach::of(const LinkColumn& column) const {
  Set set = 0;
  for (std::size_t k = 0; k < std::min(keys_.size(), kMostKeys); ++k) {
    const bool same = keys_[k].type == column.reading->type && (column.columns.empty() || keys_[k].column == 0 ||
                                                                std::find(column.columns.begin(), column.columns.end(),
                                                                          keys_[k].column) != column.columns.end());
    if (same) set |= Set{1} << k;
  }
  return set;
}

bool IdentityReach::covers(Set set) {
  const auto known = covers_.find(set);
  if (known != covers_.end()) return known->second;
  const bool all = std::all_of(needs_.begin(), needs_.end(), [&](const Need& need) {
    std::uint64_t reached = 0;
    for (const auto& [key, rows] : need.keys) reached += (set & key) != 0 ? rows : 0;
    return reached * 100 >= need.rows * 95;
  });
  return covers_[set] = all;
}

LooseTest::LooseTest(std::span<const LinkColumn> columns, const Links& links, const IdentityReach& reach)
    : columns_(columns), links_(links), reach_(reach), last_covers_(reach_.covers(0)) {
  for (const LinkColumn& column : columns) {
    const auto rank = identity_rank(column.reading->type);
    if (!rank || column.values->tags.empty()) continue;
    identities_.push_back({column.values->tags.data(), reach.of(column), static_cast<std::uint8_t>(*rank),
                           reach.uses(column.reading->type)});
  }
}

bool LooseTest::operator()(std::size_t row) {
  if (links_.states[row] == LinkState::kNone) return true;
  IdentityReach::Set shown = 0;
  for (const Identity& identity : identities_) shown |= identity.tags[row] != 0 ? identity.set : 0;
  if (shown != last_set_) {
    last_set_ = shown;
    last_covers_ = reach_.covers(shown);
  }
  return !last_covers_ || best_tag_missed(row) || contradicted(row);
}

/// Whether the row's best identity, of those that exports go by, was not found while a lesser one was: the best may be
/// the one that is damaged, and the exports that go by it hold the row all the same.
bool LooseTest::best_tag_missed(std::size_t row) const {
  constexpr std::uint8_t kNoRank = std::numeric_limits<std::uint8_t>::max();
  std::uint8_t shown = kNoRank;
  std::uint8_t met = kNoRank;
  for (const Identity& identity : identities_) {
    const RowTag tag = identity.tags[row];
    if (!identity.used || tag == 0) continue;
    shown = std::min(shown, identity.rank);
    for (const std::uint32_t record : records(row)) {
      if (links_.pool[record].tag == tag) met = std::min(met, identity.rank);
    }
  }
  return met != kNoRank && met > shown;
}

/// Whether the row's records share nothing with it but the tag, though the row shows more: the number may be another's
/// (shuffled, or damaged into somebody's), and the row's own record is to be found by the rest.
bool LooseTest::contradicted(std::size_t row) const {
  for (const std::uint32_t number : records(row)) {
    const RecordPool::Record& record = links_.pool[number];
    const auto& types = links_.pool.shape(record).types;
    const auto codes = links_.pool.codes(record);
    for (const LinkColumn& column : columns_) {
      const ReadValues& values = *column.values;
      if (values.states[row] == ValueState::kNull) continue;
      if (!values.tags.empty() && values.tags[row] == record.tag) continue;
      const ColumnCode shown = value_code(values.fingerprints[row]);
      for (std::size_t c = 0; c < types.size(); ++c) {
        if (types[c] == column.reading->type && codes[c] == shown) return false;
      }
    }
  }
  std::size_t shown = 0;
  std::size_t before = static_cast<std::size_t>(-1);
  for (const LinkColumn& column : columns_) {
    if (column.reading->column == before) continue;
    before = column.reading->column;
    shown += column.values->states[row] != ValueState::kNull;
  }
  return shown >= 3;
}

}  // namespace sidik
