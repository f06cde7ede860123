// Reading marks back: how far what was seen fits each recipient, by the exact tail for accusing and by a likelihood
// ratio for the odds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "seal/channel.h"

namespace sidik {

/// What was seen at one position.
struct SeenMark {
  double bias = 0.5;
  bool symbol = false;
  Channel channel = Channel::kStreetWord;
};

/// The symmetric score (Skoric, Katzenbeisser and Celik, 2008) of a recipient with `symbols` at the positions of
/// `seen`. Of an innocent: mean 0 and variance 1 a position, whatever a coalition did.
double mark_score(std::span<const SeenMark> seen, std::span<const std::uint8_t> symbols);

/// The distribution of an innocent's score given biases and what was seen: exact but for rounding to a grid, which only
/// ever makes the tail larger; beyond 500 positions Chernoff's bound with the exact moments. No Gaussian: at 40
/// positions a minority attack makes that wrong by ten times and more.
class InnocentScores {
 public:
  explicit InnocentScores(std::span<const SeenMark> seen);
  /// Upper bound of P(score >= `score`) for a recipient who has nothing to do with the sample; in [0, 1].
  double tail(double score) const;

 private:
  double chernoff(double score) const;
  std::vector<SeenMark> seen_;
  bool exact_ = false;
  double low_ = 0, step_ = 1;
  std::vector<double> tails_;  // P(score >= low_ + i * step_)
};

/// The tail over `recipients` of them at once: 1 - (1 - tail)^recipients, at most 1.
double family_wise(double tail, std::size_t recipients);

/// ln P(seen | the copies of `members` were leaked, alone or with others) - ln P(seen | a text without marks).
///
/// `members` are the symbols of one recipient or, for a mixture, of several, with `shares` of the positions each.
/// Integrated over: what others took part (none, one, two or four who mix at random, by majority or by minority), the
/// share of symbols that was spelled anew, and for each channel whether it was normalised. An unmarked text has any
/// share of ones in a channel, all alike likely. Never under ln of what normalising all channels costs.
double log_mark_ratio(std::span<const SeenMark> seen, std::span<const std::vector<std::uint8_t>> members,
                      std::span<const double> shares);

}  // namespace sidik
