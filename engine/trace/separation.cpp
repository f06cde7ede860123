#include "trace/separation.h"

#include <algorithm>
#include <cmath>

#include "trace/feed_conditions.h"

namespace sidik {
namespace {

using Codes = std::map<ColumnId, std::set<ColumnCode>>;

}  // namespace

Separation separation_of(const FingerprintStore& store, ExportIndex one, ExportIndex other,
                         const std::set<ColumnId>& shown) {
  constexpr std::size_t kSpots = 16, kRecords = 128;
  const std::vector<RowTag> tags = some_tags(store, one, kSpots, kRecords);
  RecordAnswers answers;
  store.find_records(store.epoch_of(one), tags, answers);
  std::map<RowTag, Codes> ours;
  std::map<RowTag, Codes> theirs;
  std::map<ColumnId, FieldType> types;
  for (const auto& group : answers.groups) {
    const std::size_t width = group.columns.size();
    for (std::size_t c = 0; c < width; ++c) types[group.columns[c]] = group.types[c];
    for (std::size_t r = 0; r < group.tags.size(); ++r) {
      for (const ExportIndex e : group.export_sets[group.sets[r]]) {
        if (e != one && e != other) continue;
        Codes& codes = (e == one ? ours : theirs)[group.tags[r]];
        for (std::size_t c = 0; c < width; ++c) {
          const ColumnCode code = group.codes[r * width + c];
          if (code != kAbsentCode) codes[group.columns[c]].insert(code);
        }
      }
    }
  }
  Separation found;
  for (const auto& [tag, codes] : ours) {
    found.looked += 1;
    const auto facing = theirs.find(tag);
    bool differs = facing == theirs.end();
    std::set<FieldType> further;
    for (const auto& [column, values] : codes) {
      if (facing == theirs.end()) break;
      const auto of = facing->second.find(column);
      if (of == facing->second.end() || of->second == values) continue;
      if (shown.count(column) != 0)
        differs = true;
      else
        further.insert(types[column]);
    }
    found.by_shown += differs ? 1 : 0;
    for (const FieldType type : further) found.by_further[type] += 1;
  }
  if (found.looked == 0) return found;
  found.by_shown /= found.looked;
  for (auto& [type, share] : found.by_further) share /= found.looked;
  return found;
}

std::uint64_t rows_to_separate(double share) {
  constexpr double kMissed = 0.05;
  if (share <= 0) return 0;
  const double rows = share >= 1 ? 1 : std::ceil(std::log(kMissed) / std::log1p(-share));
  double step = 1;
  while (rows > 20 * step) step *= 10;
  return static_cast<std::uint64_t>(std::ceil(rows / step) * step);
}

}  // namespace sidik
