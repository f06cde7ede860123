#include "trace/form.h"

#include <algorithm>
#include <cmath>

#include "trace/noise.h"

namespace sidik {
namespace {

// Outsiders' tables share a column name with ours in one case of ten by chance ("name", "address"), and a copy keeps a
// name in nine of ten; half of the leaks have been renamed or stripped as a whole, so a miss says little.
constexpr double kNameKept = 0.9;
constexpr double kNameByChance = 0.3;
constexpr double kRenamed = 0.5;

constexpr double kDialectKept = 0.5;
constexpr double kDelimiterByChance = 0.4;

// Whoever makes up a leak, or passes off another's, copies our header in one case of three: so a form that fits says at
// most half a decade, one that does not fit up to the cap.
constexpr double kImitated = 0.3;

constexpr double kColumnMissing = 0.5;  // decades for each column that the export has and the sample does not hide

}  // namespace

FormScore form_score(const SampleSurvey& survey, const ColumnMap& map, const ExportManifest& manifest) {
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
  // Columns that no export column explains must have been joined on; the export's order of columns, if kept, is its
  // own.
  std::size_t foreign = survey.names.size();
  for (const MappedColumn& mapped : map.mapped) {
    const bool has = std::any_of(mapped.as.begin(), mapped.as.end(), [&](const auto& as) {
      return std::any_of(manifest.columns.begin(), manifest.columns.end(), [&](const ExportColumn& column) {
        return std::find(as.columns.begin(), as.columns.end(), column.id) != as.columns.end();
      });
    });
    if (has) --foreign;
  }
  for (std::size_t c = 0; c < survey.edits.given; ++c) {
    if (survey.edits.uses(c) && foreign > 0) --foreign;
  }
  if (!map.mapped.empty() && foreign > 0) {
    any = true;
    log10 -= kColumnMissing * static_cast<double>(std::min<std::size_t>(foreign, 4));
  }
  if (any && !manifest.form.delimiter.empty()) {
    const bool same = manifest.form.delimiter == delimiter_name(survey.dialect.delimiter);
    log10 += std::log10(kDialectKept * (same ? 1 : 0) / kDelimiterByChance + (1 - kDialectKept));
  }
  const double undone = static_cast<double>(survey.edits.events()) * std::log10(kColumnEvent);
  if (!any) return {std::nullopt, undone};
  const double fitting = std::pow(10, std::clamp(log10, -kFormCap, kFormCap));
  return {std::log10(fitting / ((1 - kImitated) + kImitated * fitting)), undone};
}

}  // namespace sidik
