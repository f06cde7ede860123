#include "trace/partial_columns.h"

#include <algorithm>
#include <map>

namespace sidik {
namespace {

constexpr double kMapCompletions = 2e6;

}  // namespace

std::span<const OpenCell> first_open_cells(const std::vector<OpenCell>& open) {
  double completions = 0;
  std::size_t count = 0;
  for (; count < open.size() && completions < kMapCompletions; ++count) {
    completions += likely_completions(open[count].raw, open[count].loss, open[count].cut);
  }
  return std::span(open).first(count);
}

void describe_partial(const std::vector<OpenCell>& open, ColumnMap& map) {
  std::map<std::size_t, std::map<std::pair<Loss, unsigned>, std::size_t>> kinds;
  double completions = 0;
  for (const OpenCell& cell : open) {
    ++kinds[cell.column][{cell.loss, digits_left(cell.raw, cell.loss, cell.cut)}];
    const bool mapped = std::any_of(map.mapped.begin(), map.mapped.end(),
                                    [&](const MappedColumn& column) { return column.column == cell.column; });
    if (mapped) completions += likely_completions(cell.raw, cell.loss, cell.cut);
  }
  map.completions_a_row = map.rows > 0 ? completions / static_cast<double>(map.rows) : 0;
  for (const auto& [column, counts] : kinds) {
    PartialColumn partial;
    partial.column = column;
    std::size_t all = 0;
    std::size_t most = 0;
    for (const auto& [kind, count] : counts) {
      all += count;
      if (count <= most) continue;
      most = count;
      partial.loss = kind.first;
      partial.digits_left = kind.second;
    }
    partial.share = static_cast<double>(all) / static_cast<double>(map.rows);
    map.partial.push_back(partial);
  }
}

void set_partial_forms(const ReadColumns& read, ColumnMap& map) {
  std::vector<std::size_t> open(map.forms.size());
  for (const OpenCell& cell : read.open) ++open[cell.column];
  for (std::size_t c = 0; c < open.size(); ++c) {
    if (open[c] * 2 < map.rows || open[c] == 0) continue;
    for (const FieldType type : {FieldType::kNik, FieldType::kPhone, FieldType::kEmail, FieldType::kIdentifier}) {
      const auto fits = [&](const Reading& reading) { return reading.column == c && reading.type == type; };
      if (std::none_of(read.readings.begin(), read.readings.end(), fits)) continue;
      map.forms[c] = type;
      break;
    }
  }
}

void find_rounded(const SampleSurvey& survey, ColumnMap& map) {
  constexpr double kAgrees = 0.2;
  for (const MappedColumn& mapped : map.mapped) {
    if (mapped.agreement > kAgrees || mapped.as.size() != 1) continue;
    const Reading& reading = mapped.as.front().reading;
    const auto column = std::span(survey.screened.columns[mapped.column]).first(map.rows);
    const std::optional<Rounding> rounding = rounding_of(reading.type, reading.options, column);
    if (!rounding) continue;
    map.cuts[mapped.column].rounding = rounding;
    PartialColumn partial;
    partial.column = mapped.column;
    partial.loss = Loss::kCoarse;
    partial.share = 1;
    partial.held = 1;  // of measures hardly any is nobody's
    map.partial.push_back(partial);
    map.completions_a_row += count_within(*rounding);
  }
  std::stable_sort(map.partial.begin(), map.partial.end(),
                   [](const PartialColumn& a, const PartialColumn& b) { return a.column < b.column; });
}

}  // namespace sidik
