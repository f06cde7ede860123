#include "trace/row_listing.h"

#include <algorithm>
#include <bit>

#include "trace/completed_rows.h"
#include "trace/distinct_rows.h"
#include "trace/row_matcher.h"

namespace sidik {

void list_rows(const std::vector<SampleInput>& sample, const SampleSurvey& survey, const FingerprintStore& store,
               const EpochSecrets& secrets, const ColumnMap& map, const std::vector<FieldRole>& roles,
               const ValueFrequencies& frequencies, const SealEvidence* canaries, const TraceOptions& options,
               const std::function<void(const TracedRow&)>& each) {
  const FieldPlan plan(map, roles, frequencies, store);
  const double completions = map.completions_a_row * static_cast<double>(survey.rows);
  RowsReader reader(plan, secrets, completions > kCompletionBudget ? kCompletionBudget / completions : 1,
                    survey.rows <= kFewRows ? Doubt::kKeep : Doubt::kForget);
  RowMatcher matcher(plan);
  ReadRows rows;
  Links links;
  LinkOptions linking;
  linking.threads = std::max(1U, options.threads);
  const auto names = [&](FieldMask fields) {
    std::vector<std::string> all;
    for (std::size_t f = 0; f < plan.fields(); ++f) {
      if ((fields >> f & 1) == 0) continue;
      const auto& name = survey.names[map.mapped[f].column];
      all.push_back(name && !name->empty() ? *name : map.mapped[f].name);
    }
    return all;
  };
  TraceOptions in_order = options;
  in_order.threads = 1;  // batches come in the sample's order
  read_again(sample, survey, in_order, [&](unsigned, const SampleBatch& batch) {
    rows.resize(plan, batch.rows);
    rows.cells = reader.read(batch.columns, 0, batch.rows, batch.places, rows, 0);
    complete_rows(plan, store, secrets, linking, rows);
    link_rows(store, secrets.epochs().front(), rows.link_columns(plan), rows.rows, linking, links);
    if (correct_rows(plan, store, secrets, linking, links.states, rows))
      link_rows(store, secrets.epochs().front(), rows.link_columns(plan), rows.rows, linking, links);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      TracedRow row;
      row.file = file_of(rows.place[r]);
      row.line = line_of(rows.place[r]);
      const auto matches = matcher.match(rows, r, links, r);
      if (!matches.empty()) {
        row.canary = canaries != nullptr && canaries->planted(matches.front().tag);
        // Columns that tell nothing (all rows have one value) make no record better than one without them.
        const RowMatch* shown = &matches.front();
        std::vector<char> holds(store.exports().size());
        for (const RowMatch& match : matches) {
          if (match.score != shown->score || std::popcount(match.differs) != std::popcount(shown->differs)) continue;
          for (const ExportIndex e : matcher.sets().of(match.set)) holds[e] = 1;
          if (std::popcount(match.agrees) > std::popcount(shown->agrees)) shown = &match;
        }
        row.matched = names(shown->agrees);
        row.differing = names(shown->differs);
        for (ExportIndex e = 0; e < holds.size(); ++e)
          if (holds[e] != 0) row.candidates.push_back(store.exports()[e].description.name);
      }
      each(row);
    }
  });
}

}  // namespace sidik
