#include "seal/canary_recogniser.h"

#include <algorithm>
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
    agreed += code.matching("root", FieldType::kIdentifier, 0, random_digits(random, 5)) > 0 ? 1 : 0;
  CHECK(agreed <= 16);
  // The last digit comes first: what stands before a number does not matter.
  const auto ending = [&](std::size_t count) {
    std::string digits = code.digits("root", FieldType::kIdentifier, 0, count + 1);
    const char other = digits.back() == '0' ? '1' : '0';
    digits.pop_back();
    std::reverse(digits.begin(), digits.end());
    return other + digits;
  };
  CHECK(code.matching("root", FieldType::kIdentifier, 0, "12" + ending(5)) == 5);
  CHECK(code.matching("root", FieldType::kIdentifier, 0, "12" + ending(4)) == 0);
}

TEST_CASE("a whole row shows its digits' bits less those of the trials, and no other key sees them",
          "[seal][recogniser]") {
  const SealSecrets own = some_secrets(), other = some_secrets();
  CanaryCode code(own);
  const std::string nik = "3205291303700068";
  const auto number = [&](FieldType type, unsigned place, const std::string& like) {
    return code.number(nik, type, place, like, std::vector<bool>(like.size(), true));
  };
  const std::vector<RowField> row = {{FieldType::kNik, nik},
                                     {FieldType::kIdentifier, number(FieldType::kIdentifier, 0, "6215760208")},
                                     {FieldType::kIdentifier, number(FieldType::kIdentifier, 1, "4400123412341234")},
                                     {FieldType::kPhone, number(FieldType::kPhone, 0, "+6281234567890")}};
  CHECK(row[1].value.substr(0, 3) == "621");
  CHECK(row[2].value.substr(0, 3) == "440");
  CHECK(row[3].value.substr(0, 7) == "+628123");
  // Behind three digits that stay, and a phone's first five; eight places and four ends tried for each of three
  // fields, three roots. The digit before the keyed ones may be theirs by chance.
  const double expected = check_bits(7 + 13 + 7) - 3 * 5 - std::log2(3.0);
  const double found = CanaryRecogniser(own).check(row);
  CHECK(found >= expected - 1e-9);
  CHECK(found <= expected + check_bits(6));
  CHECK(expected > kCanaryCheckBits);
  CHECK(CanaryRecogniser(other).check(row) == 0);
  // A wrong digit in its midst, and the field says less.
  std::vector<RowField> damaged = row;
  damaged[2].value[9] = damaged[2].value[9] == '0' ? '1' : '0';
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
