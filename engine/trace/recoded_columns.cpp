#include "trace/recoded_columns.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "trace/log_math.h"

namespace sidik {
namespace {

constexpr std::size_t kMostCodes = 16;
constexpr double kLeastShare = 0.9;
constexpr double kLeastScore = 6;  // nats: the sexes of some ten rows

bool may_be_codes(FieldType type) {
  return type == FieldType::kCategory || type == FieldType::kBoolean || type == FieldType::kInteger ||
         type == FieldType::kText;
}

bool has_few_values(const ReadValues& values) {
  std::set<Fingerprint> distinct;
  for (std::size_t r = 0; r < values.states.size() && distinct.size() <= kMostCodes; ++r)
    if (values.states[r] != ValueState::kNull) distinct.insert(values.fingerprints[r]);
  return distinct.size() > 1 && distinct.size() <= kMostCodes;
}

}  // namespace

ColumnCode code_in(const CodeTable& table, ColumnCode code) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& one) { return one.first == code; });
  return found == table.end() ? code : found->second;
}

RecodedColumns::RecodedColumns(std::span<const LinkColumn> readings, const Links& links) {
  std::vector<std::size_t> few;
  for (std::size_t k = 0; k < readings.size(); ++k)
    if (may_be_codes(readings[k].reading->type) && has_few_values(*readings[k].values)) few.push_back(k);
  if (few.empty()) return;
  std::map<ColumnId, std::set<ColumnCode>> codes_of;
  std::vector<std::uint32_t> shapes;
  for (std::size_t r = 0; r + 1 < links.begin.size(); ++r) {
    if (links.begin[r] == links.begin[r + 1]) continue;
    shapes.clear();
    for (const std::uint32_t of : best_records(readings, links, r)) {
      // One record of each layout is enough.
      const RecordPool::Record& record = links.pool[of];
      if (std::find(shapes.begin(), shapes.end(), record.shape) != shapes.end()) continue;
      shapes.push_back(record.shape);
      const RecordShape& shape = links.pool.shape(record);
      const auto codes = links.pool.codes(record);
      for (std::size_t c = 0; c < codes.size(); ++c) {
        if (!may_be_codes(shape.types[c]) || codes[c] == kAbsentCode || codes[c] == kNullCode || codes[c] == kTagCode)
          continue;
        std::set<ColumnCode>& distinct = codes_of[shape.columns[c]];
        if (distinct.size() > kMostCodes) continue;
        distinct.insert(codes[c]);
        for (const std::size_t k : few) {
          if (readings[k].values->states[r] == ValueState::kNull) continue;
          pairs_[{k, shape.columns[c]}][{value_code(readings[k].values->fingerprints[r]), codes[c]}] += 1;
        }
      }
    }
  }
  std::erase_if(pairs_, [&](const auto& one) { return codes_of[one.first.second].size() > kMostCodes; });
}

std::optional<Recoding> RecodedColumns::of(std::size_t reading, ColumnId column) const {
  const auto found = pairs_.find({reading, column});
  if (found == pairs_.end()) return std::nullopt;
  // The commonest pairs first, each code once.
  std::vector<std::pair<double, std::pair<ColumnCode, ColumnCode>>> pairs;
  std::map<ColumnCode, double> here, there;
  AgreementCount count;
  for (const auto& [codes, rows] : found->second) {
    pairs.emplace_back(rows, codes);
    here[codes.first] += rows;
    there[codes.second] += rows;
    count.both += rows;
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  Recoding recoding;
  std::set<ColumnCode> taken;
  for (const auto& [rows, codes] : pairs) {
    const auto same = [&](const auto& one) { return one.first == codes.first; };
    if (std::any_of(recoding.codes.begin(), recoding.codes.end(), same) || !taken.insert(codes.second).second) continue;
    recoding.codes.push_back(codes);
    count.agree += rows;
    count.by_chance += here[codes.first] * there[codes.second] / count.both;
  }
  std::sort(recoding.codes.begin(), recoding.codes.end());
  recoding.share = count.share();
  const auto most = static_cast<double>(std::max(here.size(), there.size()));
  const auto least = static_cast<double>(std::min(here.size(), there.size()));
  recoding.score = count.score() - (log_gamma(most + 1) - log_gamma(most - least + 1));
  if (recoding.share < kLeastShare || recoding.score < kLeastScore) return std::nullopt;
  return recoding;
}

}  // namespace sidik
