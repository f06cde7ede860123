// The distinct rows of a stream by the smallest of their digests: a fair draw of some, and a count of all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/roomy_vector.h"

namespace sidik {

/// 64 bits of a row's cells as written (XXH3; it never leaves memory).
std::uint64_t row_digest(std::span<const std::string_view> cells);

/// Where a row stands in a sample of several files: rises with the order in which the sample is read.
inline constexpr unsigned kLineBits = 40;
inline std::uint64_t file_line(std::uint64_t file, std::uint64_t line) { return (file << kLineBits) | line; }
inline std::uint32_t file_of(std::uint64_t file_line) { return static_cast<std::uint32_t>(file_line >> kLineBits); }
inline std::uint64_t line_of(std::uint64_t file_line) { return file_line & ((std::uint64_t{1} << kLineBits) - 1); }

/// Counts distinct digests: exact up to kExact, beyond that from the kExact smallest of them (KMV: error 1/sqrt(k)).
/// The result depends on the set alone, not on order or on how it was spread over threads.
class DistinctCount {
 public:
  static constexpr std::size_t kExact = std::size_t{1} << 22;
  void add(std::uint64_t digest);
  /// Sorts what was added; done by each thread for its own before they are merged one by one.
  void settle();
  /// REQUIRES: both are settled. So is the outcome.
  void merge(const DistinctCount& other);
  /// REQUIRES: settled.
  std::uint64_t count() const;

 private:
  void cut();
  std::vector<std::uint64_t> digests_;
  std::uint64_t bound_ = ~std::uint64_t{0};  // digests above it are not among the smallest
  bool pruned_ = false;
};

/// Keeps the rows of the `most` smallest digests with their first line and number of copies.
class RowDraw {
 public:
  struct Row {
    std::uint64_t digest = 0;
    std::uint64_t file_line = 0;
    std::uint32_t copies = 0;
    std::uint32_t cells = 0;  // how many
    std::size_t text = 0;     // place of the row's text: the cells, one after another, each with kTextSlack behind it
    std::size_t lengths = 0;  // place of its cells' lengths
  };
  static constexpr std::uint32_t kNoCell = 0xffffffff;  // the length of a cell that the row lacks

  explicit RowDraw(std::size_t most) : most_(most) {}
  /// Whether a row of this digest may still be among the smallest.
  bool wants(std::uint64_t digest) const { return digest <= bound_; }
  void add(std::uint64_t digest, std::uint64_t file_line, std::span<const std::string_view> cells);
  void merge(const RowDraw& other);
  /// Puts the rows in the order of their digests, each once; call before looking at them.
  void settle();
  std::span<const Row> rows() const { return kept_.rows; }
  std::span<const char> text() const { return kept_.text; }
  std::span<const std::uint32_t> lengths(const Row& row) const { return lengths_of(kept_, row); }

 private:
  struct Rows {
    std::vector<Row> rows;
    RoomyVector<char> text;
    std::vector<std::uint32_t> lengths;
  };
  void copy(const Rows& from, Row row);
  static std::span<const std::uint32_t> lengths_of(const Rows& of, const Row& row) {
    return {of.lengths.data() + row.lengths, row.cells};
  }

  std::size_t most_;
  std::uint64_t bound_ = ~std::uint64_t{0};
  // Copies are appended like any other row and found when the rows are sorted: no table, no allocation a row.
  Rows kept_;
  Rows sorted_;  // what settle() makes of them; then the two change places
};

}  // namespace sidik
