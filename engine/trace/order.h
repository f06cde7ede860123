// A slice of an export's own order: evidence of the copy, unless a column that anyone can sort by explains it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace sidik {

/// log10 of the likelihood of `positions` (of sampled rows, each once) as one contiguous slice of an export of `rows`
/// rows, integrated over its length and place, against "drawn anywhere": R^(1-k) n^k / (k (k-1) n ln n), R the range
/// seen. Nothing for fewer than two.
std::optional<double> log10_slice(std::span<const std::uint64_t> positions, std::uint64_t rows);

/// log10 of k!: what k sampled rows in rising (or falling) order are worth, halved for the two directions.
/// `positions` are in the sample's order. Nothing unless they are monotone and at least two.
std::optional<double> log10_monotone(std::span<const std::uint64_t> positions);

}  // namespace sidik
