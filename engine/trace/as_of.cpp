#include "trace/as_of.h"

#include <algorithm>
#include <cmath>

namespace sidik {
namespace {

constexpr double kAsWell = 0.05;       // of the best date's weight
constexpr std::uint64_t kOneIn = 100;  // dates that may be mistyped

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
  std::vector<double> weight(feed->exports.size());
  std::vector<std::size_t> place(exports.size(), weight.size());  // in the feed
  for (std::size_t i = 0; i < weight.size(); ++i) place[feed->exports[i]] = i;
  for (const Proposition& one : findings.attribution.propositions) {
    if (one.kind != Hypothesis::kRegisteredExport && one.kind != Hypothesis::kMixture) continue;
    for (const ExportIndex e : one.sources) {
      if (place[e] < weight.size()) weight[place[e]] += one.posterior;
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
  AsOf interval;
  interval.basis.push_back("versions");
  // Data of the neighbours' dates would show other versions: the interval reaches to them.
  if (first > 0) interval.not_before = exports[feed->exports[first - 1]].description.at;
  if (last + 1 < feed->exports.size()) interval.not_after = exports[feed->exports[last + 1]].description.at;
  return interval;
}

/// What no date of the data can be later than, and in whose words.
struct Limit {
  UtcSeconds at = 0;
  std::string words;
};

/// When the sample was seen or else the newest registration; nothing where nothing is registered.
std::optional<Limit> clock_limit(const Findings& findings) {
  if (findings.options.seen) return Limit{*findings.options.seen, "after the sample was seen"};
  if (findings.store.exports().empty()) return std::nullopt;
  Limit limit{0, "after the newest registration"};
  for (const ExportManifest& manifest : findings.store.exports())
    limit.at = std::max(limit.at, manifest.description.registered_at);
  return limit;
}

/// Of a verdict that names registered copies: the end of the last day of the newest of them, for what is in a copy was
/// there at its date.
std::optional<Limit> copies_limit(const Findings& findings) {
  const Attribution& found = findings.attribution;
  if (found.sources.empty() || found.ours < kOursFrom) return std::nullopt;
  const double registered = found.hypotheses[static_cast<int>(Hypothesis::kRegisteredExport)] +
                            found.hypotheses[static_cast<int>(Hypothesis::kMixture)];
  if (registered < kOursFrom) return std::nullopt;
  constexpr UtcSeconds kDay = 86400;
  Limit limit{0, "after the copy's own date"};
  for (const SourceFinding& source : found.sources) {
    if (source.posterior < kAsWell * found.sources.front().posterior) continue;
    const auto& at = findings.store.exports()[source.e].description.at;
    if (!at) return std::nullopt;
    limit.at = std::max(limit.at, *at / kDay * kDay + kDay - 1);
  }
  return limit;
}

std::string column_name(const Findings& findings, std::size_t c) {
  const auto& name = findings.survey.names[c];
  return name && !name->empty() ? *name : "column " + std::to_string(c + 1);
}

}  // namespace

AsOf as_of(const Findings& findings) {
  AsOf interval = from_versions(findings).value_or(AsOf{});
  std::vector<Limit> limits;
  if (const auto limit = clock_limit(findings)) limits.push_back(*limit);
  if (const auto limit = copies_limit(findings)) limits.push_back(*limit);
  if (interval.not_after) limits.push_back({*interval.not_after, "after what the versions allow"});
  const auto earliest =
      std::min_element(limits.begin(), limits.end(), [](const Limit& a, const Limit& b) { return a.at < b.at; });
  std::optional<UtcSeconds> newest;
  std::string column;
  for (std::size_t c = 0; c < findings.map.newest.size(); ++c) {
    const DateColumn& dates = findings.map.dates[c];
    const std::string name = column_name(findings, c);
    if (dates.impossible > 0)
      interval.not_trusted.push_back(name + " has " + std::to_string(dates.impossible) +
                                     (dates.impossible == 1 ? " date that is" : " dates that are") +
                                     " impossible, the first on line " + std::to_string(dates.first_line));
    if (dates.dates.empty()) continue;
    std::optional<UtcSeconds> date = dates.dates.back();
    if (earliest != limits.end() && *date > earliest->at) {
      const std::uint64_t after = dates.after(earliest->at);
      const bool few = after * kOneIn <= dates.dates.size();
      interval.not_trusted.push_back(
          name + " reaches to " + format_date(*date) + ", " + earliest->words +
          (few ? ": left out " + std::to_string(after) + " of " + std::to_string(dates.dates.size()) + " dates" : ""));
      // A few are mistyped; a column of which more is later holds plans, and bounds nothing.
      date = few ? dates.newest(earliest->at) : std::nullopt;
    }
    if (!date || (newest && *date <= *newest)) continue;
    newest = date;
    column = name;
  }
  // What bounds the date no closer than the versions do is no reason for it.
  if (newest && (!interval.not_before || *newest > *interval.not_before)) {
    interval.not_before = newest;
    interval.basis.push_back("newest timestamp in " + column);
  }
  return interval;
}

}  // namespace sidik
