// The same columns under other names in another layout: what a table put together from both leaves out counts by them.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/column_map.h"
#include "trace/form.h"
#include "trace/sample_reader.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

struct Tenant {
  std::string contract, name, phone, flat, rent, deposit, agent, city, since;
};

std::vector<Tenant> tenants(std::size_t count) {
  static const char* const kNames[] = {"Ana", "Bo", "Cem", "Dina", "Eli", "Fay", "Gus", "Hal", "Ina", "Jo", "Kai"};
  static const char* const kCities[] = {"Bern", "Basel", "Chur", "Genf", "Sion", "Thun", "Zug"};
  std::mt19937 random(5);
  std::vector<Tenant> all;
  for (std::size_t i = 0; i < count; ++i) {
    Tenant one;
    one.contract = "MV-" + std::to_string(100000 + i * 13 + random() % 13);
    one.name = std::string(kNames[random() % 11]) + " " + kNames[random() % 11] + "son";
    one.phone = "0812" + std::to_string(10000000 + random() % 89999999);
    one.flat = std::to_string(1 + random() % 400) + "/" + std::to_string(1 + random() % 40);
    one.rent = std::to_string(400 + random() % 2000) + ".50";
    one.deposit = std::to_string(1000 + random() % 5000) + ".00";
    one.agent = "agent " + std::to_string(random() % 60);
    one.city = kCities[random() % 7];
    one.since = std::to_string(1990 + random() % 30) + "-0" + std::to_string(1 + random() % 9) + "-1" +
                std::to_string(random() % 10);
    all.push_back(one);
  }
  return all;
}

/// All tenants for the owner, with every column; half of them for a bank, and a few for an auditor, whose tables have
/// other names, another order and fewer columns.
struct Landlord {
  Landlord() : key(RegistryKey::generate()), store(key), people(tenants(3000)) {
    std::string owner = "Vertrag;Mieter;Telefon;Wohnung;Miete;Kaution;Makler;Ort;Seit\n";
    std::string bank = "monthly,place,tenant,contract_no,msisdn,unit\n";
    std::string auditor = bank;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const Tenant& one = people[i];
      owner += one.contract + ";" + one.name + ";" + one.phone + ";" + one.flat + ";" + one.rent + ";" + one.deposit +
               ";" + one.agent + ";" + one.city + ";" + one.since + "\n";
      const std::string line =
          one.rent + "," + one.city + "," + one.name + "," + one.contract + "," + one.phone + "," + one.flat + "\n";
      if (i % 2 == 0) bank += line;
      if (i % 10 == 4) auditor += line;
    }
    add("owner-1", owner);
    add("bank-1", bank);
    add("auditor-1", auditor);
  }
  void add(const std::string& name, const std::string& text) {
    ExportDescription description;
    description.name = name;
    description.feed = name.substr(0, name.find('-'));
    description.at = parse_utc("2023-05-01");
    store.add(description, text);
  }
  /// Name, phone and flat of some tenants.
  std::vector<SampleInput> sample(const std::vector<std::size_t>& chosen) const {
    std::string text = "a;b;c\n";
    for (const std::size_t i : chosen) text += people[i].name + ";" + people[i].phone + ";" + people[i].flat + "\n";
    return {{"sample", [text] { return memory_source(text, "sample"); }}};
  }
  ExportIndex index(const std::string& name) const {
    const auto& all = store.exports();
    return static_cast<ExportIndex>(
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.description.name == name; }) -
        all.begin());
  }
  ColumnId id(const std::string& name, const std::string& column) const {
    for (const ExportColumn& one : store.exports()[index(name)].columns)
      if (one.schema.name == column) return one.id;
    return 0;
  }
  RegistryKey key;
  testing::PlainStore store;
  std::vector<Tenant> people;
};

}  // namespace

TEST_CASE("columns of other names are the same where they hold the same of the same rows", "[trace][form]") {
  const Landlord landlord;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < 60; ++i) chosen.push_back(i * 40);
  const SampleSurvey survey = survey_sample(landlord.sample(chosen), {});
  const ColumnMap map = map_columns(survey, landlord.store, EpochSecrets(landlord.key, landlord.store));
  const auto same = [&](const char* owners, const char* banks) {
    return map.counterparts.of(landlord.id("owner-1", owners)) == map.counterparts.of(landlord.id("bank-1", banks));
  };
  CHECK(same("Vertrag", "contract_no"));
  CHECK(same("Mieter", "tenant"));
  CHECK(same("Miete", "monthly"));
  CHECK(same("Ort", "place"));
  CHECK_FALSE(same("Kaution", "monthly"));
  CHECK_FALSE(same("Makler", "place"));

  // Owner and bank have six columns in common, of which the sample leaves out three; the owner has three more.
  const auto forms = form_scores(survey, map, landlord.store.exports());
  const ExportIndex both[] = {landlord.index("owner-1"), landlord.index("bank-1")};
  CHECK(mixture_form(forms, both) < *forms[both[1]].log10 + 0.5);
}

TEST_CASE("a few rows that a small export has as well are no mixture because columns are left out", "[trace][form]") {
  const Landlord landlord;
  // Sixteen of the owner's rows, of which the auditor, who has one in ten, has four by chance.
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < 12; ++i) chosen.push_back(1 + i * 130);
  for (std::size_t i = 0; i < 4; ++i) chosen.push_back(14 + i * 600);
  const Verdict verdict = trace(landlord.sample(chosen), landlord.store, landlord.key, {});
  CHECK(verdict.hypotheses[static_cast<int>(Hypothesis::kMixture)] < 0.5);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "owner-1");
}
