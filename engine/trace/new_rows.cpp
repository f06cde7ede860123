#include "trace/new_rows.h"

#include <algorithm>

#include "trace/copy_evidence.h"
#include "trace/log_math.h"
#include "trace/proposition_odds.h"

namespace sidik {
namespace {

constexpr double kNearlyAsWell = 6;  // nats

/// How many values of each mapped column the registry holds, of how many.
class Returned {
 public:
  explicit Returned(const AttributionInput& in)
      : in_(in), scale_(in.agreement.rows > 0 ? in.terms.rows() / static_cast<double>(in.agreement.rows) : 0) {}
  double log(std::size_t f, const Returning& usual) const {
    return log_of_returning(in_.agreement.seen[f] * scale_, in_.agreement.unseen[f] * scale_, usual);
  }

 private:
  const AttributionInput& in_;
  double scale_;
};

/// ln of the sample under a date of a feed of new rows: whom any of its exports knows, by the columns that the best of
/// them does not hold other values of throughout; those are new as each date's are. kLogZero where it has none.
double log_new_rows(const AttributionInput& in, const IncrementalFeed& feed,
                    std::span<const SourceLikelihood> likelihoods, const Elsewhere& elsewhere) {
  const RowTerms& terms = in.terms;
  std::vector<ExportIndex> exports;
  for (const ExportIndex e : in.feeds[feed.feed].exports)
    if (in.screening.keeps(e)) exports.push_back(e);
  if (exports.empty()) return kLogZero;
  const ExportIndex best = *std::max_element(exports.begin(), exports.end(), [&](ExportIndex a, ExportIndex b) {
    return likelihoods[a].log < likelihoods[b].log;
  });
  const FieldMask foreign = likelihoods[best].foreign;
  const FieldMask fields = terms.fields_of(best) & ~foreign;
  if (foreign == 0 || fields == 0) return kLogZero;
  // Goods, prices and codes return with everybody who has them: whose rows they are is told by people alone.
  bool knows_somebody = false;
  for (std::size_t f = 0; f < terms.fields(); ++f)
    knows_somebody = knows_somebody || ((fields >> f & 1) != 0 && (terms.unique(f) || terms.roles()[f].personal));
  if (!knows_somebody) return kLogZero;
  const auto term_of = [&](const AgreementClass& rows) {
    RowTerm most;
    for (const ExportIndex e : exports) {
      const RowTerm one = terms.term(rows, e, terms.fields_of(e) & ~foreign, {});
      if (one.sort > most.sort || (one.sort == most.sort && one.log > most.log)) most = one;
    }
    return most;
  };
  const auto match_of = [&](const AgreementClass& rows) -> const ClassMatch* {
    for (const ClassMatch& match : rows.matches)
      if (std::any_of(exports.begin(), exports.end(), [&](ExportIndex e) { return match.held_by(e); })) return &match;
    return nullptr;
  };
  double log = either(add_up(terms, elsewhere, PaddingRule::kWorse, term_of),
                      by_cells(terms, CellSource{match_of, terms.log_rows(best), fields}, elsewhere,
                               PaddingRule::kWorse, Columns::kOurs))
                   .log;
  const Returned returned(in);
  // What a date makes anew is in no other, whether the best of those has it or not.
  for (std::size_t f = 0; f < terms.fields(); ++f) log += returned.log(f, feed.returning[f]);
  return log;
}

/// Whether the registry holds most of the numbers that the feed's rows keep: a date of the same rows has them.
bool knows_rows(const AttributionInput& in, const IncrementalFeed& feed) {
  constexpr double kKept = 0.9, kMost = 0.5;
  bool known = false;
  for (std::size_t f = 0; f < in.terms.fields(); ++f) {
    if (!in.terms.unique(f) || feed.returning[f].low < kKept) continue;
    const double seen = in.agreement.seen[f];
    if (seen < kMost * (seen + in.agreement.unseen[f])) return false;
    known = known || seen > 0;
  }
  return known;
}

/// The same of a feed of new values of the same rows: columns that rows keep as under an export, of the others as many
/// values as stayed from one date to the next.
double log_new_values(const AttributionInput& in, const IncrementalFeed& feed, ExportIndex e,
                      const Elsewhere& elsewhere) {
  constexpr double kKept = 0.9;  // of the rows
  if (!knows_rows(in, feed)) return kLogZero;
  FieldMask kept = 0;
  double log = 0;
  for (std::size_t f = 0; f < in.terms.fields(); ++f) {
    const double share = (feed.returning[f].low + feed.returning[f].high) / 2;
    if (share >= kKept) {
      kept |= FieldMask{1} << f;
      continue;
    }
    const FieldAgreement column =
        agreement_of(in.terms, f, [&](const AgreementClass& rows) { return best_match(in.terms, rows, e); });
    log += column.log_foreign({0.5 + kReturningWorth * share, 0.5 + kReturningWorth * (1 - share)});
  }
  kept &= in.terms.fields_of(e);
  if (kept == 0) return kLogZero;
  return log + either(add_up(in.terms, elsewhere, PaddingRule::kWorse,
                             [&](const AgreementClass& rows) { return in.terms.term(rows, e, kept, {}); }),
                      by_cells(in.terms, e, kept, elsewhere, PaddingRule::kWorse, Columns::kOurs))
                   .log;
}

}  // namespace

std::vector<std::size_t> add_new_rows(const AttributionInput& in, std::span<const SourceLikelihood> likelihoods,
                                      const Elsewhere& elsewhere, std::vector<Proposition>& propositions) {
  double ours = kLogZero;
  double theirs = kLogZero;
  for (const Proposition& one : propositions) {
    if (is_ours(one.kind)) ours = std::max(ours, one.log_likelihood);
    // A known leak is of known rows.
    if (!is_ours(one.kind) && one.kind != Hypothesis::kKnownLeak) theirs = std::max(theirs, one.log_likelihood);
  }
  const bool unexplained = ours <= theirs + kNearlyAsWell;
  const bool replaced =
      std::any_of(likelihoods.begin(), likelihoods.end(), [](const SourceLikelihood& one) { return one.foreign != 0; });
  std::vector<std::size_t> feeds;
  if (!in.incremental || !(unexplained || replaced)) return feeds;
  const Returned returned(in);
  for (const IncrementalFeed& feed : in.incremental()) {
    const std::vector<ExportIndex>& exports = in.feeds[feed.feed].exports;
    double log = kLogZero;
    for (const ExportIndex e : exports)
      if (!feed.new_rows && in.screening.keeps(e))
        log = std::max(log, log_new_values(in, feed, e, elsewhere) + form_evidence(in, e));
    if (feed.new_rows) log = log_new_rows(in, feed, likelihoods, elsewhere) + form_evidence(in, exports.back());
    if (unexplained && feed.new_rows) {
      double as_others = theirs + form_evidence(in, exports.back());
      for (std::size_t f = 0; f < feed.returning.size(); ++f) as_others += returned.log(f, feed.returning[f]);
      log = log_add(log, as_others);
      feeds.push_back(feed.feed);
    }
    for (Proposition& one : propositions) {
      if (one.kind == Hypothesis::kUnregisteredExport && !one.unregistered_feed && one.feed == feed.feed)
        one.log_likelihood = log_add(one.log_likelihood, log);
    }
  }
  return feeds;
}

}  // namespace sidik
