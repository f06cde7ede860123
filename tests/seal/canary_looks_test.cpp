#include "seal/canary_looks.h"

#include "support/catch.h"

namespace sidik::looks {

// bench-canaries has larger tables and more layouts; SEAL.md quotes it.
TEST_CASE("boosted trees hardly tell canaries from real rows, and find naive ones", "[seal][looks]") {
  const Looks looks = look_at("plain9", "province=31", 1500000, 11);
  INFO("AUC " << looks.auc << ", naive " << looks.naive_auc << ", found " << looks.found << ", lost " << looks.lost
              << ", changed " << looks.changed);
  REQUIRE(looks.canaries > 500);
  CHECK(looks.auc <= 0.68);  // 0.56 to 0.66 by key: SEAL.md
  CHECK(looks.naive_auc >= 0.9);
  CHECK(looks.found <= 0.2);
  CHECK(looks.lost <= 0.2);
  CHECK(looks.changed <= 0.2);
  CHECK(looks.real_changed <= 0.02);
  CHECK(looks.invalid == 0);
}

}  // namespace sidik::looks
