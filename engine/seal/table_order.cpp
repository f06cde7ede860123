#include "seal/table_order.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace sidik {

int compare_sorted(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    const auto is_number = [](std::string_view text) {
      return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (is_number(a) && is_number(b)) {
      const auto plain = [](std::string_view text) {
        const std::size_t first = text.find_first_not_of('0');
        return first == std::string_view::npos ? std::string_view() : text.substr(first);
      };
      a = plain(a);
      b = plain(b);
      if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    }
  }
  return a.compare(b);
}

/// A key behind those of its parents, as long as nothing spoke against it.
struct TableOrder::Node {
  SortKey key;
  bool holds = true;
  bool expanded = false;    // until then all keys hold behind this one: no two rows were equal in it
  std::uint64_t steps = 0;  // rows that differ from the one before in it, and not in its parents
  std::vector<Node> children;
};

struct TableOrder::Block {
  std::uint64_t first_row = 0;  // Batch::row_order
  std::vector<std::string> first, last;
};

/// How the columns of a block go up and down, over rows that are equal to the one before in some columns. Each such set
/// of rows and column is looked at once, however many keys lead to it.
class TableOrder::Steps {
 public:
  explicit Steps(const Batch& batch) : batch_(batch) {
    subsets_.emplace_back();
    for (std::size_t r = 1; r < batch.rows; ++r) subsets_.front().push_back(static_cast<std::uint32_t>(r));
    found_.emplace_back(batch.columns.size());
  }
  struct Found {
    bool rising = true, falling = true;
    std::uint64_t steps = 0;
    std::size_t equal = 0;  // the rows that are equal in this column as well
  };
  const Found& of(std::size_t subset, std::size_t column) {
    if (!found_[subset][column]) found_[subset][column] = look(subset, column);
    return *found_[subset][column];
  }
  bool empty(std::size_t subset) const { return subsets_[subset].empty(); }

 private:
  Found look(std::size_t subset, std::size_t column) {
    Found found;
    std::vector<std::uint32_t> equal;
    const auto& cells = batch_.columns[column];
    for (const std::uint32_t r : subsets_[subset]) {
      const int step = compare_sorted(cells[r - 1], cells[r]);
      found.rising = found.rising && step <= 0;
      found.falling = found.falling && step >= 0;
      if (!found.rising && !found.falling) return found;
      if (step == 0) equal.push_back(r);
    }
    found.steps = subsets_[subset].size() - equal.size();
    found.equal = subset;
    if (found.steps > 0) {
      found.equal = subsets_.size();
      subsets_.push_back(std::move(equal));
      found_.emplace_back(batch_.columns.size());
    }
    return found;
  }

  const Batch& batch_;
  std::vector<std::vector<std::uint32_t>> subsets_;
  std::vector<std::vector<std::optional<Found>>> found_;
};

TableOrder::TableOrder(std::size_t columns) : columns_(columns), root_(std::make_unique<Node>()) { expand(*root_, {}); }
TableOrder::~TableOrder() = default;
TableOrder::TableOrder(TableOrder&&) noexcept = default;

void TableOrder::expand(Node& node, const std::vector<SortKey>& path) const {
  node.expanded = true;
  for (std::size_t c = 0; c < columns_; ++c) {
    if (std::any_of(path.begin(), path.end(), [&](const SortKey& key) { return key.column == c; })) continue;
    for (const bool falling : {false, true}) node.children.push_back({{c, falling}, true, false, 0, {}});
  }
}

void TableOrder::visit(Node& node, Steps& steps, std::size_t subset, std::size_t depth) {
  if (depth > 0) {
    const Steps::Found found = steps.of(subset, node.key.column);
    node.holds = node.key.falling ? found.falling : found.rising;
    if (!node.holds) return;
    node.steps += found.steps;
    subset = found.equal;
  }
  if (depth == kMostKeys || steps.empty(subset)) return;
  if (!node.expanded) expand(node, path_);
  for (Node& child : node.children) {
    path_.push_back(child.key);
    visit(child, steps, subset, depth + 1);
    path_.pop_back();
  }
  std::erase_if(node.children, [](const Node& child) { return !child.holds; });
}

void TableOrder::observe(const Batch& batch) {
  if (batch.rows == 0 || root_->children.empty()) return;
  Steps steps(batch);
  visit(*root_, steps, 0, 0);
  if (root_->children.empty()) {
    blocks_.clear();
    return;
  }
  Block block{batch.row_order.front(), {}, {}};
  for (const auto& column : batch.columns) {
    block.first.emplace_back(column[0]);
    block.last.emplace_back(column[batch.rows - 1]);
  }
  blocks_.push_back(std::move(block));
}

void TableOrder::merge(Node& own, Node&& other) {
  own.steps += other.steps;
  if (!other.expanded) return;
  if (!own.expanded) {
    own.expanded = true;
    own.children = std::move(other.children);
    return;
  }
  std::vector<Node> both;
  for (Node& child : own.children) {
    const auto its = std::find_if(other.children.begin(), other.children.end(),
                                  [&](const Node& candidate) { return candidate.key == child.key; });
    if (its == other.children.end()) continue;
    merge(child, std::move(*its));
    both.push_back(std::move(child));
  }
  own.children = std::move(both);
}

void TableOrder::merge(TableOrder&& other) {
  merge(*root_, std::move(*other.root_));
  std::move(other.blocks_.begin(), other.blocks_.end(), std::back_inserter(blocks_));
}

bool TableOrder::joins(const std::vector<SortKey>& keys) const {
  for (std::size_t b = 1; b < blocks_.size(); ++b)
    for (const auto& [column, falling] : keys) {
      const int step = compare_sorted(blocks_[b - 1].last[column], blocks_[b].first[column]);
      if (falling ? step < 0 : step > 0) return false;
      if (step != 0) break;
    }
  return true;
}

void TableOrder::sort_blocks() {
  std::sort(blocks_.begin(), blocks_.end(), [](const Block& a, const Block& b) { return a.first_row < b.first_row; });
}

bool TableOrder::holds(const std::vector<SortKey>& keys) {
  const Node* node = root_.get();
  for (const SortKey& key : keys) {
    if (!node->expanded) break;
    const auto child = std::find_if(node->children.begin(), node->children.end(),
                                    [&](const Node& candidate) { return candidate.key == key; });
    if (child == node->children.end()) return false;
    node = &*child;
  }
  sort_blocks();
  return joins(keys);
}

std::vector<SortKey> TableOrder::in_order() {
  sort_blocks();
  std::vector<SortKey> keys;
  for (const Node& node : root_->children)
    if (node.steps > 0 && joins({node.key})) keys.push_back(node.key);
  return keys;
}

std::vector<SortKey> TableOrder::sorted_by() {
  sort_blocks();
  const auto by_steps = [](const Node* a, const Node* b) { return a->steps > b->steps; };
  std::vector<const Node*> firsts;
  for (const Node& node : root_->children)
    if (node.steps > 0) firsts.push_back(&node);
  std::stable_sort(firsts.begin(), firsts.end(), by_steps);
  for (const Node* node : firsts) {
    std::vector<SortKey> keys = {node->key};
    for (;;) {
      const auto next = std::max_element(node->children.begin(), node->children.end(),
                                         [](const Node& a, const Node& b) { return a.steps < b.steps; });
      if (next == node->children.end() || next->steps == 0) break;
      node = &*next;
      keys.push_back(node->key);
    }
    // The last of them may be by chance alone, in few rows and within blocks.
    for (; !keys.empty(); keys.pop_back())
      if (joins(keys)) return keys;
  }
  return {};
}

}  // namespace sidik
