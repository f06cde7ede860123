#include "trace/as_of.h"

#include <algorithm>
#include <cmath>

namespace sidik {
namespace {

constexpr double kAsWell = 0.05;  // of the best date's weight

/// Dates of the gaps and exports of the best source's feed that carry weight.
std::optional<AsOf> from_versions(const Findings& findings) {
  if (findings.attribution.sources.empty() || findings.attribution.ours < kOursFrom) return std::nullopt;
  const auto& exports = findings.store.exports();
  const ExportIndex best = findings.attribution.sources.front().e;
  const auto feed = std::find_if(findings.feeds.begin(), findings.feeds.end(), [&](const Feed& one) {
    return std::find(one.exports.begin(), one.exports.end(), best) != one.exports.end();
  });
  if (feed == findings.feeds.end() || feed->exports.size() < 2) return std::nullopt;
  if (!findings.attribution.sources.front().versions) return std::nullopt;
  const auto number = static_cast<std::size_t>(feed - findings.feeds.begin());
  std::vector<double> weight(feed->exports.size());
  for (const Proposition& one : findings.attribution.propositions) {
    if (one.kind != Hypothesis::kRegisteredExport && one.kind != Hypothesis::kMixture) continue;
    for (std::size_t i = 0; i < feed->exports.size(); ++i) {
      if (std::find(one.sources.begin(), one.sources.end(), feed->exports[i]) != one.sources.end())
        weight[i] += one.posterior;
    }
  }
  std::size_t first = feed->exports.size();
  std::size_t last = 0;
  const double most = *std::max_element(weight.begin(), weight.end());
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (weight[i] < kAsWell * most || weight[i] <= 0) continue;
    first = std::min(first, i);
    last = std::max(last, i);
  }
  if (first == feed->exports.size()) return std::nullopt;
  (void)number;
  AsOf interval;
  interval.basis.push_back("versions");
  // Data of the neighbours' dates would show other versions: the interval reaches to them.
  if (first > 0) interval.not_before = exports[feed->exports[first - 1]].description.at;
  if (last + 1 < feed->exports.size()) interval.not_after = exports[feed->exports[last + 1]].description.at;
  return interval;
}

}  // namespace

AsOf as_of(const Findings& findings) {
  AsOf interval = from_versions(findings).value_or(AsOf{});
  UtcSeconds limit = findings.options.seen.value_or(0);
  if (!findings.options.seen) {
    for (const ExportManifest& manifest : findings.store.exports()) {
      limit = std::max(limit, manifest.description.registered_at);
    }
  }
  std::optional<UtcSeconds> newest;
  std::string column;
  for (std::size_t c = 0; c < findings.map.newest.size(); ++c) {
    const auto date = parse_utc(findings.map.newest[c]);
    if (!date || (limit > 0 && *date > limit) || (newest && *date <= *newest)) continue;
    newest = date;
    column = findings.survey.names[c] && !findings.survey.names[c]->empty() ? *findings.survey.names[c]
                                                                            : "column " + std::to_string(c + 1);
  }
  if (newest) {
    if (!interval.not_before || *newest > *interval.not_before) interval.not_before = newest;
    interval.basis.push_back("newest timestamp in " + column);
  }
  return interval;
}

}  // namespace sidik
