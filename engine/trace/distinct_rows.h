// The distinct rows of a stream by the smallest of their digests: a fair draw of some, and a count of all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sidik {

/// 64 bits of a row's cells as written (XXH3; it never leaves memory).
std::uint64_t row_digest(std::span<const std::string_view> cells);

/// Counts distinct digests: exact up to kExact, beyond that from the kExact smallest of them (KMV: error 1/sqrt(k)).
/// The result depends on the set alone, not on order or on how it was spread over threads.
class DistinctCount {
 public:
  static constexpr std::size_t kExact = std::size_t{1} << 22;
  void add(std::uint64_t digest);
  void merge(const DistinctCount& other);
  std::uint64_t count();

 private:
  void prune();
  std::vector<std::uint64_t> digests_;
  std::uint64_t bound_ = ~std::uint64_t{0};  // digests above it are not among the smallest
  bool pruned_ = false;
};

/// Keeps the rows of the `most` smallest digests with their first line and number of copies.
class RowDraw {
 public:
  struct Row {
    std::uint64_t digest = 0;
    std::uint64_t file_line = 0;  // file number << 40 | line
    std::uint32_t copies = 0;
    std::uint32_t file = 0;
    std::vector<char> text;               // the cells, one after another, each with kTextSlack behind it
    std::vector<std::uint32_t> cell_end;  // lengths; kNoCell for a cell that the row lacks
    static constexpr std::uint32_t kNoCell = 0xffffffff;
  };
  explicit RowDraw(std::size_t most) : most_(most) {}
  /// Whether a row of this digest may still be among the smallest.
  bool wants(std::uint64_t digest) const { return digest <= bound_; }
  void add(std::uint64_t digest, std::uint32_t file, std::uint64_t line, std::span<const std::string_view> cells);
  void merge(RowDraw&& other);
  /// The rows in the order of their digests.
  std::vector<Row> take();

 private:
  void put(Row row);
  void prune();
  std::size_t most_;
  std::uint64_t bound_ = ~std::uint64_t{0};
  std::unordered_map<std::uint64_t, Row> rows_;
};

}  // namespace sidik
