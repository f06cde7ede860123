#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/fingerprinter.h"
#include "fingerprints/key.h"
#include "support/catch.h"

namespace sidik {
namespace {

Secret secret_of(std::string_view hex) { return Secret(from_hex(hex, "test")); }

/// Messages one after another, with the slack that Cmac asks for.
struct Messages {
  Bytes text;
  std::vector<std::uint32_t> begin{0};

  void add(ByteSpan message) {
    text.insert(text.end(), message.begin(), message.end());
    begin.push_back(static_cast<std::uint32_t>(text.size()));
  }
  /// Rubbish behind the last message: none of it may count.
  void end() { text.insert(text.end(), 16, 0xa5); }
  std::size_t size() const { return begin.size() - 1; }
  ByteSpan message(std::size_t i) const { return ByteSpan(text).subspan(begin[i], begin[i + 1] - begin[i]); }
};

Messages random_messages(std::mt19937_64& random, std::size_t count, std::size_t longest) {
  Messages out;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes message(random() % (longest + 1));
    for (std::uint8_t& byte : message) byte = static_cast<std::uint8_t>(random());
    out.add(message);
  }
  out.end();
  return out;
}

/// The fingerprint of the plain twin.
Fingerprint plain(Cmac& cmac, ByteSpan message) {
  std::array<std::uint8_t, 16> full{};
  cmac.full(message, full);
  Fingerprint out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | full[i];
  return out;
}

}  // namespace

TEST_CASE("the vectors of RFC 4493 come out, one by one and in lock-step", "[fingerprints][cmac]") {
  Cmac cmac(secret_of("2b7e151628aed2a6abf7158809cf4f3c"));
  const Bytes message = from_hex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17"
      "ad2b417b"
      "e66c3710",
      "test");
  const std::vector<std::pair<std::size_t, std::string>> vectors = {{0, "bb1d6929e95937287fa37d129b756746"},
                                                                    {16, "070a16b46b4d4144f79bdd9dd04a287c"},
                                                                    {40, "dfa66747de9ae63030ca32611497c827"},
                                                                    {64, "51f0bebf7e3b9d92fc49741779363cfe"}};
  Messages together;
  for (const auto& [length, expected] : vectors) {
    std::array<std::uint8_t, 16> full{};
    cmac.full(ByteSpan(message).first(length), full);
    CHECK(to_hex(full) == expected);
    together.add(ByteSpan(message).first(length));
  }
  together.end();
  std::vector<Fingerprint> out(together.size());
  cmac.compute(together.text.data(), together.begin, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Bytes expected = from_hex(vectors[i].second, "test");
    Fingerprint first = 0;
    for (std::size_t b = 0; b < 8; ++b) first = first << 8 | expected[b];
    CHECK(out[i] == first);
  }
}

TEST_CASE("lock-step gives what block by block gives, for every length from 0 to 70", "[fingerprints][cmac]") {
  std::mt19937_64 random(1);
  Cmac cmac(Secret::random(16));
  for (std::size_t length = 0; length <= 70; ++length) {
    Messages messages;
    for (int i = 0; i < 3; ++i) {
      Bytes message(length);
      for (std::uint8_t& byte : message) byte = static_cast<std::uint8_t>(random());
      messages.add(message);
    }
    messages.end();
    std::vector<Fingerprint> out(messages.size());
    cmac.compute(messages.text.data(), messages.begin, out);
    for (std::size_t i = 0; i < out.size(); ++i) REQUIRE(out[i] == plain(cmac, messages.message(i)));
  }
}

TEST_CASE("lock-step gives what block by block gives, for mixes of any size and lengths", "[fingerprints][cmac]") {
  std::mt19937_64 random(2);
  Cmac cmac(Secret::random(16));
  for (const auto& [count, longest] : std::vector<std::pair<std::size_t, std::size_t>>{{0, 10},
                                                                                       {1, 0},
                                                                                       {1, 5000},
                                                                                       {7, 16},
                                                                                       {1023, 40},
                                                                                       {1024, 17},
                                                                                       {1025, 64},
                                                                                       {3000, 33},
                                                                                       {2500, 16},
                                                                                       {200, 3000}}) {
    const Messages messages = random_messages(random, count, longest);
    std::vector<Fingerprint> out(messages.size());
    cmac.compute(messages.text.data(), messages.begin, out);
    for (std::size_t i = 0; i < out.size(); ++i) REQUIRE(out[i] == plain(cmac, messages.message(i)));
  }
}

TEST_CASE("some of the values are computed and the others left alone", "[fingerprints][cmac]") {
  std::mt19937_64 random(3);
  Cmac cmac(Secret::random(16));
  const Messages messages = random_messages(random, 4000, 48);
  std::vector<Fingerprint> all(messages.size()), some(messages.size(), 42);
  cmac.compute(messages.text.data(), messages.begin, all);
  std::vector<std::uint32_t> which;
  for (std::uint32_t i = 0; i < messages.size(); ++i)
    if (random() % 3 != 0) which.push_back(i);
  std::shuffle(which.begin(), which.end(), random);
  cmac.compute_some(messages.text.data(), messages.begin, which, some);
  std::vector<bool> asked(messages.size());
  for (const std::uint32_t i : which) asked[i] = true;
  for (std::size_t i = 0; i < messages.size(); ++i) REQUIRE(some[i] == (asked[i] ? all[i] : 42));
}

TEST_CASE("a key of another size than 16 bytes is refused", "[fingerprints][cmac]") {
  CHECK_THROWS_AS(Cmac(Secret(15)), Error);
  CHECK_THROWS_AS(Cmac(Secret(32)), Error);
}

TEST_CASE("every domain and type has a key of its own", "[fingerprints][cmac]") {
  const Secret secret = Secret::random(32);
  std::vector<std::string> keys;
  for (const FieldType type : all_field_types()) {
    keys.push_back(to_hex(fingerprint_key(secret, FingerprintDomain::kValue, type).bytes()));
    keys.push_back(to_hex(fingerprint_key(secret, FingerprintDomain::kTag, type).bytes()));
  }
  keys.push_back(to_hex(fingerprint_key(secret, FingerprintDomain::kWholeRow, FieldType::kText).bytes()));
  std::sort(keys.begin(), keys.end());
  CHECK(std::unique(keys.begin(), keys.end()) == keys.end());
  CHECK(fingerprint_key(secret, FingerprintDomain::kValue, FieldType::kNik) == derive(secret, "sidik/1/value/nik", 16));
  CHECK(fingerprint_key(secret, FingerprintDomain::kTag, FieldType::kEmail) == derive(secret, "sidik/1/tag/email", 16));
  CHECK(fingerprint_key(secret, FingerprintDomain::kWholeRow, FieldType::kNik) ==
        derive(secret, "sidik/1/whole-row", 16));
}

}  // namespace sidik
