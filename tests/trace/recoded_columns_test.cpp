// Columns whose values stand one for one for an export's: found by what stands beside what, and worth what they say.
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/column_map.h"
#include "trace/sample_reader.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

struct Client {
  std::string account, name, phone;
  int group = 0;  // of three
};

std::vector<Client> clients(std::size_t count) {
  static const char* const kFirst[] = {"Anna", "Ben", "Carla", "Dora", "Emil", "Franz", "Greta", "Hans", "Ida", "Jan"};
  static const char* const kLast[] = {"Weber", "Koch", "Richter", "Klein", "Wolf", "Braun", "Lange", "Krause", "Maier"};
  std::mt19937 random(29);
  std::vector<Client> all;
  for (std::size_t i = 0; i < count; ++i) {
    Client one;
    one.account = "AC" + std::to_string(4000000 + i * 17 + random() % 17);
    one.name = std::string(kFirst[random() % 10]) + " " + kLast[random() % 9];
    one.phone = "0812" + std::to_string(10000000 + random() % 89999999);
    one.group = static_cast<int>(random() % 3);
    all.push_back(one);
  }
  return all;
}

/// A table in which the groups are called `groups`.
std::string table(const std::vector<Client>& of, const std::vector<std::string>& groups, std::size_t first,
                  std::size_t last) {
  std::string text = "account;name;phone;grp\n";
  for (std::size_t i = first; i < last; ++i)
    text += of[i].account + ";" + of[i].name + ";" + of[i].phone + ";" + groups[of[i].group] + "\n";
  return text;
}

const std::vector<std::string> kLetters{"X", "Y", "Z"}, kNumbers{"71", "72", "73"}, kWords{"low", "mid", "high"};

struct House {
  House() : key(RegistryKey::generate()), store(key), people(clients(2000)) {
    add("letters", table(people, kLetters, 0, 2000));
    // Half of the people, and another name of the column.
    std::string text = table(people, kNumbers, 0, 1000);
    text.replace(text.find("grp"), 3, "tier");
    add("numbers", text);
  }
  void add(const std::string& name, const std::string& text) {
    ExportDescription description;
    description.name = description.feed = name;
    store.add(description, text);
  }
  ColumnMap map(const std::string& text) const {
    const SampleSurvey survey = survey_sample({{"sample", [&] { return memory_source(text, "sample"); }}}, {});
    return map_columns(survey, store, EpochSecrets(key, store));
  }
  Verdict ask(const std::string& text) const {
    return trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store, key, {});
  }
  RegistryKey key;
  testing::PlainStore store;
  std::vector<Client> people;
};

const MappedColumn* mapped_as(const ColumnMap& map, std::size_t column) {
  for (const MappedColumn& one : map.mapped)
    if (one.column == column) return &one;
  return nullptr;
}

}  // namespace

TEST_CASE("a column is known by values that stand for another export's, one for one", "[trace][recoded]") {
  const House house;
  const ColumnMap map = house.map(table(house.people, kLetters, 200, 400));
  const MappedColumn* const group = mapped_as(map, 3);
  REQUIRE(group != nullptr);
  REQUIRE(group->as.size() == 2);
  CHECK(group->as[0].codes.empty());
  CHECK(group->as[1].codes.size() == 3);
  CHECK(group->name == "grp");
}

TEST_CASE("a column that was recoded as a whole is known, and what contradicts it is counted", "[trace][recoded]") {
  const House house;
  const std::string sample = table(house.people, kWords, 200, 400);
  const ColumnMap map = house.map(sample);
  const MappedColumn* const group = mapped_as(map, 3);
  REQUIRE(group != nullptr);
  CHECK(group->agreement == Approx(1));
  for (const auto& as : group->as) CHECK(as.codes.size() == 3);
  const Verdict verdict = house.ask(sample);
  CHECK(verdict.origin == Origin::kOurs);

  // In every tenth row another group.
  std::vector<Client> others = house.people;
  for (std::size_t i = 0; i < others.size(); i += 10) others[i].group = (others[i].group + 1) % 3;
  const ColumnMap wrong = house.map(table(others, kWords, 200, 400));
  REQUIRE(mapped_as(wrong, 3) != nullptr);
  CHECK(mapped_as(wrong, 3)->agreement == Approx(0.9).margin(0.02));
}

TEST_CASE("values that have nothing to do with a column stand for none of its", "[trace][recoded]") {
  const House house;
  std::vector<Client> others = house.people;
  std::mt19937 random(31);
  for (Client& one : others) one.group = static_cast<int>(random() % 3);
  const ColumnMap map = house.map(table(others, kWords, 200, 400));
  // By its name it is the column all the same, and agrees nowhere.
  REQUIRE(mapped_as(map, 3) != nullptr);
  CHECK(mapped_as(map, 3)->by_form);
  for (const auto& as : mapped_as(map, 3)->as) CHECK(as.codes.empty());
}
