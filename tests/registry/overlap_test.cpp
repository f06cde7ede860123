// What two exports have in common, counted from runs: against sets of people, merged or not, whole or by a sample.
#include "registry/overlap.h"

#include "base/bytes.h"
#include "registry/merge_commit.h"
#include "registry/small_exports.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

namespace {

std::size_t place_of(const FingerprintStore& store, const std::string& name) {
  for (std::size_t e = 0; e < store.exports().size(); ++e)
    if (store.exports()[e].description.name == name) return e;
  FAIL("no export " << name);
  return 0;
}

}  // namespace

TEST_CASE("the overlap of two exports is what their people are, in runs apart and merged", "[registry][overlap]") {
  const SmallRegistry small;
  Registry registry = small.open();
  // May: people 0..399. June: 100..549, of whom 300.. moved house. July: the first 50 people and nobody else.
  const std::string may = people_csv(400), july = people_csv(50);
  std::string june = people_csv(200, 100);
  for (unsigned i = 300; i < 550; ++i) june += person_row(i, 1);
  const std::string mails = "EMAIL,KODE\na@example.org,1\nb@example.org,2\nc@example.org,3\n";
  register_text(registry, small.key, may, named("may"));
  register_text(registry, small.key, june, named("june"));
  register_text(registry, small.key, july, named("july"));
  register_text(registry, small.key, mails, named("mails"));
  for (const bool merged : {false, true}) {
    if (merged) {
      std::set<std::string> ids;
      for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
      MergeTurn::take(registry.state(), small.key)->merge(ids, {});
    }
    INFO((merged ? "merged" : "apart"));
    const auto store = registry.snapshot(small.key);
    const auto at = [&](const char* name) { return static_cast<ExportIndex>(place_of(*store, name)); };
    const Overlap months = overlap_of(*store, at("may"), at("june"));
    CHECK(months.not_comparable == "");
    CHECK(months.both == 300);
    CHECK(months.only_first == 100);
    CHECK(months.only_second == 150);
    CHECK(months.unchanged == 200U);
    const Overlap turned = overlap_of(*store, at("june"), at("may"));
    CHECK(turned.only_first == 150);
    CHECK(turned.unchanged == 200U);
    CHECK(overlap_of(*store, at("july"), at("may")).only_first == 0);
    CHECK(overlap_of(*store, at("july"), at("june")).both == 0);
    CHECK(overlap_of(*store, at("may"), at("mails")).not_comparable == "are identified by different types");

    const auto matrix = overlap_matrix(*store);
    const std::size_t n = store->exports().size();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 1; j < n; ++j) {
        const Overlap exact = overlap_of(*store, static_cast<ExportIndex>(i), static_cast<ExportIndex>(j));
        const Overlap& shown = matrix[matrix_place(i, j, n)];
        CHECK(shown.both == exact.both);
        CHECK(shown.only_first == exact.only_first);
        CHECK(shown.only_second == exact.only_second);
        CHECK(shown.not_comparable == exact.not_comparable);
      }
  }
}

TEST_CASE("an overlap estimated from the lowest tags has the true one in its interval", "[registry][overlap]") {
  const std::string may = people_csv(2000), june = people_csv(2000, 500);
  unsigned missed = 0;
  // Which tags are lowest goes by the key: each registry is another draw.
  for (unsigned draw = 0; draw < 20; ++draw) {
    const SmallRegistry small;
    Registry registry = small.open();
    register_text(registry, small.key, may, named("may"));
    register_text(registry, small.key, june, named("june"));
    const auto store = registry.snapshot(small.key);
    const std::uint64_t both = overlap_of(*store, 0, 1).both;
    REQUIRE(both == 1500);
    for (const std::uint64_t budget : {400, 1000, 2000}) {
      const Overlap estimated = overlap_matrix(*store, budget).front();
      CHECK(estimated.sampled < 1);
      CHECK(estimated.both_high <= 2000);
      CHECK(estimated.only_first == 2000 - estimated.both);
      missed += estimated.both_low > both || estimated.both_high < both ? 1U : 0U;
    }
  }
  // 95 % intervals: 3 of 60 are missed, and the three of one draw together; half as wide ones would miss 20.
  CHECK(missed <= 14);
}
