#include "seal/canary_looks.h"

#include "support/catch.h"

namespace sidik::looks {

// bench-canaries has more layouts; SEAL.md quotes it. Secrets are random: the mean of several is held to 0.6.
TEST_CASE("boosted trees hardly tell canaries from real rows, and find naive ones", "[seal][looks]") {
  double area = 0;
  constexpr int kSecrets = 3;
  for (int i = 0; i < kSecrets; ++i) {
    const Looks looks = look_at("plain9", "province=31", 1500000, static_cast<std::uint64_t>(11 + i));
    INFO("AUC " << looks.auc << ", naive " << looks.naive_auc << ", found " << looks.found << ", lost " << looks.lost
                << ", changed " << looks.changed);
    REQUIRE(looks.canaries > 500);
    area += looks.auc / kSecrets;
    CHECK(looks.auc <= 0.63);
    CHECK(looks.naive_auc >= 0.9);
    CHECK(looks.found <= 0.2);
    CHECK(looks.lost <= 0.2);
    CHECK(looks.changed <= 0.2);
    CHECK(looks.real_changed <= 0.02);
    CHECK(looks.invalid == 0);
  }
  CHECK(area <= 0.6);
}

}  // namespace sidik::looks
