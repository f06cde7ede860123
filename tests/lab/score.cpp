#include "lab/score.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "lab/oracle.h"
#include "trace/trace.h"

namespace sidik::lab {
namespace {

/// ln 2 of the odds' loss, both clipped as FORMULAS says.
double bits(double probability) { return -std::log2(std::clamp(probability, 0.01, 0.99)); }

double posterior_of(const Verdict& verdict, const std::string& name) {
  const auto found =
      std::find_if(verdict.sources.begin(), verdict.sources.end(), [&](const Source& s) { return s.name == name; });
  return found == verdict.sources.end() ? 0 : found->posterior;
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

/// What the sources of one oracle's group have of a sample, each weighed by its posterior.
double share_of(const World& world, const Verdict& verdict, const std::vector<std::size_t>& group) {
  double share = 0;
  for (const std::size_t e : group)
    for (const Source& source : verdict.sources) {
      if (source.name == world.exports()[e].name) share += source.posterior * source.share;
    }
  return share;
}

void judge_mixture(const World& world, const Leak& leak, const Verdict& verdict, Outcome& outcome) {
  Leak second = leak;
  second.source = leak.partner;
  second.source_rows = leak.partner_rows;
  const OracleAnswer a = ask_oracle(world, leak);
  const OracleAnswer b = ask_oracle(world, second);
  const bool apart = std::none_of(a.group.begin(), a.group.end(), [&](std::size_t e) {
    return std::find(b.group.begin(), b.group.end(), e) != b.group.end();
  });
  // A sample as a whole that one export explains is no mixture to anybody.
  const auto whole = [](const OracleAnswer& answer, std::size_t e, std::size_t rows) {
    return answer.held[e] >= static_cast<double>(rows) - 0.5;
  };
  bool one_for_all = false;
  for (std::size_t e = 0; e < world.exports().size(); ++e) {
    one_for_all = one_for_all || (whole(a, e, leak.source_rows.size()) && whole(b, e, leak.partner_rows.size()));
  }
  outcome.traceable = a.traceable && b.traceable && apart && !one_for_all;
  const double rows = static_cast<double>(leak.source_rows.size() + leak.partner_rows.size());
  const double first = static_cast<double>(leak.source_rows.size()) / rows;
  outcome.best_is_right = std::abs(share_of(world, verdict, a.group) - first) <= 0.05 &&
                          std::abs(share_of(world, verdict, b.group) - (1 - first)) <= 0.05;
  outcome.right = outcome.best_is_right && verdict.origin == Origin::kOurs;
}

Outcome judge(const World& world, const Leak& leak, const Verdict& verdict) {
  Outcome outcome;
  outcome.kind = leak.kind;
  outcome.rows = leak.rows_asked;
  outcome.said = verdict.summary;
  outcome.ours = verdict.hypotheses[0] + verdict.hypotheses[1] + verdict.hypotheses[2];
  outcome.missed = is_ours(leak.kind) && verdict.origin == Origin::kNotOurs;
  outcome.falsely_ours = !is_ours(leak.kind) && verdict.origin == Origin::kOurs;
  const Source* best = verdict.sources.empty() ? nullptr : &verdict.sources.front();
  if (best != nullptr) outcome.best_posterior = best->posterior;
  if (leak.partner) {
    judge_mixture(world, leak, verdict, outcome);
    return outcome;
  }
  if (!leak.source) {
    outcome.falsely_sure = best != nullptr && best->posterior >= 0.9;
    return outcome;
  }
  const OracleAnswer oracle = ask_oracle(world, leak);
  outcome.traceable = oracle.traceable;
  if (best != nullptr)
    outcome.best_is_right = std::any_of(oracle.group.begin(), oracle.group.end(),
                                        [&](std::size_t e) { return world.exports()[e].name == best->name; });
  outcome.right = outcome.best_is_right && verdict.origin == Origin::kOurs;
  outcome.falsely_sure = best != nullptr && !outcome.best_is_right && best->posterior >= 0.9;
  outcome.excess =
      bits(posterior_of(verdict, world.exports()[*leak.source].name)) - bits(oracle.posterior[*leak.source]);
  outcome.counting = share_right(oracle.held, oracle.group);
  std::vector<double> guilty;
  for (const double innocent : oracle.log_innocent) guilty.push_back(-innocent);
  outcome.guilty = share_right(guilty, oracle.group);
  return outcome;
}

std::string format(const char* pattern, auto... values) {
  char line[512];
  std::snprintf(line, sizeof line, pattern, values...);
  return line;
}

}  // namespace

std::vector<Outcome> try_leaks(const World& world, LeakKind kind, std::size_t rows, std::size_t cases,
                               std::uint64_t seed) {
  std::vector<Outcome> outcomes;
  std::mt19937_64 random(seed * 1000003 + static_cast<std::uint64_t>(kind) * 7919 + rows);
  for (std::size_t i = 0; i < cases; ++i) {
    const Leak leak = draw_leak(world, kind, rows, random);
    const std::vector<SampleInput> sample{{"leak", [&] { return memory_source(leak.text, "leak"); }}};
    const auto start = std::chrono::steady_clock::now();
    const Verdict verdict = trace(sample, world.store(), world.key(), {});
    Outcome outcome = judge(world, leak, verdict);
    outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    outcomes.push_back(std::move(outcome));
  }
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
    if (o.traceable) {
      t.counting += o.counting;
      t.guilty += o.guilty;
    }
  }
  return t;
}

namespace {

/// Wilson's 95 % interval of a share.
std::pair<double, double> wilson(double hits, double all) {
  constexpr double z = 1.96;
  const double p = hits / all;
  const double middle = (p + z * z / (2 * all)) / (1 + z * z / all);
  const double half = z / (1 + z * z / all) * std::sqrt(p * (1 - p) / all + z * z / (4 * all * all));
  return {middle - half, middle + half};
}

std::string reliability(const char* title, const std::vector<std::pair<double, bool>>& said) {
  std::string out = format("\n%-32s cases   mean said  came true  95 %% interval\n", title);
  for (const auto& [from, to] : {std::pair{-1.0, 0.05},
                                 {0.05, 0.2},
                                 {0.2, 0.4},
                                 {0.4, 0.6},
                                 {0.6, 0.8},
                                 {0.8, 0.95},
                                 {0.95, 0.99},
                                 {0.99, 1.01}}) {
    double cases = 0;
    double sum = 0;
    double hits = 0;
    for (const auto& [probability, right] : said) {
      if (probability <= from || probability > to) continue;
      cases += 1;
      sum += probability;
      hits += right ? 1 : 0;
    }
    if (cases == 0) continue;
    const auto [low, high] = wilson(hits, cases);
    out += format("%.2f to %.2f                     %6.0f     %6.3f     %6.3f  %.3f to %.3f\n", std::max(from, 0.0),
                  std::min(to, 1.0), cases, sum / cases, hits / cases, low, high);
  }
  return out;
}

}  // namespace

std::string report(const std::vector<Outcome>& outcomes) {
  std::map<std::pair<LeakKind, std::size_t>, std::vector<Outcome>> groups;
  std::map<LeakKind, std::vector<Outcome>> kinds;
  for (const Outcome& o : outcomes) groups[{o.kind, o.rows}].push_back(o);
  for (const Outcome& o : outcomes) kinds[o.kind].push_back(o);
  struct Line {
    double wrong;
    std::string text;
  };
  std::vector<Line> lines;
  for (const auto& [key, group] : groups) {
    const Tally t = tally(group);
    const auto part = [&](double of) { return 100 * of / std::max(1.0, static_cast<double>(t.traceable)); };
    const double wrong = static_cast<double>(t.traceable - t.right + t.falsely_ours + t.falsely_sure + t.missed);
    lines.push_back({wrong / static_cast<double>(t.cases),
                     format("%-18s %6zu %6zu %10zu %6zu %13zu %13zu %7zu %7.2f %9.0f %7.0f %7.3f\n",
                            std::string(leak_name(key.first)).c_str(), key.second, t.cases, t.traceable, t.right,
                            t.falsely_ours, t.falsely_sure, t.missed, t.excess / static_cast<double>(t.cases),
                            part(t.counting), part(t.guilty), t.seconds / static_cast<double>(t.cases))});
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.wrong > b.wrong; });
  std::string out =
      "leak                 rows  cases  traceable  right  falsely ours  falsely sure  missed  excess  counting  "
      "guilty  s/case\n";
  for (const Line& line : lines) out += line.text;
  const Tally all = tally(outcomes);
  out += format("%-18s %6s %6zu %10zu %6zu %13zu %13zu %7zu\n", "all", "", all.cases, all.traceable, all.right,
                all.falsely_ours, all.falsely_sure, all.missed);
  double excess = 0;
  double with_source = 0;
  for (const auto& [kind, group] : kinds) {
    if (!is_ours(kind) || kind == LeakKind::kMixture || kind == LeakKind::kUnregistered) continue;
    excess += tally(group).excess / static_cast<double>(group.size());
    with_source += 1;
  }
  if (with_source > 0)
    out += format("excess log loss, kinds weighed equally: %.3f bits a case\n", excess / with_source);
  std::vector<std::pair<double, bool>> ours;
  std::vector<std::pair<double, bool>> best;
  for (const Outcome& o : outcomes) {
    ours.emplace_back(o.ours, is_ours(o.kind));
    if (is_ours(o.kind) && o.kind != LeakKind::kMixture) best.emplace_back(o.best_posterior, o.best_is_right);
  }
  return out + reliability("P(ours)", ours) + reliability("posterior of the best source", best);
}

}  // namespace sidik::lab
