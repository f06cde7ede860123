// Tables of no people that we know and without any key: what links, what is padding, and what nobody can tell.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

constexpr std::size_t kBorn = 0, kSex = 1, kDistrict = 2, kClass = 3, kStatus = 4;
using Person = std::vector<std::string>;

/// Birth date, sex, district (few have many), class and status: no column identifies.
Person person(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<double> weights) {
    return std::discrete_distribution<int>(weights)(random);
  };
  std::vector<double> weights;
  for (int d = 1; d <= 40; ++d) weights.push_back(1.0 / d);
  const int district = std::discrete_distribution<int>(weights.begin(), weights.end())(random);
  const UtcSeconds born = static_cast<UtcSeconds>(std::uniform_int_distribution<int>(-10900, 12700)(random)) * 86400;
  static const char* const kStatuses[] = {"single", "married", "widowed", "divorced"};
  return {format_date(born), pick({1, 1}) == 0 ? "F" : "M", "D" + std::to_string(district),
          std::string(1, static_cast<char>('A' + pick({5, 3, 2}))), kStatuses[pick({3, 4, 1, 1})]};
}

std::vector<Person> people(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  std::vector<Person> all;
  while (all.size() < count) all.push_back(person(random));
  return all;
}

std::string text(const std::vector<Person>& rows, const std::vector<std::size_t>& columns, bool header = true) {
  static const char* const kNames[] = {"dob", "sex", "district", "class", "status"};
  std::string text;
  for (std::size_t i = 0; header && i < columns.size(); ++i)
    text += (i > 0 ? ";" : "") + std::string(kNames[columns[i]]);
  if (header) text += "\n";
  for (const Person& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i) text += (i > 0 ? ";" : "") + row[columns[i]];
    text += "\n";
  }
  return text;
}

const std::vector<std::size_t> kAll{kBorn, kSex, kDistrict, kClass, kStatus};

/// Three months of a table without a key, of which 2 % of the rows change each month.
class Clinic {
 public:
  Clinic() : key(RegistryKey::generate()), store(key) {
    std::mt19937 random(4);
    std::vector<Person> rows = people(3, 20000);
    for (int month = 0; month < 3; ++month) {
      if (month > 0) {
        for (Person& row : rows) {
          if (std::uniform_int_distribution<int>(0, 49)(random) == 0) row[kDistrict] = person(random)[kDistrict];
        }
      }
      ExportDescription description;
      description.name = "clinic-" + std::to_string(month + 1);
      description.feed = "clinic";
      description.at = days_from_civil(2022, static_cast<unsigned>(month) + 1, 1) * 86400;
      store.add(description, text(rows, kAll));
      months.push_back(rows);
    }
  }
  std::vector<Person> leak(std::size_t rows, unsigned seed) const {
    std::vector<Person> drawn;
    std::mt19937 random(seed);
    std::sample(months[1].begin(), months[1].end(), std::back_inserter(drawn), rows, random);
    return drawn;
  }
  Verdict ask(const std::string& sample) const {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }
  RegistryKey key;
  testing::PlainStore store;
  std::vector<std::vector<Person>> months;
};

const Clinic& clinic() {
  static const Clinic one;
  return one;
}

}  // namespace

TEST_CASE("rows of quasi-identifiers alone are linked, and their copy is named", "[trace][generic]") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    const Verdict verdict = clinic().ask(text(clinic().leak(600, seed), kAll));
    INFO(verdict.summary);
    CHECK(verdict.origin == Origin::kOurs);
    CHECK(verdict.rows_linked == verdict.sample.distinct);
    REQUIRE_FALSE(verdict.sources.empty());
    CHECK(verdict.sources.front().name == "clinic-2");
  }
}

TEST_CASE("strangers of the same kind are not ours, however many of their columns are shown", "[trace][generic]") {
  for (const std::size_t rows : {20U, 100U, 1000U}) {
    const std::vector<Person> strangers = people(99, rows);
    CHECK(clinic().ask(text(strangers, kAll)).origin == Origin::kNotOurs);
    CHECK(clinic().ask(text(strangers, {kBorn, kSex, kDistrict})).origin == Origin::kNotOurs);
  }
}

TEST_CASE("columns that lead to no records can be told by nobody, with a header or without", "[trace][generic]") {
  for (const bool header : {true, false}) {
    for (const auto& rows : {clinic().leak(300, 5), people(98, 300)}) {
      const Verdict verdict = clinic().ask(text(rows, {kSex, kClass}, header));
      INFO(verdict.summary);
      CHECK(verdict.origin == Origin::kUndetermined);
      CHECK(verdict.probability == Approx(verdict.prior));
      CHECK_FALSE(verdict.unexplained);
      CHECK(verdict.rows_not_linkable == verdict.sample.distinct);
      CHECK(verdict.sources.empty());
    }
  }
}

TEST_CASE("columns of few values are never wrong, however little they tell", "[trace][generic]") {
  const std::vector<std::size_t> few{kSex, kDistrict, kClass, kStatus};
  for (const bool header : {true, false}) {
    for (const std::size_t rows : {50U, 300U, 1000U}) {
      for (const unsigned seed : {5U, 6U}) {
        const Verdict ours = clinic().ask(text(clinic().leak(rows, seed), few, header));
        INFO(ours.summary << " " << rows << " rows, seed " << seed);
        CHECK(ours.origin != Origin::kNotOurs);
        CHECK(clinic().ask(text(people(90 + seed, rows), few, header)).origin != Origin::kOurs);
      }
    }
  }
}

TEST_CASE("a table that is like nothing registered is not ours", "[trace][generic]") {
  std::string goods = "sku,weight,colour\n";
  for (int i = 0; i < 200; ++i)
    goods += "SKU" + std::to_string(7000 + i * 13) + "," + std::to_string(100 + i * 7 % 91) + ",hue" +
             std::to_string(i % 5) + "\n";
  CHECK(clinic().ask(goods).origin == Origin::kNotOurs);
}

TEST_CASE("half of the rows may be strangers, and a cell in twenty wrong", "[trace][generic]") {
  for (const std::size_t rows : {100U, 1000U}) {
    std::vector<Person> padded = clinic().leak(rows / 2, 7);
    for (const Person& stranger : people(97, rows / 2)) padded.push_back(stranger);
    const Verdict half = clinic().ask(text(padded, kAll));
    INFO(half.summary);
    CHECK(half.origin == Origin::kOurs);
    CHECK(half.unexplained.value_or(0) == Approx(0.5).margin(0.1));
    CHECK(half.kind == Hypothesis::kRegisteredExport);
    REQUIRE_FALSE(half.sources.empty());
    if (rows == 1000) CHECK(half.sources.front().name == "clinic-2");

    std::vector<Person> wrong = clinic().leak(rows, 8);
    std::mt19937 random(9);
    const std::vector<Person> others = people(96, 2000);
    for (Person& row : wrong) {
      for (std::string& cell : row) {
        const auto column = static_cast<std::size_t>(&cell - row.data());
        if (std::uniform_int_distribution<int>(0, 19)(random) == 0) cell = others[random() % others.size()][column];
      }
    }
    const Verdict damaged = clinic().ask(text(wrong, kAll));
    INFO(damaged.summary);
    CHECK(damaged.origin == Origin::kOurs);
    REQUIRE_FALSE(damaged.sources.empty());
    CHECK(damaged.sources.front().name == "clinic-2");
  }
}

TEST_CASE("strangers in full cells are called strangers, not forgers", "[trace][generic]") {
  const Verdict verdict = clinic().ask(text(people(95, 600), {kBorn, kSex}));
  INFO(verdict.summary);
  CHECK(verdict.origin == Origin::kNotOurs);
  CHECK(verdict.kind == Hypothesis::kStrangers);
}

TEST_CASE("a value is as common as the column that holds it says, not as its absence elsewhere", "[trace][generic]") {
  // The large table spells its classes A, B and C; a small one of the same people says "upper" where it means A.
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  const auto upper = [](std::vector<Person> rows) {
    for (Person& row : rows)
      if (row[kClass] == "A") row[kClass] = "upper";
    return rows;
  };
  const std::vector<Person> all = people(3, 20000);
  ExportDescription description;
  description.name = "whole";
  description.feed = "whole";
  store.add(description, text(all, kAll));
  description.name = "part";
  description.feed = "part";
  store.add(description, text(upper({all.begin(), all.begin() + 6000}), kAll));
  for (const std::size_t rows : {300U, 1000U}) {
    const std::string sample = text(upper(people(99, rows)), {kBorn, kClass});
    const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
    INFO(verdict.summary << " " << rows << " rows, " << verdict.probability);
    CHECK(verdict.origin == Origin::kNotOurs);
  }
}

TEST_CASE("rows are found in copies that index one of their columns, whatever other copies index", "[trace][generic]") {
  // Four digits lead to a few people in both tables; only the one without a key indexes the classes as well.
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  std::mt19937 random(12);
  std::string wide = "id,code,first,tier\n";
  std::string narrow = "code,first,tier\n";
  std::string sample = "code,tier\n";
  static const char* const kFirst[] = {"Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana"};
  static const char* const kTiers[] = {"gold", "silver", "bronze"};
  for (int i = 0; i < 6000; ++i) {
    std::string code = std::to_string(10000 + static_cast<int>(random() % 1000)).substr(1);
    const std::string tier = kTiers[random() % 3];
    const std::string rest = code + "," + kFirst[random() % 8] + "," + tier + "\n";
    wide += std::to_string(10000000 + i * 7919) + "," + rest;
    narrow += rest;
    if (i % 200 == 0) sample += code + "," + tier + "\n";
  }
  ExportDescription description;
  description.name = "wide";
  description.feed = "wide";
  store.add(description, wide);
  description.name = "narrow";
  description.feed = "narrow";
  store.add(description, narrow);
  const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  INFO(verdict.summary);
  REQUIRE(verdict.sources.size() == 2);
  for (const Source& source : verdict.sources) CHECK(source.rows_explained == Approx(1.0).margin(0.02));
}

TEST_CASE("strangers some of whose addresses are ours by chance are no export with replaced columns",
          "[trace][generic]") {
  // Names are common, e-mail addresses are some 660,000: of a thousand strangers a score have one of ours.
  const auto table = [](unsigned seed, std::size_t rows) {
    static const char* const kFirst[] = {"Ada",  "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana",
                                         "Ida",  "Jan", "Kim",  "Leo", "Mia", "Ned",  "Ona", "Pia",
                                         "Quin", "Rob", "Sam",  "Tia", "Uma", "Vic"};
    static const char* const kLast[] = {"Smith", "Brown", "Jones", "Garcia", "Miller", "Davis",  "Lopez", "Moore",
                                        "Clark", "Lewis", "Young", "Walker", "King",   "Wright", "Hill",  "Scott"};
    std::mt19937 random(seed);
    std::string text = "full,sex,last,id,mail\n";
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string first = kFirst[random() % 22];
      text += first + " " + kFirst[random() % 22][0] + " " + kLast[random() % 16] + "," + (random() % 2 ? "M" : "F") +
              "," + kLast[random() % 16] + "," + std::to_string(10000000 + random() % 90000000) + "," +
              kFirst[random() % 22] + std::to_string(random() % 10000) + "@x" + std::to_string(random() % 3) + ".org\n";
    }
    return text;
  };
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  ExportDescription description;
  description.name = "main";
  description.feed = "main";
  store.add(description, table(1, 12000));
  for (const unsigned seed : {21U, 22U, 23U, 24U}) {
    const std::string sample = table(seed, 1000);
    const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
    INFO(verdict.summary << " " << verdict.probability);
    CHECK(verdict.origin == Origin::kNotOurs);
  }
}

TEST_CASE("a copy with typing errors is not cleared where all that it shows others may have", "[trace][generic]") {
  // Birth dates, amounts, notes, yes and no: nothing that only we hold, so that it may be others' as well; but others'
  // cannot fit our rows better than ours do.
  int cleared = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 random(seed);
    const auto upto = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    std::vector<std::vector<std::string>> rows;
    for (int i = 0; i < 8000; ++i) {
      std::string note;
      for (unsigned w = 0; w < 2 + upto(4); ++w) note += (w > 0 ? " w" : "w") + std::to_string(upto(300));
      rows.push_back(
          {format_date(days_from_civil(1940 + static_cast<int>(upto(70)), 1 + upto(12), 1 + upto(28)) * 86400),
           std::to_string(100 + upto(90000)) + "." + std::to_string(10 + upto(90)), upto(2) == 0 ? "Y" : "N", note});
    }
    const auto table = [](const std::vector<std::vector<std::string>>& some) {
      std::string text = "dob;amount;vip;remark\n";
      for (const auto& row : some) text += row[0] + ";" + row[1] + ";" + row[2] + ";" + row[3] + "\n";
      return text;
    };
    const RegistryKey key = RegistryKey::generate();
    testing::PlainStore store(key);
    ExportDescription description;
    description.name = description.feed = "main";
    store.add(description, table(rows));
    std::string few = "amount;remark;vip\n";
    for (const auto& row : rows) few += row[1] + ";" + row[3] + ";" + row[2] + "\n";
    description.name = description.feed = "few";
    store.add(description, few);
    std::vector<std::vector<std::string>> leak;
    std::sample(rows.begin(), rows.end(), std::back_inserter(leak), 1000, random);
    for (auto& row : leak)
      for (std::string& cell : row)
        if (upto(45) == 0) cell[upto(static_cast<unsigned>(cell.size()))] = static_cast<char>('0' + upto(10));
    const std::string sample = table(leak);
    const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
    UNSCOPED_INFO(seed << ": " << verdict.summary);
    cleared += verdict.origin == Origin::kNotOurs;
  }
  CHECK(cleared == 0);
}

TEST_CASE("a handful of codes that a column of many values has as well leads nowhere", "[trace][generic]") {
  // A web log of which address and answer are shown, not when nor how many bytes: sizes of 200, 304 or 404 bytes there
  // are, and rows that are found by them are others.
  std::mt19937 random(406);
  std::lognormal_distribution<double> bytes(6, 1.2);
  std::vector<std::string> lines;
  for (int i = 0; i < 3000; ++i) {
    const unsigned host = static_cast<unsigned>(random() % 800);
    lines.push_back(std::to_string(host % 200 + 1) + "." + std::to_string(host % 7 + 10) + ".8." +
                    std::to_string(host / 4 + 1) + ";2023-01-" + std::to_string(10 + i % 20) + " " +
                    std::to_string(10 + i % 13) + ":" + std::to_string(10 + i / 13 % 50) + ":" +
                    std::to_string(10 + random() % 50) + ";/" + std::string(1, static_cast<char>('a' + random() % 26)) +
                    std::string(1, static_cast<char>('a' + random() % 6)) + ";" +
                    (random() % 3 == 0   ? "404"
                     : random() % 2 == 0 ? "304"
                                         : "200") +
                    ";" + std::to_string(static_cast<int>(bytes(random))) + "\n");
  }
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  for (int month = 0; month < 3; ++month) {
    std::string text = "client;at;path;status;bytes\n";
    for (int i = 0; i < 1000 * (month + 1); ++i) text += lines[static_cast<std::size_t>(i)];
    ExportDescription description;
    description.name = "log-" + std::to_string(month);
    description.feed = "log";
    description.at = days_from_civil(2023, static_cast<unsigned>(month) + 1, 1) * 86400;
    store.add(description, text);
  }
  for (const char* header : {"client;path;status\n", "x1;x2;x3\n"}) {
    std::string sample = header;
    for (std::size_t i = 0; i < 1000; i += 3) {
      const std::string& line = lines[i];
      const std::size_t path = line.find(';', line.find(';') + 1) + 1;
      sample += line.substr(0, line.find(';')) + ";" + line.substr(path, line.rfind(';') - path) + "\n";
    }
    const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
    INFO(verdict.summary);
    CHECK(verdict.origin != Origin::kNotOurs);
  }
}

TEST_CASE("a pupil's grades are his however few pupils are shown, and other pupils' are not", "[trace][generic]") {
  // Good pupils are good in most subjects: columns that go together, and hardly two rows alike.
  std::mt19937 random(4);
  const auto upto = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  const std::string header = "class,sex,math,bio,chem,phys,hist,geo,eng,ger,fra,art,mus,it,rel,eco\n";
  const auto pupil = [&] {
    std::string row = std::to_string(5 + upto(8)) + static_cast<char>('a' + upto(3)) + (upto(2) != 0 ? ",m" : ",f");
    const int able = 1 + static_cast<int>(upto(4));
    for (int subject = 0; subject < 14; ++subject)
      row += "," + std::to_string(std::clamp(able + static_cast<int>(upto(3)) - 1, 1, 6));
    return row + "\n";
  };
  std::vector<std::string> rows;
  std::string text = header;
  for (int i = 0; i < 2500; ++i) text += rows.emplace_back(pupil());
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  ExportDescription description;
  description.name = description.feed = "grades";
  store.add(description, text);
  const auto ask = [&](const std::string& sample) {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  };
  for (const std::size_t count : {12U, 40U}) {
    std::string copy = header;
    for (std::size_t i = 0; i < count; ++i) copy += rows[i * 53];
    const Verdict verdict = ask(copy);
    INFO(count << " " << verdict.summary);
    CHECK(verdict.origin == Origin::kOurs);
  }
  for (int i = 0; i < 4; ++i) {
    std::string strangers = header;
    for (int r = 0; r < 300; ++r) strangers += pupil();
    const Verdict verdict = ask(strangers);
    INFO(verdict.summary);
    CHECK(verdict.origin != Origin::kOurs);
  }
}
