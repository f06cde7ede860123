#include "trace/new_rows.h"

#include <algorithm>

#include "trace/copy_evidence.h"
#include "trace/log_math.h"
#include "trace/proposition_odds.h"

namespace sidik {
namespace {

constexpr double kNearlyAsWell = 6;  // nats

}  // namespace

std::vector<std::size_t> add_new_rows(const AttributionInput& in, std::vector<Proposition>& propositions) {
  double ours = kLogZero;
  double theirs = kLogZero;
  for (const Proposition& one : propositions) {
    if (is_ours(one.kind)) ours = std::max(ours, one.log_likelihood);
    // A known leak is of known rows.
    if (!is_ours(one.kind) && one.kind != Hypothesis::kKnownLeak) theirs = std::max(theirs, one.log_likelihood);
  }
  std::vector<std::size_t> feeds;
  if (!in.incremental || ours > theirs + kNearlyAsWell) return feeds;
  const double scale = in.agreement.rows > 0 ? in.terms.rows() / static_cast<double>(in.agreement.rows) : 0;
  for (const IncrementalFeed& feed : in.incremental()) {
    double log = theirs + form_evidence(in, in.feeds[feed.feed].exports.back());
    for (std::size_t f = 0; f < feed.returning.size(); ++f)
      log += log_of_returning(in.agreement.seen[f] * scale, in.agreement.unseen[f] * scale, feed.returning[f]);
    for (Proposition& one : propositions) {
      if (one.kind == Hypothesis::kUnregisteredExport && !one.unregistered_feed && one.feed == feed.feed)
        one.log_likelihood = log_add(one.log_likelihood, log);
    }
    feeds.push_back(feed.feed);
  }
  return feeds;
}

}  // namespace sidik
