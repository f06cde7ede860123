// Hidden digits say nothing: neither for a copy nor against it.
#include "trace/masked.h"

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

void add_members(testing::PlainStore& store, const std::string& text) {
  ExportDescription description;
  description.name = description.feed = "members";
  store.add(description, text);
}

/// How rows of members begin: a number and a name.
std::string member(int i) { return std::to_string(100000000000 + i * 7919) + ",Warga " + std::to_string(i * 31) + ","; }

}  // namespace

TEST_CASE("hidden digits are known for what they are, and nothing else is taken for them", "[trace][masked]") {
  for (const char* raw : {"3273********0001", "327301xxxxxx0001", "3273-XXXX-0001", "32730112########"})
    CHECK(is_masked(FieldType::kNik, raw));
  CHECK(is_masked(FieldType::kPhone, "0812****7890"));
  CHECK(is_masked(FieldType::kEmail, "si***@gmail.com"));
  CHECK(is_masked(FieldType::kPersonName, "BU** SAN****"));
  CHECK_FALSE(is_masked(FieldType::kIdentifier, "AXX-7731"));
  CHECK_FALSE(is_masked(FieldType::kPersonName, "Maxx"));
  CHECK(is_masked(FieldType::kText, "257-368-69****"));
  CHECK(is_masked(FieldType::kDecimal, "5494****"));
  CHECK_FALSE(is_masked(FieldType::kText, "*** urgent ***"));
  CHECK_FALSE(is_masked(FieldType::kText, "rated 5***"));
  CHECK_FALSE(is_masked(FieldType::kCategory, "5***"));
  CHECK(is_masked(FieldType::kText, "M*** S******"));
  CHECK(is_masked(FieldType::kCategory, "ck***@docomo.ne.jp"));
  CHECK_FALSE(is_masked(FieldType::kNik, "3273010101010001"));
}

TEST_CASE("amounts and numbers of no known form that are masked say nothing", "[trace][masked]") {
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  std::string whole = "staff,name,scheme,bonus\n";
  std::string masked = whole;
  for (int i = 0; i < 400; ++i) {
    const std::string start = member(i);
    const std::string scheme = std::to_string(100 + i * 7 % 900) + "-" + std::to_string(100 + i * 11 % 900) + "-" +
                               std::to_string(10 + i % 90);
    const std::string bonus = std::to_string(10000 + i * 13) + "." + std::to_string(10 + i % 90);
    whole += start + scheme + " 05," + bonus + "\n";
    if (i < 200) masked += start + scheme.substr(0, scheme.size() - 3) + "****," + bonus.substr(0, 4) + "****\n";
  }
  add_members(store, whole);
  std::size_t differing = 0;
  TraceOptions options;
  options.each_row = [&](const TracedRow& row) { differing += !row.differing.empty(); };
  const Verdict verdict = trace({{"sample", [&] { return memory_source(masked, "sample"); }}}, store, key, options);
  CHECK(verdict.origin == Origin::kOurs);
  CHECK(differing == 0);
}

TEST_CASE("rows whose addresses of mail are masked are not taken for damaged", "[trace][masked]") {
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  std::string whole = "card,name,email\n";
  std::string masked = whole;
  for (int i = 0; i < 400; ++i) {
    const std::string start = member(i);
    const std::string user = "warga" + std::to_string(i * 31);
    whole += start + user + "@contoh.id\n";
    if (i < 200) masked += start + (i % 2 == 0 ? "wa***@contoh.id" : user + "@contoh.id") + "\n";
  }
  add_members(store, whole);
  std::size_t differing = 0;
  std::size_t silent = 0;
  TraceOptions options;
  options.each_row = [&](const TracedRow& row) {
    differing += !row.differing.empty();
    silent += row.matched.size() == 2;
    CHECK(row.candidates == std::vector<std::string>{"members"});
  };
  const Verdict verdict = trace({{"sample", [&] { return memory_source(masked, "sample"); }}}, store, key, options);
  CHECK(verdict.origin == Origin::kOurs);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().rows_explained == 1);
  CHECK(differing == 0);
  CHECK(silent == 100);
}
