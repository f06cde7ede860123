#include "trace/feed_dates.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace sidik {
namespace {

constexpr double kDay = 86400;

/// How many periods a step of `days` is; months and years are not all of one length.
std::uint64_t periods(double days, double period) {
  return static_cast<std::uint64_t>(std::max(1.0, std::round(days / period)));
}

double period_of(std::vector<double> steps) {
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  const double days = *middle;
  for (const auto& [least, most, period] :
       {std::tuple{0.9, 1.1, 1.0}, std::tuple{6.5, 7.5, 7.0}, std::tuple{27.0, 32.0, 30.44},
        std::tuple{88.0, 93.0, 91.3}, std::tuple{360.0, 370.0, 365.25}}) {
    if (days >= least && days <= most) return period;
  }
  return days;
}

}  // namespace

std::vector<Feed> feeds_of(const std::vector<ExportManifest>& exports, ExportKind kind) {
  std::map<std::pair<std::string, std::size_t>, Feed> feeds;
  for (std::size_t e = 0; e < exports.size(); ++e) {
    const ExportDescription& description = exports[e].description;
    if (description.kind != kind) continue;
    Feed& feed = feeds[{description.feed, description.feed.empty() ? e + 1 : 0}];
    feed.name = description.feed;
    feed.exports.push_back(static_cast<ExportIndex>(e));
  }
  std::vector<Feed> all;
  for (auto& [key, feed] : feeds) {
    std::stable_sort(feed.exports.begin(), feed.exports.end(), [&](ExportIndex a, ExportIndex b) {
      const auto& x = exports[a].description.at;
      const auto& y = exports[b].description.at;
      return x && y ? *x < *y : x.has_value() && !y.has_value();
    });
    feed.missing.assign(feed.exports.size() - 1, 0);
    feed.expected = feed.exports.size();
    std::vector<double> steps;
    for (std::size_t i = 0; i + 1 < feed.exports.size(); ++i) {
      const auto& from = exports[feed.exports[i]].description.at;
      const auto& to = exports[feed.exports[i + 1]].description.at;
      if (from && to && *to > *from) steps.push_back(static_cast<double>(*to - *from) / kDay);
    }
    if (steps.size() >= 2) {
      const double period = period_of(steps);
      for (std::size_t i = 0; i + 1 < feed.exports.size(); ++i) {
        const auto& from = exports[feed.exports[i]].description.at;
        const auto& to = exports[feed.exports[i + 1]].description.at;
        if (!from || !to || *to <= *from) continue;
        feed.missing[i] = periods(static_cast<double>(*to - *from) / kDay, period) - 1;
        feed.expected += feed.missing[i];
      }
    }
    all.push_back(std::move(feed));
  }
  return all;
}

}  // namespace sidik
