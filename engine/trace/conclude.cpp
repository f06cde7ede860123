#include "trace/conclude.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "trace/as_of.h"
#include "trace/breakdown.h"
#include "trace/column_groups.h"
#include "trace/identity_count.h"
#include "trace/log_math.h"
#include "trace/support.h"
#include "trace/wording.h"

namespace sidik {
namespace {

constexpr int kDecimals = 4;
constexpr std::size_t kMostSourcesShown = 50;

double decades(double nats) { return rounded(nats / kLn10, 2); }

SampleFacts sample_facts(const Findings& in) {
  SampleFacts facts;
  facts.rows = in.survey.rows;
  facts.distinct = in.survey.distinct;
  facts.rejected = in.survey.rejected;
  facts.format = in.survey.format;
  facts.sha256 = in.survey.sha256;
  for (std::size_t c = 0; c < in.survey.edits.given; ++c) {
    SampleColumn column;
    if (in.survey.names[c] && !in.survey.names[c]->empty()) column.name = in.survey.names[c];
    column.type = std::string(type_name(in.map.forms[c]));
    column.newest = parse_utc(in.map.newest[c]);
    for (const MappedColumn& mapped : in.map.mapped) {
      if (!in.survey.edits.shows(mapped.column, c)) continue;
      column.type = std::string(type_name(mapped.as.front().reading.type));
      column.agreement = rounded(mapped.agreement, kDecimals);
      column.matched = mapped.name;
    }
    facts.columns.push_back(std::move(column));
  }
  return facts;
}

Evidence evidence_of(const SourceFinding& source) {
  Evidence evidence;
  const auto part = [](const std::optional<double>& nats) {
    return nats ? std::optional(decades(*nats)) : std::nullopt;
  };
  evidence.versions = part(source.versions);
  evidence.form = part(source.form);
  evidence.parsimony = part(source.parsimony);
  evidence.order = part(source.order);
  evidence.canaries = part(source.canaries);
  evidence.marks = part(source.marks);
  evidence.withheld = part(source.withheld);
  // Membership takes up the rounding, so that the parts shown add up to the whole that is shown.
  evidence.membership = rounded(decades(source.log_outside) - evidence.total(), 2);
  return evidence;
}

std::vector<Source> sources_of(const Findings& in) {
  std::vector<Source> sources;
  const auto& found = in.attribution.sources;
  for (std::size_t i = 0; i < found.size() && i < kMostSourcesShown; ++i) {
    const ExportDescription& description = in.store.exports()[found[i].e].description;
    Source source;
    source.name = description.name;
    source.feed = description.feed;
    source.recipient = description.recipient;
    source.kind = std::string(kind_name(description.kind));
    source.at = description.at;
    source.sent_at = description.sent_at;
    source.registered_at = description.registered_at;
    source.external = description.kind == ExportKind::kExternal;
    source.registered_after_seen = in.options.seen && description.registered_at > *in.options.seen;
    source.posterior = rounded(found[i].posterior, kDecimals);
    source.share = rounded(std::min(1.0, found[i].share), kDecimals);
    source.rows_explained = rounded(std::min(1.0, found[i].rows_explained), kDecimals);
    source.rows_only_here = static_cast<std::uint64_t>(std::llround(found[i].rows_only_here));
    source.evidence = evidence_of(found[i]);
    source.log10_lr_outside = rounded(source.evidence.total(), 2);
    if (found.size() > 1) {
      const double next = i + 1 < found.size() ? found[i + 1].log_outside : found[i - 1].log_outside;
      source.log10_lr_next = decades(found[i].log_outside - next);
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

bool is_testable(const Findings& in) { return in.terms.rows() > 0 && !in.store.exports().empty(); }

/// Where nothing was compared the odds are the priors, shared out within each side as its propositions have them.
void set_to_priors(double prior_ours, double (&hypotheses)[kHypotheses]) {
  const auto share_out = [&](Hypothesis first, Hypothesis last, double prior, Hypothesis otherwise) {
    double* const begin = hypotheses + static_cast<int>(first);
    double* const end = hypotheses + static_cast<int>(last) + 1;
    const double sum = std::accumulate(begin, end, 0.0);
    if (sum > 0)
      std::for_each(begin, end, [&](double& hypothesis) { hypothesis *= prior / sum; });
    else
      hypotheses[static_cast<int>(otherwise)] = prior;
  };
  share_out(Hypothesis::kRegisteredExport, Hypothesis::kUnregisteredExport, prior_ours,
            Hypothesis::kUnregisteredExport);
  share_out(Hypothesis::kKnownLeak, Hypothesis::kStrangers, 1 - prior_ours, Hypothesis::kStrangers);
}

void set_odds(const Findings& in, Verdict& verdict) {
  const Attribution& attribution = in.attribution;
  const bool testable = is_testable(in);
  const double prior = Priors::with(in.options.priors).ours;
  const double ours = testable ? attribution.ours : prior;
  verdict.origin = !testable            ? Origin::kUndetermined
                   : ours >= kOursFrom  ? Origin::kOurs
                   : ours <= kNotOursTo ? Origin::kNotOurs
                                        : Origin::kUndetermined;
  std::copy(std::begin(attribution.hypotheses), std::end(attribution.hypotheses), verdict.hypotheses);
  if (!testable) set_to_priors(prior, verdict.hypotheses);
  double rest = 1;
  int largest = 0;
  for (int h = 0; h < kHypotheses; ++h) {
    verdict.hypotheses[h] = rounded(verdict.hypotheses[h], 6);
    rest -= verdict.hypotheses[h];
    if (verdict.hypotheses[h] > verdict.hypotheses[largest]) largest = h;
  }
  // Rounded one by one they would not sum to 1: the largest takes the rest.
  verdict.hypotheses[largest] = rounded(verdict.hypotheses[largest] + rest, 6);
  const bool negative = verdict.origin == Origin::kNotOurs;
  const double shown_ours = verdict.hypotheses[0] + verdict.hypotheses[1] + verdict.hypotheses[2];
  verdict.probability = rounded(negative ? 1 - shown_ours : shown_ours, 6);
  verdict.prior = negative ? 1 - prior : prior;
  const double log10 = testable ? decades(attribution.log_lr) * (negative ? -1 : 1) : 0;
  verdict.log10_lr_computed = log10;
  verdict.log10_lr = rounded(validated(log10), 2);
  verdict.support = std::string(support_of(verdict.log10_lr));
  verdict.robust = testable && attribution.robust;
  if (verdict.origin == Origin::kUndetermined) return;
  int best = -1;
  for (int h = 0; h < kHypotheses; ++h) {
    if ((h < 3) != !negative) continue;
    if (best < 0 || attribution.hypotheses[h] > attribution.hypotheses[best]) best = h;
  }
  verdict.kind = static_cast<Hypothesis>(best);
}

std::optional<Coverage> coverage_of(const Findings& in) {
  if (in.attribution.sources.empty() || in.attribution.ours <= kNotOursTo) return std::nullopt;
  for (const Feed& feed : in.feeds) {
    const auto& best = in.attribution.sources.front();
    if (feed.name.empty() || std::find(feed.exports.begin(), feed.exports.end(), best.e) == feed.exports.end())
      continue;
    return Coverage{feed.name, feed.expected, feed.exports.size()};
  }
  return std::nullopt;
}

std::vector<CanaryHit> canary_hits(const Findings& in) {
  constexpr std::size_t kMostShown = 1000;
  std::vector<CanaryHit> hits;
  for (const CanarySighting& seen : in.seals->sightings()) {
    if (hits.size() == kMostShown) break;
    CanaryHit hit{seen.line, in.store.exports()[seen.e].description.name, {}};
    for (const std::size_t column : seen.columns)
      for (const MappedColumn& mapped : in.map.mapped)
        if (mapped.column == column) hit.fields.push_back(mapped.name);
    hits.push_back(std::move(hit));
  }
  return hits;
}

/// Rows that show what another row shows: copies, and other spellings or versions of one identity.
RepeatedRows repeated_rows(const Findings& in) {
  double pairs = 0;
  for (const std::uint32_t copies : in.survey.screened.copies)
    pairs += 0.5 * static_cast<double>(copies) * (static_cast<double>(copies) - 1);
  const double drawn = std::max<double>(1, static_cast<double>(in.survey.screened.rows));
  pairs *= static_cast<double>(in.survey.distinct) / drawn;
  return {in.survey.rows, pairs + static_cast<double>(in.agreement.repeated_tags)};
}

/// The interval of the share of rows that something registered explains: as wide as the screened rows have it, about
/// the share of all.
ShareInterval explained_interval(const Findings& in) {
  if (in.explained.empty()) return {};
  const ShareInterval screened = block_interval(in.explained);
  const double seen = static_cast<double>(std::count(in.explained.begin(), in.explained.end(), char{1})) /
                      static_cast<double>(in.explained.size());
  const double moved = 1 - in.attribution.unexplained - seen;
  return {std::clamp(screened.low + moved, 0.0, 1.0), std::clamp(screened.high + moved, 0.0, 1.0)};
}

Volume volume(const Findings& in, const ShareInterval& explained, bool ours) {
  IdentityCounts identities = count_identities(in.store, in.options.threads);
  Volume found;
  if (in.options.claimed) {
    found = volume_of(*in.options.claimed, explained, std::move(identities), repeated_rows(in));
  } else {
    found.ever_exported = identities.distinct;
    found.identities = std::move(identities);
  }
  found.ours = ours;
  if (in.options.breakdown) found.breakdown = share_by_value(*in.options.breakdown, in.survey, in.map);
  return found;
}

}  // namespace

std::vector<char> explained_in_order(const Agreement& screened, const Attribution& attribution) {
  std::vector<char> explained;
  for (const PlacedClass& row : screened.rows_by_place) {
    if (row.row_class < attribution.explained.size()) explained.push_back(attribution.explained[row.row_class]);
  }
  return explained;
}

Verdict conclude(const Findings& in) {
  Verdict verdict;
  const RegistryId& id = in.store.registry_id();
  verdict.registry_id = to_hex(id);
  verdict.state = in.store.state();
  verdict.audit_head = in.store.audit_head();
  verdict.exports = in.store.exports().size();
  verdict.sample = sample_facts(in);
  verdict.rows_linked = in.agreement.linked;
  verdict.rows_not_linkable = in.agreement.not_linkable;
  set_odds(in, verdict);
  if (is_testable(in)) {
    verdict.sources = sources_of(in);
    for (const auto& group : in.attribution.groups) {
      auto& names = verdict.indistinguishable.emplace_back();
      for (const ExportIndex e : group) names.push_back(in.store.exports()[e].description.name);
    }
  }
  const ShareInterval explained = is_testable(in) ? explained_interval(in) : ShareInterval{};
  if (is_testable(in)) {
    verdict.unexplained = rounded(in.attribution.unexplained, kDecimals);
    verdict.unexplained_low = rounded(1 - explained.high, kDecimals);
    verdict.unexplained_high = rounded(1 - explained.low, kDecimals);
  }
  if (in.seals != nullptr) verdict.canaries = canary_hits(in);
  verdict.as_of = as_of(in);
  verdict.coverage = coverage_of(in);
  if (is_testable(in)) verdict.column_groups = column_groups(in.terms, in.map, in.survey, in.attribution);
  for (ColumnGroup& group : verdict.column_groups) group.agreement = rounded(group.agreement, kDecimals);
  if (in.options.claimed || in.options.breakdown)
    verdict.volume = volume(in, explained, verdict.origin != Origin::kNotOurs);
  verdict.priors = Priors::with(in.options.priors).named();
  verdict.summary = summary_of(verdict);
  verdict.numerator = numerator_of(verdict);
  verdict.denominator = denominator_of(verdict);
  verdict.caveats = caveats_of(in, verdict);
  verdict.would_tell_more = would_tell_more(in, verdict);
  return verdict;
}

}  // namespace sidik
