// A leak beside an export of some of its columns only: what those records lack excuses nobody, and what is no value of
// its type leads to no record.
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

using Row = std::vector<std::string>;

std::string text(const Row& header, const std::vector<Row>& rows, const std::vector<std::size_t>& columns) {
  std::string text;
  const auto add = [&](const Row& row) {
    for (std::size_t i = 0; i < columns.size(); ++i) text += (i > 0 ? "\t" : "") + row[columns[i]];
    text += "\n";
  };
  add(header);
  for (const Row& row : rows) add(row);
  return text;
}

/// A feed of all columns and one of some.
struct Feeds {
  Feeds(const Row& header, const std::vector<Row>& rows, const std::vector<std::size_t>& all,
        const std::vector<std::size_t>& some)
      : key(RegistryKey::generate()), store(key) {
    ExportDescription description;
    description.name = description.feed = "main";
    store.add(description, text(header, rows, all));
    description.name = description.feed = "few";
    store.add(description, text(header, rows, some));
  }
  Verdict ask(const std::string& sample) const {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }
  RegistryKey key;
  testing::PlainStore store;
};

}  // namespace

TEST_CASE("a leak with typing errors is ours where a narrow feed has not the columns that they are in",
          "[trace][narrow]") {
  // No number identifies. Others with the very same people would have the same errors, not fewer by some of our
  // records.
  const Row header{"address", "count", "phone", "birth_date", "product_code"};
  std::mt19937 random(31);
  const auto upto = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  static const char* const kStreets[] = {"High Street", "Park Road", "Mill Lane", "Main St", "Oak Ave", "Elm Street"};
  std::vector<Row> rows;
  for (int i = 0; i < 8000; ++i)
    rows.push_back({std::string(kStreets[upto(6)]) + " No. " + std::to_string(1 + upto(200)),
                    std::to_string(18 + upto(72)), "081" + std::to_string(10000000 + upto(90000000)),
                    format_date(days_from_civil(1940 + upto(70), 1 + upto(12), 1 + upto(28)) * 86400),
                    std::string(1, static_cast<char>('A' + upto(20))) + "Q"});
  const Feeds feeds(header, rows, {0, 1, 2, 3, 4}, {0, 2, 4});
  for (const double share : {0.02, 0.04}) {
    std::vector<Row> leak;
    std::sample(rows.begin(), rows.end(), std::back_inserter(leak), 1000, random);
    for (Row& row : leak)
      for (std::string& cell : row)
        if (std::uniform_real_distribution<double>()(random) < share)
          cell[upto(static_cast<unsigned>(cell.size()))] = "0123456789abcdefgh"[upto(18)];
    const Verdict verdict = feeds.ask(text(header, leak, {0, 1, 2, 3, 4}));
    INFO(verdict.summary << " " << verdict.probability << " at " << share);
    CHECK(verdict.origin == Origin::kOurs);
    REQUIRE_FALSE(verdict.sources.empty());
    CHECK(verdict.sources.front().name == "main");
  }
}

TEST_CASE("numbers that are none are not held against the rows that show them", "[trace][narrow]") {
  // One in four national numbers have a region that there is not; such rows are known by all their values, of which the
  // sample shows some.
  const Row header{"status", "last_login", "branch", "nik"};
  std::mt19937 random(32);
  const auto upto = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::vector<Row> rows;
  for (int i = 0; i < 4000; ++i) {
    const std::string day = std::to_string(100 + 1 + upto(28)).substr(1) + std::to_string(100 + 1 + upto(12)).substr(1);
    rows.push_back({std::string(1, static_cast<char>('A' + upto(3))),
                    "2021-03-" + std::to_string(10 + upto(19)) + " 0" + std::to_string(upto(10)) + ":" +
                        std::to_string(10 + upto(50)) + ":" + std::to_string(10 + upto(50)),
                    "B" + std::to_string(upto(30)),
                    (upto(4) == 0 ? "999914" : "332014") + day + std::to_string(100 + upto(100)).substr(1) + "00" +
                        std::to_string(10 + upto(90))});
  }
  const Feeds feeds(header, rows, {0, 1, 2, 3}, {0, 2, 3});
  std::vector<Row> leak;
  std::sample(rows.begin(), rows.end(), std::back_inserter(leak), 50, random);
  const Verdict verdict = feeds.ask(text(header, leak, {0, 3}));
  INFO(verdict.summary << " " << verdict.probability);
  CHECK(verdict.origin == Origin::kOurs);
  CHECK(verdict.rows_not_linkable > 10);
}

TEST_CASE("a row without its number is looked for in all feeds, though one of them goes by another that it shows",
          "[trace][narrow]") {
  const Row header{"policy", "postcode", "ticket", "sex", "email"};
  std::mt19937 random(33);
  const auto upto = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::vector<Row> rows;
  for (int i = 0; i < 8000; ++i) {
    const std::string number = std::to_string(1000000 + i * 7);
    rows.push_back({std::to_string(1000000000 + upto(1000000000)) + "55", std::to_string(10000 + upto(90000)),
                    "TX-" + std::to_string(100000 + upto(900000)), upto(2) == 0 ? "F" : "M",
                    "user" + number + "@mail" + std::to_string(upto(3)) + ".test"});
  }
  const Feeds feeds(header, rows, {0, 1, 2, 3, 4}, {1, 2, 3});
  std::vector<Row> leak;
  std::sample(rows.begin(), rows.end(), std::back_inserter(leak), 50, random);
  for (std::size_t i = 0; i < leak.size(); ++i)
    if (i % 8 == 0) leak[i][0].clear();
  const Verdict verdict = feeds.ask(text(header, leak, {0, 1, 2, 3, 4}));
  INFO(verdict.summary << " " << verdict.probability);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "main");
  CHECK(verdict.sources.front().posterior > 0.9);
  CHECK(verdict.sources.front().rows_explained == Approx(1));
}

TEST_CASE("a column is read as ours of its name is, though hardly a value of it is such", "[trace][narrow]") {
  // Three in five national numbers have a region that there is not, in the sample all of them but one.
  const Row header{"policy", "lat", "nik", "flag"};
  std::mt19937 random(34);
  const auto upto = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::vector<Row> rows, leak;
  for (int i = 0; i < 8000; ++i) {
    const std::string day = std::to_string(100 + 1 + upto(28)).substr(1) + std::to_string(100 + 1 + upto(12)).substr(1);
    const bool such = upto(5) < 2;
    rows.push_back({std::to_string(1000000000 + upto(1000000000)) + "555",
                    std::to_string(upto(10)) + "." + std::to_string(1000 + upto(9000)),
                    (such ? "332014" : "999914") + day + std::to_string(100 + upto(100)).substr(1) + "00" +
                        std::to_string(10 + upto(90)),
                    upto(2) == 0 ? "Y" : "N"});
    if (leak.size() < 20 && (leak.empty() || !such)) leak.push_back(rows.back());
  }
  const Feeds feeds(header, rows, {0, 1, 2, 3}, {0, 3});
  const Verdict verdict = feeds.ask(text(header, leak, {1, 2, 3}));
  INFO(verdict.summary << " " << verdict.probability);
  CHECK(verdict.origin == Origin::kOurs);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "main");
  CHECK(verdict.sources.front().rows_explained == Approx(1));
}

TEST_CASE("each row lists all exports whose record is as good, one column that tells nothing more or less",
          "[trace][narrow]") {
  std::mt19937 random(5);
  std::vector<Row> rows;
  for (int i = 0; i < 2000; ++i)
    rows.push_back(
        {"AC" + std::to_string(5000000 + i * 37), "081" + std::to_string(10000000 + random() % 90000000), "A"});
  const Feeds feeds({"account", "phone", "class"}, rows, {0, 1, 2}, {0, 1});
  const std::vector<Row> leak(rows.begin() + 100, rows.begin() + 150);
  const std::string sample = text({"account", "phone", "class"}, leak, {0, 1, 2});
  std::size_t listed = 0;
  TraceOptions options;
  options.each_row = [&](const TracedRow& row) {
    ++listed;
    CHECK(row.candidates == std::vector<std::string>{"few", "main"});
    CHECK(row.matched == std::vector<std::string>{"account", "phone", "class"});
    CHECK(row.differing.empty());
  };
  trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, feeds.store, feeds.key, options);
  CHECK(listed == 50);
}

TEST_CASE("a copy whose columns lead nowhere is not passed over for smaller ones whose do", "[trace][narrow]") {
  // Seats are a category of the large table and codes of the small ones, and so with fares: only these are indexed.
  std::mt19937 random(5);
  const auto upto = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  static const char* const kRegions[] = {"north", "south", "east", "west"};
  const std::string header = "ticket,seat,fare,date,region\n";
  std::string all = header, north = header, south = header, sample = "seat,fare,date\n";
  for (int i = 0; i < 20000; ++i) {
    const std::string shown = std::to_string(1 + upto(38)) + static_cast<char>('A' + upto(6)) + "," +
                              std::to_string(40 + upto(1500)) + ".00," +
                              format_date(static_cast<UtcSeconds>(19723 + upto(366)) * 86400);
    const char* const region = kRegions[upto(4)];
    const std::string row = std::to_string(100000000 + i * 37) + "," + shown + "," + region + "\n";
    all += row;
    if (region == kRegions[0]) north += row;
    if (region == kRegions[1]) south += row;
    if (i % 200 == 0) sample += shown + "\n";
  }
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  for (const auto& [name, text] : {std::pair("all", &all), std::pair("north", &north), std::pair("south", &south)}) {
    ExportDescription description;
    description.name = description.feed = name;
    store.add(description, *text);
  }
  const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  INFO(verdict.summary);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "all");
  for (const auto& source : verdict.sources)
    if (source.name != "all") CHECK(source.posterior < 0.5);
}
