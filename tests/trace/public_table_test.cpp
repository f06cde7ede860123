// A public table about no people (airports of the United States), as twenty recipients' copies in which a few values
// differ: whose copy was it?
#include <fstream>
#include <iterator>

#include "support/catch.h"
#include "support/recipient_copies.h"

using namespace sidik;
using namespace sidik::testing;

namespace {

fixtures::Table airports() {
  std::ifstream file(SIDIK_SOURCE_DIR "/fixtures/tables/airports.csv");
  return fixtures::read_table(std::string(std::istreambuf_iterator<char>(file), {}), ',');
}

}  // namespace

TEST_CASE("of twenty recipients of a public table the one is named that the data single out", "[trace][public]") {
  const fixtures::Table table = airports();
  REQUIRE(table.rows.size() == 3376);
  std::size_t singled_out = 0;
  std::size_t right = 0;
  std::size_t open = 0;
  for (const std::uint64_t seed : {1U, 2U}) {
    const RecipientCopies copies(table, 20, 0.03, seed);
    for (const std::size_t rows : {20U, 100U}) {
      for (std::size_t source = 0; source < 20; source += 2) {
        const auto one = copies.ask(source, rows, seed * 1000 + rows + source);
        INFO(rows << " rows of copy " << source << ", seed " << seed << ": " << one.verdict.summary);
        CHECK(one.verdict.origin == Origin::kOurs);
        if (one.singled_out) {
          ++singled_out;
          right += one.right;
        } else {
          // Who was given the same rows shares the odds alike.
          ++open;
          CHECK(one.grouped);
          CHECK(one.spread < 0.01);
        }
      }
    }
  }
  CHECK(singled_out >= 20);
  CHECK(open >= 4);
  CHECK(right == singled_out);
}
