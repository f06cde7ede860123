// Which sets of exports, together, explain a sample: grown source by source from the best one.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "trace/row_terms.h"
#include "trace/sources_fit.h"

namespace sidik {

/// A further source needs so many rows that it alone explains, and this share of those that separate it from the
/// others.
inline constexpr double kRowsOnlyHere = 5;
inline constexpr double kShareOnlyHere = 0.02;

/// A way in which a whole mixture may be filtered: how likely, and by how much likelier the rows of class `c` are then
/// under export `e`, ln: nothing for rows outside the filter, and less for those of whose records it leaves some.
struct MixtureFilter {
  double log_prior = 0;
  std::function<double(std::size_t c, ExportIndex e)> gain = [](std::size_t, ExportIndex) { return 0.0; };
};

using LogBeside = std::function<double(const std::vector<ExportIndex>& sources)>;

/// Sets of two sources and more that may explain the sample: under each filter the pairs of `candidates` that do so
/// best, and the best of them grown while its marginal likelihood rises. Each set once, its filters summed up.
/// `outside` is the padding's term of each class, `log_beside` what else speaks for a set of sources, ln (its prior,
/// its form): sets are chosen by it as well, and it is no part of what is returned.
std::vector<MixtureFinding> search_mixtures(const RowTerms& terms, const std::vector<ExportIndex>& candidates,
                                            std::span<const double> outside, std::span<const MixtureFilter> filters,
                                            const LogBeside& log_beside);

}  // namespace sidik
