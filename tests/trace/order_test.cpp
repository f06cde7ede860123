// Order as evidence: a slice of an export's own order, and nothing where a visible column explains it.
#include "trace/order.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "ingest/byte_source.h"
#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

constexpr double kLn10 = 2.302585092994046;

TEST_CASE("k rows in order are worth k!, halved for two directions; a few displaced ones cost their places",
          "[trace][order]") {
  CHECK(*log10_monotone({1, 2, 3, 4}) == Approx(std::log10(24 / 2.0)));
  CHECK(*log10_monotone({9, 5, 2}) == Approx(std::log10(6 / 2.0)));
  CHECK(*log10_monotone({1, 2, 9, 3, 4}) == Approx(std::log10(24 / 5.0 / 2.0)));
  CHECK_FALSE(log10_monotone({7}).has_value());
  const std::vector<std::uint64_t> groups[] = {{1, 5, 8}, {2, 3}, {4}};
  CHECK(*log10_monotone(groups) == Approx(std::log10(6 * 2 / 2.0)));
}

TEST_CASE("an order by chance gains nothing", "[trace][order]") {
  std::mt19937_64 random(4);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::uint64_t> positions(2 + random() % 60);
    for (auto& position : positions) position = random() % 1000000;
    CHECK(log_order(log10_slice(positions, 1000000), log10_monotone(positions)) < 2.5 * kLn10);
  }
  CHECK(log_order(std::nullopt, -5.0) == Approx(std::log(0.9)).margin(1e-4));
}

TEST_CASE("no order is worth more than six decades: others may have it from upstream", "[trace][order]") {
  CHECK(log_order(10.0, 40.0) == Approx(6 * kLn10).margin(0.01));
}

/// An export whose order no column shows: by a number that only its owner has.
struct Hidden {
  Hidden() : key(RegistryKey::generate()), store(key) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 12000; ++i) {
      const std::string card = std::to_string(100000000000 + random() % 900000000000);
      rows.push_back(card + ",Warga " + std::to_string(random() % 5000) + "," + std::to_string(random() % 7) + "\n");
    }
    ExportDescription description;
    description.name = "members";
    description.feed = "members";
    store.add(description, head() + text(0, rows.size()));
    // The same people in another order.
    std::vector<std::string> shuffled = rows;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    std::string other = head();
    for (const std::string& row : shuffled) other += row;
    description.name = "copy";
    description.feed = "copies";
    store.add(description, other);
  }
  static std::string head() { return "card,name,class\n"; }
  std::string text(std::size_t from, std::size_t count) const {
    std::string all;
    for (std::size_t r = from; r < from + count; ++r) all += rows[r];
    return all;
  }
  Verdict ask(const std::string& sample) const {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }
  const Source& source(const Verdict& verdict, const std::string& name) const {
    for (const Source& one : verdict.sources) {
      if (one.name == name) return one;
    }
    FAIL("no source " << name);
    return verdict.sources.front();
  }

  RegistryKey key;
  testing::PlainStore store;
  std::vector<std::string> rows;
};

TEST_CASE("a slice in an export's own order names it among copies that differ in nothing else", "[trace][order]") {
  const Hidden hidden;
  const Verdict verdict = hidden.ask(Hidden::head() + hidden.text(2000, 2000));
  INFO(verdict.summary);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "members");
  REQUIRE(verdict.sources.front().evidence.order);
  CHECK(*verdict.sources.front().evidence.order > 4);
  CHECK(verdict.sources.front().posterior > 0.8);
  CHECK((verdict.sources.size() == 1 || verdict.sources[1].posterior < 0.01));
  CHECK(verdict.sources.front().evidence.total() == Approx(verdict.sources.front().log10_lr_outside).margin(0.005));
}

TEST_CASE("rows drawn anywhere and put in no order lose little", "[trace][order]") {
  Hidden hidden;
  std::mt19937_64 random(8);
  std::shuffle(hidden.rows.begin(), hidden.rows.end(), random);
  const Verdict verdict = hidden.ask(Hidden::head() + hidden.text(0, 2000));
  REQUIRE(verdict.sources.size() == 2);
  CHECK(std::abs(*hidden.source(verdict, "members").evidence.order) < 1);
  CHECK(std::abs(*hidden.source(verdict, "copy").evidence.order) < 1);
}

TEST_CASE("case 4: a sample sorted by a number that it shows: order counts nothing", "[trace][order]") {
  Hidden hidden;
  std::sort(hidden.rows.begin(), hidden.rows.end());
  testing::PlainStore sorted(hidden.key);
  ExportDescription description;
  description.name = "sorted";
  description.feed = "sorted";
  sorted.add(description, Hidden::head() + hidden.text(0, hidden.rows.size()));
  const std::string sample = Hidden::head() + hidden.text(2000, 2000);
  const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, sorted, hidden.key, {});
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK_FALSE(verdict.sources.front().evidence.order.has_value());
}

}  // namespace
