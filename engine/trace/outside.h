// The rivals of every registered export: rows of strangers, of the same people from elsewhere, and rows that somebody
// made up. Pure functions on counts; every result is ln of a likelihood relative to the product of the values'
// frequencies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fields/field_type.h"
#include "trace/slip_odds.h"

namespace sidik {

/// One cell of quasi-identifiers: how many records an export has there, and how many independent fields would put
/// there.
struct Cell {
  double records = 0;   // k
  double expected = 0;  // lambda = n x product of the marginals
};

/// How clumped a population's cells are: the shape of the gamma that multiplies lambda. Infinite where they are not
/// clumped. a = sum lambda^2 / sum((k - lambda)^2 - k) over random cells (FORMULAS); infinite where the denominator is
/// not positive.
double clumping(std::span<const Cell> random_cells);
/// Where nothing can be counted: rows with unique fields, of which it makes little odds.
inline constexpr double kUsualClumping = 0.5;

/// ln of n P(row | strangers) / lambda = ln((k + a) / (lambda + a)): strangers know the clumps, not the people.
double log_stranger(const Cell& cell, double a);

/// How the fields of foreign data about the same people agree with ours.
enum class ForeignAgreement : std::uint8_t {
  kGranted,    // NIK, name, birth date, sex, district: anybody has them
  kContact,    // phone, address, e-mail: q ~ Beta(2, 4)
  kOwnNumber,  // the institution's own numbers and dates: q ~ Beta(1, 99)
  kAttribute,  // a class or a segment: q ~ Beta(2, 4) as well, for another institution of the trade classes people
               // alike
};
struct BetaPrior {
  double alpha = 1, beta = 1;
};
/// One field of foreign data: ln of what it is worth where others gathered it themselves, and where they have it from
/// the same register upstream as we, so that it agrees as our own copies do. kLogZero for what is never shared: our own
/// numbers.
struct ForeignField {
  double gathered = 0;
  double shared = 0;
};
/// Who has one column from upstream has others from there, too: the share of such columns is s ~ Beta(1, 9), integrated
/// over, all subsets summed up. So columns that always agree are worth a few decades together, however many the rows;
/// an own number decides.
double log_foreign_fields(std::span<const ForeignField> fields);
/// Our own dates are shared more rarely than that.
inline constexpr double kSharedOwnDate = 0.1;

/// Nothing for what is granted.
std::optional<BetaPrior> foreign_prior(ForeignAgreement kind);

/// Agreement of one field over many rows: how many differ, and the ln(1/u) of the values that agree, in bins of
/// kBinWidth whose values are taken at their mean.
class FieldAgreement {
 public:
  static constexpr double kBinWidth = 0.25;
  static constexpr std::size_t kBins = 128;
  /// `rows` rows whose value agrees and is as common as u = e^-information.
  void agree(double information, double rows = 1) { agree(information, rows, information); }
  /// The same of values that go with others which are there, and are as common as u beside them: by themselves, as an
  /// error puts them, they are as common as e^-alone.
  void agree(double information, double rows, double alone);
  /// `rows` rows whose value agrees, but follows from another that is there: it says nothing, and an error in it would
  /// be seen all the same.
  void agree_as_told(double rows) {
    agreeing_ += rows;
    told_ += rows;
  }
  void differ(double rows = 1) { differing_ += rows; }
  /// How the values that differ do so, as far as it was looked at.
  void add_slips(const Slips& slips, double rows) { slips_.add(slips, rows); }
  const Slips& slips() const { return slips_; }
  double agreeing() const { return agreeing_; }
  double told() const { return told_; }
  /// Sum of the information of all values that agree.
  double information() const { return information_; }
  double differing() const { return differing_; }

  /// ln of the integral over q ~ Beta of the product of (q/u + 1 - q) for values that agree (q for those that follow
  /// from others) and (1 - q) for those that differ. Where values go with others that are there, whoever has those has
  /// them so as well: one that differs is as rare beside them as they leave room.
  double log_foreign(const BetaPrior& prior) const;
  /// ln of the integral over a share of errors d ~ Beta, relative to the information of the values that agree: an error
  /// puts any value there, as common as it is by itself, so it agrees now and then ((1 - d)/u + d), or differs (d).
  double log_errors(const BetaPrior& errors) const;

 private:
  struct Bin {
    double rows = 0, information = 0;
  };
  using Bins = std::vector<Bin>;
  static void add(Bins& bins, double information, double rows);
  static double mean_frequency(const Bins& bins);
  double log_integral_of(const Bins& bins, const BetaPrior& prior) const;
  Bins bins_, alone_;  // alone_ empty where it is the same
  double agreeing_ = 0, told_ = 0;
  double information_ = 0;
  double differing_ = 0;
  Slips slips_;
};

/// Fabricated from real values: of one column each is drawn from the registry's, or invented, with share x ~ Beta(1,
/// 9); or the column was invented as a whole, x ~ Beta(9, 1), half and half. ln of that for values that the registry
/// holds
/// (`seen`) and those that it does not hold.
double log_invented(double seen, double unseen);

/// Real columns put together anew, each shuffled by itself: a value agrees with the row's record by its frequency, or
/// because it came back to a row like its own, with odds `back`. ln of that against the frequency alone.
double log_shuffled(double information, double back);

/// Values of a column with nearly unique values: those that the registry holds, and those that it does not hold.
struct FoundValues {
  double seen = 0, unseen = 0;
};
/// What strangers' values of such a type do: the share of them that the registry holds is g ~ Beta(1, 9), for
/// frequencies of ours have no room for values that we have never seen.
double log_strangers_found(double seen, double unseen);
/// The same of who puts data together from ours: each column was drawn from ours, g ~ Beta(9, 1), or made up as
/// strangers' are, half and half; and one at least was drawn, or it has nothing to do with us. kLogZero for no column.
double log_forger_found(std::span<const FoundValues> columns);

}  // namespace sidik
