#include "seal/table_order.h"

#include <algorithm>
#include <random>

#include "support/catch.h"

namespace sidik {
namespace {

using Row = std::vector<std::string>;

/// The rows as blocks of `size`, handed to `parts` objects in any order.
std::vector<SortKey> order_of(const std::vector<Row>& rows, std::size_t size, std::size_t parts, unsigned seed) {
  std::vector<TableOrder> orders;
  for (std::size_t p = 0; p < parts; ++p) orders.emplace_back(rows.front().size());
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < rows.size(); at += size) starts.push_back(at);
  std::mt19937_64 random(seed);
  std::shuffle(starts.begin(), starts.end(), random);
  for (const std::size_t start : starts) {
    Batch batch;
    batch.columns.resize(rows.front().size());
    for (std::size_t r = start; r < std::min(start + size, rows.size()); ++r, ++batch.rows) {
      for (std::size_t c = 0; c < rows[r].size(); ++c) batch.columns[c].push_back(rows[r][c]);
      batch.row_order.push_back((std::uint64_t{start / size} << 32) | (r - start));
    }
    orders[random() % parts].observe(batch);
  }
  for (std::size_t p = 1; p < parts; ++p) orders[0].merge(std::move(orders[p]));
  return orders[0].sorted_by();
}

std::vector<Row> some_rows(unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<Row> rows;
  for (int i = 0; i < 700; ++i)
    rows.push_back({"same", std::to_string(random() % 4), std::string(1, static_cast<char>('a' + random() % 9)),
                    std::to_string(random() % 100000), std::to_string(random() % 50)});
  return rows;
}

void sort_by(std::vector<Row>& rows, const std::vector<SortKey>& keys) {
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    for (const auto& [column, falling] : keys)
      if (const int step = compare_sorted(a[column], b[column]); step != 0) return (step < 0) != falling;
    return false;
  });
}

}  // namespace

TEST_CASE("a table's order is found whatever blocks it comes in, by one column or several, up or down",
          "[seal][order]") {
  const std::vector<std::vector<SortKey>> cases = {{{3, false}},
                                                   {{3, true}},
                                                   {{2, false}, {3, false}},
                                                   {{2, true}, {3, false}},
                                                   {{1, false}, {2, true}, {3, false}}};
  for (unsigned seed = 1; seed <= 6; ++seed)
    for (const auto& keys : cases)
      for (const std::size_t size : {3U, 50U, 1000U}) {
        std::vector<Row> rows = some_rows(seed);
        sort_by(rows, keys);
        // Behind a column that tells nearly all rows apart others may fit by chance: of what is found, the first count.
        auto found = order_of(rows, size, 1 + seed % 3, seed);
        REQUIRE(found.size() >= keys.size());
        found.resize(keys.size());
        CHECK(found == keys);
      }
}

TEST_CASE("an unsorted table has no order, nor has one of sorted parts", "[seal][order]") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::vector<Row> rows = some_rows(seed);
    CHECK(order_of(rows, 64, 2, seed).empty());
    sort_by(rows, {{3, false}});
    std::rotate(rows.begin(), rows.begin() + 300, rows.end());
    CHECK(order_of(rows, 100, 2, seed).empty());
    CHECK(order_of(rows, 64, 2, seed).empty());
  }
}

TEST_CASE("numbers are sorted by their size, all else by its bytes", "[seal][order]") {
  CHECK(compare_sorted("9", "10") < 0);
  CHECK(compare_sorted("010", "9") > 0);
  CHECK(compare_sorted("0010", "010") == 0);
  CHECK(compare_sorted("B", "a") < 0);
  CHECK(compare_sorted("10x", "9x") < 0);
  CHECK(compare_sorted("", "0") < 0);
}

}  // namespace sidik
