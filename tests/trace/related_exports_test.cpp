// Populations that have nothing to do with each other in one registry, and what programs make of whole columns: numbers
// rounded, hashed, masked.
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/rounded_measure.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

using Row = std::vector<std::string>;

std::string text(const Row& header, const std::vector<Row>& rows) {
  std::string text;
  const auto add = [&](const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i > 0 ? ";" : "") + row[i];
    text += "\n";
  };
  add(header);
  for (const Row& row : rows) add(row);
  return text;
}

/// A club's members, and a telecom's customers, of whom there are five times as many.
struct Populations {
  explicit Populations(unsigned seed) : random(seed), key(RegistryKey::generate()), store(key) {
    for (int i = 0; i < 3000; ++i)
      members.push_back({"M" + std::to_string(1000000 + upto(9000000)),
                         "08" + std::to_string(1000000000 + upto(900000000)),
                         "Street No. " + std::to_string(1 + upto(5000)),
                         std::string(1, static_cast<char>('A' + upto(5))), std::to_string(upto(90000))});
    add("members", member_header, members);
    for (int i = 0; i < 15000; ++i)
      customers.push_back(
          {std::to_string(10000000 + upto(90000000)),
           std::to_string(1 + upto(28)) + "." + std::to_string(1 + upto(12)) + "." + std::to_string(1950 + upto(60)),
           std::to_string(upto(10000))});
    add("customers", {"contract", "born", "last_digits"}, customers);
  }
  unsigned upto(unsigned n) { return static_cast<unsigned>(random() % n); }
  void add(const std::string& name, const Row& header, const std::vector<Row>& rows) {
    ExportDescription description;
    description.name = description.feed = name;
    store.add(description, text(header, rows));
  }
  std::vector<Row> some_members(std::size_t count) {
    std::vector<Row> some;
    std::sample(members.begin(), members.end(), std::back_inserter(some), static_cast<std::ptrdiff_t>(count), random);
    return some;
  }
  Verdict ask(const Row& header, const std::vector<Row>& rows) const {
    const std::string sample = text(header, rows);
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }
  const Row member_header{"member", "phone", "address", "plan", "balance"};
  std::mt19937 random;
  std::vector<Row> members, customers;
  RegistryKey key;
  testing::PlainStore store;
};

}  // namespace

TEST_CASE("a larger export of other people makes one column of ours nobody else's", "[trace][related]") {
  Populations both(51);
  std::vector<Row> leak = both.some_members(100);
  for (Row& row : leak) row.resize(1);
  const Verdict verdict = both.ask({"member"}, leak);
  INFO(verdict.summary << " " << verdict.probability);
  CHECK(verdict.origin != Origin::kNotOurs);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "members");
}

TEST_CASE("a column of amounts rounded to tens is read as what it was", "[trace][related]") {
  Populations both(52);
  std::vector<Row> leak = both.some_members(100);
  for (Row& row : leak) row[4] = std::to_string((std::stoi(row[4]) + 5) / 10 * 10);
  const Verdict verdict = both.ask(both.member_header, leak);
  INFO(verdict.summary << " " << verdict.probability);
  CHECK(verdict.origin == Origin::kOurs);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "members");
  CHECK(std::any_of(verdict.caveats.begin(), verdict.caveats.end(),
                    [](const std::string& caveat) { return caveat.find("balance are rounded") != std::string::npos; }));
}

TEST_CASE("a column of digests that nobody can hold against anything clears nobody", "[trace][related]") {
  Populations both(53);
  std::vector<Row> leak = both.some_members(100);
  static constexpr char kDigits[] = "0123456789abcdef";
  for (Row& row : leak) {
    row[0].clear();
    for (int i = 0; i < 64; ++i) row[0] += kDigits[both.upto(16)];
  }
  const Verdict verdict = both.ask(both.member_header, leak);
  INFO(verdict.summary << " " << verdict.probability);
  CHECK(verdict.origin == Origin::kOurs);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "members");
}

TEST_CASE("strangers of the same kind are strangers beside any other export", "[trace][related]") {
  Populations both(54);
  Populations others(55);
  const Verdict verdict = both.ask(both.member_header, others.some_members(200));
  INFO(verdict.summary << " " << verdict.probability);
  CHECK(verdict.origin == Origin::kNotOurs);
}

TEST_CASE("what numbers were rounded to is told by all of a column", "[trace][rounded]") {
  const auto rounding = [](FieldType type, const std::vector<std::string_view>& cells) {
    return rounding_of(type, {}, cells);
  };
  const std::vector<std::string_view> tens{"7340", "120", "-50", "0",  "10", "99990",
                                           "70",   "80",  "30",  "40", "50", "60"};
  REQUIRE(rounding(FieldType::kInteger, tens));
  CHECK(rounding(FieldType::kInteger, tens)->lost == 1);
  const std::vector<std::string_view> whole{"2", "3", "1", "4", "2", "3", "3", "1", "2", "4", "7", "9"};
  REQUIRE(rounding(FieldType::kDecimal, whole));
  CHECK(rounding(FieldType::kDecimal, whole)->lost == 2);
  CHECK_FALSE(rounding(FieldType::kInteger, whole));
  CHECK_FALSE(rounding(FieldType::kText, tens));

  const auto within = [](std::string_view raw, const Rounding& one) {
    const std::vector<std::string> values = measures_within(raw, one);
    CHECK(static_cast<double>(values.size()) == count_within(one));
    return values;
  };
  // Rounded to the nearest, or cut off.
  const std::vector<std::string> ten = within("7340", {FieldType::kInteger, 1});
  CHECK(ten.front() == "7335");
  CHECK(ten.back() == "7349");
  const std::vector<std::string> cents = within("2", {FieldType::kDecimal, 2});
  CHECK(cents.front() == "1.50");
  CHECK(cents.back() == "2.99");
  CHECK(within("-1", {FieldType::kDecimal, 1}).front() == "-1.05");
  CHECK(measures_within("about ten", {FieldType::kInteger, 1}).empty());
}

TEST_CASE("a column that a table of other people has as well is not lost to a table of ours", "[trace][related]") {
  // Nothing but days of birth is in both; the sample has no header.
  Populations both(56);
  std::vector<Row> born = both.members;
  for (Row& row : born)
    row.push_back(std::to_string(1 + both.upto(28)) + "." + std::to_string(1 + both.upto(12)) + "." +
                  std::to_string(1950 + both.upto(60)));
  both.add("patients", {"patient", "phone", "address", "plan", "balance", "born"}, born);
  std::vector<Row> leak(born.begin(), born.begin() + 100);
  const std::string sample = text(leak.front(), {leak.begin() + 1, leak.end()});
  const Verdict verdict =
      trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, both.store, both.key, {});
  INFO(verdict.summary << " " << verdict.probability);
  REQUIRE(verdict.sample.columns.size() == 6);
  CHECK(verdict.sample.columns[5].matched == "born");
  CHECK(verdict.sample.columns[5].agreement.value_or(0) > 0.9);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "patients");
}
