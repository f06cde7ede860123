// Which columns a table is sorted by, told from its blocks in whatever order they are read.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/batch.h"

namespace sidik {

/// Below, at or above 0 as `a` comes before `b`, beside it or behind it where a table is sorted: numbers by their size,
/// all else by its bytes.
int compare_sorted(std::string_view a, std::string_view b);

/// One of the columns that a table is sorted by, rising or falling.
struct SortKey {
  std::size_t column = 0;
  bool falling = false;
  bool operator==(const SortKey&) const = default;
};

/// One object a thread; merge() makes one of them.
class TableOrder {
 public:
  explicit TableOrder(std::size_t columns);
  ~TableOrder();
  TableOrder(TableOrder&&) noexcept;

  /// A block's rows, once.
  void observe(const Batch& batch);
  /// As if all that `other` saw had been seen here.
  void merge(TableOrder&& other);
  /// The columns that the whole table is sorted by, the next one where those before are equal (at most kMostKeys);
  /// empty where it is sorted by none. One that has a single value sorts nothing. Of several, those that tell most rows
  /// apart.
  std::vector<SortKey> sorted_by();
  static constexpr std::size_t kMostKeys = 3;
  /// All columns that the table is sorted by, each for itself.
  std::vector<SortKey> in_order();
  /// Whether nothing that was seen speaks against the table being sorted by `keys` (at most kMostKeys).
  bool holds(const std::vector<SortKey>& keys);

 private:
  struct Node;
  struct Block;
  class Steps;
  void visit(Node& node, Steps& steps, std::size_t subset, std::size_t depth);
  void expand(Node& node, const std::vector<SortKey>& path) const;
  static void merge(Node& own, Node&& other);
  void sort_blocks();
  bool joins(const std::vector<SortKey>& keys) const;

  std::size_t columns_;
  std::unique_ptr<Node> root_;
  std::vector<Block> blocks_;
  std::vector<SortKey> path_;
};

}  // namespace sidik
