#include "lab/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "trace/priors.h"

namespace sidik::lab {
namespace {

std::string format(const char* pattern, auto... values) {
  char line[512];
  std::snprintf(line, sizeof line, pattern, values...);
  return line;
}

/// Wilson's 95 % interval of a share.
std::pair<double, double> wilson(double hits, double all) {
  constexpr double z = 1.96;
  const double p = hits / all;
  const double middle = (p + z * z / (2 * all)) / (1 + z * z / all);
  const double half = z / (1 + z * z / all) * std::sqrt(p * (1 - p) / all + z * z / (4 * all * all));
  return {middle - half, middle + half};
}

struct Said {
  double probability;
  bool true_;
  double weight;
};

/// What the priors have of a kind: of ours, leaks whose truth was drawn, all alike; of outsiders, each its own.
double prior_of(LeakKind kind) {
  const Priors priors;
  switch (kind) {
    case LeakKind::kStrangers:
      return priors.outside(Hypothesis::kStrangers, true);
    case LeakKind::kForeign:
      return priors.outside(Hypothesis::kSamePeopleElsewhere, true);
    case LeakKind::kShuffled:
    case LeakKind::kInvented:
      return priors.outside(Hypothesis::kFabricated, true) / 2;
    case LeakKind::kExternal:
      return priors.outside(Hypothesis::kKnownLeak, true);
    default:
      return draws_truth(kind) ? priors.ours / 16 : 0;
  }
}

std::string reliability(const char* title, const std::vector<Said>& said) {
  std::string out = format("\n%-32s cases   mean said  came true  95 %% interval\n", title);
  for (const auto& [from, to] : {std::pair{-1.0, 0.05},
                                 {0.05, 0.2},
                                 {0.2, 0.4},
                                 {0.4, 0.6},
                                 {0.6, 0.8},
                                 {0.8, 0.95},
                                 {0.95, 0.99},
                                 {0.99, 1.01}}) {
    double cases = 0, all = 0, squares = 0, sum = 0, hits = 0;
    for (const Said& one : said) {
      if (one.probability <= from || one.probability > to || one.weight == 0) continue;
      cases += 1;
      all += one.weight;
      squares += one.weight * one.weight;
      sum += one.weight * one.probability;
      hits += one.true_ ? one.weight : 0;
    }
    if (cases == 0) continue;
    const double effective = all * all / squares;
    const auto [low, high] = wilson(effective * hits / all, effective);
    const double mean = sum / all;
    out += format("%.2f to %.2f                     %6.0f     %6.3f     %6.3f  %.3f to %.3f%s\n", std::max(from, 0.0),
                  std::min(to, 1.0), cases, mean, hits / all, low, high, mean < low || mean > high ? "  *" : "");
  }
  return out;
}

const char* truth_name(Truth truth) {
  constexpr const char* kNames[] = {"registered export", "mixture",    "unregistered", "known leak",
                                    "same people",       "fabricated", "strangers",    "several outsiders"};
  return kNames[static_cast<int>(truth)];
}

std::string by_truth(const std::vector<Outcome>& outcomes) {
  std::map<Truth, std::vector<Outcome>> truths;
  for (const Outcome& o : outcomes) truths[o.truth].push_back(o);
  std::string out = "\ntruth              cases  traceable  right   share  excess\n";
  for (const auto& [truth, group] : truths) {
    const Tally t = tally(group);
    out += format("%-17s %6zu %10zu %6zu %6.1f%% %7.3f\n", truth_name(truth), t.cases, t.traceable, t.right,
                  100 * static_cast<double>(t.right) / std::max(1.0, static_cast<double>(t.traceable)),
                  t.excess / static_cast<double>(t.cases));
  }
  return out;
}

}  // namespace

std::string report(const std::vector<Outcome>& outcomes) {
  std::map<LeakKind, std::vector<Outcome>> kinds;
  for (const Outcome& o : outcomes) kinds[o.kind].push_back(o);
  struct Line {
    double wrong;
    std::string text;
  };
  std::vector<Line> lines;
  for (const auto& [kind, group] : kinds) {
    const Tally t = tally(group);
    const auto part = [&](double of) { return 100 * of / std::max(1.0, static_cast<double>(t.compared)); };
    const double wrong = static_cast<double>(t.traceable - t.right + t.falsely_ours + t.falsely_sure + t.missed);
    const double cases = static_cast<double>(t.cases);
    std::string text =
        format("%-18s %6zu %10zu %6zu %13zu %13zu %7zu %7.3f", std::string(leak_name(kind)).c_str(), t.cases,
               t.traceable, t.right, t.falsely_ours, t.falsely_sure, t.missed, t.excess / cases);
    text += t.compared > 0 ? format(" %9.0f %7.0f", part(t.counting), part(t.guilty)) : format(" %9s %7s", "", "");
    lines.push_back({wrong / cases + 1e-3 * t.excess / cases, text + format(" %7.3f\n", t.seconds / cases)});
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.wrong > b.wrong; });
  std::string out =
      "leak                cases  traceable  right  falsely ours  falsely sure  missed  excess  counting  guilty  "
      "s/case\n";
  for (const Line& line : lines) out += line.text;
  const Tally all = tally(outcomes);
  out += format("%-18s %6zu %10zu %6zu %13zu %13zu %7zu\n", "all", all.cases, all.traceable, all.right,
                all.falsely_ours, all.falsely_sure, all.missed);
  double excess = 0;
  double excess_ours = 0;
  double ours = 0;
  for (const auto& [kind, group] : kinds) {
    const double mean = tally(group).excess / static_cast<double>(group.size());
    excess += mean;
    if (!is_ours(kind)) continue;
    excess_ours += mean;
    ours += 1;
  }
  if (!kinds.empty()) {
    out += format("log loss beyond the oracle's, kinds weighed equally: %.3f bits a case (what is ours: %.3f)\n",
                  excess / static_cast<double>(kinds.size()), ours > 0 ? excess_ours / ours : 0.0);
  }
  out += format("right of traceable: %.2f %%; baselines: counting %.1f %%, guilty agents %.1f %% of %zu\n",
                100 * static_cast<double>(all.right) / std::max(1.0, static_cast<double>(all.traceable)),
                100 * all.counting / std::max<double>(1, static_cast<double>(all.compared)),
                100 * all.guilty / std::max<double>(1, static_cast<double>(all.compared)), all.compared);
  std::vector<Said> said_ours;
  std::vector<Said> said_source;
  for (const Outcome& o : outcomes) {
    const double weight = prior_of(o.kind) / static_cast<double>(kinds[o.kind].size());
    said_ours.push_back({o.ours, is_ours(o.kind), weight});
    said_source.push_back({o.best_posterior, o.best_is_true, weight});
  }
  return out + by_truth(outcomes) + reliability("P(ours)", said_ours) +
         reliability("posterior of the best source", said_source);
}

}  // namespace sidik::lab
