// A slice of an export's own order: evidence of the copy, unless a column that anyone can sort by explains it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sidik {

/// log10 of the likelihood of `positions` (of sampled rows, each once) as one contiguous slice of an export of `rows`
/// rows, integrated over its length and place, against "drawn anywhere": R^(1-k) n^k / (k (k-1) n ln n), R the range
/// seen. Nothing for fewer than two.
std::optional<double> log10_slice(std::span<const std::uint64_t> positions, std::uint64_t rows);

/// The same for rows of which a share 1/`rows` of the export's, in one block, would be there anyway (a filter by which
/// the export is sorted): drawn anywhere in that block. `rows` is taken as the range seen where that is larger.
std::optional<double> log10_slice_within(std::span<const std::uint64_t> positions, std::uint64_t rows);

/// log10 of what the longest rising (or falling) sequence among `positions` (in the sample's order) is worth against an
/// order by chance: l of k in order have odds of at most C(k, l)/l!, halved for the two directions. k! of k in order;
/// below 0 where chance explains it. `groups` are rows that a visible column leaves in no order: each is looked at by
/// itself, in one direction for all. Nothing where no group has two.
std::optional<double> log10_monotone(std::span<const std::vector<std::uint64_t>> groups);
inline std::optional<double> log10_monotone(std::vector<std::uint64_t> positions) {
  return log10_monotone(std::span<const std::vector<std::uint64_t>>(&positions, 1));
}

/// ln of the order's likelihood ratio: a leak keeps its slice, and its order, once in ten times each, so that one in no
/// order loses little; others may have the same order from upstream once in a million, so that nothing gains more.
inline constexpr double kKeepsOrder = 0.1, kOrderElsewhere = 1e-6;
double log_order(std::optional<double> log10_slice, std::optional<double> log10_monotone);

}  // namespace sidik
