#include "trace/loose_rows.h"

#include <algorithm>
#include <limits>

namespace sidik {

IdentityReach::IdentityReach(const std::vector<ExportManifest>& exports, std::span<const char> counted) {
  for (std::size_t e = 0; e < exports.size(); ++e) {
    if (!counted.empty() && !counted[e]) continue;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> types;
    for (const IdentityCount& identity : exports[e].identities) types.emplace_back(bit(identity.type), identity.rows);
    if (std::find(needs_.begin(), needs_.end(), Need{types, exports[e].rows}) == needs_.end()) {
      needs_.push_back({types, exports[e].rows});
    }
  }
}

bool IdentityReach::uses(FieldType type) const {
  return std::any_of(needs_.begin(), needs_.end(), [&](const Need& need) {
    return std::any_of(need.types.begin(), need.types.end(), [&](const auto& one) { return one.first == bit(type); });
  });
}

bool IdentityReach::covers(std::uint32_t set) {
  const auto known = covers_.find(set);
  if (known != covers_.end()) return known->second;
  const bool all = std::all_of(needs_.begin(), needs_.end(), [&](const Need& need) {
    std::uint64_t reached = 0;
    for (const auto& [type, rows] : need.types) reached += (set & type) != 0 ? rows : 0;
    return reached * 100 >= need.rows * 95;
  });
  return covers_[set] = all;
}

namespace {

/// Rows whose best identity, of those that exports go by, was not found while a lesser one was: the best may be the
/// one that is damaged, and the exports that go by it hold the row all the same.
std::vector<char> best_tag_missed(std::span<const LinkColumn> columns, std::size_t rows, const RecordPool& pool,
                                  const std::vector<RowRecord>& found, const IdentityReach& reach) {
  constexpr std::uint8_t kNoRank = std::numeric_limits<std::uint8_t>::max();
  std::vector<std::uint8_t> shown(rows, kNoRank);
  std::vector<std::uint8_t> met(rows, kNoRank);
  for (const LinkColumn& column : columns) {
    if (!identity_rank(column.reading->type) || !reach.uses(column.reading->type)) continue;
    const auto rank = static_cast<std::uint8_t>(*identity_rank(column.reading->type));
    for (std::size_t r = 0; r < rows; ++r) {
      if (column.values->tags[r] != 0) shown[r] = std::min(shown[r], rank);
    }
    for (const RowRecord& link : found) {
      if (pool[link.record].tag == column.values->tags[link.row]) met[link.row] = std::min(met[link.row], rank);
    }
  }
  std::vector<char> missed(rows);
  for (std::size_t r = 0; r < rows; ++r) missed[r] = met[r] != kNoRank && met[r] > shown[r];
  return missed;
}

/// Rows whose records share nothing with them but the tag, though the row shows more: the number may be another's
/// (shuffled, or damaged into somebody's), and the row's own record is to be found by the rest.
std::vector<char> contradicted(std::span<const LinkColumn> columns, std::size_t rows, const RecordPool& pool,
                               const std::vector<RowRecord>& found) {
  std::vector<char> shares(rows);
  std::vector<char> linked(rows);
  for (const RowRecord& link : found) {
    linked[link.row] = 1;
    if (shares[link.row]) continue;
    const RecordPool::Record& record = pool[link.record];
    const auto& types = pool.shape(record).types;
    const auto codes = pool.codes(record);
    for (const LinkColumn& column : columns) {
      if (column.values->states[link.row] == ValueState::kNull) continue;
      if (!column.values->tags.empty() && column.values->tags[link.row] == record.tag) continue;
      for (std::size_t c = 0; c < types.size() && !shares[link.row]; ++c) {
        shares[link.row] = types[c] == column.reading->type && codes[c] != kNullCode && codes[c] != kAbsentCode &&
                           codes[c] != kTagCode && codes[c] == value_code(column.values->fingerprints[link.row]);
      }
      if (shares[link.row]) break;
    }
  }
  std::vector<std::size_t> shown(rows);
  std::size_t before = static_cast<std::size_t>(-1);
  for (const LinkColumn& column : columns) {
    if (column.reading->column == before) continue;
    before = column.reading->column;
    for (std::size_t r = 0; r < rows; ++r) shown[r] += column.values->states[r] != ValueState::kNull;
  }
  std::vector<char> none(rows);
  for (std::size_t r = 0; r < rows; ++r) none[r] = linked[r] && !shares[r] && shown[r] >= 3;
  return none;
}

}  // namespace

std::vector<std::uint32_t> loose_rows(std::span<const LinkColumn> columns, std::span<const LinkState> states,
                                      const RecordPool& pool, const std::vector<RowRecord>& found,
                                      IdentityReach& reach) {
  const std::size_t rows = states.size();
  std::vector<std::uint32_t> shown(rows);
  for (const LinkColumn& column : columns) {
    if (!identity_rank(column.reading->type)) continue;
    for (std::size_t r = 0; r < rows; ++r) {
      if (column.values->tags[r] != 0) shown[r] |= IdentityReach::bit(column.reading->type);
    }
  }
  const std::vector<char> misled = best_tag_missed(columns, rows, pool, found, reach);
  const std::vector<char> alone = contradicted(columns, rows, pool, found);
  std::vector<std::uint32_t> loose;
  for (std::uint32_t r = 0; r < rows; ++r) {
    if (states[r] == LinkState::kNone || misled[r] || alone[r] || !reach.covers(shown[r])) loose.push_back(r);
  }
  return loose;
}

}  // namespace sidik
