// A trace is none the wiser for how exports are spread over files: byte for byte the same verdict before and after.
#include <cstdio>

#include "base/bytes.h"
#include "fixtures/feeds.h"
#include "registry/merge_commit.h"
#include "registry/removal.h"
#include "registry/small_exports.h"
#include "report/report.h"
#include "support/catch.h"
#include "trace/trace.h"

using namespace sidik;
using namespace sidik::test;

namespace {

/// Months of two feeds of one population, one with fewer columns and people.
struct House {
  SmallRegistry small;
  fixtures::Population population{options()};
  std::vector<std::string> samples;

  House() {
    Registry registry = small.open();
    // Seven: the eighth would merge them by itself.
    for (const char* name : {"nightly", "hospital-jabar"})
      for (std::uint32_t month = 0; month < (name[0] == 'n' ? 4U : 3U); ++month) {
        const std::string text = text_of(name, month * 2);
        RegistrationOptions options = named(std::string(name) + "-" + std::to_string(month), name, name);
        options.description.at = 1600000000 + static_cast<UtcSeconds>(month) * 2 * 30 * 86400;
        register_text(registry, small.key, text, options);
      }
    samples = {lines(text_of("nightly", 4), 400, 7), lines(text_of("hospital-jabar", 2), 60, 1),
               lines(text_of("nightly", 3), 300, 5), columns(lines(text_of("nightly", 6), 200, 3), 1)};
  }
  static fixtures::PopulationOptions options() {
    fixtures::PopulationOptions options;
    options.people = 3000;
    options.seed = 5;
    return options;
  }
  std::string text_of(const std::string& feed, std::uint32_t month) const {
    fixtures::FeedRun run;
    run.month = month;
    return fixtures::feed_text(population, fixtures::feed_named(feed), run);
  }
  static std::string lines(const std::string& text, std::size_t count, std::size_t step) {
    std::string out;
    std::size_t number = 0, taken = 0;
    for (std::size_t at = 0; at < text.size() && taken <= count; ++number) {
      const std::size_t end = text.find('\n', at) + 1;
      if (number == 0 || number % step == 0) {
        out += text.substr(at, end - at);
        ++taken;
      }
      at = end;
    }
    return out;
  }
  /// Without the first columns, which identify: linked through the indexes.
  static std::string columns(const std::string& text, std::size_t drop) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at) + 1;
      std::string line = text.substr(at, end - at);
      for (std::size_t d = 0; d < drop; ++d) line = line.substr(line.find_first_of(",;|\t") + 1);
      out += line;
      at = end;
    }
    return out;
  }
  std::vector<std::string> verdicts() const {
    const auto store = small.open().snapshot(small.key);
    std::vector<std::string> out;
    for (const std::string& sample : samples)
      out.push_back(
          verdict_json(trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, *store, small.key, {})));
    return out;
  }
  std::vector<std::string> ids() const {
    const Registry registry = small.open();
    std::vector<std::string> all;
    for (const RunInUse& use : runs_in_use(registry.state()).runs) all.push_back(to_hex(use.file.id));
    return all;
  }
  void merge(const std::set<std::string>& runs) {
    Registry registry = small.open();
    MergeTurn::take(registry.state(), small.key)->merge(runs, {});
  }
};

}  // namespace

TEST_CASE("a verdict is byte for byte the same however runs were merged", "[registry][merge][trace]") {
  House house;
  const std::vector<std::string> before = house.verdicts();
  CHECK(before[0].find("nightly-2") != std::string::npos);
  std::vector<std::string> ids = house.ids();
  REQUIRE(ids.size() == 7);
  house.merge({ids[1], ids[6]});
  CHECK(house.verdicts() == before);
  ids = house.ids();
  house.merge({ids[0], ids[3], ids[4]});
  CHECK(house.verdicts() == before);
  ids = house.ids();
  house.merge({ids.begin(), ids.end()});
  CHECK(house.ids().size() == 1);
  CHECK(house.verdicts() == before);
}

TEST_CASE("a verdict after a removal does not depend on when the bytes return", "[registry][remove][trace]") {
  House merged;
  {
    const auto ids = merged.ids();
    merged.merge({ids.begin(), ids.end()});
  }
  std::vector<std::vector<std::string>> after;
  Registry registry = merged.small.open();
  remove_export(registry, merged.small.key, "nightly-2", BytesReturn::kAtNextMerge);
  after.push_back(merged.verdicts());
  for (const std::string& verdict : after[0]) CHECK(verdict.find("nightly-2") == std::string::npos);
  merged.merge({merged.ids().front()});
  after.push_back(merged.verdicts());
  CHECK(after[0] == after[1]);
}
