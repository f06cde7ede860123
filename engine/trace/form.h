// Form: which columns, which header names, which dialect. One joint block, for they come from one tool or one join, and
// capped, for they are easily changed.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "registry/manifest.h"
#include "trace/column_map.h"

namespace sidik {

/// No form is worth more than this many decades, either way.
inline constexpr double kFormCap = 2;

/// log10 of the likelihood ratio of the sample's form, under an export against an outsider; nothing where there is no
/// header and no column that could be compared.
struct FormScore {
  std::optional<double> log10;
  /// log10 of what the changes of whole columns cost that were undone; for whoever has our records, ours or not.
  double undone = 0;
  /// The same as log10 for a table of ours that nobody registered: of a layout that we know or of another.
  double unknown = 0;
  /// What it is made of: but for which columns are shown, and against an outsider; the mapped columns that the export
  /// has; its other columns, as ColumnCounterparts has them; what the likeliest choice of columns to show is worth.
  double names = 0, outsider = 0;
  std::vector<std::size_t> shown;
  std::vector<ColumnId> hidden;
  double likeliest = 0;
  std::size_t most_shown = 0;  // mapped columns, by any export
};

/// One an export. An outsider may have copied the form of any of them.
std::vector<FormScore> form_scores(const SampleSurvey& survey, const ColumnMap& map,
                                   const std::vector<ExportManifest>& exports);

/// The same as FormScore::log10 of a table put together from some of the exports: it shows what they have in common.
double mixture_form(const std::vector<FormScore>& scores, std::span<const ExportIndex> sources);

}  // namespace sidik
