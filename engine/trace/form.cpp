#include "trace/form.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "fields/canonical.h"
#include "registry/hashed_columns.h"
#include "trace/log_math.h"
#include "trace/noise.h"

namespace sidik {
namespace {

// Outsiders' tables share a column name with ours in one case of ten by chance ("name", "address"), and a copy keeps a
// name in nine of ten; half of the leaks have been renamed or stripped as a whole, so a miss says little.
constexpr double kNameKept = 0.9;
constexpr double kNameByChance = 0.3;
constexpr double kRenamed = 0.5;

// An export that nobody registered is of a layout of its own, or of one that we know.
constexpr double kNewLayout = 0.5;

constexpr double kDialectKept = 0.5;
constexpr double kDelimiterByChance = 0.4;

// Whoever makes up a leak, or passes off another's, copies our form in three cases of ten: so a form that fits one of
// our exports says at most half a decade for it, and as much more against those that it does not fit.
constexpr double kImitated = 0.3;

constexpr double kColumnMissing = 0.5;  // decades for each column of the sample that the export does not have
// More for each that others have: with few columns to choose from, all of them are easily shown.
constexpr double kColumnLacking = -1.5;

// Half of the leaks show all columns of their table; the others some, however many, any set of so many alike.
constexpr double kShowsAll = 0.5;

double log10_choose(double n, double k) {
  return (log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1)) / std::log(10.0);
}

/// log10 of showing `shown` of a table's columns, `hidden` of them not, against a table that has no others.
double log10_showing(double shown, double hidden) {
  if (shown == 0 || hidden == 0) return 0;
  return std::log10((1 - kShowsAll) / kShowsAll / (shown + hidden - 1)) - log10_choose(shown + hidden, shown);
}

/// Which of the export's columns the sample shows.
void find_shown(const ColumnMap& map, const ExportManifest& manifest, FormScore& score) {
  for (const ExportColumn& column : manifest.columns) {
    if (hashed_column_of(column.schema.name)) continue;  // it was registered beside the column that it is of
    const auto at = std::find_if(map.mapped.begin(), map.mapped.end(), [&](const MappedColumn& mapped) {
      return std::any_of(mapped.as.begin(), mapped.as.end(), [&](const MappedColumn::As& as) {
        return std::find(as.columns.begin(), as.columns.end(), column.id) != as.columns.end() ||
               std::find(as.also.begin(), as.also.end(), column.id) != as.also.end();
      });
    });
    if (at == map.mapped.end())
      score.hidden.push_back(map.counterparts.of(column.id));
    else
      score.shown.push_back(static_cast<std::size_t>(at - map.mapped.begin()));
  }
  std::sort(score.shown.begin(), score.shown.end());
  std::sort(score.hidden.begin(), score.hidden.end());
}

/// Whether each column of the sample shows enough to be known: of a handful of values nobody can tell whose they are.
std::vector<char> filled_columns(const SampleSurvey& survey) {
  const std::size_t enough = std::min<std::size_t>(3, survey.screened.rows);
  std::vector<char> filled;
  for (std::size_t c = 0; c < survey.names.size(); ++c) {
    std::size_t values = 0;
    for (std::size_t r = 0; r < survey.screened.rows && values < enough; ++r)
      values += is_null_token(survey.screened.columns[c][r]) ? 0 : 1;
    filled.push_back(values >= enough);
  }
  return filled;
}

/// Columns of the sample that no column of the export explains: they must have been joined on. Empty ones (a leaver's
/// date, a second number that few have) say nothing.
std::size_t joined_columns(const SampleSurvey& survey, const std::vector<char>& filled, const ColumnMap& map,
                           const ExportManifest& manifest) {
  std::vector<char> joined = filled;
  for (const MappedColumn& mapped : map.mapped) {
    const bool has = std::any_of(mapped.as.begin(), mapped.as.end(), [&](const auto& as) {
      return std::any_of(manifest.columns.begin(), manifest.columns.end(), [&](const ExportColumn& column) {
        return std::find(as.columns.begin(), as.columns.end(), column.id) != as.columns.end();
      });
    });
    if (has) joined[mapped.column] = 0;
  }
  for (std::size_t c = 0; c < survey.edits.given; ++c) {
    if (survey.edits.uses(c)) joined[c] = 0;
  }
  return static_cast<std::size_t>(std::count(joined.begin(), joined.end(), 1));
}

/// An export's columns, by their names.
std::vector<std::string_view> names_of(const ExportManifest& manifest) {
  std::vector<std::string_view> names;
  for (const ExportColumn& column : manifest.columns) names.push_back(column.schema.name);
  return names;
}

/// log10 of the form under an export but for which columns are shown, against an outsider who copied nothing; nothing
/// where nothing can be compared.
std::optional<double> log10_form(const SampleSurvey& survey, const ColumnMap& map, const ExportManifest& manifest,
                                 std::size_t joined) {
  double kept = 0;
  double lost = 0;
  bool any = false;
  for (const MappedColumn& mapped : map.mapped) {
    const auto& name = survey.names[mapped.column];
    for (const ExportColumn& column : manifest.columns) {
      const bool it = std::any_of(mapped.as.begin(), mapped.as.end(), [&](const auto& as) {
        return std::find(as.columns.begin(), as.columns.end(), column.id) != as.columns.end();
      });
      if (!it || !name || name->empty()) continue;
      any = true;
      const std::string& exported = column.schema.name;  // mostly spelled alike, in a thousand exports
      (*name == exported || normalised_name(*name) == normalised_name(exported) ? kept : lost) += 1;
      break;
    }
  }
  double log10 = 0;
  if (any) {
    const double copied =
        kept * std::log10(kNameKept / kNameByChance) + lost * std::log10((1 - kNameKept) / (1 - kNameByChance));
    log10 += std::log10((1 - kRenamed) * std::pow(10, copied) + kRenamed);
  }
  if (!map.mapped.empty() && joined > 0) {
    any = true;
    log10 -= kColumnMissing * static_cast<double>(std::min<std::size_t>(joined, 4));
  }
  any = any || !map.mapped.empty();
  if (any && !manifest.form.delimiter.empty()) {
    const bool same = manifest.form.delimiter == delimiter_name(survey.dialect.delimiter);
    log10 += std::log10(kDialectKept * (same ? 1 : 0) / kDelimiterByChance + (1 - kDialectKept));
  }
  if (!any) return std::nullopt;
  return log10;
}

}  // namespace

std::vector<FormScore> form_scores(const SampleSurvey& survey, const ColumnMap& map,
                                   const std::vector<ExportManifest>& exports) {
  const double undone = static_cast<double>(survey.edits.events()) * std::log10(kColumnEvent);
  std::vector<FormScore> scores;
  std::vector<double> shown;
  const std::vector<char> filled = filled_columns(survey);
  std::vector<std::size_t> joined;
  for (const ExportManifest& manifest : exports) {
    FormScore& score = scores.emplace_back();
    joined.push_back(joined_columns(survey, filled, map, manifest));
    score.log10 = log10_form(survey, map, manifest, joined.back());
    score.names = score.log10.value_or(0);
    score.undone = undone;
    find_shown(map, manifest, score);
    shown.push_back(log10_showing(static_cast<double>(score.shown.size()), static_cast<double>(score.hidden.size())));
  }
  // Outsiders show what columns they like: which of ours a sample shows tells our exports from each other only.
  const auto fewest = std::min_element(joined.begin(), joined.end());
  double likeliest = -1e3;
  for (std::size_t e = 0; e < exports.size(); ++e)
    if (joined[e] == *fewest) likeliest = std::max(likeliest, shown[e]);
  std::size_t most_shown = 0;
  for (const FormScore& score : scores) most_shown = std::max(most_shown, score.shown.size());
  double best = -kFormCap;
  std::map<std::vector<std::string_view>, double> layouts;  // that we know, and how well the best export of each fits
  for (std::size_t e = 0; e < scores.size(); ++e) {
    std::optional<double>& log10 = scores[e].log10;
    const double lacking = static_cast<double>(joined[e] - *fewest);
    const double showing = shown[e] - likeliest + kColumnLacking * lacking;
    if (log10) log10 = std::clamp(*log10 + showing, -kFormCap, kFormCap);
    best = std::max(best, log10.value_or(best));
    double& fits = layouts.try_emplace(names_of(exports[e]), -kFormCap).first->second;
    fits = std::max(fits, log10.value_or(0));
  }
  double fitting = 0;  // on average
  for (const auto& [names, log10] : layouts) fitting += std::pow(10, log10) / static_cast<double>(layouts.size());
  const double outsider = std::log10((1 - kImitated) + kImitated * std::pow(10, best));
  for (FormScore& score : scores) {
    score.outsider = outsider;
    score.likeliest = likeliest;
    score.most_shown = most_shown;
    score.unknown = std::log10(kNewLayout + (1 - kNewLayout) * fitting) - outsider;
    if (score.log10) score.log10 = std::max(-kFormCap, *score.log10 - outsider);
  }
  return scores;
}

double mixture_form(const std::vector<FormScore>& scores, std::span<const ExportIndex> sources) {
  if (sources.empty() || std::none_of(sources.begin(), sources.end(), [&](ExportIndex e) { return scores[e].log10; }))
    return 0;
  std::vector<std::size_t> shown = scores[sources.front()].shown;
  std::vector<ColumnId> hidden = scores[sources.front()].hidden;
  double names = 0;
  for (const ExportIndex e : sources) {
    const FormScore& score = scores[e];
    names += score.names / static_cast<double>(sources.size());
    std::erase_if(shown, [&](std::size_t c) { return !std::binary_search(score.shown.begin(), score.shown.end(), c); });
    std::erase_if(hidden, [&](ColumnId c) { return !std::binary_search(score.hidden.begin(), score.hidden.end(), c); });
  }
  const FormScore& any = scores[sources.front()];
  const double showing = log10_showing(static_cast<double>(shown.size()), static_cast<double>(hidden.size()));
  const double lacking = static_cast<double>(any.most_shown - shown.size());
  const double log10 = names + showing - any.likeliest - kColumnMissing * lacking;
  return std::max(-kFormCap, std::clamp(log10, -kFormCap, kFormCap) - any.outsider);
}

}  // namespace sidik
