#include "lab/score.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "base/parallel.h"
#include "lab/oracle.h"
#include "trace/trace.h"

namespace sidik::lab {
namespace {

/// A mixture's shares are asked for from so many rows on, and to be so near.
constexpr std::size_t kRowsForShares = 500;
constexpr double kSharePoints = 0.05;

/// What a posterior of the truth costs, clipped as FORMULAS says.
double bits(double probability) { return -std::log2(std::clamp(probability, 0.01, 0.99)); }

double of(const double (&hypotheses)[kHypotheses], Hypothesis h) { return hypotheses[static_cast<int>(h)]; }

const Source* source_named(const Verdict& verdict, const std::string& name) {
  const auto found =
      std::find_if(verdict.sources.begin(), verdict.sources.end(), [&](const Source& s) { return s.name == name; });
  return found == verdict.sources.end() ? nullptr : &*found;
}

double posterior_of(const Verdict& verdict, const std::string& name) {
  const Source* source = source_named(verdict, name);
  return source == nullptr ? 0 : source->posterior;
}

/// The posterior of a leak's true kind and sources. A source's is of being one at all: no more than its kind has.
double label_of(const Leak& leak, const Verdict& verdict) {
  const auto least = [&](Hypothesis h) {
    double p = of(verdict.hypotheses, h);
    for (const std::string& name : leak.sources) p = std::min(p, posterior_of(verdict, name));
    return p;
  };
  switch (leak.truth) {
    case Truth::kRegistered:
      return least(Hypothesis::kRegisteredExport);
    case Truth::kMixture:
      return least(Hypothesis::kMixture);
    case Truth::kUnregistered:
      return of(verdict.hypotheses, Hypothesis::kUnregisteredExport);
    case Truth::kKnownLeak:
      return least(Hypothesis::kKnownLeak);
    case Truth::kSamePeople:
      return of(verdict.hypotheses, Hypothesis::kSamePeopleElsewhere);
    case Truth::kFabricated:
      return of(verdict.hypotheses, Hypothesis::kFabricated);
    case Truth::kStrangers:
      return of(verdict.hypotheses, Hypothesis::kStrangers);
    case Truth::kSeveralOutsiders:
      break;
  }
  double outside = 0;
  for (int h = static_cast<int>(Hypothesis::kKnownLeak); h < kHypotheses; ++h) outside += verdict.hypotheses[h];
  return outside;
}

/// How far a baseline's best exports are in the oracle's group: several that are equally good share the answer.
double share_right(const std::vector<double>& score, const std::vector<std::size_t>& group) {
  const double best = *std::max_element(score.begin(), score.end());
  double all = 0;
  double right = 0;
  for (std::size_t e = 0; e < score.size(); ++e) {
    if (score[e] < best - 1e-9) continue;
    all += 1;
    right += std::find(group.begin(), group.end(), e) != group.end() ? 1 : 0;
  }
  return right / all;
}

/// What the sources of one oracle's group have of a sample, where one of them is a source: their mean by posterior.
double share_of(const World& world, const Verdict& verdict, const std::vector<std::size_t>& group) {
  double share = 0;
  double all = 0;
  for (const std::size_t e : group) {
    const Source* source = source_named(verdict, world.books()[e].name);
    if (source == nullptr) continue;
    share += source->posterior * source->share;
    all += source->posterior;
  }
  return all > 0 ? share / all : 0;
}

/// The odds that some export of an oracle's group is a source.
double posterior_of(const World& world, const Verdict& verdict, const std::vector<std::size_t>& group) {
  double sum = 0;
  for (const std::size_t e : group) sum += posterior_of(verdict, world.books()[e].name);
  return sum;
}

/// Both sources of a mixture, each out of its group; of a large sample their shares as well, within 5 points.
bool names_both(const World& world, const Leak& leak, const Verdict& verdict, const OracleAnswer& oracle) {
  if (of(verdict.hypotheses, Hypothesis::kMixture) < 0.5 || posterior_of(world, verdict, oracle.group) < 0.5 ||
      posterior_of(world, verdict, oracle.second_group) < 0.5)
    return false;
  // Of 20 rows one is 5 points, and that of people whom both have is anybody's.
  if (leak.rows_asked < kRowsForShares) return true;
  return std::abs(share_of(world, verdict, oracle.group) - leak.first_share) <= kSharePoints &&
         std::abs(share_of(world, verdict, oracle.second_group) - leak.second_share) <= kSharePoints;
}

bool names_the_group(const World& world, const Leak& leak, const Verdict& verdict, const OracleAnswer& oracle) {
  switch (leak.truth) {
    case Truth::kRegistered:
      return !verdict.sources.empty() && std::any_of(oracle.group.begin(), oracle.group.end(), [&](std::size_t e) {
        return world.books()[e].name == verdict.sources.front().name;
      });
    case Truth::kMixture:
      return names_both(world, leak, verdict, oracle);
    default:
      return of(verdict.hypotheses, Hypothesis::kUnregisteredExport) >= 0.5;
  }
}

std::string format(const char* pattern, auto... values) {
  char line[512];
  std::snprintf(line, sizeof line, pattern, values...);
  return line;
}

std::string described(const World& world, const Leak& leak) {
  std::string text;
  for (const std::size_t b : leak.books) {
    const Book& book = world.books()[b];
    text += format("%s%s%s step %u, %s", text.empty() ? "" : " and ", book.name.empty() ? "unregistered " : "",
                   book.name.empty() ? book.feed.c_str() : book.name.c_str(), book.step, book.layout->name.c_str());
  }
  for (const std::string& name : leak.sources)
    if (leak.books.empty()) text += name;
  text += "; columns";
  for (const fixtures::Column column : leak.columns) text += " " + std::string(column_name(column));
  return text +
         (leak.misread ? format(", misread %s", std::string(column_name(leak.columns[*leak.misread])).c_str()) : "");
}

std::string detailed(const World& world, const Verdict& verdict, const OracleAnswer& oracle) {
  std::string text = "    oracle:";
  for (int h = 0; h < kHypotheses; ++h)
    if (oracle.hypotheses[h] > 0.005)
      text +=
          format(" %s %.3f", std::string(hypothesis_name(static_cast<Hypothesis>(h))).c_str(), oracle.hypotheses[h]);
  for (std::size_t e = 0; e < oracle.source.size(); ++e)
    if (oracle.source[e] > 0.01) text += format(" | %s %.3f", world.books()[e].name.c_str(), oracle.source[e]);
  text += "\n    sidik: ";
  for (int h = 0; h < kHypotheses; ++h)
    if (verdict.hypotheses[h] > 0.005)
      text +=
          format(" %s %.3f", std::string(hypothesis_name(static_cast<Hypothesis>(h))).c_str(), verdict.hypotheses[h]);
  for (const Source& source : verdict.sources)
    if (source.posterior > 0.01)
      text += format(" | %s %.3f (%.1f)", source.name.c_str(), source.posterior, source.log10_lr_outside);
  return text + "\n";
}

Outcome judge(const World& world, const Leak& leak, const Verdict& verdict) {
  const OracleAnswer oracle = ask_oracle(world, leak);
  Outcome outcome;
  outcome.kind = leak.kind;
  outcome.truth = leak.truth;
  outcome.rows = leak.rows_asked;
  outcome.said = verdict.summary;
  outcome.truly = described(world, leak);
  outcome.details = detailed(world, verdict, oracle);
  outcome.ours = verdict.hypotheses[0] + verdict.hypotheses[1] + verdict.hypotheses[2];
  outcome.traceable = oracle.traceable;
  outcome.label = label_of(leak, verdict);
  outcome.oracle_label = oracle.label;
  outcome.excess = bits(outcome.label) - bits(oracle.label);
  const Source* best = verdict.sources.empty() ? nullptr : &verdict.sources.front();
  if (best != nullptr) {
    outcome.best_posterior = best->posterior;
    outcome.best_is_true = std::find(leak.sources.begin(), leak.sources.end(), best->name) != leak.sources.end();
  }
  if (!is_ours(leak.kind)) {
    outcome.right = verdict.origin == Origin::kNotOurs;
    outcome.falsely_ours = verdict.origin == Origin::kOurs;
    return outcome;
  }
  const bool named = names_the_group(world, leak, verdict, oracle);
  outcome.right = named && verdict.origin == Origin::kOurs;
  outcome.missed = verdict.origin == Origin::kNotOurs;
  if (best != nullptr && best->posterior >= 0.9 && !outcome.best_is_true && !named) {
    double believed = 0;
    for (std::size_t e = 0; e < world.registered(); ++e)
      if (world.books()[e].name == best->name) believed = oracle.source[e];
    outcome.falsely_sure = believed < 0.5;
  }
  if (oracle.held.empty()) return outcome;
  outcome.has_baselines = true;
  outcome.counting = share_right(oracle.held, oracle.group);
  std::vector<double> guilty;
  for (const double innocent : oracle.log_innocent) guilty.push_back(-innocent);
  outcome.guilty = share_right(guilty, oracle.group);
  return outcome;
}

}  // namespace

std::vector<Outcome> try_leaks(const World& world, LeakKind kind, std::size_t rows, std::size_t cases,
                               std::uint64_t seed, unsigned threads) {
  std::vector<Outcome> outcomes(cases);
  parallel_for(threads, cases, [&](std::size_t i) {
    Random random(((seed * 1000003 + static_cast<std::uint64_t>(kind)) * 7919 + rows) * 104729 + i);
    Leak leak = draw_leak(world, kind, rows, random);
    const std::vector<SampleInput> sample{{"leak", [&] { return memory_source(leak.text, "leak"); }}};
    const auto start = std::chrono::steady_clock::now();
    const Verdict verdict = trace(sample, world.store(), world.key(), {});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    outcomes[i] = judge(world, leak, verdict);
    outcomes[i].seconds = seconds;
    outcomes[i].leaked = std::move(leak.text);
  });
  return outcomes;
}

Tally tally(const std::vector<Outcome>& outcomes) {
  Tally t;
  for (const Outcome& o : outcomes) {
    ++t.cases;
    t.traceable += o.traceable;
    t.right += o.traceable && o.right;
    t.falsely_ours += o.falsely_ours;
    t.falsely_sure += o.falsely_sure;
    t.missed += o.missed;
    t.seconds += o.seconds;
    t.excess += o.excess;
    if (!o.traceable || !o.has_baselines) continue;
    ++t.compared;
    t.counting += o.counting;
    t.guilty += o.guilty;
  }
  return t;
}

}  // namespace sidik::lab
