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

double log_padding(double padding, double rest) {
  if (rest == 0) return padding * std::log(kUnlinkedRow);  // a source that explains nothing was not padded
  const double ways[] = {std::log(1 - kPadded - kUnreadable) + padding * std::log(kUnlinkedRow),
                         std::log(kPadded) + log_beta_binomial(1, 1, padding, rest),
                         std::log(kUnreadable) + log_beta_binomial(kDamagedAlpha, kDamagedBeta, padding, rest)};
  return log_sum(ways);
}

double Elsewhere::log_padding(std::size_t c) const { return outside[c] + (known[c] ? std::log(kUnlinkedRow) : 0); }

double log_padding_row(const Elsewhere& elsewhere, std::size_t c) {
  return std::max(elsewhere.ours[c] + std::log(kUnlinkedRow), elsewhere.log_padding(c));
}

double log_rare_found(double found, double unfound) {
  return std::min(0.0, log_strangers_found(found, unfound) - log_beta_binomial(1, 1, found, unfound));
}

void Padding::add(double more, const Elsewhere& elsewhere, std::size_t c) {
  rows_ += more;
  log_ += more * log_padding_row(elsewhere, c);
  if (elsewhere.known[c] || elsewhere.ours[c] + std::log(kUnlinkedRow) > elsewhere.outside[c]) return;
  strange_ += more;
  const AgreementClass& rows = terms_.classes()[c];
  if (terms_.fields() < 2) {
    (rows.matches.empty() ? unfound_ : found_) += more;
  } else if (const std::optional<bool> known = terms_.rare_value_known(rows)) {
    (*known ? found_ : unfound_) += more;
  }
}

double Padding::total(double rest) const {
  // Strangers' values of one column are ours by chance alone, at a share that is anything: those that pad a sample pay
  // for that as strangers do. Of more columns one rare value tells whether people are strangers: where all have names
  // that one person of ours has, and nothing else agrees, they are our people as somebody else knows them.
  return log_ + log_padding(strange_, rest) +
         (terms_.fields() < 2 ? log_strangers_found(found_, unfound_) : log_rare_found(found_, unfound_));
}

}  // namespace sidik
