#include "seal/accusation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sidik {
namespace {

constexpr std::size_t kMostExact = 500;  // a tenth of a second; the cost grows with the square
constexpr double kNormalised = 0.1;      // prior of a channel whose spellings somebody made uniform
/// Shares of symbols that were spelled anew, and their priors.
constexpr std::array<std::array<double, 2>, 4> kRespelled = {{{0.002, 0.5}, {0.02, 0.2}, {0.08, 0.2}, {0.22, 0.1}}};

enum class Strategy { kInterleave, kMajority, kMinority };
struct Coalition {
  unsigned others;
  Strategy strategy;
  double prior;
};
constexpr std::array<Coalition, 10> kCoalitions = {{{0, Strategy::kInterleave, 0.9},
                                                    {1, Strategy::kInterleave, 0.04},
                                                    {1, Strategy::kMajority, 0.004},
                                                    {1, Strategy::kMinority, 0.004},
                                                    {2, Strategy::kInterleave, 0.02},
                                                    {2, Strategy::kMajority, 0.005},
                                                    {2, Strategy::kMinority, 0.005},
                                                    {4, Strategy::kInterleave, 0.012},
                                                    {4, Strategy::kMajority, 0.005},
                                                    {4, Strategy::kMinority, 0.005}}};

double score_of(const SeenMark& seen, bool symbol) {
  const double p = seen.symbol ? seen.bias : 1 - seen.bias;
  return symbol == seen.symbol ? std::sqrt((1 - p) / p) : -std::sqrt(p / (1 - p));
}

/// The share that has what was seen.
double matching(const SeenMark& seen) { return seen.symbol ? seen.bias : 1 - seen.bias; }

double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return std::isinf(b) ? a : a + std::log1p(std::exp(b - a));
}

double log_beta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }

/// P(the coalition's copy shows 1 | `own` of its known members show 1, on average), others drawn by the bias.
double chance_of_one(const Coalition& coalition, double own, double bias) {
  if (coalition.others == 0) return own;
  const double size = coalition.others + 1.0;
  if (coalition.strategy == Strategy::kInterleave) return (own + coalition.others * bias) / size;
  double chance = 0;
  double ways = 1;
  for (unsigned k = 0; k <= coalition.others; ++k) {
    if (k > 0) ways = ways * (coalition.others - k + 1) / k;
    const double odds = ways * std::pow(bias, k) * std::pow(1 - bias, coalition.others - k);
    const double ones = own + k;
    double shows = 0;
    if (ones == 0 || ones == size) {
      shows = ones == 0 ? 0 : 1;
    } else if (2 * ones == size) {
      shows = 0.5;
    } else {
      shows = (2 * ones > size) == (coalition.strategy == Strategy::kMajority) ? 1 : 0;
    }
    chance += odds * shows;
  }
  return chance;
}

}  // namespace

double mark_score(std::span<const SeenMark> seen, std::span<const std::uint8_t> symbols) {
  double score = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) score += score_of(seen[i], symbols[i] != 0);
  return score;
}

InnocentScores::InnocentScores(std::span<const SeenMark> seen) : seen_(seen.begin(), seen.end()) {
  if (seen_.empty() || seen_.size() > kMostExact) return;
  exact_ = true;
  const double root = std::sqrt(static_cast<double>(seen_.size()));
  step_ = 0.05 / root;
  low_ = -8 * root;
  double high = 0;
  for (const SeenMark& mark : seen_) high += score_of(mark, mark.symbol);
  high = std::min(high, 16 * root + 40);
  const auto bins = static_cast<std::size_t>((high - low_) / step_) + seen_.size() + 2;
  // Rounded up: an innocent's score is never made smaller. What falls under low_ is put there, what is above the top
  // stays there.
  std::vector<double> now(bins), next(bins);
  const auto place = [&](double offset) { return static_cast<long>(std::ceil(offset / step_ - 1e-9)); };
  std::size_t first = static_cast<std::size_t>(place(-low_));
  std::size_t last = first;
  now[first] = 1;
  for (const SeenMark& mark : seen_) {
    const double chance = matching(mark);
    const long up = place(score_of(mark, mark.symbol));
    const long down = place(score_of(mark, !mark.symbol));
    const auto moved = [&](std::size_t from, long by) {
      const long to = static_cast<long>(from) + by;
      return static_cast<std::size_t>(std::clamp(to, 0L, static_cast<long>(bins) - 1));
    };
    const std::size_t next_first = moved(first, down);
    const std::size_t next_last = moved(last, up);
    std::fill(next.begin() + static_cast<std::ptrdiff_t>(next_first),
              next.begin() + static_cast<std::ptrdiff_t>(next_last) + 1, 0.0);
    for (std::size_t b = first; b <= last; ++b) {
      if (now[b] == 0) continue;
      next[moved(b, up)] += now[b] * chance;
      next[moved(b, down)] += now[b] * (1 - chance);
    }
    now.swap(next);
    first = next_first;
    last = next_last;
  }
  tails_.assign(bins + 1, 0.0);
  for (std::size_t b = bins; b-- > 0;) tails_[b] = tails_[b + 1] + (b >= first && b <= last ? now[b] : 0.0);
}

double InnocentScores::tail(double score) const {
  if (seen_.empty()) return 1;
  if (!exact_) return chernoff(score);
  const double place = std::floor((score - low_) / step_ + 1e-9);
  if (place <= 0) return 1;
  if (place >= static_cast<double>(tails_.size() - 1)) return chernoff(score);
  return std::min(1.0, tails_[static_cast<std::size_t>(place)]);
}

double InnocentScores::chernoff(double score) const {
  if (score <= 0) return 1;
  // ln E exp(lambda (X - score)) is convex in lambda and any lambda bounds the tail, so Newton's steps need not arrive.
  double lambda = 0;
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    double value = -lambda * score, slope = -score, bend = 0;
    for (const SeenMark& mark : seen_) {
      const double p = matching(mark);
      const double up = score_of(mark, mark.symbol), down = score_of(mark, !mark.symbol);
      const double high = p * std::exp(lambda * up), low = (1 - p) * std::exp(lambda * down);
      const double sum = high + low;
      const double mean = (high * up + low * down) / sum;
      value += std::log(sum);
      slope += mean;
      bend += (high * up * up + low * down * down) / sum - mean * mean;
    }
    best = std::min(best, value);
    if (bend <= 0 || std::abs(slope) < 1e-3 * score) break;
    lambda = std::clamp(lambda - slope / bend, 0.0, lambda + 1);
  }
  return std::exp(best);
}

double family_wise(double tail, std::size_t recipients) {
  if (tail >= 1) return 1;
  return -std::expm1(static_cast<double>(recipients) * std::log1p(-tail));
}

double log_mark_ratio(std::span<const SeenMark> seen, std::span<const std::vector<std::uint8_t>> members,
                      std::span<const double> shares) {
  std::array<std::vector<std::size_t>, kChannels> by_channel;
  for (std::size_t i = 0; i < seen.size(); ++i) by_channel[static_cast<std::size_t>(seen[i].channel)].push_back(i);
  std::vector<double> own(seen.size());
  for (std::size_t m = 0; m < members.size(); ++m)
    for (std::size_t i = 0; i < seen.size(); ++i) own[i] += shares[m] * members[m][i];

  std::array<double, kChannels> unmarked{};
  double all_unmarked = 0;
  for (std::size_t ch = 0; ch < by_channel.size(); ++ch) {
    double ones = 0;
    for (const std::size_t i : by_channel[ch]) ones += seen[i].symbol ? 1 : 0;
    const double all = static_cast<double>(by_channel[ch].size());
    unmarked[ch] = log_beta(ones + 1, all - ones + 1);
    all_unmarked += unmarked[ch];
  }
  double marked = -std::numeric_limits<double>::infinity();
  for (const Coalition& coalition : kCoalitions) {
    double sum = std::log(coalition.prior);
    for (std::size_t ch = 0; ch < by_channel.size(); ++ch) {
      if (by_channel[ch].empty()) continue;
      double channel = std::log(kNormalised) + unmarked[ch];
      for (const auto& [share, prior] : kRespelled) {
        double log = std::log((1 - kNormalised) * prior);
        for (const std::size_t i : by_channel[ch]) {
          const double one = chance_of_one(coalition, own[i], seen[i].bias);
          const double shown = one * (1 - share) + (1 - one) * share;
          log += std::log(seen[i].symbol ? shown : 1 - shown);
        }
        channel = log_add(channel, log);
      }
      sum += channel;
    }
    marked = log_add(marked, sum);
  }
  return marked - all_unmarked;
}

}  // namespace sidik
