#include "lab/score.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "lab/oracle.h"
#include "trace/trace.h"

namespace sidik::lab {
namespace {

Outcome judge(const World& world, const Leak& leak, const Verdict& verdict) {
  Outcome outcome;
  outcome.kind = leak.kind;
  outcome.rows = leak.rows_asked;
  outcome.said = verdict.summary;
  outcome.missed = is_ours(leak.kind) && verdict.origin == Origin::kNotOurs;
  outcome.falsely_ours = !is_ours(leak.kind) && verdict.origin == Origin::kOurs;
  const Source* best = verdict.sources.empty() ? nullptr : &verdict.sources.front();
  if (best != nullptr) outcome.best_posterior = best->posterior;
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
  }
  return t;
}

std::string report(const std::vector<Outcome>& outcomes) {
  std::map<std::pair<LeakKind, std::size_t>, std::vector<Outcome>> groups;
  for (const Outcome& o : outcomes) groups[{o.kind, o.rows}].push_back(o);
  std::string out = "leak                 rows  cases  traceable  right  falsely ours  falsely sure  missed  s/case\n";
  for (const auto& [key, group] : groups) {
    const Tally t = tally(group);
    out += format("%-18s %6zu %6zu %10zu %6zu %13zu %13zu %7zu %7.3f\n", std::string(leak_name(key.first)).c_str(),
                  key.second, t.cases, t.traceable, t.right, t.falsely_ours, t.falsely_sure, t.missed,
                  t.seconds / static_cast<double>(t.cases));
  }
  out += "\nposterior of the best source    cases  right\n";
  for (const auto& [from, to] :
       {std::pair{0.0, 0.2}, {0.2, 0.4}, {0.4, 0.6}, {0.6, 0.8}, {0.8, 0.9}, {0.9, 0.99}, {0.99, 1.01}}) {
    std::size_t cases = 0;
    std::size_t right = 0;
    for (const Outcome& o : outcomes)
      if (o.best_posterior > from && o.best_posterior <= to && is_ours(o.kind)) {
        ++cases;
        right += o.best_is_right;
      }
    if (cases != 0)
      out += format("%.2f to %.2f                  %6zu  %5.1f %%\n", from, std::min(to, 1.0), cases,
                    100.0 * static_cast<double>(right) / static_cast<double>(cases));
  }
  return out;
}

}  // namespace sidik::lab
