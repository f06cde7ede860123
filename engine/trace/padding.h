// Rows of a sample that a source does not explain: where they may come from, and what they cost it.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "trace/noise.h"
#include "trace/row_terms.h"

namespace sidik {

/// Up to so many samples of one source are padded with rows from elsewhere; their share is then anything from none to
/// all.
inline constexpr double kPadded = 0.05;
/// Or a share of its rows, as large as that of damaged ones, was damaged beyond being found.
inline constexpr double kUnreadable = 0.1;

/// Where the rows may come from that a source does not explain: ln of each class's term, one a class.
struct Elsewhere {
  std::vector<double> outside;  // P(row | outside)
  std::vector<double> ours;     // P(row | any record of ours), dirt counted in; kLogZero where none was found
  /// Whether a number of the row's person is ours: whoever it is, he is no stranger, and such rows pad no sample.
  std::vector<char> known;
  /// P(row | it pads a sample of ours): as outside, at 10^-3 where the person is known.
  double log_padding(std::size_t c) const;
};

/// ln of the probability that `padding` rows of `padding + rest` are from elsewhere, beside their own terms: each
/// 10^-3; or the sample is padded and the share is uniform, which costs `log_known` as well (StrangersKnown); or rows
/// were damaged beyond being found.
double log_padding(double padding, double rest, double log_known = 0);

/// The other rows of a class, where a source explains it no better than 10^-3 of the outsiders' term.
bool is_padding(double log_term, double log_outside);

/// ln of the share of a sample's rows that pads it, as `strange` rows of it show: no less than 10^-3 (of a few, nothing
/// is known).
double log_padded(double strange, double rest);

/// How many of the strangers that pad a sample show what is ours, and what that costs them.
class StrangersKnown {
 public:
  explicit StrangersKnown(const RowTerms& terms) : terms_(terms) {}
  /// `more` rows of class `c`.
  void add(double more, std::size_t c);
  /// Of one column: its values are ours by chance alone, as strangers' are. Of more: their rare values are so, against
  /// a share that is anything, and never more than 0.
  double log() const;
  bool of_one_column() const { return terms_.is_of_one_column(); }

 private:
  const RowTerms& terms_;
  double found_ = 0, unfound_ = 0;  // those that can tell: whether the registry holds a (rare) value of theirs
};

/// ln of what a row costs any source that another record of ours explains.
double log_of_ours(const Elsewhere& elsewhere, std::size_t c, HeldOtherwise held);

/// is_padding against all that may have the row, where a share e^`log_padded` of the sample is padding: rows that
/// another record of ours explains are worth 10^-3 of that (10^-5 of a person whom the source has otherwise), and so
/// are those of people whom we know. A stray row of another export must not speak for a feed that nobody registered,
/// which may hold anything of ours.
bool is_stray(double log_term, const Elsewhere& elsewhere, std::size_t c, double log_padded = std::log(kUnlinkedRow),
              HeldOtherwise held = HeldOtherwise::kNo);

/// ln of what a padding row of class `c` is worth.
double log_padding_row(const Elsewhere& elsewhere, std::size_t c, HeldOtherwise held = HeldOtherwise::kNo);

/// Adds up the rows that a source does not explain.
class Padding {
 public:
  explicit Padding(const RowTerms& terms) : known_(terms) {}
  /// `more` rows of class `c`.
  void add(double more, const Elsewhere& elsewhere, std::size_t c, HeldOtherwise held);
  double rows() const { return rows_; }
  double strange() const { return strange_; }
  /// ln of all of them, with `rest` rows explained.
  double total(double rest) const;

 private:
  double rows_ = 0;
  double log_ = 0;
  double strange_ = 0;    // rows that are weighed by the outsiders' term
  StrangersKnown known_;  // of those
};

}  // namespace sidik
