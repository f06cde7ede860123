// Others' books about our people that show little: names, a phone that half of them keep, numbers of their own.
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "fixtures/feeds.h"
#include "fixtures/table.h"
#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/column_map.h"
#include "trace/field_role.h"
#include "trace/frequencies.h"
#include "trace/sample_reader.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

struct Person {
  std::string name, number, phone;
  bool active = false;
};

std::string text_of(const std::vector<Person>& people) {
  std::string text = "full_name|id|telepon|active\n";
  for (const Person& one : people)
    text += one.name + "|" + one.number + "|" + one.phone + "|" + (one.active ? "Y" : "N") + "\n";
  return text;
}

/// Names of two or three words: some belong to a dozen people, some to one.
class People {
 public:
  explicit People(unsigned seed, unsigned long_names = 2) : random_(seed), long_names_(long_names) {}
  unsigned upto(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool one_in(unsigned n) { return upto(n) == 0; }
  Person next() {
    Person one;
    one.name = word('A') + " " + word('K');
    if (upto(5) < long_names_) one.name += " " + word('S');
    one.number = number();
    one.phone = phone();
    one.active = one_in(2);
    for (std::string* cell : {&one.name, &one.number, &one.phone})
      if (one_in(33)) cell->clear();
    return one;
  }
  std::string phone() { return "081" + std::to_string(10000000 + upto(90000000)); }
  std::string number() {
    std::string text;
    for (const int length : {8, 4, 4, 4, 12}) {
      if (!text.empty()) text += '-';
      for (int i = 0; i < length; ++i) text += "0123456789abcdef"[upto(16)];
    }
    return text;
  }
  std::mt19937& random() { return random_; }

 private:
  std::string word(char first) {
    const unsigned which = upto(40);
    return {first, "aeiou"[which % 5], "nrtlm"[which / 5 % 5], static_cast<char>('a' + which / 25), 'o'};
  }
  std::mt19937 random_;
  unsigned long_names_;  // of three words, of five
};

}  // namespace

TEST_CASE("a foreign book of common names and half-kept phones is not a padded copy of ours", "[trace][foreign]") {
  // All names are ours, half of the phones, no number. As a copy of ours with its numbers replaced, padded with
  // strangers who happen to have our people's names, it would be explained nearly as well.
  int called_ours = 0;
  int kept = 0;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    People people(seed);
    std::vector<Person> rows, second;
    for (int i = 0; i < 8000; ++i) rows.push_back(people.next());
    const RegistryKey key = RegistryKey::generate();
    testing::PlainStore store(key);
    ExportDescription description;
    description.feed = "main";
    for (int month = 1; month <= 4; ++month) {
      description.name = "main-" + std::to_string(month);
      description.at = days_from_civil(2024, static_cast<unsigned>(month), 15) * 86400;
      store.add(description, text_of(rows));
      if (month == 2) {
        second = rows;
        ExportDescription other;
        other.name = other.feed = "numbers";
        other.at = description.at;
        std::string text = "id|telepon|active\n";
        for (const Person& one : rows) text += one.number + "|" + one.phone + "|" + (one.active ? "Y" : "N") + "\n";
        store.add(other, text);
        other.name = other.feed = "some";
        std::vector<Person> some;
        std::sample(rows.begin(), rows.end(), std::back_inserter(some), rows.size() * 2 / 5, people.random());
        store.add(other, text_of(some));
      }
      for (Person& one : rows) {
        if (people.one_in(200)) one = people.next();
        if (people.one_in(200)) one.phone = people.phone();
      }
    }
    const auto ask = [&](const std::string& sample) {
      return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
    };
    std::vector<Person> book;
    std::sample(second.begin(), second.end(), std::back_inserter(book), 1000, people.random());
    std::vector<Person> leak = book;
    for (Person& one : book) {
      one.number = people.number();
      if (people.one_in(2)) one.phone = people.phone();
      if (people.one_in(2)) one.active = people.one_in(2);
    }
    const Verdict foreign = ask(text_of(book));
    INFO(seed << ": " << foreign.summary);
    called_ours += foreign.origin == Origin::kOurs;
    // A copy of ours that is padded with strangers is still ours: their names are mostly new.
    for (std::size_t i = 0; i < leak.size(); i += 2) leak[i] = people.next();
    kept += ask(text_of(leak)).origin == Origin::kOurs;
  }
  CHECK(called_ours == 0);
  CHECK(kept == 6);
}

TEST_CASE("names alone are no mixture of small exports", "[trace][foreign]") {
  // Half of the names are of the people of a small export, half are strangers', who share names with some of our
  // people: two exports and padding do not explain what one export and padding do not.
  int called_ours = 0;
  for (unsigned seed = 11; seed <= 16; ++seed) {
    People people(seed, 5);
    std::vector<Person> rows;
    for (int i = 0; i < 8000; ++i) rows.push_back(people.next());
    const RegistryKey key = RegistryKey::generate();
    testing::PlainStore store(key);
    ExportDescription description;
    description.name = description.feed = "main";
    store.add(description, text_of(rows));
    std::vector<Person> small;
    for (int part = 0; part < 4; ++part) {
      small.clear();
      std::sample(rows.begin(), rows.end(), std::back_inserter(small), 1500, people.random());
      description.name = description.feed = "part-" + std::to_string(part);
      store.add(description, text_of(small));
    }
    std::string sample = "full_name\n";
    for (unsigned i = 0; i < 100; ++i) {
      const std::string name = i % 2 == 0 ? small[people.upto(1500)].name : people.next().name;
      sample += name + "\n";
    }
    const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
    UNSCOPED_INFO(seed << ": " << verdict.summary);
    called_ours += verdict.origin == Origin::kOurs;
  }
  CHECK(called_ours == 0);
}

TEST_CASE("a value that every row of one date has singles out nobody", "[trace][foreign]") {
  // Each export is of one term, and of days of its own: whoever shows rows of that term agrees in it throughout. By the
  // largest export such values would be as rare as can be.
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  ExportDescription description;
  description.feed = "grades";
  for (unsigned term = 0; term < 5; ++term) {
    std::string text = "student_no,term,day\n";
    for (unsigned i = 0; i < (term == 0 ? 800U : 600U); ++i)
      text += std::to_string(20180000 + term * 1000 + i) + ",T" + std::to_string(7 + 31 * term) + "," +
              format_date((days_from_civil(2020 + static_cast<int>(term), 1, 1) + i % 100) * 86400) + "\n";
    description.name = "grades-" + std::to_string(term);
    description.at = days_from_civil(2020 + static_cast<int>(term), 12, 1) * 86400;
    store.add(description, text);
  }
  const ValueFrequencies frequencies(store.exports());
  for (std::size_t e = 0; e < store.exports().size(); ++e) {
    const ExportColumn& term = store.exports()[e].columns[1];
    const ExportColumn& day = store.exports()[e].columns[2];
    INFO("export " << e);
    CHECK(frequencies.information(term.id, term.statistics.frequent.front().code) < 0.1);
    CHECK(frequencies.information(day.id, day.statistics.frequent.front().code) < std::log(100) + 0.1);
  }
}

namespace {

/// A month of some feeds of a made-up population, registered.
struct Month {
  Month(std::initializer_list<const char*> feeds, std::size_t people, std::uint64_t seed)
      : key(RegistryKey::generate()), store(key), people_(people), seed_(seed) {
    for (const char* feed : feeds) {
      ExportDescription description;
      description.name = std::string(feed) + "-1";
      description.feed = feed;
      description.at = parse_utc("2021-04-01");
      store.add(description, text(feed));
    }
  }
  std::string text(const char* feed, fixtures::Realm realm = fixtures::Realm::kOurs) const {
    fixtures::PopulationOptions options;
    options.people = people_;
    options.seed = seed_;
    options.realm = realm;
    fixtures::FeedRun run;
    run.month = 3;
    return fixtures::feed_text(fixtures::Population(options), fixtures::feed_named(feed), run);
  }
  Verdict ask(const std::string& sample) const {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }
  RegistryKey key;
  testing::PlainStore store;

 private:
  std::size_t people_;
  std::uint64_t seed_;
};

}  // namespace

TEST_CASE("strangers' numbers speak against ours where a table has two columns of them", "[trace][foreign]") {
  // Tables of thirty columns, two of national numbers: strangers of our regions agree with us in offices and codes.
  const Month month({"warehouse"}, 4000, 273);
  const fixtures::Table strangers = fixtures::read_table(month.text("warehouse", fixtures::Realm::kStrangers), ',');
  for (std::size_t first = 0; first < 100; first += 20) {
    fixtures::Table some{strangers.header, {}};
    for (std::string& name : some.header) name = "c_" + std::to_string(&name - some.header.data());
    for (std::size_t r = first; r < first + 20; ++r) some.rows.push_back(strangers.rows[r]);
    const std::string text = fixtures::write_table(some, {});
    const std::vector<SampleInput> sample{{"sample", [&] { return memory_source(text, "sample"); }}};
    CHECK(month.ask(text).origin == Origin::kNotOurs);
    const ColumnMap map = map_columns(survey_sample(sample, {}), month.store, EpochSecrets(month.key, month.store));
    // Which of the sample's columns is which of ours nobody can tell.
    const auto& columns = month.store.exports().front().columns;
    CHECK(std::count_if(columns.begin(), columns.end(), [&](const ExportColumn& column) {
            return column.schema.type == FieldType::kNik &&
                   std::count(map.strangers.begin(), map.strangers.end(), column.id) == 1;
          }) == 2);
  }
}

TEST_CASE("real people of a small copy beside invented numbers are not that copy", "[trace][foreign]") {
  // Birth dates and sexes of a tenth of the people, a card number and a code that are nobody's.
  const Month month({"nightly", "hospital-jabar", "audit-a", "audit-b"}, 6000, 278);
  const fixtures::Table copy = fixtures::read_table(month.text("audit-a"), ',');
  std::mt19937 random(3);
  const auto digits = [&](int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += static_cast<char>('0' + random() % 10);
    return text;
  };
  for (std::size_t first = 0; first < 100; first += 25) {
    std::string text = "col_card|col_birth_date|col_sex|col_clinic\n";
    for (std::size_t r = first; r < first + 25; ++r) {
      const fixtures::Row& row = copy.rows[r];
      text += digits(13) + "|" + row[3] + "|" + row[4] + "|" + digits(4) + "P" + digits(3) + "\n";
    }
    const Verdict verdict = month.ask(text);
    UNSCOPED_INFO(verdict.summary);
    CHECK(verdict.origin == Origin::kNotOurs);
  }
}

TEST_CASE("a book whose districts move with its addresses is no mixture of copies that lack both", "[trace][foreign]") {
  const Month month({"nightly", "warehouse"}, 4000, 275);
  // Our people with the addresses of other times: half of them moved, and of those two in five to another district.
  const fixtures::Table copy = fixtures::read_table(month.text("nightly"), ',');
  std::mt19937 random(5);
  const auto somebody = [&]() -> const fixtures::Row& { return copy.rows[random() % copy.rows.size()]; };
  std::string text = "id_no|person|born|lives_at|area\n";
  for (std::size_t r = 0; r < 500; ++r) {
    fixtures::Row row = copy.rows[r * 7];
    if (random() % 100 < 55) {
      row[6] = somebody()[6];
      if (random() % 100 < 40) row[7] = somebody()[7];
    }
    text += row[0] + "|" + row[2] + "|" + row[3] + "|" + row[6] + "|" + row[7] + "\n";
  }
  const Verdict verdict = month.ask(text);
  INFO(verdict.summary);
  CHECK(verdict.hypotheses[static_cast<int>(Hypothesis::kSamePeopleElsewhere)] > 0.95);
}

namespace {

/// Findings of some patients, several for each, and books of others that know a few of these people.
struct Findings {
  struct Patient {
    std::string number, name, first, born, sex;
  };
  static std::vector<Patient> patients(unsigned seed, std::size_t count) {
    static const char* const kNames[] = {"Becker", "Wolf", "Krause", "Maier", "Franke", "Lange", "Koch", "Braun"};
    static const char* const kEnds[] = {"", "mann", "berg", "stein", "hof", "au", "feld", "son"};
    static const char* const kFirst[] = {"Finn", "Uwe", "Anna", "Hans", "Ida", "Karl", "Eva", "Otto", "Lea", "Jan"};
    std::mt19937 random(seed);
    std::vector<Patient> all;
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back({std::to_string(1000000 + random() % 9000000),
                     std::string(kNames[random() % 8]) + kEnds[random() % 8], kFirst[random() % 10],
                     format_date(static_cast<UtcSeconds>(random() % 30000) * 86400 - 1262304000),
                     random() % 2 == 0 ? "m" : "w"});
    }
    return all;
  }
  Findings() : key(RegistryKey::generate()), store(key), people(patients(3, 1300)) {
    std::mt19937 random(4);
    std::string text = "patient;name;first_name;birth_date;sex;sample_no;taken;test;value\n";
    for (int i = 0; i < 4000; ++i) {
      const Patient& one = people[random() % people.size()];
      const UtcSeconds day = 1672531200 + static_cast<UtcSeconds>(random() % 365) * 86400;
      const auto test = random() % 7;
      const std::string found = format_date(day) + ";T" + std::to_string(test) + ";" +
                                std::to_string(static_cast<double>(random() % 90) / 10).substr(0, 3);
      found_of.push_back(one.number + ";" + one.name + ";" + found + "\n");
      text += one.number + ";" + one.name + ";" + one.first + ";" + one.born + ";" + one.sex + ";P" +
              std::to_string(21970000 + i) + ";" + found + "\n";
    }
    ExportDescription description;
    description.name = description.feed = "findings";
    store.add(description, text);
  }
  Verdict ask(const std::string& sample) const {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }
  RegistryKey key;
  testing::PlainStore store;
  std::vector<Patient> people;
  std::vector<std::string> found_of;  // a row's patient, name, day, test and value
};

}  // namespace

TEST_CASE("a book of strangers that knows a few of our people by name and birth is not ours", "[trace][foreign]") {
  const Findings findings;
  for (const std::size_t shared : {5U, 30U, 125U}) {
    std::mt19937 random(7);
    std::vector<Findings::Patient> book = Findings::patients(99, 250 - shared);
    for (std::size_t i = 0; i < shared; ++i) book.push_back(findings.people[i * 10]);
    std::shuffle(book.begin(), book.end(), random);
    std::string sample = "name;first_name;birth_date;sex;insurer;since\n";
    for (const Findings::Patient& one : book)
      sample += one.name + ";" + one.first + ";" + one.born + ";" + one.sex + ";" + (random() % 2 == 0 ? "AOK" : "TK") +
                ";" + format_date(static_cast<UtcSeconds>(11000 + random() % 8000) * 86400) + "\n";
    const Verdict verdict = findings.ask(sample);
    INFO(shared << " " << verdict.summary << " " << verdict.probability);
    CHECK(verdict.origin != Origin::kOurs);
  }
}

TEST_CASE("a patient's number leads to all that was found of him", "[trace][foreign]") {
  // The sample leaves out the number that every row has one of.
  const Findings findings;
  std::string sample = "number;who;day;what;result\n";
  for (std::size_t i = 0; i < findings.found_of.size(); i += 100) sample += findings.found_of[i];
  const Verdict verdict = findings.ask(sample);
  INFO(verdict.summary);
  CHECK(verdict.origin == Origin::kOurs);
  CHECK(verdict.rows_linked == verdict.sample.distinct);
}

TEST_CASE("a number whose name nobody here can read is not taken for our own alone", "[trace][foreign]") {
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  std::mt19937 random(8);
  const auto digits = [&](int n) {
    std::string text(1, static_cast<char>('1' + random() % 9));
    while (n-- > 1) text += static_cast<char>('0' + random() % 10);
    return text;
  };
  const std::vector<Findings::Patient> people = Findings::patients(5, 3000);
  // Staff of ours, with a number that the state gave them and one that we did.
  std::string ours = "таб;ФИО;дата;кодлица;оклад;счёт\n";
  std::string copy = ours, theirs = "полис,имя,др,код,прикреплён\n";
  for (std::size_t i = 0; i < people.size(); ++i) {
    const Findings::Patient& one = people[i];
    const std::string number = digits(12), account = digits(20), pay = std::to_string(40000 + random() % 900 * 100);
    const std::string row = std::to_string(100000 + i) + ";" + one.name + " " + one.first + ";" + one.born + ";" +
                            number + ";" + pay + ";" + account + "\n";
    ours += row;
    if (i % 15 != 0) continue;
    copy += row;
    theirs += digits(16) + "," + one.name + " " + one.first + "," + one.born + "," + number + "," +
              format_date(static_cast<UtcSeconds>(15000 + random() % 4000) * 86400) + "\n";
  }
  ExportDescription description;
  description.name = description.feed = "staff";
  store.add(description, ours);
  const auto ask = [&](const std::string& text) {
    return trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store, key, {});
  };
  const Verdict foreign = ask(theirs);
  INFO(foreign.summary);
  CHECK(foreign.origin != Origin::kOurs);
  CHECK(ask(copy).origin == Origin::kOurs);
}

TEST_CASE("days as far apart as lives are birth dates, whatever their column is called", "[trace][foreign]") {
  CHECK(role_by_name(FieldType::kDate, "nascimento")->agreement == ForeignAgreement::kGranted);
  CHECK(role_by_name(FieldType::kDate, "дата_рождения")->agreement == ForeignAgreement::kGranted);
  CHECK(role_by_name(FieldType::kIdentifier, "снилс")->agreement == ForeignAgreement::kGranted);
  CHECK(role_by_name(FieldType::kDate, "принят")->agreement == ForeignAgreement::kOwnNumber);
  for (const char* goods : {"ean", "isbn", "barcode"})
    CHECK(role_by_name(FieldType::kIdentifier, goods)->agreement == ForeignAgreement::kGranted);
}

namespace {

/// Answers without a key: who is asked, and what he says.
struct Survey {
  static std::vector<std::string> people(unsigned seed, std::size_t count) {
    static const char* const kRegions[] = {"Uusimaa", "Pirkanmaa", "Savo", "Lappi"};
    std::mt19937 random(seed);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i)
      all.push_back(std::to_string(18 + random() % 73) + (random() % 2 == 0 ? ",M," : ",F,") + kRegions[random() % 4] +
                    "," + std::to_string(1000 + random() % 9000));
    return all;
  }
  static std::string answers(std::mt19937& random) {
    static const char* const kFirst[] = {"yes", "no", "unsure"};
    std::string text = "," + std::to_string((36 + random() % 155) * 500) + "," + kFirst[random() % 3];
    for (const unsigned scale : {5U, 5U, 11U}) text += "," + std::to_string(random() % scale);
    return text + "," + format_date(static_cast<UtcSeconds>(19723 + random() % 366) * 86400) + "\n";
  }
};

}  // namespace

TEST_CASE("a survey of our people with other answers is not ours where half of it are strangers", "[trace][foreign]") {
  const std::string header = "ika,sp,maakunta,alue,tulot,q1,q2,q3,q4,paiva\n";
  const std::vector<std::string> people = Survey::people(1, 4000);
  std::mt19937 random(2);
  std::vector<std::string> rows;
  std::string text = header;
  for (const std::string& one : people) text += rows.emplace_back(one + Survey::answers(random));
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  ExportDescription description;
  description.name = description.feed = "survey";
  store.add(description, text);
  const std::vector<std::string> strangers = Survey::people(3, 250);
  std::string foreign = header, copy = header;
  for (std::size_t i = 0; i < 250; ++i) {
    const std::string stranger = strangers[i] + Survey::answers(random);
    foreign += people[i * 11] + Survey::answers(random) + stranger;
    copy += rows[i * 11] + stranger;
  }
  const auto ask = [&](const std::string& sample) {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  };
  const Verdict theirs = ask(foreign);
  INFO(theirs.summary << " " << theirs.probability);
  CHECK(theirs.origin != Origin::kOurs);
  CHECK(ask(copy).origin == Origin::kOurs);
}
