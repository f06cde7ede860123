#include "seal/insurers.h"

#include "seal/canary_maker.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

namespace sidik {
namespace {

using insurers::Insurers, insurers::Leak, insurers::Plan;

}  // namespace

// bench-insurers has these at 100,000 rows and 1,000 tries; SEAL.md quotes it.
TEST_CASE("twenty rows with two channels name one of ten insurers through a trace", "[seal][insurers]") {
  const test::TemporaryDirectory folder;
  Plan plan;
  plan.people = 6000;
  plan.request.allowed = {"phone"};
  const Insurers insurers(plan, folder.path());
  std::mt19937_64 random(1);
  const insurers::Score score = insurers.score(Leak::kVerbatim, 20, 100, random);
  INFO(score.first << " first, " << score.wrong << " wrong");
  CHECK(score.first >= 99);
  CHECK(score.wrong <= 1);
}

TEST_CASE("where marks are stripped canaries name an insurer as often as promised, and no other", "[seal][insurers]") {
  const test::TemporaryDirectory folder;
  Plan plan;
  plan.people = 12000;
  plan.request.allowed = {"phone", "address"};
  plan.canaries = canaries_to_detect(0.95, 400, plan.people);
  const Insurers insurers(plan, folder.path());
  std::mt19937_64 random(2);
  const insurers::Score score = insurers.score(Leak::kReformatted, 400, 50, random);
  INFO(score.first << " first, " << score.wrong << " wrong, " << score.holding << " held a canary");
  CHECK(score.holding >= 43);  // 47.5 but for chance
  CHECK(score.first >= score.holding);
  CHECK(score.wrong <= 1);
}

TEST_CASE("withheld rows alone name an insurer where nothing else tells", "[seal][insurers]") {
  const test::TemporaryDirectory folder;
  Plan plan;
  plan.people = 12000;
  plan.request.marks = SealRequest::Marks::kNone;
  plan.request.withhold = 0.01;
  const Insurers insurers(plan, folder.path());
  std::mt19937_64 random(3);
  const insurers::Score score = insurers.score(Leak::kReformatted, 1000, 30, random);
  INFO(score.first << " first, " << score.wrong << " wrong");
  CHECK(score.first == 30);
  CHECK(score.wrong == 0);
}

}  // namespace sidik
