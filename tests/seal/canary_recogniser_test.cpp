#include "seal/canary_recogniser.h"

#include <cmath>
#include <random>

#include "support/catch.h"

namespace sidik {
namespace {

SealSecrets some_secrets() { return {Secret::random(32), Secret::random(32)}; }

std::string random_digits(std::mt19937_64& random, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + random() % 10);
  return out;
}

}  // namespace

TEST_CASE("keyed digits are evenly spread and each place has its own", "[seal][recogniser]") {
  CanaryCode code(some_secrets());
  std::size_t counts[10] = {};
  for (int i = 0; i < 2000; ++i)
    for (const char digit : code.digits(std::to_string(i), FieldType::kIdentifier, 0, 20)) ++counts[digit - '0'];
  for (const std::size_t count : counts) {
    CHECK(count > 3700);  // 4,000, five standard deviations away
    CHECK(count < 4300);
  }
  CHECK(code.digits("a", FieldType::kIdentifier, 0, 30) != code.digits("a", FieldType::kIdentifier, 1, 30));
  CHECK(code.digits("a", FieldType::kIdentifier, 0, 30) != code.digits("a", FieldType::kPhone, 0, 30));
  CHECK(code.digits("a", FieldType::kIdentifier, 0, 30) != code.digits("b", FieldType::kIdentifier, 0, 30));
  CHECK(code.digits("a", FieldType::kIdentifier, 0, 30).substr(0, 7) == code.digits("a", FieldType::kIdentifier, 0, 7));
}

TEST_CASE("d digits of somebody else agree once in 10^d", "[seal][recogniser]") {
  CanaryCode code(some_secrets());
  std::mt19937_64 random(3);
  int agreed = 0;
  constexpr int kTries = 400000;  // of five digits: four are to be expected
  for (int i = 0; i < kTries; ++i)
    agreed += code.matching("root", FieldType::kIdentifier, 0, "7" + random_digits(random, 5)) > 0 ? 1 : 0;
  CHECK(agreed <= 16);
  CHECK(code.matching("root", FieldType::kIdentifier, 0, "7" + code.digits("root", FieldType::kIdentifier, 0, 5)) == 5);
  CHECK(code.matching("root", FieldType::kIdentifier, 0, "7" + code.digits("root", FieldType::kIdentifier, 0, 4)) == 0);
}

TEST_CASE("a whole row shows its digits' bits less those of the trials, and no other key sees them",
          "[seal][recogniser]") {
  const SealSecrets own = some_secrets(), other = some_secrets();
  CanaryCode code(own);
  std::size_t first = 0, second = 0, third = 0;
  const std::string nik = "3205291303700068";
  const std::vector<RowField> row = {
      {FieldType::kNik, nik},
      {FieldType::kIdentifier, code.number(nik, FieldType::kIdentifier, 0, "6215760208", first)},
      {FieldType::kIdentifier, code.number(nik, FieldType::kIdentifier, 1, "4400123412341234", second)},
      {FieldType::kPhone, code.number(nik, FieldType::kPhone, 0, "+6281234567890", third)}};
  CHECK(first == 9);
  CHECK(second == 15);
  CHECK(third == 7);
  // Eight places tried for each of three fields, three roots.
  const double expected = check_bits(first + second + third) - 3 * 3 - std::log2(3.0);
  CHECK(CanaryRecogniser(own).check(row) == Approx(expected));
  CHECK(expected > kCanaryCheckBits);
  CHECK(CanaryRecogniser(other).check(row) == 0);
  // A digit less, and the field says nothing.
  std::vector<RowField> damaged = row;
  damaged[2].value.back() = damaged[2].value.back() == '0' ? '1' : '0';
  CHECK(CanaryRecogniser(own).check(damaged) < kCanaryCheckBits);
}

TEST_CASE("no row of strangers comes near, however many are tried", "[seal][recogniser]") {
  CanaryRecogniser recogniser(some_secrets());
  std::mt19937_64 random(4);
  double most = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::vector<RowField> row = {{FieldType::kNik, random_digits(random, 16)},
                                       {FieldType::kIdentifier, "5" + random_digits(random, 9)},
                                       {FieldType::kPhone, "+628123" + random_digits(random, 7)}};
    most = std::max(most, recogniser.check(row));
  }
  CHECK(most < 32);
}

}  // namespace sidik
