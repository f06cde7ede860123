#include "trace/proposition_prior.h"

#include <algorithm>

namespace sidik {
namespace {

/// Of a feed: dates that nobody registered, among all of its dates.
double unregistered_share(const Feed& feed, const Priors& priors) {
  const double registered = static_cast<double>(feed.exports.size());
  const double missing = static_cast<double>(feed.all_missing()) + priors.unregistered_date * registered;
  return missing / (missing + registered);
}

/// Of the ours that is one export, registered or not.
double single(const Priors& priors) { return priors.ours * (1 - priors.mixture); }

}  // namespace

PropositionPrior::PropositionPrior(const std::vector<Feed>& feeds, const std::vector<ExportManifest>& exports)
    : feeds_(feeds) {
  for (const Feed& feed : feeds)
    for (const ExportIndex e : feed.exports) feed_of_[e] = &feed;
  for (const ExportManifest& manifest : exports) externals_ += manifest.description.kind == ExportKind::kExternal;
}

double PropositionPrior::registered(ExportIndex e, const Priors& priors) const {
  const Feed& feed = *feed_of_.at(e);
  return (1 - unregistered_share(feed, priors)) / static_cast<double>(feeds_.size()) /
         static_cast<double>(feed.exports.size());
}

double PropositionPrior::unregistered(const Proposition& one, const Priors& priors) const {
  if (feeds_.empty()) return single(priors);
  const double feeds = static_cast<double>(feeds_.size());
  if (one.unregistered_feed) {
    double sum = 0;
    for (const Feed& feed : feeds_) sum += unregistered_share(feed, priors) / feeds;
    return single(priors) * priors.unregistered_feed * sum;
  }
  const Feed& feed = feeds_[one.feed];
  const double dates = static_cast<double>(feed.exports.size());
  double weight = priors.unregistered_date * dates / (dates + 1);
  if (one.gap > 0 && one.gap < feed.exports.size()) weight += static_cast<double>(feed.missing[one.gap - 1]);
  const double all = static_cast<double>(feed.all_missing()) + priors.unregistered_date * dates;
  if (all <= 0) return 0;
  return single(priors) * (1 - priors.unregistered_feed) * unregistered_share(feed, priors) / feeds * weight / all;
}

double PropositionPrior::of(const Proposition& one, const Priors& priors) const {
  switch (one.kind) {
    case Hypothesis::kRegisteredExport:
      return single(priors) * registered(one.sources.front(), priors);
    case Hypothesis::kMixture: {
      double product = priors.ours * priors.mixture;
      for (std::size_t i = 0; i < one.sources.size(); ++i) {
        product *= registered(one.sources[i], priors) * static_cast<double>(i + 1);
      }
      return product;
    }
    case Hypothesis::kUnregisteredExport:
      return unregistered(one, priors);
    case Hypothesis::kKnownLeak:
      return priors.outside(one.kind, externals_ > 0) / std::max(1.0, externals_);
    default:
      return priors.outside(one.kind, externals_ > 0);
  }
}

}  // namespace sidik
