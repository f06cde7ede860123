#include "trace/completion_odds.h"

#include <algorithm>
#include <cmath>

namespace sidik {

double held_share(const FingerprintStore& store, const EpochSecrets& secrets, std::span<const OpenColumn> columns,
                  std::span<const OpenCell> cells, std::size_t column) {
  constexpr std::size_t kCells = 64, kOfCell = 1024;
  const std::vector<FieldType> indexed = store.indexed_types();
  std::vector<std::pair<IndexValue, FieldType>> values;
  std::vector<RowTag> tags;
  ColumnReader reader(secrets);
  std::size_t cells_asked = 0;
  for (const OpenCell& cell : cells) {
    if (cell.column != column || cells_asked == kCells) continue;
    ++cells_asked;
    TriedCell tried;
    try_values(reader, columns, cell, tried);
    std::size_t k = 0;
    for (const ReadCompletions& read : tried.readings) {
      while (columns[k].reading->column != column) ++k;
      const ReadValues& own = *columns[k++].values;
      const std::size_t step = read.number.size() / kOfCell + 1;
      for (std::size_t i = 0; i < read.number.size(); i += step) {
        if (own.states[cell.row] != ValueState::kNull && read.values[i] == index_value(own.fingerprints[cell.row]))
          continue;
        if (!read.tags.empty()) tags.push_back(read.tags[i]);
        if (std::find(indexed.begin(), indexed.end(), read.type) != indexed.end())
          values.emplace_back(read.values[i], read.type);
      }
    }
  }
  const auto share = [](std::size_t held, std::size_t asked) {
    return asked == 0 ? 0 : (static_cast<double>(held) + 0.5) / (static_cast<double>(asked) + 1);
  };
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  RecordAnswers records;
  store.find_records(secrets.epochs().front(), tags, records);
  std::vector<std::uint32_t> found;
  for (const auto& group : records.groups) found.insert(found.end(), group.query.begin(), group.query.end());
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  double most = share(found.size(), tags.size());
  for (const FieldType type : indexed) {
    std::vector<IndexValue> of_type;
    for (const auto& [value, its] : values) {
      if (its == type) of_type.push_back(value);
    }
    std::sort(of_type.begin(), of_type.end());
    of_type.erase(std::unique(of_type.begin(), of_type.end()), of_type.end());
    CandidateAnswers answers;
    store.find_candidates(secrets.epochs().front(), type, of_type, 1, answers);
    const auto held = std::count_if(answers.totals.begin(), answers.totals.end(), [](auto total) { return total > 0; });
    most = std::max(most, share(static_cast<std::size_t>(held), of_type.size()));
  }
  return most;
}

double information_left(double information, double tried, double held, ComparedBy by, double ways) {
  const double common = std::exp(-information) * std::max(1.0, (1 + tried * held) / ways);
  const double by_code = by == ComparedBy::kCode ? tried / 65536 : 0;
  return std::max(0.0, std::min(information, -std::log(common + by_code)));
}

}  // namespace sidik
