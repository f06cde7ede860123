#include "trace/trace.h"

#include <algorithm>

#include "base/error.h"
#include "fields/canonical.h"
#include "trace/all_epochs.h"
#include "trace/column_dependence.h"
#include "trace/conclude.h"
#include "trace/edit_search.h"
#include "trace/foreign_agreement.h"
#include "trace/order_evidence.h"
#include "trace/row_listing.h"
#include "trace/shuffled_export.h"
#include "trace/slip_search.h"

namespace sidik {
namespace {

/// Of many exports, so many rows leave few that are worth looking at for the others.
constexpr std::size_t kFirstRows = 2000;

/// The exports that the screened rows leave in the running.
std::vector<char> survivors(const Attribution& screened, std::size_t exports) {
  constexpr std::size_t kMost = 48;
  std::vector<char> kept(exports);
  std::size_t count = 0;
  for (const SourceFinding& source : screened.sources) {
    if (count++ == kMost) break;
    kept[source.e] = 1;
  }
  return kept;
}

/// Columns in which some row has a value.
std::size_t columns_shown(const SampleSurvey& survey) {
  return static_cast<std::size_t>(
      std::count_if(survey.screened.columns.begin(), survey.screened.columns.end(), [](const auto& column) {
        return std::any_of(column.begin(), column.end(),
                           [](std::string_view value) { return !value.empty() && !is_null_token(value); });
      }));
}

void report(const TraceOptions& options, const char* stage, std::uint64_t rows) {
  if (!options.progress) return;
  TraceProgress progress;
  progress.stage = stage;
  progress.rows = rows;
  options.progress(progress);
}

/// Of the first `rows` of the screened rows, which stand in no order.
Agreement screened_agreement(const SampleSurvey& survey, std::size_t rows, AgreementTask task) {
  task.expected_rows = rows;
  AgreementTable table(std::move(task));
  table.examine_all(rows, survey.screened.columns, survey.screened.place);
  return table.finish();
}

Agreement confirmed_agreement(const std::vector<SampleInput>& sample, const SampleSurvey& survey, AgreementTask task,
                              const Agreement& screened, const TraceOptions& options) {
  report(options, "confirming", survey.rows);
  task.expected_rows = survey.rows;
  AgreementTable table(std::move(task));
  read_again(sample, survey, options, [&](unsigned thread, const SampleBatch& batch) {
    table.examine(thread, batch.rows, batch.columns, batch.places);
  });
  Agreement all = table.finish();
  // What the indexes hold of single values was asked for the screened rows; its shares stand for all.
  const double scale = static_cast<double>(all.rows) / std::max(1.0, static_cast<double>(screened.rows));
  all.repeats = screened.repeats;
  all.lifts = screened.lifts;
  count_ties_once(all.classes, all.lifts);
  all.seen = screened.seen;
  all.unseen = screened.unseen;
  for (double& seen : all.seen) seen *= scale;
  for (double& unseen : all.unseen) unseen *= scale;
  return all;
}

}  // namespace

Verdict trace(const std::vector<SampleInput>& sample, const FingerprintStore& given, const RegistryKey& key,
              const TraceOptions& options) {
  if (!key.can_fingerprint()) {
    throw Error(ErrorKind::kKey, "", "this key has no fingerprint secret; a trace needs the investigators' key");
  }
  const EpochSecrets secrets(key, given);
  std::optional<AllEpochs> all_epochs;
  if (secrets.epochs().size() > 1) all_epochs.emplace(given, secrets.epochs());
  const FingerprintStore& store = all_epochs ? *all_epochs : given;
  const Priors priors = Priors::with(options.priors);
  SampleSurvey survey = survey_sample(sample, options);
  const ColumnMap map = map_edited_columns(sample, survey, store, secrets, options);
  std::vector<FieldRole> roles = field_roles(map, survey, store.exports());
  observe_externals(store, secrets.epochs().front(), map, roles);
  const ValueFrequencies frequencies(store.exports());
  std::vector<Feed> feeds = feeds_of(store.exports(), ExportKind::kExport);
  for (Feed& feed : feeds) feed.new_rows = has_new_rows_each_time(store, feed);
  const std::vector<FormScore> forms = form_scores(survey, map, store.exports());
  std::vector<Epoch> epochs;
  for (ExportIndex e = 0; e < store.exports().size(); ++e) epochs.push_back(store.epoch_of(e));
  const SealEvidence seals(survey, map, store.exports(), key, secrets, epochs);
  const SealEvidence* const sealed = seals.any() ? &seals : nullptr;
  const auto task = [&](const ExportProjection* seen) {
    AgreementTask one{store, secrets, map, roles, frequencies, seen};
    one.memory = options.memory / 8;
    one.waiting = options.memory * 3 / 8;
    one.threads = std::max(1U, options.threads);
    return one;
  };

  if (options.each_row) {
    report(options, "listing", survey.rows);
    list_rows(sample, survey, store, secrets, map, roles, frequencies, sealed, options, options.each_row);
  }
  const CodesOfSample of_sample = [&](std::span<const char> whole) {
    return linked_codes(survey, map, roles, frequencies, store, secrets, whole);
  };
  report(options, "screening", survey.screened.rows);
  const std::vector<double> repeats = value_repeats(survey, map);
  std::optional<ExportParts> parts;
  Screening screening;
  std::optional<ExportProjection> seen;
  std::optional<Agreement> kept;
  if (store.exports().size() > options.few_exports) {
    AgreementTask first_task = task(nullptr);
    first_task.look_for_values = survey.screened.rows <= kFirstRows;
    Agreement few = screened_agreement(survey, std::min(kFirstRows, survey.screened.rows), std::move(first_task));
    few.repeats = repeats;
    const RowTerms terms(few, map, roles, store.exports());
    parts = find_parts(store, secrets.epochs().front(), few, feeds, of_sample);
    screening = screen({terms, few, feeds, *parts, forms, priors, sealed});
    if (!screening.all())
      seen.emplace(screening.survives, feeds);
    else if (survey.screened.rows <= kFirstRows)
      kept = std::move(few);
  }
  if (!kept) {
    AgreementTask screened_task = task(seen ? &*seen : nullptr);
    screened_task.look_for_values = true;
    kept = screened_agreement(survey, survey.screened.rows, std::move(screened_task));
    kept->repeats = repeats;
  }
  const CountedSlips slips = find_slips(survey, *kept, task(seen ? &*seen : nullptr));
  slips.attach(kept->classes);
  const Agreement& screened = *kept;
  const RowTerms screened_terms(screened, map, roles, store.exports());
  if (!parts) parts = find_parts(store, secrets.epochs().front(), screened, feeds, of_sample);
  const auto orders = order_evidence(store, secrets, survey, map, frequencies, screened.placed, screening.survives);
  const auto incremental = [&] { return find_incremental_feeds(store, map, columns_shown(survey), feeds); };
  const Attribution first = attribute({screened_terms, screened, feeds, *parts, forms, priors, sealed, orders,
                                       screening, options.threads, incremental});
  Findings findings{store, options, survey, map, screened, roles, feeds, first, screened_terms, survey.whole(), sealed};
  findings.explained = explained_in_order(screened, first);
  if (survey.whole() || first.sources.empty()) return conclude(findings);
  if (options.screened) {
    TraceOptions brief = options;  // a volume is counted once
    brief.claimed.reset();
    brief.breakdown.reset();
    Findings so_far{store, brief, survey, map, screened, roles, feeds, first, screened_terms, false, sealed};
    so_far.explained = findings.explained;
    options.screened(conclude(so_far));
  }
  if (!seen) seen.emplace(survivors(first, store.exports().size()));
  Agreement all = confirmed_agreement(sample, survey, task(&*seen), screened, options);
  slips.attach(all.classes);
  const RowTerms terms(all, map, roles, store.exports());
  const Attribution second =
      attribute({terms, all, feeds, *parts, forms, priors, sealed, orders, screening, options.threads, incremental});
  Findings confirmed{store, options, survey, map, all, roles, feeds, second, terms, true, sealed};
  confirmed.explained = std::move(findings.explained);
  return conclude(confirmed);
}

}  // namespace sidik
