// bench-insurers: how often a leak of a few rows names the right one of ten insurers who got the same rows.
//
//     bench-insurers [TRIES [PEOPLE]]
#include <cstdio>
#include <cstdlib>

#include "seal/canary_maker.h"
#include "seal/insurers.h"
#include "support/temporary_directory.h"

namespace {

using namespace sidik;
using insurers::Insurers, insurers::Leak, insurers::Plan;

void show(const char* sealed, const Insurers& insurers, Leak leak, std::size_t leaked, int tries) {
  std::mt19937_64 random(leaked);
  const insurers::Score score = insurers.score(leak, leaked, tries, random);
  const auto share = [&](int count) { return 100.0 * count / score.tries; };
  std::printf("%-30s  %-11s  %6zu  %6d  %6.1f %%  %6.1f %%  %6.1f %%  %6.1f %%\n", sealed,
              leak == Leak::kVerbatim ? "verbatim" : "reformatted", leaked, score.tries, share(score.first),
              share(score.alone), share(score.wrong), share(score.holding));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int tries = argc > 1 ? std::atoi(argv[1]) : 1000;
  Plan plain;
  if (argc > 2) plain.people = static_cast<std::uint64_t>(std::atoll(argv[2]));
  std::printf("%zu insurers, %llu rows each\n%-30s  %-11s  %6s  %6s  %8s  %8s  %8s  %8s\n", plain.insurers,
              static_cast<unsigned long long>(plain.people), "sealed with", "leaked", "rows", "tries", "first", "alone",
              "wrong", "canary");
  {
    const test::TemporaryDirectory folder;
    Plan plan = plain;
    plan.request.allowed = {"phone"};
    const Insurers two(plan, folder.path());
    for (const std::size_t leaked : {20U, 100U, 1000U})
      show("marks: phone, 2 channels", two, Leak::kVerbatim, leaked, leaked == 1000 ? tries / 10 : tries);
  }
  {
    const test::TemporaryDirectory folder;
    Plan plan = plain;
    plan.request.allowed = {"phone", "address"};
    plan.canaries = canaries_to_detect(0.99, 1000, plain.people);
    const Insurers all(plan, folder.path());
    show("marks: phone, address; canaries", all, Leak::kVerbatim, 20, tries);
    show("marks: phone, address; canaries", all, Leak::kReformatted, 1000, tries);
    show("marks: phone, address; canaries", all, Leak::kReformatted, 100, tries);
  }
  {
    const test::TemporaryDirectory folder;
    Plan plan = plain;
    plan.request.marks = SealRequest::Marks::kNone;
    plan.request.withhold = 0.01;
    const Insurers withheld(plan, folder.path());
    for (const std::size_t leaked : {100U, 1000U})
      show("1 % of the rows withheld", withheld, Leak::kReformatted, leaked, tries);
  }
  return 0;
}
