// Feeds that conditions describe, and what such a condition leaves of another feed.
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/classes.h"
#include "trace/sample_filters.h"
#include "trace/trace.h"

using namespace sidik;
using namespace sidik::testing;

namespace {

struct Member {
  std::string line;
  bool employed, first_class;
};

/// Of those who are employed one in three has the first class, of the others one in twelve.
std::vector<Member> members(std::mt19937& random) {
  const auto upto = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::vector<Member> all;
  for (unsigned i = 0; i < 6000; ++i) {
    Member one;
    one.employed = upto(4) == 0;
    one.first_class = upto(12) < (one.employed ? 4 : 1);
    one.line = "M" + std::to_string(2000000 + i * 31 + upto(31)) + ",0813" + std::to_string(1000000 + upto(9000000)) +
               "," + (one.employed ? "E" : std::string(1, static_cast<char>('P' + upto(3)))) + "," +
               (one.first_class ? "1"
                : upto(2) == 0  ? "2"
                                : "3") +
               "\n";
    all.push_back(one);
  }
  return all;
}

constexpr const char* kHeader = "member,phone,segment,class\n";

}  // namespace

TEST_CASE("a part that goes with a condition is no second source of what the condition filtered", "[trace][parts]") {
  // Of a leak of the employed a third are of the first class: that is what is usual there, not another feed's rows.
  int right = 0;
  constexpr int kTries = 8;
  for (unsigned seed = 1; seed <= kTries; ++seed) {
    std::mt19937 random(seed);
    const std::vector<Member> all = members(random);
    const RegistryKey key = RegistryKey::generate();
    testing::PlainStore store(key);
    std::string whole = kHeader, employed = kHeader, first_class = kHeader;
    std::vector<Member> leak;
    for (const Member& one : all) {
      whole += one.line;
      if (one.employed) employed += one.line;
      if (one.first_class) first_class += one.line;
      if (one.employed) leak.push_back(one);
    }
    for (const auto& [name, text] : {std::pair{"whole", &whole}, {"employers", &employed}, {"first", &first_class}}) {
      ExportDescription description;
      description.name = description.feed = name;
      store.add(description, *text);
    }
    std::shuffle(leak.begin(), leak.end(), random);
    std::string sample = kHeader;
    unsigned first = 0;
    for (const Member& one : leak) {
      if (std::count(sample.begin(), sample.end(), '\n') > 120) break;
      // Not a third of them: so few that the part is not among those that hold much of the sample.
      if (one.first_class && ++first > 32) continue;
      sample += one.line;
    }
    const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
    UNSCOPED_INFO(seed << ": " << verdict.summary);
    right += verdict.hypotheses[static_cast<int>(Hypothesis::kMixture)] < 0.1;
  }
  CHECK(right == kTries);
}

TEST_CASE("namesakes of a disjoint feed are no rows that a condition leaves", "[trace][parts]") {
  // Of the feed that the condition describes hardly a row is in this export: whoever is in both gains a lot, and who
  // shares a name with somebody there gains nothing.
  const auto gain = [](std::vector<ClassMatch> matches, bool counted) {
    Classes world;
    world.add(20, std::move(matches)).visible = kName;
    const RowTerms terms = world.terms();
    ExportParts parts;
    parts.parts.resize(4);
    FeedCondition condition{1, {Classes::kOther}, 0.25, {0.001, 0.001, 1, 1}, {}, {}};
    condition.at_most = condition.within;
    condition.counted = {counted ? '\1' : '\0', '\0', '\0', '\0'};
    parts.conditions.push_back(condition);
    const SampleFilters filters(terms, parts);
    const auto of_mixtures = filters.of_mixtures();
    REQUIRE(of_mixtures.size() == 2);
    return std::pair(filters.log_of(Classes::kMay), of_mixtures[1].gain(0, Classes::kMay));
  };
  const std::vector<ClassMatch> both{{kName, 0, {Classes::kMay, Classes::kOther}, 3}};
  const std::vector<ClassMatch> namesakes{{kName, 0, {Classes::kMay}, 3}, {kName, 0, {Classes::kOther}, 3}};
  CHECK(gain(both, true).first > 20);
  CHECK(gain(namesakes, true).first < 1);
  CHECK(gain(namesakes, false).first > 20);  // where nothing was counted, it is taken for independent
  // The same of a mixture's rows; of the records that a row may be the condition leaves some.
  CHECK(gain(both, true).second == Approx(std::log(1000)));
  CHECK(gain(namesakes, true).second == 0);
  CHECK(gain({both[0], {kName, 0, {Classes::kMay}, 3}}, true).second == Approx(std::log(1000) - std::log(2)));
}

TEST_CASE("a date between two gains by a condition in the rows that either of them would", "[trace][parts]") {
  // Both dates have all rows; some show so little that they are padding where half of the sample is.
  Classes world;
  world.add(40, {{kAll & ~kAccount, kAccount, {Classes::kMay, Classes::kJune, Classes::kOther}}}).visible = kAll;
  world.add(20, {{kTown, kName, {Classes::kMay, Classes::kJune, Classes::kOther}}}).visible = kTown | kName;
  const RowTerms terms = world.terms();
  ExportParts parts;
  parts.parts.resize(4);
  FeedCondition condition{1, {Classes::kOther}, 0.25, {0.25, 0.25, 1, 1}, {}, {}};
  condition.at_most = condition.within;
  condition.counted.assign(4, '\0');
  parts.conditions.push_back(condition);
  const SampleFilters filters(terms, parts);
  const ExportIndex both[] = {Classes::kMay, Classes::kJune};
  for (const double log_padded : {std::log(kUnlinkedRow), std::log(0.5)}) {
    const double shares[] = {1, 0};  // found by cells, where damaged rows are no padding
    CHECK(filters.log_of(both, shares, log_padded) == Approx(filters.log_of(Classes::kMay, log_padded)).margin(0.1));
  }
}
