// bench-seal: how many marked positions it takes to name at least one of a coalition, and whether innocents are named.
//
//     bench-seal [TRIES]
//
// Recipients' symbols are drawn as engine/seal draws them. Coalitions mix their copies position by position: at random,
// by majority, by minority, or by one spelling wherever theirs differ ("one form"); then a share of all symbols is
// spelled anew. Accused is whoever's tail over all recipients is at most 1e-3.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "fingerprints/key.h"
#include "seal/accusation.h"
#include "seal/mark_code.h"

namespace {

using namespace sidik;

constexpr double kBound = 1e-3;
constexpr std::size_t kRecipients = 20;  // as NCorr-FP's published runs have them

enum class Mixing { kRandom, kMajority, kMinority, kOneForm };
const char* const kMixingNames[] = {"at random", "majority", "minority", "one form"};

struct Outcome {
  int tries = 0;
  int any = 0;        // tries in which one of the coalition at least was named
  int members = 0;    // of the coalition, named
  int innocents = 0;  // named
};
Outcome total;
long innocents_tried = 0;

bool mixed_symbol(std::mt19937_64& random, Mixing mixing, unsigned ones, unsigned coalition) {
  if (ones == 0 || ones == coalition) return ones != 0;
  if (mixing == Mixing::kOneForm) return false;
  if (mixing == Mixing::kRandom || 2 * ones == coalition) return random() % coalition < ones;
  return (2 * ones > coalition) == (mixing == Mixing::kMajority);
}

void try_once(std::mt19937_64& random, std::size_t positions, unsigned coalition, Mixing mixing, double respelled,
              Outcome& outcome) {
  const Secret root = Secret::random(32);
  std::vector<MarkPosition> places(positions);
  for (MarkPosition& place : places) place = {random(), Channel::kRtZeros};
  std::vector<double> biases;
  MarkBiases(root).biases(places, kUsualCoalition, biases);
  std::vector<std::vector<std::uint8_t>> codes(kRecipients);
  for (std::size_t r = 0; r < kRecipients; ++r)
    MarkSymbols(derive(root, "recipient " + std::to_string(r), 32)).symbols(places, biases, codes[r]);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<SeenMark> seen(positions);
  for (std::size_t i = 0; i < positions; ++i) {
    unsigned ones = 0;
    for (unsigned c = 0; c < coalition; ++c) ones += codes[c][i];
    const bool symbol = mixed_symbol(random, mixing, ones, coalition) != (uniform(random) < respelled);
    seen[i] = {biases[i], symbol, Channel::kRtZeros};
  }
  const InnocentScores innocent(seen);
  int members = 0;
  for (std::size_t r = 0; r < kRecipients; ++r) {
    if (family_wise(innocent.tail(mark_score(seen, codes[r])), kRecipients) > kBound) continue;
    r < coalition ? ++members : ++outcome.innocents;
  }
  ++outcome.tries;
  outcome.any += members > 0 ? 1 : 0;
  outcome.members += members;
  innocents_tried += static_cast<long>(kRecipients - coalition);
}

Outcome try_many(std::mt19937_64& random, int tries, std::size_t positions, unsigned coalition, Mixing mixing,
                 double respelled) {
  Outcome outcome;
  for (int i = 0; i < tries; ++i) try_once(random, positions, coalition, mixing, respelled, outcome);
  total.tries += outcome.tries;
  total.innocents += outcome.innocents;
  std::printf("%9u  %-9s  %8.0f%%  %9zu  %6.1f%%  %11.2f  %9d\n", coalition, kMixingNames[static_cast<int>(mixing)],
              respelled * 100, positions, 100.0 * outcome.any / tries, double(outcome.members) / tries / coalition,
              outcome.innocents);
  std::fflush(stdout);
  return outcome;
}

void head(const char* title) {
  std::printf("\n%s\n%9s  %-9s  %9s  %9s  %7s  %11s  %9s\n", title, "coalition", "mixed", "re-spelt", "positions",
              "named", "of members", "innocents");
}

}  // namespace

int main(int argc, char** argv) {
  const int tries = argc > 1 ? std::atoi(argv[1]) : 100;
  std::mt19937_64 random(1);
  std::printf("%zu recipients, accused at %.0e over all; %d tries a line\n", kRecipients, kBound, tries);

  head("Code lengths as NCorr-FP published them");
  for (const unsigned coalition : {2U, 3U, 5U})
    for (const std::size_t positions : {64U, 128U, 256U, 512U, 1024U})
      try_many(random, tries, positions, coalition, Mixing::kRandom, 0);

  head("Shares of the theory's length (pi^2/2) c^2 ln(n/eps) / (1 - 2q)^2, until 99 % are named");
  for (const unsigned coalition : {1U, 2U, 3U, 5U})
    for (const Mixing mixing : {Mixing::kRandom, Mixing::kMajority, Mixing::kMinority, Mixing::kOneForm}) {
      if (coalition == 1 && mixing != Mixing::kRandom) continue;
      if (coalition == 2 && (mixing == Mixing::kMajority || mixing == Mixing::kMinority)) continue;
      for (const double respelled : {0.0, 0.05, 0.2}) {
        const double theory =
            4.934802 * coalition * coalition * std::log(kRecipients / kBound) / std::pow(1 - 2 * respelled, 2);
        for (const double factor : {0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0}) {
          const auto positions = static_cast<std::size_t>(theory * factor);
          if (try_many(random, tries, positions, coalition, mixing, respelled).any >= tries * 0.99) break;
        }
      }
    }
  std::printf("\ninnocents named: %d in %d tries, %ld accusations; bound %.1f\n", total.innocents, total.tries,
              innocents_tried, kBound * total.tries);
  return 0;
}
