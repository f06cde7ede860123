#include "trace/shuffled_export.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "trace/outside.h"

namespace sidik {
namespace {

constexpr BetaPrior kAnyShare{1, 1};

}  // namespace

std::vector<double> value_repeats(const SampleSurvey& survey, const ColumnMap& map) {
  constexpr std::size_t kRows = 2000;
  const std::size_t rows = std::min(kRows, survey.screened.rows);
  std::vector<double> repeats;
  for (const MappedColumn& mapped : map.mapped) {
    std::unordered_map<std::string_view, double> counts;
    for (std::size_t r = 0; r < rows; ++r)
      if (const std::string_view value = survey.screened.columns[mapped.column][r]; !value.empty()) ++counts[value];
    double all = 0;
    double pairs = 0;
    for (const auto& [value, count] : counts) {
      all += count;
      pairs += count * (count - 1);
    }
    repeats.push_back(all > 1 ? pairs / (all * (all - 1)) : 0);
  }
  return repeats;
}

double log_shuffled_export(const RowTerms& terms, ExportIndex e) {
  // A value comes back to its own row once in as many as there are, and as often to one like its own as the sample
  // repeats it.
  const auto back = [&](std::size_t f) { return std::max(1 / std::max(1.0, terms.rows()), terms.repeats(f)); };
  FieldAgreement drawn;
  double by_themselves = 0;
  for (const AgreementClass& rows : terms.classes()) {
    const auto held = std::find_if(rows.matches.begin(), rows.matches.end(),
                                   [&](const ClassMatch& match) { return match.held_by(e); });
    if (held == rows.matches.end()) {
      drawn.differ(rows.rows);
      if (!rows.matches.empty()) by_themselves += rows.rows * terms.log_drawn(rows, rows.matches.front().agrees);
      continue;
    }
    // The most telling value is drawn from the export; the others met it by frequency or came back to it.
    const FieldMask agrees = held->agrees & terms.fields_of(e);
    const double each = terms.log_drawn(rows, agrees);
    double anchor = 0;
    double anchor_back = 0;
    double others = 0;
    for (std::size_t f = 0; f < terms.fields(); ++f) {
      if ((agrees >> f & 1) == 0) continue;
      const double alone = terms.alone(rows, f);
      if (alone > anchor) {
        anchor = alone;
        anchor_back = back(f);
      }
      others += log_shuffled(alone, back(f));
    }
    by_themselves += rows.rows * each;
    drawn.agree(std::max(0.0, anchor - terms.log_rows(e) + others - log_shuffled(anchor, anchor_back)), rows.rows);
  }
  return by_themselves + drawn.log_foreign(kAnyShare);
}

}  // namespace sidik
