// Whose people a rival may have: the frames over which "the same people elsewhere" and fabrication are averaged.
#pragma once

#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "trace/feed_conditions.h"
#include "trace/log_math.h"
#include "trace/row_sums.h"
#include "trace/sample_filters.h"
#include "trace/screening.h"
#include "trace/selection.h"

namespace sidik {

/// Immutable; keeps references.
class RivalFrames {
 public:
  /// Others have a whole population or what a condition describes, hardly ever what we drew at random (data about just
  /// those people descend from our copy, however altered); a forger may hold any copy.
  enum Which { kOthers, kAny };
  /// That others have just those people nevertheless.
  static constexpr double kRandomFrame = 0.01;

  /// `likelihoods`: of each export as a source, filled in before the first mean; they tell how far the sample is
  /// padded.
  RivalFrames(const RowTerms& terms, const ExportParts& parts, const SampleFilters& filters, const Screening& screening,
              const std::vector<SourceLikelihood>& likelihoods, unsigned threads)
      : terms_(terms),
        parts_(parts),
        filters_(filters),
        screening_(screening),
        likelihoods_(likelihoods),
        threads_(threads),
        linked_(terms.exports().size()) {
    for (const AgreementClass& rows : terms.classes()) {
      for (const ClassMatch& match : rows.matches) {
        for (const ExportIndex e : match.exports) linked_[e] = 1;
      }
    }
  }

  /// ln of the mean of e^log_of(e): whole populations and externals alike, conditions with their weight, random parts
  /// (kAny only, those that hold any row) with the weight of one condition. What is out of the running is as far behind
  /// the best frame as the screening has it. `log_of` is asked on several threads.
  template <typename LogOf>
  double mean(LogOf&& log_of, Which which) const {
    std::vector<double> whole;
    std::vector<double> conditions;
    std::vector<double> random;
    std::vector<ExportIndex> weighed;
    for (ExportIndex e = 0; e < terms_.exports().size(); ++e) {
      const bool counts = screening_.weighs_frame(e) && (!is_drawn(e) || linked_[e]);
      if (counts || (!screening_.frames.empty() && e == screening_.best_frame)) weighed.push_back(e);
    }
    std::vector<double> logs(terms_.exports().size());
    parallel_for(threads_, weighed.size(),
                 [&](std::size_t i) { logs[weighed[i]] = log_of(weighed[i]) + filter_of(weighed[i]); });
    const double best = screening_.frames.empty() ? 0 : logs[screening_.best_frame];
    for (ExportIndex e = 0; e < terms_.exports().size(); ++e) {
      const bool external = terms_.exports()[e].description.kind == ExportKind::kExternal;
      const bool drawn = is_drawn(e);
      if (drawn && !linked_[e]) continue;
      (drawn                                                       ? random
       : parts_.parts[e].kind == PartKind::kCondition && !external ? conditions
                                                                   : whole)
          .push_back(screening_.weighs_frame(e) ? logs[e]
                                                : best + screening_.frame[e] - screening_.frame[screening_.best_frame]);
    }
    const double all = filters_.weight() * static_cast<double>(parts_.conditions.size());
    const double terms[] = {std::log(1 - all) + mean_of(whole), std::log(all + 1e-300) + mean_of(conditions),
                            std::log(which == kAny ? kConditionPrior : kRandomFrame) + mean_of(random)};
    return log_sum(terms);
  }

 private:
  double filter_of(ExportIndex e) const { return filters_.log_of(e, likelihoods_[e].log_padded); }
  bool is_drawn(ExportIndex e) const {
    return parts_.parts[e].kind == PartKind::kRandom && terms_.exports()[e].description.kind != ExportKind::kExternal;
  }
  static double mean_of(const std::vector<double>& logs) {
    return logs.empty() ? kLogZero : log_sum(logs) - std::log(static_cast<double>(logs.size()));
  }

  const RowTerms& terms_;
  const ExportParts& parts_;
  const SampleFilters& filters_;
  const Screening& screening_;
  const std::vector<SourceLikelihood>& likelihoods_;
  const unsigned threads_;
  std::vector<char> linked_;
};

}  // namespace sidik
