// The cases that a wrong model gets wrong (FORMULAS of the design; EVIDENCE.md quotes them), with their figures, on the
// model's own functions.
#include <cmath>
#include <random>
#include <vector>

#include "support/catch.h"
#include "trace/export_likelihood.h"
#include "trace/log_math.h"
#include "trace/mixture.h"
#include "trace/noise.h"
#include "trace/order.h"
#include "trace/outside.h"
#include "trace/selection.h"
#include "trace/unregistered.h"

using namespace sidik;

namespace {

double decades(double nats) { return nats / kLn10; }

struct Spread {
  double mean, low, high;  // 5 and 95 %
};

/// log10 of P(rows | export) / P(rows | strangers) over seeds: `draw(random)` gives the cells of one sample.
template <typename Draw>
Spread against_strangers(int seeds, double a, Draw&& draw) {
  std::vector<double> sums;
  for (int seed = 0; seed < seeds; ++seed) {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed) + 1);
    double sum = 0;
    for (const Cell& cell : draw(random)) {
      const double strangers = std::log(cell.expected) + log_stranger(cell, a);
      const double ours = cell.records > 0 ? std::log(cell.records) : std::log(kUnlinkedRow) + strangers;
      sum += decades(ours - strangers);
    }
    sums.push_back(sum);
  }
  std::sort(sums.begin(), sums.end());
  double mean = 0;
  for (const double sum : sums) mean += sum / seeds;
  return {mean, sums[sums.size() / 20], sums[sums.size() * 19 / 20]};
}

}  // namespace

TEST_CASE("case 1: twenty strangers that fall into full cells are no evidence", "[trace][evidence]") {
  const auto strangers = [](std::mt19937_64& random) {
    std::poisson_distribution<int> records(7);
    std::vector<Cell> cells;
    for (int i = 0; i < 20; ++i) cells.push_back({static_cast<double>(records(random)), 7});
    return cells;
  };
  const Spread spread = against_strangers(1000, INFINITY, strangers);
  CHECK(spread.mean == Approx(-0.76).margin(0.15));
  CHECK(spread.low == Approx(-2.2).margin(0.4));
  CHECK(spread.high == Approx(0.6).margin(0.3));
}

TEST_CASE("case 2: foreign agreement is integrated over on both sides alike", "[trace][evidence]") {
  const double ours = log_noise({600, 400, 0, 0});
  const double foreign = log_beta_binomial(2, 4, 600, 400);
  CHECK(decades(ours - foreign) == Approx(-8.5).margin(0.1));
}

TEST_CASE("case 5: an unregistered date between two and a mixture of the two are alike", "[trace][evidence]") {
  // Sixty rows stand in both exports, twenty as in May, twenty as in June.
  const double unregistered = log_between({60, 20, 20, 1000, 1000}, 0.01);
  std::vector<MixtureClass> classes{{60, {-std::log(1000.0), -std::log(1000.0)}},
                                    {20, {-std::log(1000.0), kLogZero}},
                                    {20, {kLogZero, -std::log(1000.0)}}};
  CHECK(fit_mixture(classes, 2).log_marginal == Approx(unregistered).margin(1e-6));
}

TEST_CASE("case 6: a region's feed gains at most ten over the warehouse", "[trace][evidence]") {
  for (const double share : {0.5, 0.2, 1e-3, 1e-6}) {
    const double warehouse = log_selection(std::vector<double>{log_condition(20, 0, share)});
    const double feed = log_condition(20, 0, share);
    CHECK(std::exp(feed - warehouse) == Approx(10.0).epsilon(0.02));
  }
}

TEST_CASE("case 7: thirty stale rows of 1,900 that changed are stale, not a second source", "[trace][evidence]") {
  const double stale = log_beta_binomial(kStaleAlpha, kStaleBeta, 30, 1870);
  const double second = log_beta_binomial(1, 1, 30, 1870);
  CHECK(decades(stale - second) == Approx(1.2).margin(0.1));
}

TEST_CASE("case 8: a few errors in one row cost little, a few per cent of foreign addresses more",
          "[trace][evidence]") {
  const auto odds = [](double damaged) {
    return decades(log_noise({1000 - damaged, damaged, 0, 0}) - log_beta_binomial(2, 4, 1000 - damaged, damaged));
  };
  CHECK(odds(0) - odds(1) == Approx(0.6).margin(0.05));
  CHECK(odds(0) - odds(30) == Approx(4.3).margin(0.1));
}

TEST_CASE("case 10: twenty strangers of one region are not ours, for outsiders may filter as well",
          "[trace][evidence]") {
  // Against that region's feed, a fifth of the population: the unfiltered stranger's cell is five times as wide.
  const double unfiltered = 20 * std::log(5.0);
  CHECK(decades(unfiltered) == Approx(14).margin(0.1));
  const double filtered = log_selection(std::vector<double>{log_condition(20, 0, 0.2)});
  CHECK(decades(unfiltered - filtered) < 1.1);
}

TEST_CASE("case 11: a thousand strangers among clumped cells are not ours, members are", "[trace][evidence]") {
  // Cells of a population differ by more than their marginals say: log-normal, 0.5, seven records a cell on average.
  const auto clump = [](std::mt19937_64& random) {
    std::normal_distribution<double> normal(-0.125, 0.5);
    return 7 * std::exp(normal(random));
  };
  std::mt19937_64 random(5);
  std::vector<Cell> random_cells;
  for (int i = 0; i < 20000; ++i) {
    random_cells.push_back({static_cast<double>(std::poisson_distribution<int>(clump(random))(random)), 7});
  }
  const double a = clumping(random_cells);
  CHECK(a == Approx(1 / (std::exp(0.25) - 1)).epsilon(0.15));

  // Both strangers and members fall into a clump as often as it is large; a member's cell holds the member as well.
  const auto rows_of = [&](int member) {
    return [&clump, member](std::mt19937_64& generator) {
      std::vector<Cell> cells;
      std::uniform_real_distribution<double> uniform(0, 1);
      while (cells.size() < 1000) {
        const double size = clump(generator);
        if (uniform(generator) * 7 * 12 > size) continue;
        cells.push_back({static_cast<double>(std::poisson_distribution<int>(size)(generator) + member), 7});
      }
      return cells;
    };
  };
  const Spread strangers = against_strangers(40, a, rows_of(0));
  CHECK(strangers.high < -10);
  CHECK(against_strangers(40, INFINITY, rows_of(0)).mean > 5);  // by the product of the marginals: falsely ours
  CHECK(against_strangers(40, a, rows_of(1)).mean == Approx(13).margin(4));
}

TEST_CASE("order: three positions within 207 of 222 million are worth ten decades", "[trace][evidence]") {
  const std::uint64_t positions[] = {1000, 1100, 1207};
  CHECK(*log10_slice(positions, 222000000) == Approx(10.0).margin(0.01));
  CHECK_FALSE(log10_slice(std::span(positions).first(1), 222000000).has_value());
}

TEST_CASE("one more source of a million disjoint rows costs 13.8 nats, of one row in a hundred that differs 0.7",
          "[trace][evidence]") {
  const std::vector<MixtureClass> disjoint{{1e6, {0, kLogZero}}, {1e6, {kLogZero, 0}}};
  const MixtureFit fit = fit_mixture(disjoint, 2);
  CHECK(fit.shares[0] == Approx(0.5));
  const std::vector<MixtureClass> alone{{1e6, {0, kLogZero}}};
  CHECK(-fit_mixture(alone, 2).log_marginal == Approx(13.8).margin(0.1));
  const std::vector<MixtureClass> alike{{99, {0, 0}}, {1, {0, kLogZero}}};
  CHECK(-fit_mixture(alike, 2).log_marginal == Approx(0.69).margin(0.01));
}

TEST_CASE("Laplace's method for three sources agrees with quadrature", "[trace][evidence]") {
  const std::vector<MixtureClass> classes{{60, {0, 0, 0}}, {40, {0, -3, -4}}, {30, {-4, 0, -2}}, {30, {-5, -3, 0}}};
  const auto log_at = [&](double p, double q) {
    double sum = 0;
    for (const MixtureClass& rows : classes) {
      sum += rows.rows *
             std::log(p * std::exp(rows.logs[0]) + q * std::exp(rows.logs[1]) + (1 - p - q) * std::exp(rows.logs[2]));
    }
    return sum;
  };
  constexpr int kSteps = 800;
  double top = kLogZero;
  for (int i = 0; i < kSteps; ++i) {
    for (int j = 0; i + j < kSteps; ++j) top = std::max(top, log_at((i + 0.33) / kSteps, (j + 0.33) / kSteps));
  }
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    for (int j = 0; i + j < kSteps; ++j) sum += std::exp(log_at((i + 0.33) / kSteps, (j + 0.33) / kSteps) - top);
  }
  const double exact = top + std::log(2 * sum / kSteps / kSteps);
  CHECK(fit_mixture(classes, 3).log_marginal == Approx(exact).margin(0.15));
}

TEST_CASE("integrals hold over peaks a millionth of their interval wide", "[trace][evidence]") {
  for (const double n : {1.0, 100.0, 1e6, 1e9}) {
    const auto integrand = [&](double p) { return n * 0.3 * std::log(p) + n * 0.7 * std::log1p(-p); };
    CHECK(log_integral(integrand, 0, 1) == Approx(log_beta(1 + 0.3 * n, 1 + 0.7 * n)).margin(1e-5));
  }
}
