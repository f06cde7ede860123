#include "seal/canary_placing.h"

#include <algorithm>
#include <random>
#include <set>

#include "fields/inference.h"
#include "fixtures/feeds.h"
#include "fixtures/population.h"
#include "seal/canary_maker.h"
#include "seal/people_secret.h"
#include "support/catch.h"

namespace sidik {
namespace {

std::string people_text(std::uint64_t count) {
  using namespace fixtures;
  const Population population({count, 9, Realm::kOurs, {}});
  return feed_text(population, Feed{"all", "", layout_named("plain9"), {}}, FeedRun{});
}

/// The table's blocks, read.
struct Blocks {
  explicit Blocks(const std::string& text, std::size_t block_bytes = 40000) {
    TableReaderOptions options;
    options.block_bytes = block_bytes;
    reader = std::make_unique<TableReader>(memory_source(text, "test"), options);
    Inference inference(reader->header(), reader->columns());
    for (;;) {
      auto block = std::make_unique<TextBlock>();
      if (!reader->read_block(*block)) break;
      reader->parse(*block, batches.emplace_back());
      inference.observe(batches.back().columns);
      blocks.push_back(std::move(block));
    }
    schema = inference.finish().schema;
  }
  std::unique_ptr<TableReader> reader;
  std::vector<std::unique_ptr<TextBlock>> blocks;
  std::vector<Batch> batches;
  Schema schema;
};

/// A table of people, and what one recipient's seal makes of it.
struct Table {
  Table(std::uint64_t count, std::size_t canaries)
      : text(people_text(count)), read(text), census(secrets, people, read.schema, canaries, {}, count) {}
  CanaryPlacing placing(const std::vector<CanaryCandidate>& candidates) const {
    return CanaryPlacing({key.fingerprint_secret, people, secrets, read.schema, {}, census.household()}, candidates);
  }
  const std::string text;
  const Blocks read;
  const RegistryKey key = RegistryKey::generate();
  const SealSecrets secrets = SealSecrets::of(key, {});
  const Secret people = people_secret(secrets);
  CanaryCensus census;
};

}  // namespace

TEST_CASE("places are the same by what the census kept as by another reading of the table", "[seal][canaries]") {
  Table table(20000, 100);
  CanaryCensus& census = table.census;
  const std::vector<Batch>& batches = table.read.batches;
  const auto other = census.part();
  for (std::size_t b = 0; b < batches.size(); ++b) (b % 3 == 0 ? *other : census).observe(batches[b], false);
  census.merge(std::move(*other));
  REQUIRE(census.sorted_by().empty());
  const auto candidates = census.make(100, 2);
  REQUIRE(candidates.size() > 150);
  const auto alone = census.make(100, 1);
  REQUIRE(alone.size() == candidates.size());
  for (std::size_t i = 0; i < alone.size(); ++i) CHECK(alone[i].canary.cells == candidates[i].canary.cells);

  CanaryPlacing settled = table.placing(candidates), read = table.placing(candidates);
  REQUIRE(settled.settle(census));
  CanaryPlacing::View one(read), two(read);
  for (std::size_t b = 0; b < batches.size(); ++b) (b % 2 == 0 ? one : two).observe(batches[b]);
  read.merge(std::move(one));
  read.merge(std::move(two));
  const std::vector<std::uint8_t> turns(candidates.size(), 1);
  const auto a = settled.take(candidates.size(), turns), b = read.take(candidates.size(), turns);
  // One in some thousands may be taken for somebody by the census.
  CHECK(read.dropped() <= settled.dropped());
  CHECK(settled.dropped() <= read.dropped() + 3);
  std::set<std::pair<std::uint64_t, std::vector<std::string>>> places;
  for (const Canary& canary : b) places.emplace(canary.before, canary.cells);
  for (const Canary& canary : a) CHECK(places.contains({canary.before, canary.cells}));
}

TEST_CASE("a candidate that is somebody in the table is found by what the census kept", "[seal][canaries]") {
  Table table(5000, 30);
  CanaryCensus& census = table.census;
  for (const Batch& batch : table.read.batches) census.observe(batch, false);
  auto candidates = census.make(30, 1);
  const std::size_t all = candidates.size();
  // Each second becomes the person that it was made from.
  for (std::size_t i = 0; i < all; i += 2) candidates[i].canary.cells = candidates[i].base;
  CanaryPlacing placing = table.placing(candidates);
  REQUIRE(placing.settle(census));
  const std::vector<bool> taken = placing.taken();
  for (std::size_t i = 0; i < all; i += 2) CHECK(taken[i]);
  CHECK(std::count(taken.begin(), taken.end(), true) <= static_cast<std::ptrdiff_t>((all + 1) / 2 + 3));
}

TEST_CASE("a table is said to have all whom it has, and few others", "[seal][canaries]") {
  std::mt19937_64 random(7);
  std::vector<RowTag> here(50000), elsewhere(50000);
  for (auto* tags : {&here, &elsewhere})
    for (RowTag& tag : *tags) tag = row_tag(random());
  SeenPeople seen(here.size());
  seen.add(here);
  CHECK(std::all_of(here.begin(), here.end(), [&](RowTag tag) { return seen.may_have(tag); }));
  CHECK(std::count_if(elsewhere.begin(), elsewhere.end(), [&](RowTag tag) { return seen.may_have(tag); }) <
        150);  // one in a thousand
  CHECK_FALSE(seen.is_overfull());
  SeenPeople small(1000);
  small.add(here);
  CHECK(small.is_overfull());
}

TEST_CASE("a sample of a table is the same however it was read, and even", "[seal][canaries]") {
  const std::string text = people_text(150000);
  const Blocks table(text, 300000);
  const std::size_t columns = table.schema.columns.size();
  const auto sampled = [&](std::uint64_t rows, std::size_t parts) {
    std::vector<RowSample> samples(parts, RowSample(columns, rows));
    for (std::size_t b = table.batches.size(); b-- > 0;) samples[b % parts].observe(table.batches[b]);
    for (std::size_t p = 1; p < parts; ++p) samples[0].merge(std::move(samples[p]));
    return samples[0];
  };
  const auto niks = [](const RowSample& sample) {
    const auto cells = sample.columns();
    return std::multiset<std::string>(cells[0].begin(), cells[0].end());
  };
  const RowSample known = sampled(150000, 1), unknown = sampled(10, 1), parts = sampled(10, 3);
  CHECK(known.one_in() == 2);
  CHECK(known.rows() > 70000);
  CHECK(known.rows() < 80000);
  CHECK(niks(known) == niks(unknown));
  CHECK(niks(known) == niks(parts));
  std::size_t rows = 0;
  for (const Batch& batch : table.batches) rows += batch.rows;
  CHECK(rows == 150000);
}

}  // namespace sidik
