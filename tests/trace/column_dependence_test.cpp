// Columns that go together say less than each by itself; they say it to strangers as well as to us.
#include "trace/column_dependence.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/agreement.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

/// A member of some office's, born in one of the towns that it serves, entered by a clerk there or by a program. A
/// quarter signed up on the day they were born, and of those who signed up a third were never changed since.
struct Member {
  std::string card, name, town, office, clerk, born, joined, changed;
};

std::string word(int n) {
  static const char* const kSyllables[] = {"ba", "cu", "di", "fo", "ga", "hi", "jo",
                                           "ke", "lu", "ma", "ni", "po", "ra"};
  return std::string(kSyllables[n % 13]) + kSyllables[n / 13 % 13] + "n";
}

std::vector<Member> members(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  const auto day = [](int days) { return format_date(static_cast<UtcSeconds>(15000 + days) * 86400); };
  std::vector<Member> all;
  while (all.size() < count) {
    Member one;
    for (int d = 0; d < 13; ++d) one.card += static_cast<char>('0' + below(10));
    one.name = word(below(100)) + " " + word(below(100));
    const int town = below(150);
    one.town = "TOWN " + word(town);
    one.office = "BRANCH " + word(town / 2);
    one.clerk = below(2) == 0 ? "PROGRAM" : "USER " + word(town / 2) + " " + word(below(3));
    const int born = below(2500);
    const int joined = below(4) == 0 ? born : below(2500);
    one.born = day(born);
    one.joined = day(joined);
    one.changed = below(3) == 0 ? one.joined : day(below(2500));
    all.push_back(one);
  }
  return all;
}

std::string text(const std::vector<Member>& members, std::initializer_list<std::string Member::*> columns,
                 const std::string& header) {
  std::string text = header + "\n";
  for (const Member& one : members) {
    bool first = true;
    for (const auto column : columns) {
      text += (first ? "" : ",") + one.*column;
      first = false;
    }
    text += "\n";
  }
  return text;
}

const std::vector<Member>& ours() {
  static const std::vector<Member> all = members(1, 12000);
  return all;
}

/// Two months, the second with a tenth of the days of change moved.
struct Registry {
  Registry() : key(RegistryKey::generate()), store(key) {
    std::mt19937 random(2);
    std::vector<Member> rows = ours();
    for (unsigned month = 1; month <= 2; ++month) {
      ExportDescription description;
      description.name = "members-" + std::to_string(month);
      description.feed = "members";
      description.at = days_from_civil(2022, month, 1) * 86400;
      store.add(description, text(rows,
                                  {&Member::card, &Member::name, &Member::town, &Member::office, &Member::clerk,
                                   &Member::born, &Member::joined, &Member::changed},
                                  "card,name,town,office,clerk,born,joined,changed"));
      for (Member& row : rows)
        if (std::uniform_int_distribution<int>(0, 9)(random) == 0) row.changed = ours()[random() % 12000].changed;
    }
  }
  RegistryKey key;
  testing::PlainStore store;
};

Verdict ask(const std::string& sample) {
  const Registry registry;
  return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, registry.store, registry.key, {});
}

/// What a sample has in common with the registry, and its mapped columns' names.
struct Compared {
  Agreement agreement;
  std::vector<std::string> names;
  std::size_t field(const std::string& name) const {
    const auto place = std::find(names.begin(), names.end(), name);
    REQUIRE(place != names.end());
    return static_cast<std::size_t>(place - names.begin());
  }
  double lift(const std::string& a, const std::string& b) const {
    return agreement.lifts[field(a) * names.size() + field(b)];
  }
};

Compared compare(const std::string& sample) {
  const Registry registry;
  const SampleSurvey survey = survey_sample({{"sample", [&] { return memory_source(sample, "sample"); }}}, {});
  const EpochSecrets secrets(registry.key, registry.store);
  const ColumnMap map = map_columns(survey, registry.store, secrets);
  const std::vector<FieldRole> roles = field_roles(map, survey, registry.store.exports());
  const ValueFrequencies frequencies(registry.store.exports());
  AgreementTask task{registry.store, secrets, map, roles, frequencies};
  task.look_for_values = true;
  task.expected_rows = survey.screened.rows;
  AgreementTable table(std::move(task));
  table.examine_all(survey.screened.rows, survey.screened.columns, survey.screened.place);
  Compared compared{table.finish(), {}};
  for (const MappedColumn& mapped : map.mapped) compared.names.push_back(mapped.name);
  return compared;
}

/// Of ours, one cell in 25 another's.
std::vector<Member> copied(unsigned seed, std::size_t rows) {
  std::vector<Member> leak;
  std::mt19937 random(seed);
  std::sample(ours().begin(), ours().end(), std::back_inserter(leak), rows, random);
  for (Member& row : leak) {
    for (std::string Member::*cell : {&Member::name, &Member::town, &Member::joined, &Member::changed}) {
      if (std::uniform_int_distribution<int>(0, 24)(random) == 0) row.*cell = ours()[random() % 12000].*cell;
    }
  }
  return leak;
}

}  // namespace

TEST_CASE("two columns of which one tells the other are tied, and no others", "[trace][dependence]") {
  const Compared compared = compare(text(
      copied(3, 500), {&Member::card, &Member::name, &Member::town, &Member::office, &Member::clerk, &Member::born},
      "card,name,town,office,clerk,born"));
  // An office has one in 75 of the members and two towns; two members of a town are of one office.
  CHECK(compared.lift("town", "office") == Approx(std::log(75)).margin(0.5));
  CHECK(compared.lift("office", "clerk") == Approx(std::log(75)).margin(0.5));
  CHECK(compared.lift("name", "town") == 0);
  CHECK(compared.lift("born", "office") == 0);
  CHECK(compared.lift("card", "name") == 0);
}

TEST_CASE("a day that repeats another of its row is as common as such rows are", "[trace][dependence]") {
  const Compared compared =
      compare(text(copied(4, 500), {&Member::card, &Member::joined, &Member::changed}, "card,joined,changed"));
  const FieldMask days = FieldMask{1} << compared.field("joined") | FieldMask{1} << compared.field("changed");
  double repeating = 0;
  for (const AgreementClass& rows : compared.agreement.classes) {
    double said = 0;
    double alone = 0;
    for (const char* const name : {"joined", "changed"}) {
      said += rows.information[compared.field(name)];
      alone += rows.alone[compared.field(name)];
    }
    CHECK(alone > 12);
    if ((rows.repeats & days) == 0) {
      CHECK(said == alone);
      continue;
    }
    repeating += rows.rows;
    CHECK(said == Approx(alone / 2 + std::log(3)).margin(1.5));
  }
  CHECK(repeating == Approx(500 / 3.0).margin(30));
}

TEST_CASE("strangers of our towns and offices whose days repeat each other are not ours", "[trace][dependence]") {
  for (const unsigned seed : {11U, 12U, 13U}) {
    const Verdict days =
        ask(text(members(seed, 500), {&Member::name, &Member::joined, &Member::changed}, "who,start,last"));
    INFO(days.summary);
    CHECK(days.origin != Origin::kOurs);
    const Verdict towns =
        ask(text(members(seed, 500), {&Member::name, &Member::town, &Member::office, &Member::clerk, &Member::born},
                 "a,b,c,d,e"));
    INFO(towns.summary);
    CHECK(towns.origin != Origin::kOurs);
  }
}

TEST_CASE("columns that go together are ours where they are a copy's", "[trace][dependence]") {
  for (const unsigned seed : {31U, 32U}) {
    const Verdict verdict =
        ask(text(copied(seed, 300),
                 {&Member::name, &Member::town, &Member::office, &Member::born, &Member::joined, &Member::changed},
                 "name,town,office,born,joined,changed"));
    INFO(verdict.summary);
    CHECK(verdict.origin == Origin::kOurs);
    REQUIRE_FALSE(verdict.sources.empty());
    CHECK(verdict.sources.front().name == "members-1");
  }
}

TEST_CASE("what values say twice is counted once, by the strongest ties", "[trace][dependence]") {
  AgreementClass rows;
  rows.visible = 0b1111;
  rows.matches.push_back({0b0111, 0b1000, {}, 1});
  rows.information = rows.alone = {9, 5, 6, 4};
  // 1 follows from 0, 2 from 1, and 3, which differs, from 0.
  const double lifts[] = {0, 4, 1, 4,  //
                          4, 0, 5, 0,  //
                          1, 5, 0, 0,  //
                          4, 0, 0, 0};
  count_ties_once({&rows, 1}, lifts);
  CHECK(rows.information == std::vector<double>{9, 1, 1, 4});
  CHECK(rows.alone == std::vector<double>{9, 5, 6, 4});
}
