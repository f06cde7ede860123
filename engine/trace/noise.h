// What happens to a true row on its way into a sample: clean, damaged or stale as a whole, and how dear each is once
// the unknown share of such rows is integrated over.
#pragma once

#include "fields/field_type.h"

namespace sidik {

/// The share of damaged rows, w ~ Beta(1, 49), and of stale ones among the rows that did change, s ~ Beta(1, 19).
inline constexpr double kDamagedAlpha = 1, kDamagedBeta = 49;
inline constexpr double kStaleAlpha = 1, kStaleBeta = 19;
/// A transformation of a whole column happens in one leak of a hundred, and is free from then on.
inline constexpr double kColumnEvent = 1e-2;
/// A column that holds real values of something else throughout (another institution's phones beside our names) is
/// rarer yet: it takes a second source. Our own numbers, replaced by others of their form, nobody has a reason for.
inline constexpr double kContactReplaced = 1e-4;
inline constexpr double kOwnNumberReplaced = 1e-6;
/// But who takes all that names people from a copy (numbers, phones, addresses of mail) does so once, for all.
inline constexpr double kPseudonymised = 1e-3;
/// Amounts, counts and scores that were rounded, or are counted in other units: a column of a leak in a thousand.
inline constexpr double kMeasureChanged = 1e-3;
/// A rounded column agrees where its values were round: no more than in this share.
inline constexpr double kRoundedColumn = 0.2;
/// A column of which no more than this share agrees is another column altogether: one event.
inline constexpr double kForeignColumn = 0.05;
/// A row that no registered record explains, against the outsiders' term, under any export.
inline constexpr double kUnlinkedRow = 1e-3;
/// A row as another record of ours has it, of a person whom the export has otherwise: who is put in by accident is
/// hardly one who is there already.
inline constexpr double kOtherVersion = 1e-5;

/// The chance that a field of this type is hit in a damaged row; it then holds any value, as common as that value is.
double hit_rate(FieldType type);

/// How many rows of each sort an export leaves (real numbers, for weighted counts are fine).
struct NoiseCounts {
  double clean = 0;
  double damaged = 0;
  double changed = 0;  // rows that did change between versions: those that could be stale
  double stale = 0;    // of them, those that are; they are not among `clean`
};

/// ln of the probability of these sorts, shares integrated over.
double log_noise(const NoiseCounts& counts);

}  // namespace sidik
