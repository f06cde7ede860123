#include "trace/share_interval.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "trace/row_finding.h"

namespace sidik {
namespace {

constexpr std::size_t kMostBlocks = 20, kLeastBlock = 10, kDraws = 2000;
constexpr double kTail = 0.025, kZ = 1.959963984540054, kDesignEffect = 2;

ShareInterval wilson(double share, double cases) {
  const double n = std::max(1.0, cases / kDesignEffect);
  const double centre = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ / (1 + kZ * kZ / n) * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return {centre - half, centre + half};
}

}  // namespace

ShareInterval block_interval(std::span<const char> cases) {
  if (cases.empty()) return {};
  const auto so = static_cast<double>(std::count(cases.begin(), cases.end(), char{1}));
  const double share = so / static_cast<double>(cases.size());
  ShareInterval interval = wilson(share, static_cast<double>(cases.size()));
  const std::size_t blocks =
      std::min(kMostBlocks, cases.size() >= 2 * kLeastBlock ? cases.size() / kLeastBlock : cases.size());
  if (blocks >= 2) {
    struct Block {
      double so = 0, all = 0;
    };
    std::vector<Block> of(blocks);
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t from = b * cases.size() / blocks;
      const std::size_t to = (b + 1) * cases.size() / blocks;
      of[b].all = static_cast<double>(to - from);
      of[b].so = static_cast<double>(std::count(cases.begin() + static_cast<std::ptrdiff_t>(from),
                                                cases.begin() + static_cast<std::ptrdiff_t>(to), char{1}));
    }
    std::vector<double> shares;
    std::uint64_t state = 0x5349444b;
    for (std::size_t draw = 0; draw < kDraws; ++draw) {
      Block sum;
      for (std::size_t b = 0; b < blocks; ++b) {
        const Block& drawn = of[mixed(++state) % blocks];
        sum.so += drawn.so;
        sum.all += drawn.all;
      }
      shares.push_back(sum.so / sum.all);
    }
    std::sort(shares.begin(), shares.end());
    const auto few = static_cast<double>(blocks);
    const double t = boost::math::quantile(boost::math::complement(boost::math::students_t(few - 1), kTail));
    const double tail = boost::math::cdf(boost::math::normal(), -t * std::sqrt(few / (few - 1)));
    const auto at = [&](double p) {
      return shares[static_cast<std::size_t>(std::lround(p * static_cast<double>(kDraws - 1)))];
    };
    interval.low = std::min(interval.low, at(tail));
    interval.high = std::max(interval.high, at(1 - tail));
  }
  return {std::clamp(interval.low, 0.0, share), std::clamp(interval.high, share, 1.0)};
}

}  // namespace sidik
