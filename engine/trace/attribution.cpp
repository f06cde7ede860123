#include "trace/attribution.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/parallel.h"
#include "trace/copy_evidence.h"
#include "trace/explained_rows.h"
#include "trace/export_likelihood.h"
#include "trace/log_math.h"
#include "trace/mixed_rivals.h"
#include "trace/mixture_search.h"
#include "trace/new_rows.h"
#include "trace/outside.h"
#include "trace/proposition_odds.h"
#include "trace/rival_frames.h"
#include "trace/same_people.h"
#include "trace/sample_filters.h"
#include "trace/selection.h"
#include "trace/shuffled_export.h"
#include "trace/singled_out.h"
#include "trace/unregistered_likelihood.h"

namespace sidik {
namespace {

constexpr double kGroupRatio = 10;
constexpr double kNegligible = 1e-4;
constexpr double kInTwo = 0.05;  // of the rows of a feed that makes them anew, those that stand in two exports

/// Where an export stands: its feed and what came before it there.
struct Standpoint {
  std::size_t feed = 0;
  std::size_t place = 0;
};

class Attributor {
 public:
  explicit Attributor(const AttributionInput& input)
      : in_(input),
        screening_(input.screening),
        terms_(input.terms),
        filters_(input.terms, input.parts),
        changed_(input.terms),
        likelihoods_(input.terms.exports().size()),
        frames_(input.terms, input.parts, filters_, input.screening, likelihoods_, input.threads),
        prior_(input.feeds, input.terms.exports()) {
    if (!terms_.exports().empty()) elsewhere_ = elsewhere_of(terms_, in_.parts.united);
    for (std::size_t f = 0; f < in_.feeds.size(); ++f)
      for (std::size_t i = 0; i < in_.feeds[f].exports.size(); ++i) standpoints_[in_.feeds[f].exports[i]] = {f, i};
  }

  Attribution run() {
    if (terms_.exports().empty()) return {};
    add_registered();
    add_unregistered();
    add_outside();
    add_mixtures();
    charge_for_changes();
    Attribution result;
    result.new_rows = add_new_rows(in_, likelihoods_, elsewhere_, propositions_);
    result.propositions = propositions_;
    const PropositionOdds odds(prior_, clues_);
    odds.weigh(in_.priors, result.propositions, result);
    propositions_ = result.propositions;
    add_sources(result);
    add_groups(result);
    result.robust = odds.is_robust(in_.priors, result);
    return result;
  }

 private:
  double own_of(ExportIndex e) const { return own_evidence(in_, e); }

  /// An export to the same recipient has the same marks, and comes in the same order, whatever its date.
  double own_beside(const Neighbours& neighbours) const {
    if (!neighbours.earlier) return own_of(*neighbours.later);
    if (!neighbours.later) return own_of(*neighbours.earlier);
    return std::max(own_of(*neighbours.earlier), own_of(*neighbours.later));
  }

  double filter_of(ExportIndex e) const { return filters_.log_of(e, likelihoods_[e].log_padded); }
  double filter_between(const Neighbours& neighbours, const SourceLikelihood& found) const {
    if (!neighbours.earlier || !neighbours.later)
      return filters_.log_of(neighbours.earlier ? *neighbours.earlier : *neighbours.later, found.log_padded);
    const ExportIndex both[] = {*neighbours.earlier, *neighbours.later};
    const double held = found.explained() / std::max(1.0, terms_.rows());
    const double shares[] = {held, 0};  // dates of one feed: any sharing out of the rows is worth the same
    return filters_.log_of(both, shares, found.log_padded);
  }
  double form_of(ExportIndex e) const { return form_evidence(in_, e); }
  double order_of(ExportIndex e) const { return order_evidence(in_, e); }

  std::span<const ExportIndex> earlier(ExportIndex e) const {
    const auto found = standpoints_.find(e);
    if (found == standpoints_.end() || in_.feeds[found->second.feed].new_rows) return {};
    return std::span(in_.feeds[found->second.feed].exports).first(found->second.place);
  }

  void add_registered() {
    std::vector<ExportIndex> weighed;
    for (ExportIndex e = 0; e < terms_.exports().size(); ++e)
      if (screening_.keeps(e)) weighed.push_back(e);
    parallel_for(in_.threads, weighed.size(), [&](std::size_t i) {
      likelihoods_[weighed[i]] = likelihood_of_export(terms_, weighed[i], earlier(weighed[i]), elsewhere_);
    });
    for (ExportIndex e = 0; e < terms_.exports().size(); ++e) {
      if (!screening_.keeps(e)) likelihoods_[e].log = log_behind(screening_.score[e]) - form_of(e) - own_of(e);
      const ExportKind kind = terms_.exports()[e].description.kind;
      if (kind == ExportKind::kReference) continue;
      Proposition one;
      one.kind = kind == ExportKind::kExternal ? Hypothesis::kKnownLeak : Hypothesis::kRegisteredExport;
      one.sources = {e};
      one.log_likelihood = likelihoods_[e].log + form_of(e) + filter_of(e) + own_of(e);
      propositions_.push_back(one);
    }
  }

  /// What is out of the running is as far behind the best as the screening has it.
  double log_behind(double score) const {
    const ExportIndex best = screening_.best;
    return likelihoods_[best].log + form_of(best) + own_of(best) + score - screening_.score[best];
  }

  /// Share of rows that change from one date of a feed to the next, of the sample's rows; a hundredth where they are
  /// few.
  double change_in(const Feed& feed) const {
    constexpr double kUsual = 0.01, kRows = 100;
    double changed = kUsual * kRows;
    double steps = kRows;
    for (std::size_t i = 1; i < feed.exports.size(); ++i) {
      const NoiseCounts& counts = likelihoods_[feed.exports[i]].counts;
      changed += counts.changed;
      steps += static_cast<double>(i) * (counts.clean + counts.stale);
    }
    return changed / steps;
  }

  Neighbours neighbours_of(const Feed& feed, std::size_t gap) const {
    Neighbours neighbours;
    if (gap > 0) {
      neighbours.earlier = feed.exports[gap - 1];
      neighbours.before = std::span(feed.exports).first(gap - 1);
    }
    if (gap < feed.exports.size()) neighbours.later = feed.exports[gap];
    return neighbours;
  }

  /// ln P(S | the date), and what else speaks for it.
  std::pair<double, double> log_of_gap(const Feed& feed, std::size_t f, std::size_t gap) const {
    const Neighbours neighbours = neighbours_of(feed, gap);
    const ExportIndex beside = neighbours.beside();
    const double form_and_own = form_of(beside) + own_beside(neighbours);
    if (!screening_.keeps(beside) && !(neighbours.later && screening_.keeps(*neighbours.later)))
      return {log_behind(screening_.gap[f][gap]) - form_and_own, form_and_own};
    const Replaced replaced{likelihoods_[beside].foreign, likelihoods_[beside].events};
    const SourceLikelihood found =
        likelihood_between(terms_, changed_, neighbours, change_in(feed), replaced, elsewhere_);
    // Of new rows each time hardly any stands in two exports.
    const double in_two = feed.new_rows ? found.counts.clean * std::log(kInTwo) : 0;
    return {found.log + in_two, filter_between(neighbours, found) + form_and_own};
  }

  void add_unregistered() {
    const std::size_t first = propositions_.size();
    for (std::size_t f = 0; f < in_.feeds.size(); ++f) {
      for (std::size_t gap = 0; gap <= in_.feeds[f].exports.size(); ++gap) {
        Proposition& one = propositions_.emplace_back();
        one.kind = Hypothesis::kUnregisteredExport;
        one.feed = f;
        one.gap = gap;
      }
    }
    std::vector<std::vector<double>> gaps;  // by feed and place, the rows alone
    for (const Feed& feed : in_.feeds) gaps.emplace_back(feed.exports.size() + 1);
    parallel_for(in_.threads, propositions_.size() - first, [&](std::size_t i) {
      Proposition& one = propositions_[first + i];
      const auto [rows, rest] = log_of_gap(in_.feeds[one.feed], one.feed, one.gap);
      one.log_likelihood = rows + rest;
      gaps[one.feed][one.gap] = rows;
    });
    Proposition feed;
    feed.kind = Hypothesis::kUnregisteredExport;
    feed.unregistered_feed = true;
    const SourceLikelihood all = likelihood_of_union(terms_, in_.parts.united, elsewhere_);
    union_padded_ = all.log_padded;
    feed.log_likelihood = all.log + filters_.log_of_all(all.explained()) +
                          log_of_date(terms_, elsewhere_, in_.feeds, likelihoods_, gaps) + best_order_evidence(in_) +
                          (in_.forms.empty() ? 0 : in_.forms.front().unknown * kLn10);
    // A reference is ours and never a source: what matches it best came from a feed that nobody registered.
    std::vector<double> references;
    for (ExportIndex e = 0; e < terms_.exports().size(); ++e)
      if (terms_.exports()[e].description.kind == ExportKind::kReference) references.push_back(likelihoods_[e].log);
    if (!references.empty()) {
      const double mean = log_sum(references) - std::log(static_cast<double>(references.size()));
      feed.log_likelihood = log_add(feed.log_likelihood, mean) - std::log(2.0);
    }
    propositions_.push_back(feed);
  }

  /// What the best of ours makes of the sample, where a copy agrees in everything: others have it as one of our copies
  /// is, and which is as open as it is among ours.
  std::optional<double> log_of_whole_copy() const {
    double best = kLogZero;
    for (const Proposition& one : propositions_) best = is_ours(one.kind) ? std::max(best, one.log_likelihood) : best;
    for (ExportIndex e = 0; e < terms_.exports().size(); ++e)
      if (screening_.keeps(e) && holds_all(terms_, e, likelihoods_[e]))
        return best - std::log(static_cast<double>(terms_.exports().size()));
    return std::nullopt;
  }

  void add_outside() {
    Proposition strangers;
    strangers.kind = Hypothesis::kStrangers;
    // As the rows that pad a sample of ours are weighed: row by row it may be either.
    for (std::size_t c = 0; c < terms_.classes().size(); ++c) {
      strangers.log_likelihood += terms_.classes()[c].rows * elsewhere_.outside[c];
    }
    // Or their cells are not clumped, as columns that have nothing to do with each other make them: then every row is
    // worth its frequencies. Half and half.
    strangers.log_likelihood = log_add(strangers.log_likelihood, 0) - std::log(2.0);
    const RivalValues values = rival_values(terms_, in_.agreement);
    clues_ = values.clues;
    strangers.log_likelihood += filters_.log_of_all();
    const bool lone = terms_.is_of_one_column();
    if (lone) strangers.log_likelihood += log_of_lone_strangers();
    if (are_alike_at_most(terms_)) {
      for (const Proposition& one : propositions_)
        if (one.kind == Hypothesis::kUnregisteredExport)
          strangers.log_likelihood = std::max(strangers.log_likelihood, one.log_likelihood);
    }
    propositions_.push_back(strangers);

    Proposition same;
    same.kind = Hypothesis::kSamePeopleElsewhere;
    const SourceLikelihood of_all = likelihood_same_people_of_all(terms_, in_.parts.united, union_padded_, elsewhere_);
    // Whose people: those of one of our exports, or all that we know together, as of a date.
    same.log_likelihood =
        log_add(frames_.mean([&](ExportIndex e) { return likelihood_same_people(terms_, e, elsewhere_).log; },
                             RivalFrames::kOthers),
                of_all.log + filters_.log_of_all(of_all.explained()) + date_) -
        std::log(2.0);
    same.log_likelihood = std::min(same.log_likelihood, log_of_whole_copy().value_or(same.log_likelihood));
    propositions_.push_back(same);

    // Who puts values of one column together makes no row that we do not hold: nothing to tell apart.
    if (lone) return;
    // Made up in one of four ways: every column by itself, real people with all else invented, all of a copy's columns
    // shuffled, or some of them.
    const double ways[] = {
        values.invented + log_drawn_apart(~FieldMask{0}),
        values.invented_beside + log_drawn_apart(~terms_.granted_fields()) +
            frames_.mean([&](ExportIndex e) { return likelihood_of_identities(terms_, e, elsewhere_).log; },
                         RivalFrames::kAny),
        values.invented_beside +
            frames_.mean([&](ExportIndex e) { return log_shuffled_export(terms_, e); }, RivalFrames::kAny),
    };
    // What is new in the columns that were changed is weighed there.
    const double reassembled =
        frames_.mean([&](ExportIndex e) { return log_reassembled_export(terms_, e, elsewhere_); }, RivalFrames::kAny);
    Proposition fabricated;
    fabricated.kind = Hypothesis::kFabricated;
    fabricated.log_likelihood = log_add(log_sum(ways), reassembled) - std::log(4.0);
    propositions_.push_back(fabricated);
  }

  /// ln of what it costs who makes up some columns, each by itself, that its values go with others as they should.
  double log_drawn_apart(FieldMask fields) const {
    double sum = 0;
    for (const AgreementClass& rows : terms_.classes())
      if (!rows.matches.empty()) sum += rows.rows * terms_.log_drawn(rows, rows.matches.front().agrees & fields);
    return sum;
  }

  /// Strangers' values are ours by chance alone; of one column nothing else tells them from the people of an export.
  /// And nothing does where its values do not single out rows and are all known: then strangers have them as well as
  /// we.
  double log_of_lone_strangers() const {
    double found = 0;
    for (const AgreementClass& rows : terms_.classes()) found += rows.matches.empty() ? 0 : rows.rows;
    if (terms_.fields() == 0 || terms_.unique(0)) return log_strangers_found(found, terms_.rows() - found);
    constexpr double kNearlyAll = 0.9;
    double most = kLogZero;
    for (const Proposition& one : propositions_) {
      if (is_ours(one.kind)) most = std::max(most, one.log_likelihood);
    }
    return found >= kNearlyAll * terms_.rows() ? most : 0;
  }

  void add_mixtures() {
    std::vector<ExportIndex> candidates;
    for (const Proposition& one : propositions_) {
      if (one.kind == Hypothesis::kRegisteredExport && screening_.keeps(one.sources.front()))
        candidates.push_back(one.sources.front());
    }
    std::vector<double> padding;
    for (std::size_t c = 0; c < terms_.classes().size(); ++c) padding.push_back(elsewhere_.log_padding(c));
    double single = kLogZero;  // the best that is ours
    for (const Proposition& one : propositions_)
      if (is_ours(one.kind)) single = std::max(single, log_weight(one));
    std::vector<double> rivals;
    const auto log_beside = [&](const std::vector<ExportIndex>& sources) {
      Proposition one;
      one.kind = Hypothesis::kMixture;
      one.sources = sources;
      return std::log(prior_.of(one, in_.priors)) + mixture_form_and_order(sources);
    };
    for (const MixtureFinding& found :
         search_mixtures(terms_, candidates, padding, filters_.of_mixtures(), log_beside)) {
      Proposition one;
      one.kind = Hypothesis::kMixture;
      one.sources = found.sources;
      one.shares = found.shares;
      one.log_likelihood = found.log_marginal + mixture_form_and_order(found.sources);
      if (in_.seals != nullptr) one.log_likelihood += in_.seals->mixture(found.sources, found.shares);
      propositions_.push_back(one);
      // Where one copy explains the sample as well, its own rivals stand.
      if (log_weight(one) > single)
        rivals.push_back(log_mixed_rivals(terms_, found, padding) + log_prior_of_rivals(one));
    }
    // Others' books come mixed as often as our copies do.
    for (Proposition& one : propositions_) {
      if (rivals.empty()) break;
      if (one.kind != Hypothesis::kSamePeopleElsewhere) continue;
      one.log_likelihood =
          log_add(std::log1p(-in_.priors.mixture) + one.log_likelihood, std::log(in_.priors.mixture) + log_sum(rivals));
    }
  }

  double mixture_form_and_order(const std::vector<ExportIndex>& sources) const {
    double log = mixture_form(in_.forms, sources) * kLn10;
    for (const ExportIndex e : sources) log += order_of(e) / static_cast<double>(sources.size());
    return log;
  }

  double log_weight(const Proposition& one) const { return std::log(prior_.of(one, in_.priors)) + one.log_likelihood; }

  /// That others' books are of just the people of a mixture's sources, given that they are of two sets of people: as
  /// our sources are, but for those that we drew at random.
  double log_prior_of_rivals(const Proposition& mixture) const {
    double log = std::log(prior_.of(mixture, in_.priors) / (in_.priors.ours * in_.priors.mixture));
    for (const ExportIndex e : mixture.sources)
      if (in_.parts.parts[e].kind == PartKind::kRandom) log += std::log(RivalFrames::kRandomFrame);
    return log;
  }

  /// Changes of whole columns that were undone are likely for nobody: whoever has our records pays for each once.
  double undone() const { return in_.forms.empty() ? 0 : in_.forms.front().undone * kLn10; }
  void charge_for_changes() {
    for (Proposition& one : propositions_) {
      if (one.kind != Hypothesis::kStrangers && one.kind != Hypothesis::kFabricated) one.log_likelihood += undone();
    }
  }

  double log_outside() const {
    std::vector<double> logs;
    std::vector<double> priors;
    for (const Proposition& one : propositions_) {
      if (is_ours(one.kind)) continue;
      logs.push_back(one.log_prior + one.log_likelihood);
      priors.push_back(one.log_prior);
    }
    return log_sum(logs) - log_sum(priors);
  }

  void add_sources(Attribution& result) const {
    const double outside = log_outside();
    std::vector<double> posteriors(terms_.exports().size());
    std::vector<double> shares(terms_.exports().size());
    for (const Proposition& one : result.propositions) {
      for (std::size_t i = 0; i < one.sources.size(); ++i) {
        if (one.kind == Hypothesis::kSamePeopleElsewhere) continue;
        posteriors[one.sources[i]] += one.posterior;
        const double explained = likelihoods_[one.sources[i]].explained() / std::max(1.0, terms_.rows());
        shares[one.sources[i]] += one.posterior * (one.shares.empty() ? explained : one.shares[i]);
      }
    }
    double best = 0;
    for (const double posterior : posteriors) best = std::max(best, posterior);
    for (ExportIndex e = 0; e < posteriors.size(); ++e) {
      if (posteriors[e] <= 0 || posteriors[e] < kNegligible * best) continue;
      if (likelihoods_[e].explained() == 0) continue;
      SourceFinding source;
      source.e = e;
      source.posterior = std::min(1.0, posteriors[e]);
      source.share = shares[e] / posteriors[e];
      source.likelihood = likelihoods_[e];
      source.log_outside = likelihoods_[e].log + form_of(e) + filter_of(e) + own_of(e) + undone() - outside;
      split_evidence(source);
      result.sources.push_back(source);
    }
    std::stable_sort(result.sources.begin(), result.sources.end(),
                     [](const SourceFinding& a, const SourceFinding& b) { return a.posterior > b.posterior; });
    count_explained_rows(
        terms_, elsewhere_, [this](ExportIndex e) { return earlier(e); }, result);
  }

  /// The parts of a source's evidence; they add up to log_outside.
  void split_evidence(SourceFinding& source) const {
    double rest = source.log_outside;
    if (in_.seals != nullptr) {
      source.marks = in_.seals->of(source.e).marks;
      // A share of what membership says, shown by itself: the rows that the copy does not hold are why it explains
      // fewer.
      source.withheld = in_.seals->of(source.e).withheld;
      source.canaries = in_.seals->of(source.e).canaries;
      rest -= source.marks.value_or(0) + source.withheld.value_or(0) + source.canaries.value_or(0);
    }
    if (source.e < in_.orders.size() && in_.orders[source.e]) {
      source.order = in_.orders[source.e];
      rest -= *source.order;
    }
    if (in_.forms[source.e].log10) {
      source.form = form_of(source.e);
      rest -= *source.form;
    }
    if (!in_.parts.conditions.empty()) {
      source.parsimony = filter_of(source.e);
      rest -= *source.parsimony;
    }
    if (const auto found = standpoints_.find(source.e); found != standpoints_.end()) {
      const Feed& feed = in_.feeds[found->second.feed];
      std::vector<double> dates;
      for (const ExportIndex other : feed.exports) dates.push_back(likelihoods_[other].log);
      const double mean = log_sum(dates) - std::log(static_cast<double>(dates.size()));
      const auto [least, most] = std::minmax_element(dates.begin(), dates.end());
      if (dates.size() > 1 && *most - *least > 1e-6) {
        source.versions = likelihoods_[source.e].log - mean;
        rest -= *source.versions;
      }
    }
    source.membership = rest;
  }

  void add_groups(Attribution& result) const {
    if (result.sources.empty()) return;
    std::vector<ExportIndex> group;
    for (const SourceFinding& source : result.sources) {
      // A prior alone separates nothing: an only export of a feed has more of it than each of a dozen dates.
      const SourceFinding& best = result.sources.front();
      const bool alike = source.posterior * kGroupRatio > best.posterior ||
                         (source.posterior > kNegligible && source.log_outside + kLn10 > best.log_outside);
      if (alike && !together(result, source.e)) group.push_back(source.e);
    }
    if (group.size() > 1) result.groups.push_back(group);
  }

  /// Whether an export is named beside the best one, as another source of a mixture, rather than instead of it.
  bool together(const Attribution& result, ExportIndex e) const {
    const ExportIndex best = result.sources.front().e;
    if (e == best) return false;
    double both = 0;
    double one = 0;
    for (const Proposition& proposition : result.propositions) {
      const auto& s = proposition.sources;
      if (std::find(s.begin(), s.end(), e) == s.end()) continue;
      one += proposition.posterior;
      if (std::find(s.begin(), s.end(), best) != s.end()) both += proposition.posterior;
    }
    return both > 0.5 * one && one > 0;
  }

  const AttributionInput& in_;
  const Screening& screening_;
  const RowTerms& terms_;
  const SampleFilters filters_;
  const ChangedRows changed_;
  std::vector<SourceLikelihood> likelihoods_;
  const RivalFrames frames_;
  Elsewhere elsewhere_;
  double union_padded_ = 0;  // by likelihood_of_union
  double date_ = 0;          // ln of having one date, whatever it is (log_of_date)
  std::map<ExportIndex, Standpoint> standpoints_;
  std::vector<Proposition> propositions_;
  const PropositionPrior prior_;
  RivalClues clues_;
};

}  // namespace

Attribution attribute(const AttributionInput& input) { return Attributor(input).run(); }

Screening screen(const AttributionInput& input) {
  std::vector<double> own;
  for (ExportIndex e = 0; e < input.terms.exports().size(); ++e)
    own.push_back(form_evidence(input, e) + own_evidence(input, e));
  return screen_exports(input.terms, elsewhere_of(input.terms, input.parts.united), input.feeds, input.parts, own);
}

}  // namespace sidik
