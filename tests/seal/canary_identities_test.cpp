#include "seal/canary_identities.h"

#include "base/bytes.h"
#include "base/error.h"
#include "fields/canonical.h"
#include "seal/block_sealer.h"
#include "seal/sealing.h"
#include "support/catch.h"

namespace sidik {
namespace {

Schema people() {
  Schema schema;
  for (const auto& [name, type] : {std::pair("phone", FieldType::kPhone), std::pair("card", FieldType::kIdentifier),
                                   std::pair("nik", FieldType::kNik)}) {
    ColumnSchema column;
    column.name = name;
    column.type = type;
    column.identity = type != FieldType::kPhone;
    schema.columns.push_back(column);
  }
  return schema;
}

SealSecrets secrets_for(const RegistryKey& key, const std::string& recipient) {
  ExportDescription description;
  description.feed = "nightly";
  description.recipient = recipient;
  return SealSecrets::of(key, description);
}

}  // namespace

TEST_CASE("who canaries are is read by their recipient's secret alone, and unchanged only", "[seal][canary]") {
  const RegistryKey key = RegistryKey::generate();
  const SealSecrets bank = secrets_for(key, "bank"), clinic = secrets_for(key, "clinic");
  const std::vector<CanaryIdentity> identities = {{FieldType::kNik, "3204110609700001"},
                                                  {FieldType::kIdentifier, "7504098591"}};
  const std::string bytes = encrypt_identities(identities, bank);
  CHECK(decrypt_identities(bytes, bank) == identities);
  CHECK(bytes.find("3204110609700001") == std::string::npos);
  CHECK(encrypt_identities(identities, bank) != bytes);
  CHECK_THROWS_AS(decrypt_identities(bytes, clinic), Error);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_THROWS_AS(decrypt_identities(changed, bank), Error);
    CHECK_THROWS_AS(decrypt_identities(std::string_view(bytes).substr(0, i), bank), Error);
  }
  CHECK(decrypt_identities(encrypt_identities({}, bank), bank).empty());
}

TEST_CASE("a canary's tag in any epoch is the one that its row has", "[seal][canary]") {
  const Schema schema = people();
  const std::vector<std::vector<std::string>> rows = {
      {"081234567890", "0007504098591", "32.0411.060970.0001"},  // by its NIK, however it is written
      {"081234567891", "7504098592", ""},
      {"", "", "3204110609700003"},
  };
  std::vector<CanaryIdentity> identities;
  for (const auto& cells : rows) {
    const auto identity = identity_of(schema, cells);
    REQUIRE(identity);
    identities.push_back(*identity);
  }
  const std::vector<std::string> nobody = {"081234567890", "", "-"};
  CHECK_FALSE(identity_of(schema, nobody));
  std::vector<std::vector<std::string>> columns(schema.columns.size());
  std::vector<std::vector<std::string_view>> views(schema.columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    for (const auto& cells : rows) columns[c].push_back(cells[c] + std::string(kTextSlack, '\0'));
    for (const std::string& value : columns[c]) views[c].emplace_back(value.data(), value.size() - kTextSlack);
  }
  for (int epoch = 0; epoch < 3; ++epoch) {
    const Secret secret = Secret::random(32);
    std::vector<RowTag> tags;
    IdentityTags(secret, schema).compute(views, rows.size(), tags);
    CHECK(tags_of(identities, secret) == tags);
  }
}

TEST_CASE("a sealing without canaries is written as it always was, and both forms are read", "[seal][canary]") {
  Sealing sealing;
  sealing.withhold = 0.01;
  CHECK(static_cast<int>(sealing.encode().front()) == 1);
  CHECK(Sealing::decode(sealing.encode()) == sealing);
  sealing.canaries = 1;
  sealing.canary_tags = {42};
  sealing.canary_identities = "bytes";
  CHECK(static_cast<int>(sealing.encode().front()) == 2);
  CHECK(Sealing::decode(sealing.encode()) == sealing);
  std::string newer = sealing.encode();
  newer.front() = 3;
  CHECK_FALSE(Sealing::decode(newer));
}

}  // namespace sidik
