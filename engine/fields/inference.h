// Types, date order, identity and identifying columns read off the data: the first rows of an export, or a whole
// sample.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fields/schema.h"

namespace sidik {

/// What was seen in one column; shares are of the values that are not null.
struct ColumnProfile {
  std::string name;
  std::uint64_t values = 0;  // seen, nulls included
  std::uint64_t nulls = 0;
  double distinct_share = 0;  // distinct canonical values / values not null (exact for 4,000 rows, then nearly)
  double valid_share = 0;     // values that are valid for the type that was chosen
  /// Share of valid values under each type, by the type's number; what a detector saw, for `inspect`.
  std::vector<double> valid_as;
  /// For date and timestamp columns: the oldest and the newest value, canonical; empty otherwise.
  std::string oldest, newest;
  std::uint64_t future = 0;      // dates after `newest_plausible` given to finish(), 0 where none was given
  std::uint64_t impossible = 0;  // values built as dates that are none (2021-02-30)
};

struct InferenceResult {
  Schema schema;
  std::vector<ColumnProfile> profiles;  // one a column
};

/// Watches batches and decides. Not thread-safe. Memory is bounded (a sample of rows spread over what was seen and
/// sketches of distinct values), whatever the length of the input.
///
/// How it decides: a type is chosen for a column where nearly all values (98 %; 88 % for forms that do not arise by
/// chance, such as NIKs and dates; half or less where the header names the type) are valid under it, the most specific
/// first; the header's words (Indonesian and English: nik, noktp, tgl lahir, hp, alamat, birth date, phone, ...) break
/// ties and lower the bar. M/D/Y is chosen only where values prove it (a second part over 12, none of the first).
/// Identity: NIKs; identifiers, e-mails and phones whose values single out rows (distinct share at least 0.98).
/// Identifying (indexed): nik, identifier with many values, phone, e-mail, name, address, birth dates, and any column
/// with a distinct share of at least 0.5; where no column identifies, also those with the most distinct values, up to
/// three, until the indexed ones single out rows together.
class Inference {
 public:
  /// Columns are looked at on up to `threads` threads; what is decided does not depend on it.
  explicit Inference(std::vector<std::string> header, std::size_t columns, unsigned threads = 1);
  ~Inference();
  /// One batch's columns; all have the same length.
  void observe(std::span<const std::vector<std::string_view>> columns);
  /// The decision on what was observed. `fixed` columns (by normalised name) are taken as given.
  InferenceResult finish(const Schema* fixed = nullptr, std::string_view newest_plausible = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik
