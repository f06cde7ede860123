// Which families of canaries to plant so that their values are as common, as long and as large as those of real rows
// are.
//
// A value that a canary has from somebody is by one more common than it was, a district by a whole family, and trees
// find that where values are rare. More families are made than are planted; here each feature's distribution over them
// is held against that over the rows they were made from, and families are weighed until all features agree at once
// (raking: Deming and Stephan, 1940). Whether a family is taken hangs on its weight and a keyed number of its own, so
// that it hardly changes from month to month.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/schema.h"
#include "seal/row_sample.h"
#include "seal/sealed_text.h"

namespace sidik {

/// A row of nobody beside the row that it was made from.
struct CanaryCandidate {
  Canary canary;
  std::vector<std::string> base;  // cells
  std::size_t family = 0;         // rising from candidate to candidate
  double chance = 0;              // the family's keyed number, evenly spread in [0, 1)
  std::uint64_t place = 0;        // the same number for rows that are to stand together
};

/// By candidate, its turn to be planted: 0 for those of families that `lived` in the last export, 1 for some `wanted`
/// less those of the others, by their weights and chances (which all of a family have in common), 2 for the rest.
std::vector<std::uint8_t> planting_turns(const std::vector<double>& weights, const std::vector<double>& chances,
                                         const std::vector<bool>& lived, std::size_t wanted);

class CanarySelection {
 public:
  /// `nik` and `name` are the columns of the rows' own NIKs and names. `candidates` outlive the constructor only.
  CanarySelection(const Schema& schema, std::optional<std::size_t> nik, std::optional<std::size_t> name,
                  const std::vector<CanaryCandidate>& candidates);
  ~CanarySelection();
  /// Rows of the table, one in so many as `sample` has. Once.
  void observe(const RowSample& sample, unsigned threads);
  /// By candidate, how much rather than others it is to be planted; alike for all of a family, 1 in the mean.
  std::vector<double> weights() const;

 private:
  struct State;
  void observe(const std::vector<std::vector<std::string_view>>& columns, std::size_t from, std::size_t to);
  std::unique_ptr<State> state_;
};

}  // namespace sidik
