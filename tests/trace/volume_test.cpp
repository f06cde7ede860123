// What of a claim is possible: the identities that were ever registered, the authentic share of rows that come in
// clusters, and what repeated rows say of the whole.
#include "trace/volume.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/identity_count.h"
#include "trace/share_interval.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

/// Members [from, to) with their numbers.
std::string members(int from, int to) {
  std::string text = "member_no,plan,joined\n";
  for (int i = from; i < to; ++i)
    text += "M-" + std::to_string(500000 + i * 7) + ",P" + std::to_string(i % 4) + ",2020-0" +
            std::to_string(1 + i % 9) + "-1" + std::to_string(i % 8) + "\n";
  return text;
}

struct Books {
  Books() : key(RegistryKey::generate()), store(key) {
    add("a-1", "a", "2021-01-01", ExportKind::kExport, 0, 1000);
    add("a-2", "a", "2021-02-01", ExportKind::kExport, 100, 1200);
    add("b-1", "b", "2021-02-01", ExportKind::kExport, 1100, 1500);
    add("live", "", "2021-03-01", ExportKind::kReference, 1400, 1600);
    add("old-leak", "", "2020-01-01", ExportKind::kExternal, 0, 3000);
  }
  void add(const char* name, const char* feed, const char* at, ExportKind kind, int from, int to) {
    ExportDescription description;
    description.name = name;
    description.feed = feed;
    description.kind = kind;
    description.at = parse_utc(at);
    store.add(description, members(from, to));
  }
  RegistryKey key;
  testing::PlainStore store;
};

/// Rows in clusters: each cluster has its own share, so that two rows of one agree more often than two of two.
std::vector<char> clustered(std::mt19937& random, std::size_t clusters, std::size_t size, double share, double within) {
  std::vector<char> cases;
  const double n = 1 / within - 1;
  std::gamma_distribution<double> a(share * n), b((1 - share) * n);
  for (std::size_t c = 0; c < clusters; ++c) {
    const double x = a(random), y = b(random);
    std::bernoulli_distribution is(x / (x + y));
    for (std::size_t i = 0; i < size; ++i) cases.push_back(is(random) ? 1 : 0);
  }
  return cases;
}

}  // namespace

TEST_CASE("identities that were ever registered are counted once, by feed and by date", "[trace][volume]") {
  const Books books;
  for (const unsigned threads : {1U, 3U}) {
    const IdentityCounts counts = count_identities(books.store, threads);
    CHECK(counts.distinct == 1600);
    CHECK(counts.exact);
    REQUIRE(counts.by_type.size() == 1);
    CHECK(counts.by_type.front() == std::pair<std::string, std::uint64_t>{"identifier", 1600});
    REQUIRE(counts.by_feed.size() == 3);
    for (const FeedIdentities& feed : counts.by_feed) {
      if (feed.feed == "a") CHECK((feed.distinct == 1200 && feed.exports == 2));
      if (feed.feed == "b") CHECK(feed.distinct == 400);
      if (feed.feed == "live") CHECK((feed.distinct == 200 && feed.kind == "reference"));
    }
    REQUIRE(counts.by_date.size() == 4);
    CHECK(counts.by_date[0].distinct == 0);  // the date of foreign data
    CHECK(counts.by_date[1].distinct == 1000);
    CHECK(counts.by_date[2].distinct == 1500);
    CHECK(counts.by_date[3].distinct == 1600);
  }
}

TEST_CASE("a claim is held against what was ever registered, whatever the sample is", "[trace][volume]") {
  const Books books;
  TraceOptions options;
  options.claimed = 5000;
  const std::string sample = members(200, 700);
  const Verdict verdict = trace({{"s", [&] { return memory_source(sample, "s"); }}}, books.store, books.key, options);
  REQUIRE(verdict.volume);
  CHECK(verdict.volume->ever_exported == 1600);
  CHECK(verdict.volume->at_most() == 1600);
  CHECK(verdict.volume->supported_high == 1600);
  CHECK(verdict.volume->authentic_high == 1);
  CHECK(verdict.volume->authentic_low > 0.97);
  REQUIRE(verdict.volume->duplicates);
  CHECK(verdict.volume->duplicates->pairs == 0);
  const std::string twice = sample + sample.substr(sample.find('\n') + 1);
  const Verdict pasted = trace({{"s", [&] { return memory_source(twice, "s"); }}}, books.store, books.key, options);
  REQUIRE(pasted.volume);
  CHECK(pasted.volume->duplicates->pairs == 500);
  CHECK(pasted.volume->authentic_low == verdict.volume->authentic_low);
}

TEST_CASE("repeated rows are extrapolated by the square of what was drawn", "[trace][volume]") {
  // Everybody twice: a million of 279 show some 1,800 pairs, and half of the claim is different.
  const auto twice = distinct_among(279000000, {1000000, 1792});
  REQUIRE(twice);
  CHECK(static_cast<double>(twice->distinct_low) == Approx(139.5e6).epsilon(0.03));
  CHECK(static_cast<double>(twice->distinct_high) == Approx(139.5e6).epsilon(0.03));
  CHECK(twice->distinct_low < 139500000);
  CHECK(twice->distinct_high > 139500000);
  // No pair among a million: nearly all are different. None among a thousand says nothing.
  CHECK(distinct_among(279000000, {1000000, 0})->distinct_low > 278000000);
  CHECK(distinct_among(279000000, {1000, 0})->distinct_low < 50000000);
  CHECK(distinct_among(279000000, {1000, 0})->distinct_high == 279000000);
  CHECK_FALSE(distinct_among(279000000, {1, 0}));
}

TEST_CASE("what is supported of a claim never exceeds what was ever registered", "[trace][volume]") {
  IdentityCounts identities;
  identities.distinct = 222400000;
  const Volume volume = volume_of(279000000, {0.98, 0.996}, identities, {1000, 0});
  CHECK(volume.supported_high == 222400000);
  CHECK(volume.supported_low == 222400000);
  CHECK(volume_of(279000000, {0, 0.009}, identities, {1000, 0}).supported_high < 2790000);
}

TEST_CASE("the interval of a share covers it though rows come in clusters", "[trace][volume]") {
  std::mt19937 random(3);
  for (const double share : {0.5, 0.9}) {
    int covered = 0;
    constexpr int kTries = 400;
    for (int i = 0; i < kTries; ++i) {
      const ShareInterval interval = block_interval(clustered(random, 20, 50, share, 0.05));
      covered += interval.low <= share && share <= interval.high;
    }
    CHECK(covered >= kTries * 92 / 100);
  }
  // Two files, one of ours: nobody knows the share of what is claimed.
  std::vector<char> halves(400, 1);
  halves.resize(800, 0);
  const ShareInterval wide = block_interval(halves);
  CHECK(wide.low < 0.3);
  CHECK(wide.high > 0.7);
  const ShareInterval all = block_interval(std::vector<char>(1000, 1));
  CHECK(all.high == 1);
  CHECK(all.low > 0.99);
  CHECK(all.low < 1);
  CHECK(block_interval({}).low == 0);
}
