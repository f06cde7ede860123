// bench-seal: how many marked positions it takes to name at least one of a coalition, and whether innocents are named.
//
//     bench-seal [TRIES]
//
// Recipients' symbols are drawn as engine/seal draws them; coalitions mix their copies at random, by majority, by
// minority, and spell a share of the symbols anew. Accused is whoever's exact tail over all recipients is at most 1e-3.
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

enum class Mixing { kRandom, kMajority, kMinority };
const char* const kMixingNames[] = {"at random", "majority", "minority"};

struct Outcome {
  int named = 0, innocents = 0;
};

class Trial {
 public:
  explicit Trial(std::mt19937_64& random) : random_(random), root_(Secret::random(32)) {}

  void run(std::size_t positions, unsigned coalition, Mixing mixing, double respelled, Outcome& outcome) {
    std::vector<MarkPosition> places(positions);
    for (std::size_t i = 0; i < positions; ++i) places[i] = {random_(), Channel::kRtZeros};
    std::vector<double> biases;
    MarkBiases(root_).biases(places, kUsualCoalition, biases);
    std::vector<std::vector<std::uint8_t>> codes(kRecipients);
    for (std::size_t r = 0; r < kRecipients; ++r)
      MarkSymbols(derive(root_, "recipient " + std::to_string(r), 32)).symbols(places, biases, codes[r]);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<SeenMark> seen(positions);
    for (std::size_t i = 0; i < positions; ++i) {
      unsigned ones = 0;
      for (unsigned c = 0; c < coalition; ++c) ones += codes[c][i];
      bool symbol = codes[random_() % coalition][i] != 0;
      if (mixing != Mixing::kRandom && ones != 0 && ones != coalition && 2 * ones != coalition)
        symbol = (2 * ones > coalition) == (mixing == Mixing::kMajority);
      if (uniform(random_) < respelled) symbol = !symbol;
      seen[i] = {biases[i], symbol, Channel::kRtZeros};
    }
    const InnocentScores innocent(seen);
    bool any = false;
    for (std::size_t r = 0; r < kRecipients; ++r) {
      if (family_wise(innocent.tail(mark_score(seen, codes[r])), kRecipients) > kBound) continue;
      if (r < coalition)
        any = true;
      else
        ++outcome.innocents;
    }
    outcome.named += any ? 1 : 0;
  }

 private:
  std::mt19937_64& random_;
  Secret root_;
};

}  // namespace

int main(int argc, char** argv) {
  const int tries = argc > 1 ? std::atoi(argv[1]) : 100;
  std::mt19937_64 random(1);
  std::printf("%zu recipients, accused at %.0e over all; %d tries a line\n", kRecipients, kBound, tries);
  std::printf("%9s  %-9s  %9s  %9s  %7s  %9s\n", "coalition", "mixed", "re-spelt", "positions", "named", "innocents");
  int innocents = 0, accusations = 0;
  for (const unsigned coalition : {1U, 2U, 3U, 5U})
    for (const Mixing mixing : {Mixing::kRandom, Mixing::kMajority, Mixing::kMinority}) {
      if ((coalition == 1 && mixing != Mixing::kRandom) || (coalition == 2 && mixing != Mixing::kRandom)) continue;
      for (const double respelled : {0.0, 0.05, 0.2}) {
        // The theory's length, (pi^2/2) c^2 ln(n / eps) / (1 - 2q)^2; doubled until 99 % are named.
        const double theory =
            4.93 * coalition * coalition * std::log(kRecipients / kBound) / std::pow(1 - 2 * respelled, 2);
        for (const double factor : {0.25, 0.5, 1.0, 1.5, 2.0}) {
          const auto positions = static_cast<std::size_t>(theory * factor);
          Outcome outcome;
          for (int i = 0; i < tries; ++i) Trial(random).run(positions, coalition, mixing, respelled, outcome);
          innocents += outcome.innocents;
          accusations += tries;
          std::printf("%9u  %-9s  %8.0f%%  %9zu  %6.1f%%  %9d\n", coalition, kMixingNames[static_cast<int>(mixing)],
                      respelled * 100, positions, 100.0 * outcome.named / tries, outcome.innocents);
          std::fflush(stdout);
          if (outcome.named >= tries * 0.99) break;
        }
      }
    }
  std::printf("innocents named in %d of %d tries; bound %.1f\n", innocents, accusations, kBound * accusations);
  return 0;
}
