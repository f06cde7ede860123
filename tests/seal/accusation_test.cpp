#include "seal/accusation.h"

#include <cmath>
#include <random>

#include "support/catch.h"

namespace sidik {
namespace {

std::vector<SeenMark> random_marks(std::mt19937_64& random, std::size_t count) {
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<SeenMark> seen(count);
  for (SeenMark& mark : seen) {
    const double cut = std::asin(std::sqrt(1.0 / 900));
    const double sine = std::sin(cut + uniform(random) * (1.5707963267948966 - 2 * cut));
    mark.bias = sine * sine;
    mark.symbol = uniform(random) < mark.bias;
  }
  return seen;
}

std::vector<std::uint8_t> innocent(std::mt19937_64& random, const std::vector<SeenMark>& seen) {
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<std::uint8_t> symbols;
  for (const SeenMark& mark : seen) symbols.push_back(uniform(random) < mark.bias ? 1 : 0);
  return symbols;
}

/// The likelihood ratio of one recipient as the only known source.
double ratio_of(const std::vector<SeenMark>& seen, std::vector<std::uint8_t> symbols) {
  const std::vector<std::vector<std::uint8_t>> members = {std::move(symbols)};
  const double whole[] = {1.0};
  return log_mark_ratio(seen, members, whole);
}

}  // namespace

TEST_CASE("the tail of few positions is the sum over all innocents", "[seal][accusation]") {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 20; ++trial) {
    const auto seen = random_marks(random, 10);
    const InnocentScores scores(seen);
    for (unsigned claimed = 0; claimed < 1024; claimed += 37) {
      std::vector<std::uint8_t> symbols(10);
      for (unsigned i = 0; i < 10; ++i) symbols[i] = (claimed >> i) & 1;
      const double score = mark_score(seen, symbols);
      double exact = 0;
      for (unsigned all = 0; all < 1024; ++all) {
        double odds = 1;
        for (unsigned i = 0; i < 10; ++i) {
          symbols[i] = (all >> i) & 1;
          odds *= symbols[i] != 0 ? seen[i].bias : 1 - seen[i].bias;
        }
        if (mark_score(seen, symbols) >= score - 1e-12) exact += odds;
      }
      const double tail = scores.tail(score);
      CHECK(tail >= exact * (1 - 1e-9));
      if (exact < 0.9) CHECK(scores.tail(score + 0.2) <= exact * (1 + 1e-9));
    }
  }
}

TEST_CASE("no more innocents are accused than the stated bound", "[seal][accusation]") {
  std::mt19937_64 random(2);
  constexpr int kAccusations = 100000;
  int named[3] = {0, 0, 0};
  const double bounds[3] = {0.1, 0.01, 0.001};
  for (int sample = 0; sample < kAccusations / 1000; ++sample) {
    auto seen = random_marks(random, 40);
    if (sample % 2 == 1)  // a minority attack: what was seen is what the biases make rare
      for (SeenMark& mark : seen) mark.symbol = mark.bias < 0.5;
    const InnocentScores scores(seen);
    for (int i = 0; i < 1000; ++i) {
      const double tail = scores.tail(mark_score(seen, innocent(random, seen)));
      for (int b = 0; b < 3; ++b) named[b] += tail <= bounds[b] ? 1 : 0;
    }
  }
  for (int b = 0; b < 3; ++b) {
    const double expected = bounds[b] * kAccusations;
    CHECK(named[b] <= expected + 4 * std::sqrt(expected));
  }
}

TEST_CASE("an innocent's score has mean 0 and variance 1 a position", "[seal][accusation]") {
  std::mt19937_64 random(3);
  double sum = 0, squares = 0;
  constexpr int kTries = 4000;
  for (int i = 0; i < kTries; ++i) {
    const auto seen = random_marks(random, 50);
    const double score = mark_score(seen, innocent(random, seen));
    sum += score;
    squares += score * score;
  }
  CHECK(std::abs(sum / kTries) < 0.5);
  CHECK(std::abs(squares / kTries - 50) < 12);
}

TEST_CASE("Chernoff's bound holds where the tail is not computed", "[seal][accusation]") {
  std::mt19937_64 random(4);
  const auto many = random_marks(random, 1600);
  std::vector<SeenMark> few(many.begin(), many.begin() + 480);
  const InnocentScores bound(many), exact(few);
  std::vector<std::uint8_t> own;
  for (const SeenMark& mark : many) own.push_back(mark.symbol ? 1 : 0);
  CHECK(bound.tail(mark_score(many, own)) < 1e-100);
  CHECK(bound.tail(3 * std::sqrt(1600.0)) < 0.02);
  CHECK(bound.tail(3 * std::sqrt(1600.0)) > 0.001);
  CHECK(exact.tail(3 * std::sqrt(480.0)) < 0.006);
  CHECK(bound.tail(-1) == 1);
}

TEST_CASE("the ratio is large for the leaker, smaller by far for others, and nothing without marks",
          "[seal][accusation]") {
  std::mt19937_64 random(5);
  for (int trial = 0; trial < 50; ++trial) {
    const auto seen = random_marks(random, 40);
    std::vector<std::uint8_t> own;
    for (const SeenMark& mark : seen) own.push_back(mark.symbol ? 1 : 0);
    CHECK(ratio_of(seen, own) > 8);
    CHECK(ratio_of(seen, innocent(random, seen)) < ratio_of(seen, own) - 4);
  }
  CHECK(ratio_of({}, {}) == Approx(0).margin(1e-9));
}

}  // namespace sidik
