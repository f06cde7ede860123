#include "trace/padding.h"

#include <cmath>

#include "trace/log_math.h"
#include "trace/noise.h"
#include "trace/outside.h"

namespace sidik {

bool is_padding(double log_term, double log_outside) { return log_term < log_outside + std::log(kUnlinkedRow); }

double log_padded(double strange, double rest) {
  constexpr double kFew = 3;
  return strange < kFew ? std::log(kUnlinkedRow) : std::log(std::max(kUnlinkedRow, strange / (strange + rest)));
}

double log_padding(double padding, double rest, double log_known) {
  if (rest == 0) return padding * std::log(kUnlinkedRow);  // a source that explains nothing was not padded
  const double ways[] = {std::log(1 - kPadded - kUnreadable) + padding * std::log(kUnlinkedRow),
                         std::log(kPadded) + log_beta_binomial(1, 1, padding, rest) + log_known,
                         std::log(kUnreadable) + log_beta_binomial(kDamagedAlpha, kDamagedBeta, padding, rest)};
  return log_sum(ways);
}

double Elsewhere::log_padding(std::size_t c) const { return outside[c] + (known[c] ? std::log(kUnlinkedRow) : 0); }

double log_of_ours(const Elsewhere& elsewhere, std::size_t c, HeldOtherwise held) {
  return elsewhere.ours[c] + std::log(held == HeldOtherwise::kYes ? kOtherVersion : kUnlinkedRow);
}

bool is_stray(double log_term, const Elsewhere& elsewhere, std::size_t c, double log_padded, HeldOtherwise held) {
  const double outside = elsewhere.outside[c] + (elsewhere.known[c] ? std::log(kUnlinkedRow) : log_padded);
  return log_term < std::max(outside, log_of_ours(elsewhere, c, held));
}

double log_padding_row(const Elsewhere& elsewhere, std::size_t c, HeldOtherwise held) {
  return std::max(log_of_ours(elsewhere, c, held), elsewhere.log_padding(c));
}

void StrangersKnown::add(double more, std::size_t c) {
  const AgreementClass& rows = terms_.classes()[c];
  if (terms_.is_of_one_column()) {
    (rows.matches.empty() ? unfound_ : found_) += more;
  } else if (const std::optional<bool> known = terms_.rare_value_known(rows)) {
    (*known ? found_ : unfound_) += more;
  }
}

double StrangersKnown::log() const {
  const double by_chance = log_strangers_found(found_, unfound_);
  // Of more columns one rare value tells whether people are strangers: where all have names that one person of ours
  // has, and nothing else agrees, they are our people as somebody else knows them.
  return terms_.is_of_one_column() ? by_chance : std::min(0.0, by_chance - log_beta_binomial(1, 1, found_, unfound_));
}

void Padding::add(double more, const Elsewhere& elsewhere, std::size_t c, HeldOtherwise held) {
  rows_ += more;
  log_ += more * log_padding_row(elsewhere, c, held);
  if (elsewhere.known[c] || log_of_ours(elsewhere, c, held) > elsewhere.outside[c]) return;
  strange_ += more;
  known_.add(more, c);
}

double Padding::total(double rest) const {
  // Rows that were damaged, or are a thousandth each, may be of people whom we know; of one column nothing else tells.
  if (known_.of_one_column()) return log_ + log_padding(strange_, rest) + known_.log();
  return log_ + log_padding(strange_, rest, known_.log());
}

}  // namespace sidik
