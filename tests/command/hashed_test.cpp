// Leaks that show numbers hashed: found where the export was registered with their digests.
#include <openssl/evp.h>

#include <nlohmann/json.hpp>

#include "fixtures/table.h"
#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using sidik::fixtures::Row;
using sidik::fixtures::Table;
using Json = nlohmann::json;

namespace {

std::string digest(const EVP_MD* algorithm, const std::string& text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  REQUIRE(EVP_Digest(text.data(), text.size(), bytes, &size, algorithm, nullptr) == 1);
  return {reinterpret_cast<const char*>(bytes), size};
}

std::string hex(const std::string& bytes, const char* digits) {
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// Two hundred people of the nightly export.
const Table& people() {
  static const Table some = sidik::fixtures::read_table(some_rows(feed("nightly", 0), 11, 200), ',');
  return some;
}

constexpr std::size_t kNik = 0, kSex = 4, kPhone = 5, kClass = 8;

/// Number, phone, sex and class of them, as `number` and `phone` write the first two.
template <typename Number, typename Phone>
std::string leak(Number&& number, Phone&& phone) {
  Table table{{"id", "tel", "sex", "class"}, {}};
  for (const Row& row : people().rows)
    table.rows.push_back({number(row[kNik]), phone(row[kPhone]), row[kSex], row[kClass]});
  return sidik::fixtures::write_table(table, {});
}

const SidikProcess& world() {
  static const SidikProcess sidik;
  static const bool made = [] {
    REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
    sidik.write("nightly.csv", feed("nightly", 0));
    const SidikResult result = sidik.run({"register", "nightly.csv", "--name", "nightly-1", "--feed", "nightly",
                                          "--also-hashed", "nik:md5:plain,phone:sha256:62", "-r", "reg"});
    INFO(result.err);
    REQUIRE(result.status == 0);
    CHECK_THAT(result.out, holds("2 hashed columns add about") && holds("Salted hashes"));
    return true;
  }();
  REQUIRE(made);
  return sidik;
}

Json trace_json(const std::string& text) {
  world().write("leak.csv", text);
  const SidikResult result = world().run({"trace", "leak.csv", "--json", "-r", "reg"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  return Json::parse(result.out);
}

std::string same_phone(const std::string& phone) { return phone; }

}  // namespace

TEST_CASE("hashed numbers are found in hexadecimal digits and in base64", "[command][hashed]") {
  const auto upper = [](const std::string& nik) { return hex(digest(EVP_md5(), nik), "0123456789ABCDEF"); };
  const auto coded = [](const std::string& nik) { return base64(digest(EVP_md5(), nik)); };
  for (const bool in_base64 : {false, true}) {
    const Json json = trace_json(in_base64 ? leak(coded, same_phone) : leak(upper, same_phone));
    CHECK(json["verdict"]["origin"] == "ours");
    CHECK(json["sample"]["columns"][0]["matched"] == "hash:md5:plain:nik");
    CHECK(json["sample"]["columns"][0]["agreement"] == 1.0);
    CHECK(json["unexplained"] == 0.0);
    CHECK(json["rows_linked"] == 200);
  }
}

TEST_CASE("hashed phones are found in the spelling that was registered", "[command][hashed]") {
  const auto hashed = [](const std::string& phone) {
    if (phone.empty()) return phone;
    return hex(digest(EVP_sha256(), "62" + phone.substr(1)), "0123456789abcdef");
  };
  const Json json = trace_json(leak([](const std::string& nik) { return nik; }, hashed));
  CHECK(json["verdict"]["origin"] == "ours");
  CHECK(json["sample"]["columns"][1]["matched"] == "hash:sha256:62:phone");
  CHECK(json["sample"]["columns"][1]["agreement"] == 1.0);
}

TEST_CASE("of salted digests it is said that they cannot be matched", "[command][hashed]") {
  const auto salted = [](const std::string& nik) { return hex(digest(EVP_md5(), "salt" + nik), "0123456789abcdef"); };
  const Json json = trace_json(leak(salted, same_phone));
  CHECK_THAT(json["verdict"]["caveats"].dump(),
             holds("The digests in id match nothing: salted ones cannot be matched"));
  const auto found = [](const std::string& nik) { return hex(digest(EVP_md5(), nik), "0123456789abcdef"); };
  CHECK_THAT(trace_json(leak(found, same_phone))["verdict"]["caveats"].dump(), !holds("match nothing"));
}

TEST_CASE("the feed's next export is hashed alike, without being told", "[command][hashed]") {
  const SidikProcess& sidik = world();
  const SidikResult again =
      sidik.run({"register", "nightly.csv", "--name", "nightly-1", "--feed", "nightly", "-r", "reg"});
  CHECK(again.status == 0);
  CHECK_THAT(again.out, holds("registered already"));
  sidik.write("next.csv", feed("nightly", 1));
  const SidikResult next = sidik.run({"register", "next.csv", "--name", "nightly-2", "--feed", "nightly", "-r", "reg"});
  INFO(next.err);
  CHECK(next.status == 0);
  CHECK_THAT(next.out, holds("2 hashed columns"));
  CHECK(next.err.find("warning") == std::string::npos);
}

TEST_CASE("what cannot be registered hashed is refused by name", "[command][hashed]") {
  const SidikProcess& sidik = world();
  for (const auto& [wanted, said] : {std::pair{"address:md5:plain", "column 'address' is of type address"},
                                     std::pair{"passport:md5:plain", "no column 'passport'"},
                                     std::pair{"nik:md5:08", "'08' is no spelling of type nik"},
                                     std::pair{"nik:crc32:plain", "expected md5, sha1 or sha256"},
                                     std::pair{"nik", "expected FIELD:ALGORITHM:SPELLING"}}) {
    const SidikResult result =
        sidik.run({"register", "nightly.csv", "--name", "other", "--also-hashed", wanted, "-r", "reg"});
    CHECK(result.status == 2);
    CHECK_THAT(result.err, holds("--also-hashed") && holds(said));
  }
}
