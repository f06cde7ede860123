#include "trace/column_dependence.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "trace/agreement.h"

namespace sidik {
namespace {

constexpr std::size_t kMostRows = 1000;
constexpr std::uint64_t kHouseholdLines = 5;
constexpr double kOnePerson = 2.0 / 3;  // of what two rows say
constexpr double kFewest = 3;           // pairs that are alike in two fields
constexpr double kNoChance = 1e-5;      // odds of so many, were the fields independent
constexpr double kUnseen = 0.05;        // pairs, so that a few of hardly any are no proof of certainty

/// P(X >= k) for a Poisson variable of that mean, from above (Chernoff).
double poisson_tail(double k, double mean) { return k <= mean ? 1 : std::exp(k - mean - k * std::log(k / mean)); }

/// A pair of rows: what both show, and in what they are alike.
struct Likeness {
  FieldMask shown = 0, alike = 0;
  bool operator==(const Likeness&) const = default;
};
struct LikenessHash {
  std::size_t operator()(const Likeness& one) const { return std::hash<FieldMask>()(one.shown * 31 + one.alike); }
};
using LikenessCounts = std::unordered_map<Likeness, double, LikenessHash>;

LikenessCounts strange_pairs(const FieldPlan& plan, const ReadRows& rows, FieldMask personal) {
  const std::size_t count = std::min(rows.rows, kMostRows);
  const std::size_t fields = plan.fields();
  std::vector<ColumnCode> codes(count * fields);
  std::vector<unsigned> said(count);  // steps of information
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t f = 0; f < fields; ++f) {
      const bool shown = (rows.visible[r] >> f & 1) != 0;
      codes[r * fields + f] = shown ? rows.codes[r * plan.readings().size() + plan.first_reading(f)] : kNullCode;
      said[r] += rows.information[r * fields + f];
    }
  }
  // What most rows show goes with everything: a column's rare values are tied, or none (the clerk of an office, where
  // programs wrote half of the rows).
  std::vector<unsigned> common_below(fields);
  for (std::size_t f = 0; f < fields; ++f) {
    unsigned steps = 0, shown = 0;
    for (std::size_t r = 0; r < count; ++r) {
      steps += rows.information[r * fields + f];
      shown += codes[r * fields + f] != kNullCode ? 1 : 0;
    }
    common_below[f] = shown > 0 ? steps / (2 * shown) : 0;
  }
  LikenessCounts counts;
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t other = 0; other < r; ++other) {
      const std::uint64_t lines =
          std::max(rows.place[r], rows.place[other]) - std::min(rows.place[r], rows.place[other]);
      if (lines < kHouseholdLines) continue;
      // What repeats another value of its row is worth little already.
      const FieldMask repeats = rows.repeats[r] & rows.repeats[other];
      Likeness pair{rows.visible[r] & rows.visible[other] & ~repeats, 0};
      unsigned common = 0;
      for (std::size_t f = 0; f < fields; ++f) {
        const ColumnCode code = codes[r * fields + f];
        if (code != codes[other * fields + f] || code == kNullCode ||
            rows.information[r * fields + f] < common_below[f])
          continue;
        pair.alike |= FieldMask{1} << f & ~repeats;
        common += rows.information[r * fields + f];
      }
      if ((pair.alike & personal) != 0 || common > kOnePerson * std::min(said[r], said[other])) continue;
      counts[pair] += 1;
    }
  }
  return counts;
}

}  // namespace

std::vector<double> dependence_lifts(const FieldPlan& plan, const ReadRows& rows, FieldMask personal) {
  const std::size_t fields = plan.fields();
  const LikenessCounts pairs = strange_pairs(plan, rows, personal);
  std::vector<double> lifts(fields * fields);
  for (std::size_t f = 0; f < fields; ++f) {
    for (std::size_t g = 0; g < f; ++g) {
      const FieldMask one = FieldMask{1} << f;
      const FieldMask other = FieldMask{1} << g;
      double all = 0, first = 0, second = 0, both = 0;
      for (const auto& [pair, n] : pairs) {
        if ((pair.shown & one) == 0 || (pair.shown & other) == 0) continue;
        all += n;
        first += (pair.alike & one) != 0 ? n : 0;
        second += (pair.alike & other) != 0 ? n : 0;
        both += (pair.alike & one) != 0 && (pair.alike & other) != 0 ? n : 0;
      }
      const double expected = all > 0 ? first * second / all : 0;
      if (both < kFewest || poisson_tail(both, expected) > kNoChance) continue;
      lifts[f * fields + g] = lifts[g * fields + f] = std::max(0.0, std::log(both / (expected + kUnseen)));
    }
  }
  return lifts;
}

void count_ties_once(std::span<AgreementClass> classes, std::span<const double> lifts) {
  if (std::all_of(lifts.begin(), lifts.end(), [](double lift) { return lift == 0; })) return;
  for (AgreementClass& one : classes) {
    if (one.matches.empty()) continue;
    const std::size_t fields = one.information.size();
    std::vector<double> tie(fields);  // to those that are in the tree
    FieldMask left = one.matches.front().agrees;
    for (bool root = true; left != 0; root = false) {
      std::size_t next = static_cast<std::size_t>(std::countr_zero(left));
      for (std::size_t f = next + 1; f < fields; ++f) {
        if ((left >> f & 1) == 0) continue;
        if (root ? one.information[f] > one.information[next] : tie[f] > tie[next]) next = f;
      }
      left &= ~(FieldMask{1} << next);
      one.information[next] = std::max(0.0, one.information[next] - tie[next]);
      for (std::size_t f = 0; f < fields; ++f) tie[f] = std::max(tie[f], lifts[f * fields + next]);
    }
  }
}

}  // namespace sidik
