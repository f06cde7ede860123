// What rows of nobody have to follow: numbers that hold other columns, check digits, names and addresses of any manner.
#include "seal/table_shape.h"

#include <random>

#include "fields/check_digits.h"
#include "seal/cell_like.h"
#include "seal/email_like.h"
#include "support/catch.h"
#include "support/schemas.h"

using namespace sidik;
using sidik::testing::column;

namespace {

std::string padded(unsigned long number, std::size_t digits) {
  std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

std::size_t system_called(std::string_view name) {
  for (std::size_t s = 0; s < check_system_count(); ++s)
    if (check_system_name(s) == name) return s;
  return 0;
}

/// PESEL, birth date, sex, account and the IBAN that holds it.
struct Citizens {
  Citizens() {
    schema.columns = {column("pesel", FieldType::kIdentifier), column("born", FieldType::kDate),
                      column("sex", FieldType::kCategory), column("account", FieldType::kIdentifier),
                      column("iban", FieldType::kIdentifier)};
    std::mt19937_64 random(4);
    for (int i = 0; i < 400; ++i) {
      const unsigned long year = 1950 + random() % 60, month = 1 + random() % 12, day = 1 + random() % 28;
      const bool woman = random() % 2 == 0;
      const std::string pesel =
          *with_checks(system_called("pesel"), padded(year % 100, 2) + padded(month + (year >= 2000 ? 20 : 0), 2) +
                                                   padded(day, 2) + padded(random() % 1000, 3) +
                                                   std::to_string(2 * (random() % 5) + (woman ? 0 : 1)) + "0");
      const std::string account = padded(random() % 10000000000, 10);
      rows.push_back({pesel, padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2), woman ? "F" : "M",
                      account, *with_checks(system_called("iban"), "DE0037040044" + account)});
    }
    rows[7][0] = "12345678901";  // a slip
    for (const auto& row : rows) {
      for (std::size_t c = 0; c < row.size(); ++c)
        if (schema.columns[c].type == FieldType::kIdentifier) numbers[c].observe(row[c]);
      ties.observe({row.begin(), row.end()});
    }
  }
  Schema schema;
  std::vector<std::vector<std::string>> rows;
  std::vector<NumberShape> numbers = std::vector<NumberShape>(5);
  NumberTies ties{[] {
    Schema schema;
    schema.columns = {column("pesel", FieldType::kIdentifier), column("born", FieldType::kDate),
                      column("sex", FieldType::kCategory), column("account", FieldType::kIdentifier),
                      column("iban", FieldType::kIdentifier)};
    return schema;
  }()};
};

}  // namespace

TEST_CASE("a number's birth date, sex and the number within it are told by its row", "[seal][canary]") {
  const Citizens citizens;
  const auto row = citizens.rows[3];
  CHECK(citizens.ties.tied(0, row[0], true) == std::vector<bool>{1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0});
  CHECK(citizens.ties.tied(0, row[0], false) == std::vector<bool>{1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0});
  const std::vector<bool> in_iban = citizens.ties.tied(4, row[4], true);
  CHECK(std::count(in_iban.begin(), in_iban.end(), true) == 10);
  CHECK(in_iban[12]);
  CHECK_FALSE(in_iban[11]);

  auto after = row;
  after[1] = row[1].substr(0, 8) + (row[1].substr(8) == "17" ? "18" : "17");
  after[3] = "0123456789";
  CHECK(citizens.ties.following(0, row[0], row, after) == row[0].substr(0, 4) + after[1].substr(8) + row[0].substr(6));
  CHECK(citizens.ties.following(4, row[4], row, after) == row[4].substr(0, 12) + after[3]);
  // The other way round: the IBAN was made first.
  after[3] = row[3];
  after[4] = row[4].substr(0, 12) + "9876543210";
  CHECK(citizens.ties.following(3, row[3], row, after) == "9876543210");
}

TEST_CASE("check digits that nearly all numbers of a column have are written, and no free digits", "[seal][canary]") {
  const Citizens citizens;
  const std::string& pesel = citizens.rows[3][0];
  const std::vector<bool> free = citizens.numbers[0].free_digits(pesel);
  CHECK_FALSE(free[10]);
  CHECK(free[7]);
  CHECK_FALSE(free[2]);
  std::string other = pesel;
  other[7] = other[7] == '5' ? '6' : '5';
  const auto made = citizens.numbers[0].with_check_digits(other, free);
  REQUIRE(made);
  CHECK(with_checks(system_called("pesel"), *made) == *made);
  CHECK(made->substr(0, 10) == other.substr(0, 10));
}

TEST_CASE("where a number has no check digit its last free one is another", "[seal][canary]") {
  NumberShape shape;
  std::mt19937_64 random(9);
  for (int i = 0; i < 300;) {
    const auto number = with_checks(system_called("nhs"), padded(random() % 1000000000, 9) + "0");
    if (!number) continue;
    shape.observe(*number);
    ++i;
  }
  std::size_t bumped = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string drawn = padded(random() % 1000000000, 9) + "0";
    const auto made = shape.with_check_digits(drawn, shape.free_digits(drawn));
    REQUIRE(made);
    CHECK(with_checks(system_called("nhs"), *made) == *made);
    bumped += made->substr(0, 9) == drawn.substr(0, 9) ? 0 : 1;
  }
  CHECK(bumped > 5);
  CHECK(bumped < 40);
}

TEST_CASE("letters that are as good as random are others, and none else", "[seal][canary]") {
  std::mt19937_64 random(2);
  NumberShape uuids, plates;
  const auto uuid = [&] {
    std::string text;
    for (int i = 0; i < 32; ++i) {
      if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
      text += i == 12 ? '4' : "0123456789abcdef"[random() % 16];
    }
    return text;
  };
  for (int i = 0; i < 2000; ++i) {
    uuids.observe(uuid());
    plates.observe("B " + padded(1000 + random() % 9000, 4) + (random() % 5 == 0 ? " XY" : " AB"));
  }
  std::string drawn;
  for (int i = 0; i < 36; ++i) drawn += padded(random() % 1000, 3);
  const std::string like = uuid();
  const std::string other = uuids.with_other_letters(like, drawn, std::vector<bool>(36));
  std::size_t same = 0;
  for (std::size_t i = 0; i < 36; ++i) same += like[i] == other[i] ? 1 : 0;
  CHECK(same >= 5);  // dashes and version
  CHECK(same < 16);
  CHECK(other[14] == '4');
  CHECK(plates.with_other_letters("B 1234 AB", drawn, std::vector<bool>(9)) == "B 1234 AB");
}

TEST_CASE("numbers keep whole steps from each other where there is room, and not where there is none",
          "[seal][canary]") {
  NumberShape sparse, dense;
  for (unsigned long i = 0; i < 1000; ++i) {
    sparse.observe(padded(500000 + i * i % 900000 / 25 * 25, 7));
    dense.observe(padded(500000 + 25 * i, 7));
  }
  sparse.set_rows(1000);
  dense.set_rows(1000);
  CHECK(sparse.with_check_digits("0612341", std::vector<bool>(7, true)) == "0612325");
  CHECK(dense.with_check_digits("0612341", std::vector<bool>(7, true)) == "0612341");
}

TEST_CASE("an address of mail is made of its owner's name as the table's are", "[seal][canary]") {
  const EmailDigits digits{[](std::size_t count) { return std::string("7351902684173519026841").substr(0, count); },
                           [](const std::string& year) { return year == "81"; }};
  const auto made = [&](const std::string& like, std::vector<std::string> before, std::vector<std::string> now) {
    return email_like(like, before, now, digits, "");
  };
  CHECK(made("budi.santoso12@x.id", {"Budi", "Santoso"}, {"Siti", "Santoso"}) == "siti.santoso73@x.id");
  CHECK(made("budi81@x.id", {"Budi", "Santoso"}, {"Siti", "Santoso"}) == "siti81@x.id");
  CHECK(made("mlopez6@gmail.com", {"Michael", "Lopez"}, {"Henry", "Lopez"}) == "hlopez7@gmail.com");
  CHECK(made("lopez-m@gmail.com", {"Michael", "Lopez"}, {"Henry", "Lopez"}) == "lopez-h@gmail.com");
  CHECK(made("michal.wojcik@o2.pl", {"Michał", "Wójcik"}, {"Łukasz", "Wójcik"}) == "lukasz.wojcik@o2.pl");
  CHECK(made("joerg.mueller@web.de", {"Jörg", "Müller"}, {"Götz", "Müller"}) == "goetz.mueller@web.de");
  CHECK(email_like("budi@x.id", {"Budi"}, {"Siti"}, digits, "trap.id") == "siti73@trap.id");
  const std::string handle = made("kucinglucu@x.id", {"Budi", "Santoso"}, {"Siti", "Santoso"});
  CHECK(handle.substr(0, 6) == "kucing");
  CHECK(handle != "kucinglucu@x.id");
  CHECK(handle.size() == std::string("kucinglucu@x.id").size());
}

TEST_CASE("names are read whichever way round a table writes them", "[seal][canary]") {
  Schema schema;
  schema.columns = {column("guest", FieldType::kPersonName), column("given_name", FieldType::kPersonName),
                    column("family name", FieldType::kPersonName)};
  NameColumns names = NameColumns::of(schema);
  REQUIRE(names.all.size() == 3);
  CHECK(names.first == 1);
  CHECK(names.last == 2);
  const std::vector<std::string> row{"Nowak, Jan Maria", "Jan", "Nowak"};
  CHECK(names.words(row) == std::vector<std::string>{"Jan", "Nowak"});
  CHECK(names.with_first_name(1, "Jan", "Piotr") == "Piotr");
  CHECK(names.with_first_name(2, "Nowak", "Mazur") == "Nowak");

  CommaNames turned, degrees;
  for (int i = 0; i < 100; ++i) {
    turned.observe("Nowak, " + std::string(1, static_cast<char>('A' + i % 20)) + "nna");
    degrees.observe(i % 3 == 0 ? "Budi Santoso, S.Kom" : "dr. Siti Aminah, SpA");
  }
  CHECK(turned.are_last_first());
  CHECK_FALSE(degrees.are_last_first());
  CHECK(degrees.are_everywhere());
  names.last_first[0] = true;
  CHECK(names.with_first_name(0, "Nowak, Jan Maria", "Mazur, Piotr Adam") == "Nowak, Piotr Maria");
  names.last_first[0] = false;
  CHECK(names.with_first_name(0, "Budi Santoso, S.Kom", "Siti Aminah") == "Siti Santoso");
  names.degrees[0] = true;
  CHECK(names.with_first_name(0, "Budi Santoso, S.Kom", "Siti Aminah") == "Siti Santoso, S.Kom");
}

TEST_CASE("what goes with first names is found, and what has numbers of its own", "[seal][canary]") {
  Schema schema;
  schema.columns = {column("name", FieldType::kPersonName), column("sex", FieldType::kCategory),
                    column("town", FieldType::kCategory), column("fone", FieldType::kText),
                    column("row", FieldType::kInteger)};
  std::mt19937_64 random(8);
  Batch batch;
  std::vector<std::vector<std::string>> cells(5);
  for (unsigned long i = 0; i < 1000; ++i) {
    const bool woman = random() % 2 == 0;
    cells[0].push_back(std::string(woman ? "Ana" : "Jo") + static_cast<char>('a' + random() % 15) + " Silva");
    cells[1].push_back(woman ? "F" : "M");
    cells[2].push_back(random() % 3 == 0 ? "Recife" : "Manaus");
    cells[3].push_back("(11) " + padded(random() % 90000 + 10000, 5) + "-" + padded(random() % 10000, 4));
    cells[4].push_back(std::to_string(i + 1));
  }
  batch.rows = 1000;
  for (const auto& each : cells) batch.columns.emplace_back(each.begin(), each.end());
  for (std::size_t r = 0; r < batch.rows; ++r) batch.row_order.push_back(r);
  RowSample sample(5, 0, 4096);
  sample.observe(batch);
  TableShape shape;
  shape.numbers.resize(5);
  shape.dates.resize(5);
  learn(schema, sample, 1000, {{4, false}}, shape);
  CHECK(shape.told_by_name == std::vector<std::size_t>{1});
  CHECK(shape.own_number == std::vector<bool>{false, false, false, true, false});
  CHECK(shape.in_order == std::vector<bool>{false, false, false, false, true});
}

TEST_CASE("cells of a fixed width stay as wide, and times within their hour", "[seal][canary]") {
  std::string right = "Siti", left = "Siti", none = "Siti", longer = "Siti Aminah";
  pad_like("Budi   ", right);
  pad_like("   Budi", left);
  pad_like("Budiman", none);
  pad_like("Budi   ", longer);
  CHECK(right == "Siti   ");
  CHECK(left == "   Siti");
  CHECK(none == "Siti");
  CHECK(longer == "Siti Aminah");
  CHECK(seconds_later("2026-10-01 09:58:59", 2) == "2026-10-01 09:59:01");
  CHECK(seconds_later("2026-10-01 09:59:59", 2) == std::nullopt);
  CHECK(seconds_later("09:58", 2) == std::nullopt);
  CHECK(other_minutes("09:58:59Z", "7312") == "09:13:12Z");
  CHECK(other_minutes("2026-10-01 00:00:00", "7312") == std::nullopt);
}

TEST_CASE("a number that another has all digits of is told by it", "[seal][canary]") {
  Schema schema;
  schema.columns = {column("student_no", FieldType::kIdentifier), column("id", FieldType::kIdentifier)};
  NumberTies ties(schema);
  std::mt19937_64 random(3);
  std::string id;
  for (int i = 0; i < 200; ++i) {
    id = padded(random() % 1000000000, 12);
    const std::string number = "G" + id;
    ties.observe({number, id});
  }
  const std::vector<bool> told = ties.tied_to_numbers(0, "G" + id);
  CHECK(std::count(told.begin(), told.end(), true) == 12);
  const std::vector<bool> free = ties.tied_to_numbers(1, id);
  CHECK(std::count(free.begin(), free.end(), true) == 0);
  CHECK(ties.following(0, "G" + id, {"G" + id, id}, {"G" + id, "123456789012"}) == "G123456789012");
}
