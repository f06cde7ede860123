// Many exports screened: the verdict is that of weighing all of them in full.
#include "trace/screening.h"

#include "fixtures/feeds.h"
#include "fixtures/leak.h"
#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/projection.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

/// Five years of a nightly feed and of a hospital's part of it, a month apart.
struct ManyExports {
  static constexpr unsigned kMonths = 40;
  RegistryKey key = RegistryKey::generate();
  testing::PlainStore store{key};
  fixtures::Population people{options(fixtures::Realm::kOurs)}, strangers{options(fixtures::Realm::kStrangers)};

  ManyExports() {
    for (const char* name : {"nightly", "hospital-jabar"})
      for (unsigned month = 0; month < kMonths; ++month) {
        ExportDescription description;
        description.name = std::string(name) + "-" + std::to_string(month);
        description.feed = name;
        description.recipient = name;
        description.at = 1600000000 + static_cast<UtcSeconds>(month) * 30 * 86400;
        store.add(description, text(people, name, month));
      }
  }
  static fixtures::PopulationOptions options(fixtures::Realm realm) {
    fixtures::PopulationOptions options;
    options.people = 1200;
    options.seed = 23;
    options.realm = realm;
    return options;
  }
  static std::string text(const fixtures::Population& people, const char* name, unsigned month) {
    fixtures::FeedRun run;
    run.month = month;
    return fixtures::feed_text(people, fixtures::feed_named(name), run);
  }
  /// Every `step`-th row of a month, with or without the header.
  static std::string part(const std::string& text, std::size_t step, bool header = true) {
    std::string out;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size(); ++number) {
      const std::size_t end = text.find('\n', at) + 1;
      if (number == 0 ? header : number % step == 0) out += text.substr(at, end - at);
      at = end;
    }
    return out;
  }
  Verdict ask(const std::string& sample, std::size_t few, unsigned threads = 1) const {
    TraceOptions options;
    options.few_exports = few;
    options.threads = threads;
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, options);
  }
};

std::vector<ExportIndex> projected(const ExportProjection& projection, std::initializer_list<ExportIndex> set) {
  ExportSet out;
  projection.of(set, out);
  return {out.begin(), out.end()};
}

}  // namespace

const ManyExports& many_exports() {
  static const ManyExports many;
  return many;
}

TEST_CASE("threads change nothing in a screened trace, nor in a full one", "[trace][screening]") {
  const ManyExports& many = many_exports();
  const std::string sample = ManyExports::part(ManyExports::text(many.people, "nightly", 20), 2);
  for (const std::size_t few : {16U, 1000U}) {
    const Verdict one = many.ask(sample, few);
    const Verdict several = many.ask(sample, few, 3);
    CHECK(several.probability == one.probability);
    CHECK(several.log10_lr_computed == one.log10_lr_computed);
    CHECK(several.summary == one.summary);
    for (int h = 0; h < kHypotheses; ++h) CHECK(several.hypotheses[h] == one.hypotheses[h]);
    REQUIRE(several.sources.size() == one.sources.size());
    for (std::size_t s = 0; s < one.sources.size(); ++s) {
      CHECK(several.sources[s].name == one.sources[s].name);
      CHECK(several.sources[s].posterior == one.sources[s].posterior);
    }
  }
}

TEST_CASE("a screened trace says what a full one says", "[trace][screening]") {
  const ManyExports& many = many_exports();
  const auto ours = [&](const char* name, unsigned month) { return ManyExports::text(many.people, name, month); };
  const std::pair<const char*, std::string> samples[] = {
      {"one month", ManyExports::part(ours("nightly", 20), 1)},
      {"a few rows", ManyExports::part(ours("nightly", 33), 60)},
      {"a part's month", ManyExports::part(ours("hospital-jabar", 11), 1)},
      {"two months of one feed, far apart",
       ManyExports::part(ours("nightly", 3), 3) + ManyExports::part(ours("nightly", 37), 2, false)},
      {"strangers", ManyExports::part(ManyExports::text(many.strangers, "nightly", 20), 3)},
  };
  for (const auto& [what, sample] : samples) {
    const Verdict full = many.ask(sample, 1000);
    const Verdict screened = many.ask(sample, 16);
    INFO(what << ": " << full.summary << " / " << screened.summary);
    CHECK(screened.origin == full.origin);
    CHECK(screened.kind == full.kind);
    CHECK(screened.probability == Approx(full.probability).margin(0.01));
    CHECK(screened.log10_lr_computed == Approx(full.log10_lr_computed).epsilon(0.02).margin(0.3));
    CHECK(screened.unexplained.value() == Approx(full.unexplained.value()).margin(0.02));
    for (int h = 0; h < kHypotheses; ++h) CHECK(screened.hypotheses[h] == Approx(full.hypotheses[h]).margin(0.05));
    if (full.origin != Origin::kOurs) continue;
    REQUIRE_FALSE(screened.sources.empty());
    CHECK(screened.sources.front().name == full.sources.front().name);
    CHECK(screened.sources.front().posterior == Approx(full.sources.front().posterior).margin(0.05));
  }
}

TEST_CASE("a projected set keeps those that count, and what is older than they", "[trace][screening]") {
  Feed feed;
  feed.exports = {0, 1, 2, 3, 4, 5, 6};
  // 3 and 5 are kept: 0 to 2 are older than both, 4 is older than one, 6 than none.
  const ExportProjection projection({0, 0, 0, 1, 0, 1, 0}, {feed});
  CHECK(projected(projection, {3, 5}) == std::vector<ExportIndex>{3, 5});
  CHECK(projected(projection, {1, 2}) == std::vector<ExportIndex>{0});
  CHECK(projected(projection, {2, 3, 4}) == std::vector<ExportIndex>{0, 3});
  CHECK(projected(projection, {3, 4}) == std::vector<ExportIndex>{3});
  CHECK(projected(projection, {4}) == std::vector<ExportIndex>{4});
  CHECK(projected(projection, {6}).empty());
  CHECK_FALSE(projection.leaves_out_others());

  const ExportProjection only({0, 1, 1, 0});
  CHECK(projected(only, {0, 1, 2, 3}) == std::vector<ExportIndex>{1, 2});
  CHECK(projected(only, {0, 3}).empty());
  CHECK(only.leaves_out_others());
}
