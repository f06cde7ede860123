// What gains by standing in one file is merged, what does not stays apart.
#include "registry/compaction.h"

#include <chrono>

#include "fixtures/feeds.h"
#include "registry/merge_commit.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/recording_file_system.h"

using namespace sidik;
using namespace sidik::test;

namespace {

fixtures::PopulationOptions of_people(std::uint64_t people, fixtures::Realm realm = fixtures::Realm::kOurs) {
  fixtures::PopulationOptions options;
  options.people = people;
  options.realm = realm;
  return options;
}

std::string text_of(const fixtures::Population& population, std::uint32_t month, double share = 1,
                    std::uint64_t key = 0) {
  fixtures::Feed feed = fixtures::feed_named("nightly");
  feed.filter.share = share;
  feed.filter.share_key = key;
  fixtures::FeedRun run;
  run.month = month;
  return fixtures::feed_text(population, feed, run);
}

void add(const SmallRegistry& small, const std::string& name, const std::string& text) {
  Registry registry = small.open();
  register_text(registry, small.key, text, named(name));
}

std::size_t runs(const SmallRegistry& small) { return runs_in_use(small.open().state()).runs.size(); }

void require_whole(const SmallRegistry& small) {
  const CheckReport report = small.open().check(&small.key, {});
  REQUIRE(report.damaged == std::vector<std::string>{});
  REQUIRE(report.leftovers == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("near-identical exports collapse, strangers stay apart", "[registry][compaction]") {
  const SmallRegistry small;
  const fixtures::Population ours(of_people(4000)), strangers(of_people(4000, fixtures::Realm::kStrangers));
  for (std::uint32_t month = 0; month < 5; ++month) add(small, "ours-" + std::to_string(month), text_of(ours, month));
  add(small, "strangers", text_of(strangers, 0));
  Registry registry = small.open();
  const CompactionReport plan = plan_compaction(registry, small.key);
  CHECK(runs(small) == 6);
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].exports.size() == 5);
  const CompactionReport done = compact(registry, small.key, {});
  CHECK(runs(small) == 2);
  CHECK(done.runs_after == 2);
  CHECK(done.steps[0].bytes_after < done.steps[0].bytes_before / 3);
  CHECK(static_cast<double>(plan.bytes_after) < 1.3 * static_cast<double>(done.bytes_after));
  CHECK(static_cast<double>(plan.bytes_after) > 0.7 * static_cast<double>(done.bytes_after));
  require_whole(small);
  CHECK(plan_compaction(registry, small.key).steps.empty());
}

TEST_CASE("random subsets of one population collapse", "[registry][compaction]") {
  const SmallRegistry small;
  const fixtures::Population population(of_people(4000));
  for (std::uint64_t s = 1; s <= 7; ++s) add(small, "subset-" + std::to_string(s), text_of(population, 0, 0.4, s));
  Registry registry = small.open();
  const CompactionReport done = compact(registry, small.key, {});
  CHECK(runs(small) == 1);
  CHECK(done.bytes_after < done.bytes_before / 2);
  require_whole(small);
}

TEST_CASE("the eighth export of a feed merges it by itself, and strangers never", "[registry][compaction]") {
  const fixtures::Population ours(of_people(500));
  SmallRegistry small;
  for (std::uint32_t month = 0; month < 7; ++month) add(small, "ours-" + std::to_string(month), text_of(ours, month));
  CHECK(runs(small) == 7);
  add(small, "ours-7", text_of(ours, 7));
  CHECK(runs(small) == 1);
  require_whole(small);
  SmallRegistry others;
  for (unsigned i = 1; i <= 9; ++i) add(others, "other-" + std::to_string(i), people_csv(100, i * 1000));
  CHECK(runs(others) == 9);
}

TEST_CASE("a nightly feed is rewritten by merges a seventh as often as it is written", "[registry][compaction]") {
  RecordingFileSystem files;
  const SmallRegistry small(&files);
  const fixtures::Population ours(of_people(3000));
  double registered = 0;
  constexpr std::uint32_t kNights = 40;
  for (std::uint32_t night = 0; night < kNights; ++night) {
    Registry registry = small.open();
    const std::string text = text_of(ours, night / 8);
    registered += static_cast<double>(
        register_text(registry, small.key, text, named("night-" + std::to_string(night))).entry.run.length);
  }
  // FORMAT.md, What merges: 1 + 1/7 in all, and what merged runs grow by.
  const double written = static_cast<double>(files.written().at(".building").size());
  CHECK(written > 1.05 * registered);
  CHECK(written < 1.3 * registered);
  CHECK(runs(small) == 1);
  require_whole(small);
}

TEST_CASE("a compaction that is stopped has lost nothing, and the next goes on", "[registry][compaction]") {
  const SmallRegistry small;
  const fixtures::Population ours(of_people(600)), strangers(of_people(600, fixtures::Realm::kStrangers));
  for (std::uint32_t month = 0; month < 3; ++month) {
    add(small, "ours-" + std::to_string(month), text_of(ours, month));
    add(small, "strangers-" + std::to_string(month), text_of(strangers, month));
  }
  Registry registry = small.open();
  CompactionOptions stopped;
  stopped.progress = [](const CompactionProgress& progress) {
    if (progress.step == 2) throw std::runtime_error("stopped");
  };
  CHECK_THROWS_AS(compact(registry, small.key, stopped), std::runtime_error);
  require_whole(small);
  CHECK(runs(small) == 4);
  CHECK(compact(registry, small.key, {}).runs_after == 2);
  require_whole(small);
}

TEST_CASE("a throttled compaction takes its time", "[registry][compaction]") {
  const SmallRegistry small;
  const fixtures::Population ours(of_people(600));
  for (std::uint32_t month = 0; month < 2; ++month) add(small, "ours-" + std::to_string(month), text_of(ours, month));
  Registry registry = small.open();
  CompactionOptions slow;
  slow.bytes_a_second = 400000;
  const auto begin = std::chrono::steady_clock::now();
  compact(registry, small.key, slow);
  CHECK(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(200));
  require_whole(small);
}
