// How much two registered exports have in common: identities by their row tags, and how many of them are unchanged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/fingerprint_store.h"

namespace sidik {

/// Identities are distinct row tags: those of rows without an identity stand for the whole row.
struct Overlap {
  /// Empty where the two can be compared; else why not, as the end of a sentence about them. Then all else is 0.
  std::string not_comparable;
  std::vector<FieldType> types;  // identify rows in both; empty where only whole rows are compared
  std::uint64_t only_first = 0, only_second = 0, both = 0;
  /// Of `both`, those whose rows are equal in all columns that both exports have. Nothing in a matrix.
  std::optional<std::uint64_t> unchanged;
  /// 1: all tags were read. Less: that share of them, the lowest, and the numbers are estimates; `both` is within
  /// `both_low` and `both_high` in 95 cases of 100.
  double sampled = 1;
  std::uint64_t both_low = 0, both_high = 0;
};

/// Exact; streams both exports, in bounded memory.
Overlap overlap_of(const FingerprintStore& store, ExportIndex first, ExportIndex second);

/// All pairs: pair (i, j) with i < j stands at matrix_place(i, j, n), n being the number of exports. Exact where all
/// tags are at most `most_tags`, else from the tags below a threshold that lets so many be read.
std::vector<Overlap> overlap_matrix(const FingerprintStore& store, std::uint64_t most_tags = std::uint64_t{8} << 20);
inline std::size_t matrix_place(std::size_t i, std::size_t j, std::size_t n) {
  return i * (2 * n - i - 1) / 2 + (j - i - 1);
}

}  // namespace sidik
