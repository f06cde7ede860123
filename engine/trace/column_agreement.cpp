#include "trace/column_agreement.h"

#include <algorithm>
#include <cmath>

namespace sidik {

namespace {

constexpr std::uint32_t kMostRecords = 64;  // of one row

}  // namespace

int columns_agreeing(std::span<const LinkColumn> readings, const RecordPool& pool, const RecordPool::Record& record,
                     std::size_t row) {
  const RecordShape& shape = pool.shape(record);
  const auto codes = pool.codes(record);
  int agreeing = 0;
  for (std::size_t k = 0; k < readings.size();) {
    const std::size_t column = readings[k].reading->column;
    bool agrees = false;
    for (; k < readings.size() && readings[k].reading->column == column; ++k) {
      const ReadValues& values = *readings[k].values;
      for (std::size_t c = 0; c < codes.size() && !agrees; ++c) {
        agrees = readings[k].reading->type == shape.types[c] &&
                 standing(values.states[row], values.fingerprints[row], values.tags[row], codes[c], record.tag) ==
                     Standing::kAgrees;
      }
    }
    agreeing += agrees ? 1 : 0;
  }
  return agreeing;
}

std::vector<std::uint32_t> best_records(std::span<const LinkColumn> readings, const Links& links, std::size_t row) {
  const auto all = std::span(links.records).subspan(links.begin[row], links.begin[row + 1] - links.begin[row]);
  if (all.size() <= 1) return {all.begin(), all.end()};
  std::vector<int> agreeing;
  std::unordered_map<std::uint32_t, int> most;
  for (const std::uint32_t record : all) {
    agreeing.push_back(columns_agreeing(readings, links.pool, links.pool[record], row));
    int& best = most[links.pool[record].shape];
    best = std::max(best, agreeing.back());
  }
  std::vector<std::uint32_t> best;
  for (std::size_t i = 0; i < all.size() && best.size() < kMostRecords; ++i) {
    if (agreeing[i] == most[links.pool[all[i]].shape]) best.push_back(all[i]);
  }
  return best;
}

double AgreementCount::score() const {
  if (both < 1) return 0;
  const double seen = std::clamp((agree + 0.5) / (both + 1), 1e-6, 1 - 1e-6);
  const double expected = std::clamp(chance(), 1e-6, 1 - 1e-6);
  if (seen <= expected) return 0;
  return both * (seen * std::log(seen / expected) + (1 - seen) * std::log((1 - seen) / (1 - expected)));
}

ColumnAgreement::ColumnAgreement(std::span<const LinkColumn> readings, const Links& links) : counts_(readings.size()) {
  std::vector<std::size_t> linked;
  for (std::size_t r = 0; r + 1 < links.begin.size(); ++r) {
    if (links.begin[r] != links.begin[r + 1]) linked.push_back(r);
  }
  for (std::size_t i = 0; i < linked.size(); ++i) {
    count_row(readings, links, linked[i], linked[i], &AgreementCount::agree);
    // Another row's values against this row's record: what agrees now agrees by chance.
    const std::size_t other = linked[(i + linked.size() / 2 + 1) % linked.size()];
    if (other != linked[i]) count_row(readings, links, linked[i], other, &AgreementCount::by_chance);
  }
}

void ColumnAgreement::count_row(std::span<const LinkColumn> readings, const Links& links, std::size_t row,
                                std::size_t values_row, double AgreementCount::*sum) {
  // Of several records of a row the best one speaks for a column: two passes, marks first.
  struct Mark {
    ColumnId column;
    std::size_t reading;
    bool agrees;
  };
  std::vector<Mark> marks;
  for (const std::uint32_t of : best_records(readings, links, row)) {
    const auto& record = links.pool[of];
    const RecordShape& shape = links.pool.shape(record);
    const auto codes = links.pool.codes(record);
    for (std::size_t c = 0; c < codes.size(); ++c) {
      if (codes[c] == kAbsentCode || codes[c] == kNullCode) continue;
      for (std::size_t k = 0; k < readings.size(); ++k) {
        if (readings[k].reading->type != shape.types[c]) continue;
        const ReadValues& values = *readings[k].values;
        // A tag stands in for its value: it can be compared with values of its own type only.
        const Standing cell = standing(values.states[values_row], values.fingerprints[values_row],
                                       values.tags[values_row], codes[c], record.tag);
        if (cell != Standing::kSilent) marks.push_back({shape.columns[c], k, cell == Standing::kAgrees});
      }
    }
  }
  std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
    return std::tuple(a.reading, a.column, !a.agrees) < std::tuple(b.reading, b.column, !b.agrees);
  });
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (i > 0 && marks[i].reading == marks[i - 1].reading && marks[i].column == marks[i - 1].column) continue;
    AgreementCount& count = counts_[marks[i].reading][marks[i].column];
    if (sum == &AgreementCount::agree) count.both += 1;
    if (marks[i].agrees) count.*sum += 1;
  }
}

AgreementCount ColumnAgreement::of(std::size_t reading, ColumnId column) const {
  const auto found = counts_[reading].find(column);
  return found == counts_[reading].end() ? AgreementCount{} : found->second;
}

}  // namespace sidik
