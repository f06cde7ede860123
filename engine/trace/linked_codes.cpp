#include "trace/linked_codes.h"

#include <algorithm>

#include "trace/link.h"
#include "trace/read_rows.h"

namespace sidik {
namespace {

constexpr std::size_t kMostRows = 256;

std::size_t agreeing(const FieldPlan& plan, const ReadRows& rows, std::size_t row, const RecordPool& pool,
                     const RecordPool::Record& record) {
  const ColumnCode* const shown = rows.codes.data() + row * plan.readings().size();
  const auto& columns = pool.shape(record).columns;
  const auto codes = pool.codes(record);
  std::size_t agree = 0;
  for (const FieldPlan::Compared& compared : plan.compared()) {
    const auto at = std::find(columns.begin(), columns.end(), compared.column);
    if (at == columns.end() || shown[compared.reading] == kNullCode) continue;
    agree += codes[static_cast<std::size_t>(at - columns.begin())] == shown[compared.reading] ? 1 : 0;
  }
  return agree;
}

}  // namespace

CodesByColumn linked_codes(const SampleSurvey& survey, const ColumnMap& map, const std::vector<FieldRole>& roles,
                           const ValueFrequencies& frequencies, const FingerprintStore& store,
                           const EpochSecrets& secrets, std::span<const char> whole) {
  const FieldPlan plan(map, roles, frequencies, store);
  const std::size_t few = std::min(kMostRows, survey.screened.rows);
  ReadRows rows;
  rows.resize(plan, few);
  RowsReader(plan, secrets, 0, Doubt::kForget).read(survey.screened.columns, 0, few, survey.screened.place, rows, 0);
  Links links;
  link_rows(store, secrets.epochs().front(), rows.link_columns(plan), rows.rows, {}, links);
  CodesByColumn codes;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const auto records = std::span(links.records).subspan(links.begin[r], links.begin[r + 1] - links.begin[r]);
    const auto held = [&](const RecordPool::Record& record) {
      const auto& set = links.pool.sets().of(record.set);
      return std::any_of(set.begin(), set.end(), [&](ExportIndex e) { return whole[e] != 0; });
    };
    std::size_t most = 0;
    RowTag best = 0;
    for (const std::uint32_t one : records) {
      const RecordPool::Record& record = links.pool[one];
      if (!held(record)) continue;
      const std::size_t agree = agreeing(plan, rows, r, links.pool, record);
      if (agree <= most) continue;
      most = agree;
      best = record.tag;
    }
    if (most == 0) continue;
    for (const std::uint32_t one : records) {
      const RecordPool::Record& record = links.pool[one];
      if (record.tag != best || !held(record)) continue;
      const auto& columns = links.pool.shape(record).columns;
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const ColumnCode code = links.pool.codes(record)[c];
        if (code != kAbsentCode && code != kTagCode) codes[columns[c]].push_back(code);
      }
    }
  }
  return codes;
}

}  // namespace sidik
