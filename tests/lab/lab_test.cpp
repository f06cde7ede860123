#include "base/parallel.h"
#include "lab/report.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace sidik;
using namespace sidik::lab;

TEST_CASE("in a small lab the right copy is named and nothing foreign is called ours", "[lab]") {
  const test::TemporaryDirectory folder;
  WorldOptions options;
  options.seed = 20210520;
  options.people = 6000;
  options.threads = default_threads();
  const World world(options, folder.path());
  REQUIRE(world.registered() >= 30);

  std::vector<Outcome> all;
  for (const LeakKind kind : all_leak_kinds())
    for (const std::size_t rows : {std::size_t{20}, std::size_t{200}}) {
      const auto outcomes = try_leaks(world, kind, rows, 4, 1, options.threads);
      all.insert(all.end(), outcomes.begin(), outcomes.end());
    }
  INFO(report(all));
  const Tally t = tally(all);
  CHECK(t.traceable >= 40);
  CHECK(static_cast<double>(t.right) >= 0.95 * static_cast<double>(t.traceable));
  CHECK(t.falsely_ours == 0);
}
