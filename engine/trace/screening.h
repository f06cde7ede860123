// Which of many exports a sample leaves in the running: a score for each in one pass over the classes, and those that
// any hypothesis could still want.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "trace/feed_conditions.h"
#include "trace/feed_dates.h"
#include "trace/padding.h"
#include "trace/row_terms.h"

namespace sidik {

/// Scores are ln of about P(S | export), shares of dirt taken at what is usual: who is far behind in them is far behind
/// in full. Empty where nothing was screened: then all are weighed.
struct Screening {
  std::vector<char> survives;            // by export
  std::vector<char> frames;              // by export: whose people are weighed as others\' in full
  std::vector<double> score;             // by export, what its copy carries in itself counted in
  std::vector<double> frame;             // by export: of its people alone
  std::vector<std::vector<double>> gap;  // by feed and gap (the number of exports before it)
  bool all() const { return std::find(survives.begin(), survives.end(), 0) == survives.end(); }
  bool keeps(ExportIndex e) const { return survives.empty() || survives[e] != 0; }
  bool weighs_frame(ExportIndex e) const { return frames.empty() || frames[e] != 0; }
  /// The survivor with the best score, and the one with the best frame, where there was a screening.
  ExportIndex best = 0, best_frame = 0;
};

/// All are weighed.
inline const Screening kNoScreening;

/// `own`: ln of what each copy carries in itself (form, marks, order), one an export. What survives: what is within
/// some 50 nats of the best, taken as it is or for a filtered sample; of the best feeds what is as near to the feed's
/// best, and neighbours of the dates between; the best of each condition; those whose people fit best; and those
/// that explain best what the best leave over (a mixture's other sources).
Screening screen_exports(const RowTerms& terms, const Elsewhere& elsewhere, const std::vector<Feed>& feeds,
                         const ExportParts& parts, std::span<const double> own);

}  // namespace sidik
