// Columns of two sources side by side, foreign data that are registered, what would tell copies apart, and dates that
// nobody should trust.
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/foreign_agreement.h"
#include "trace/separation.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

struct Subscriber {
  std::string account, name, street, phone, their_phone, plan;
};

/// People with an account, of whom a telco knows name and street, and for nine in ten the same phone.
std::vector<Subscriber> subscribers(std::size_t count) {
  static const char* const kFirst[] = {"Anna", "Ben", "Carla", "Dora", "Emil", "Franz", "Greta", "Hans", "Ida", "Jan"};
  static const char* const kLast[] = {"Weber", "Koch", "Richter", "Klein", "Wolf", "Braun", "Lange", "Krause", "Maier"};
  std::mt19937 random(17);
  const auto digits = [&](int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += static_cast<char>('0' + random() % 10);
    return text;
  };
  std::vector<Subscriber> all;
  for (std::size_t i = 0; i < count; ++i) {
    Subscriber one;
    one.account = "AC" + std::to_string(4000000 + i * 17 + random() % 17);
    one.name = std::string(kFirst[random() % 10]) + " " + kLast[random() % 9];
    one.street = "Jalan Kenanga No " + std::to_string(random() % 900) + " RT " + std::to_string(random() % 30);
    one.phone = "0812" + digits(8);
    one.their_phone = random() % 10 == 0 ? "0857" + digits(8) : one.phone;
    one.plan = std::string(1, static_cast<char>('A' + random() % 4));
    all.push_back(one);
  }
  return all;
}

constexpr const char* kHeader = "account;name;address;phone;plan\n";
std::string line(const Subscriber& of, const std::string& phone) {
  return of.account + ";" + of.name + ";" + of.street + ";" + phone + ";" + of.plan + "\n";
}

struct Office {
  explicit Office(bool with_telco) : key(RegistryKey::generate()), store(key), people(subscribers(3000)) {
    std::string ours = kHeader;
    for (const Subscriber& one : people) ours += line(one, one.phone);
    ExportDescription description;
    description.name = "clients-may";
    description.feed = "clients";
    description.recipient = "agency";
    description.at = parse_utc("2023-05-01");
    store.add(description, ours);
    if (!with_telco) return;
    // The telco has the account as a payment reference, so that its rows and ours are of the same identities.
    std::string theirs = "pay_ref,subscriber,msisdn\n";
    for (const Subscriber& one : people) theirs += one.account + "," + one.name + "," + one.their_phone + "\n";
    ExportDescription foreign;
    foreign.name = "telco-2020";
    foreign.kind = ExportKind::kExternal;
    store.add(foreign, theirs);
  }
  Verdict ask(const std::string& text, TraceOptions options = {}) const {
    return trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store, key, options);
  }
  RegistryKey key;
  testing::PlainStore store;
  std::vector<Subscriber> people;
};

bool says(const std::vector<std::string>& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(), [&](const auto& one) { return one.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("columns ours and phones of registered foreign data are named by column", "[trace][groups]") {
  const Office office(true);
  std::mt19937 random(5);
  std::string sample = kHeader;
  // Phones that the telco alone has: where it agrees with us it proves nothing.
  for (std::size_t i = 0, n = 0; n < 150; ++i) {
    const Subscriber& one = office.people[i];
    if (one.their_phone == one.phone) continue;
    ++n;
    sample += line(one, one.their_phone);
  }
  const Verdict verdict = office.ask(sample);
  INFO(verdict.summary);
  REQUIRE(verdict.column_groups.size() == 2);
  CHECK(verdict.column_groups[0].from == "clients-may");
  CHECK(verdict.column_groups[1].from == "telco-2020");
  CHECK(verdict.column_groups[1].external);
  CHECK(verdict.column_groups[1].columns == std::vector<std::string>{"phone"});
  CHECK(verdict.column_groups[1].agreement > 0.99);
  CHECK(says(verdict.caveats, "agrees with telco-2020, foreign data or a known leak"));
}

TEST_CASE("columns that nothing registered has are said to be from elsewhere", "[trace][groups]") {
  const Office office(false);
  std::string sample = kHeader;
  for (std::size_t i = 0; i < 150; ++i) sample += line(office.people[i], "0899" + std::to_string(10000000 + i * 7919));
  const Verdict verdict = office.ask(sample);
  INFO(verdict.summary);
  CHECK(verdict.origin == Origin::kOurs);
  REQUIRE(verdict.column_groups.size() == 2);
  CHECK(verdict.column_groups[1].from.empty());
  CHECK(verdict.column_groups[1].columns == std::vector<std::string>{"phone"});

  std::string whole = kHeader;
  for (std::size_t i = 0; i < 150; ++i) whole += line(office.people[i], office.people[i].phone);
  CHECK(office.ask(whole).column_groups.empty());
}

TEST_CASE("registered foreign data move what others are believed to share, by twenty rows at most",
          "[trace][externals]") {
  const Office office(true);
  std::string sample = kHeader;
  for (std::size_t i = 0; i < 300; ++i) sample += line(office.people[i], office.people[i].phone);
  TraceOptions options;
  const SampleSurvey survey = survey_sample({{"sample", [&] { return memory_source(sample, "sample"); }}}, options);
  const EpochSecrets secrets(office.key, office.store);
  const ColumnMap map = map_columns(survey, office.store, secrets);
  std::vector<FieldRole> roles = field_roles(map, survey, office.store.exports());
  observe_externals(office.store, office.key.epoch, map, roles);
  bool phones = false;
  for (std::size_t f = 0; f < roles.size(); ++f) {
    if (map.mapped[f].name == "phone" || map.mapped[f].name == "msisdn") {
      phones = true;
      CHECK(roles[f].agreed + roles[f].differed == Approx(kMostPseudoCounts));
      CHECK(roles[f].agreed == Approx(0.9 * kMostPseudoCounts).margin(2));
      CHECK(foreign_prior(roles[f])->alpha == Approx(2 + roles[f].agreed));
    } else if (roles[f].agreement == ForeignAgreement::kOwnNumber) {
      CHECK(roles[f].agreed == 0);
    }
  }
  CHECK(phones);
}

TEST_CASE("what would tell copies apart is said in rows", "[trace][separation]") {
  CHECK(rows_to_separate(0) == 0);
  CHECK(rows_to_separate(1) == 1);
  CHECK(rows_to_separate(0.03) == 100);
  CHECK(rows_to_separate(0.14) == 20);

  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  const std::vector<Subscriber> people = subscribers(3000);
  for (int copy = 0; copy < 2; ++copy) {
    std::string text = kHeader;
    for (std::size_t i = 0; i < people.size(); ++i) {
      Subscriber one = people[i];
      if (copy == 1 && i % 20 == 0) one.plan = "Z";
      if (copy == 1 && i % 3 == 0) one.street += " A";
      text += line(one, one.phone);
    }
    ExportDescription description;
    description.name = "copy-" + std::to_string(copy);
    description.feed = description.name;
    store.add(description, text);
  }
  std::string sample = "account;name;plan\n";
  for (std::size_t i = 1; i < 40; ++i) {
    if (i % 20 != 0) sample += people[i].account + ";" + people[i].name + ";" + people[i].plan + "\n";
  }
  const Verdict verdict = trace({{"s", [&] { return memory_source(sample, "s"); }}}, store, key, {});
  REQUIRE(verdict.indistinguishable.size() == 1);
  CHECK(verdict.would_tell_more.find("rows with addresses would separate copy-") != std::string::npos);
}

TEST_CASE("mistyped and impossible dates are listed and bound nothing, the others do", "[trace][time]") {
  const Office office(false);
  TraceOptions options;
  options.seen = parse_utc("2023-05-20");
  std::string sample = "account;name;updated\n";
  for (std::size_t i = 0; i < 300; ++i) {
    std::string day = std::to_string(1 + i % 28);
    if (day.size() < 2) day.insert(0, "0");
    std::string date = "2023-04-" + day;
    if (i == 40) date = "2031-01-01";
    if (i == 41) date = "2023-02-30";
    if (i == 42) date = "2023-13-01";
    sample += office.people[i].account + ";" + office.people[i].name + ";" + date + "\n";
  }
  const AsOf as_of = office.ask(sample, options).as_of;
  REQUIRE(as_of.not_before);
  CHECK(format_date(*as_of.not_before) == "2023-04-28");
  CHECK(says(as_of.not_trusted, "updated reaches to 2031-01-01"));
  CHECK(says(as_of.not_trusted, "left out 1 of 298 dates"));
  CHECK(says(as_of.not_trusted, "updated has 2 dates that are impossible, the first on line 43"));
}

TEST_CASE("copies that are alike draw no unregistered date between them", "[trace][unregistered]") {
  // Much changes from month to month, but for the last two, which are the same.
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  std::mt19937 random(17);
  const auto phone = [&] { return "08" + std::to_string(1000000000 + random() % 900000000); };
  std::vector<std::pair<std::string, std::string>> people;
  for (int i = 0; i < 4000; ++i) people.emplace_back(std::to_string(70000000 + i * 7919), phone());
  const auto table = [&](std::size_t one_in) {
    std::string text = "card,phone\n";
    for (std::size_t i = 0; i < people.size(); i += one_in) text += people[i].first + "," + people[i].second + "\n";
    return text;
  };
  for (int month = 0; month < 4; ++month) {
    if (month > 0 && month < 3) {
      for (auto& one : people)
        if (random() % 2 == 0) one.second = phone();
    }
    ExportDescription description;
    description.name = "month-" + std::to_string(month + 1);
    description.feed = "monthly";
    description.at = days_from_civil(2022, static_cast<unsigned>(month) + 1, 1) * 86400;
    store.add(description, table(1));
  }
  const std::string sample = table(4);
  const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  INFO(verdict.summary);
  CHECK(verdict.kind == Hypothesis::kRegisteredExport);
  CHECK(verdict.hypotheses[static_cast<int>(Hypothesis::kUnregisteredExport)] < 0.2);
  REQUIRE(verdict.sources.size() >= 2);
  CHECK(verdict.sources[0].posterior == Approx(verdict.sources[1].posterior).margin(0.01));
}
