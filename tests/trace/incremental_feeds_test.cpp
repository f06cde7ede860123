// Feeds whose exports hold new rows each time: a month of payments that nobody registered is in no record.
#include "trace/incremental_feeds.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/lines.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

/// A bank with its own customers, who pay now and then.
class Bank {
 public:
  explicit Bank(unsigned seed) : random_(seed), number_(upto(50000000)) {
    for (int i = 0; i < 600; ++i)
      customers_.emplace_back(std::to_string(10000000 + upto(89999999)), "Holder " + std::to_string(upto(100000)));
  }
  std::vector<std::string> payments(int month, int count) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) {
      const auto& [account, name] = customers_[upto(600)];
      number_ += 1 + upto(4);
      const UtcSeconds at = days_from_civil(2023, 1, 1) * 86400 + (month * 30 * 1440 + i * 43000 / count) * 60;
      lines.push_back("T" + std::to_string(100000000 + number_) + ";" + format_utc(at) + ";" + account + ";" + name +
                      ";Shop " + std::to_string(upto(40)) + ";" + std::to_string(1 + upto(9000)) + "." +
                      std::to_string(10 + upto(90)) + "\n");
    }
    return lines;
  }
  std::vector<std::string> some(const std::vector<std::string>& lines, std::size_t count) {
    std::vector<std::string> out;
    std::sample(lines.begin(), lines.end(), std::back_inserter(out), count, random_);
    return out;
  }
  std::mt19937& random() { return random_; }

 private:
  unsigned upto(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::mt19937 random_;
  unsigned number_;
  std::vector<std::pair<std::string, std::string>> customers_;
};

std::string table(const std::vector<std::string>& lines) {
  std::string text = "tx_id;booked;account;holder;merchant;amount\n";
  for (const std::string& line : lines) text += line;
  return text;
}

/// Every column by itself in another order.
std::vector<std::string> shuffled(const std::vector<std::string>& lines, std::mt19937& random) {
  std::vector<std::vector<std::string>> columns(6);
  for (const std::string& line : lines) {
    std::size_t from = 0;
    for (auto& column : columns) {
      const std::size_t to = line.find_first_of(";\n", from);
      column.push_back(line.substr(from, to - from));
      from = to + 1;
    }
  }
  for (auto& column : columns) std::shuffle(column.begin(), column.end(), random);
  std::vector<std::string> out(lines.size());
  for (std::size_t r = 0; r < out.size(); ++r)
    for (std::size_t c = 0; c < columns.size(); ++c) out[r] += columns[c][r] + (c + 1 < columns.size() ? ";" : "\n");
  return out;
}

}  // namespace

TEST_CASE("what returns from date to date tells new rows from others'", "[trace][incremental]") {
  CHECK(log_of_returning(0, 0, {0.8, 1}) == 0);
  CHECK(log_of_returning(90, 10, {0.8, 1}) == 0);
  CHECK(log_of_returning(0, 100, {0.8, 1}) < -10);   // customers whom we do not know
  CHECK(log_of_returning(0, 100, {0, 0.05}) == 0);   // new numbers, as they are each time
  CHECK(log_of_returning(100, 0, {0, 0.05}) < -10);  // numbers of payments that we know: put together anew
  CHECK(log_of_returning(100, 0, {0, 0.3}) == 0);    // it may be that they return
}

namespace {

/// Neither cleared nor given to what was registered.
bool is_open(const Verdict& verdict) {
  return verdict.origin == Origin::kUndetermined ||
         (verdict.origin == Origin::kOurs && verdict.kind == Hypothesis::kUnregisteredExport);
}

}  // namespace

TEST_CASE("a month of an incremental feed that nobody registered is neither cleared nor another month",
          "[trace][incremental]") {
  int open = 0, strangers = 0, forged = 0, registered = 0;
  constexpr int kTries = 4;
  for (unsigned seed = 1; seed <= kTries; ++seed) {
    Bank ours(seed), other(seed + 100);
    const RegistryKey key = RegistryKey::generate();
    testing::PlainStore store(key);
    std::vector<std::string> missing, known;
    for (int month = 0; month < 5; ++month) {
      const std::vector<std::string> lines = ours.payments(month, 2000);
      if (month == 2) {
        missing = lines;
        continue;
      }
      known = lines;
      ExportDescription description;
      description.feed = "payments";
      description.name = "payments-" + std::to_string(month);
      description.at = days_from_civil(2023, static_cast<unsigned>(month) + 2, 1) * 86400;
      store.add(description, table(lines));
    }
    const auto ask = [&](const std::vector<std::string>& lines) {
      const std::string text = table(lines);
      return trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store, key, {});
    };
    const auto sample = ours.some(known, 100);
    open += is_open(ask(ours.some(missing, 100)));
    strangers += ask(other.some(other.payments(2, 2000), 100)).origin == Origin::kNotOurs;
    forged += ask(shuffled(sample, ours.random())).origin == Origin::kNotOurs;
    const Verdict verdict = ask(sample);
    registered += verdict.origin == Origin::kOurs && verdict.sources.front().name == "payments-4";
  }
  CHECK(open == kTries);
  CHECK(strangers == kTries);
  CHECK(forged == kTries);
  CHECK(registered == kTries);
}

TEST_CASE("months of an incremental feed mixed are these months, and a column without values takes nothing away",
          "[trace][incremental]") {
  Bank ours(21);
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  std::vector<std::string> first, second, missing;
  for (int month = 0; month < 7; ++month) {
    const std::vector<std::string> lines = ours.payments(month, 2000);
    if (month == 1) first = lines;
    if (month == 4) second = lines;
    if (month == 3) {
      missing = lines;
      continue;
    }
    ExportDescription description;
    description.feed = "payments";
    description.name = "payments-" + std::to_string(month);
    description.at = days_from_civil(2023, static_cast<unsigned>(month) + 2, 1) * 86400;
    store.add(description, table(lines));
  }
  const auto ask = [&](std::vector<std::string> lines, bool empty_column) {
    std::string text = table(lines);
    if (empty_column) {
      std::string wider;
      bool header = true;
      for (const std::string& line : testing::lines_of(text)) {
        wider += line + (header ? ";remark\n" : ";\n");
        header = false;
      }
      text = wider;
    }
    return trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store, key, {});
  };
  std::vector<std::string> mixed(first.begin() + 100, first.begin() + 200);
  mixed.insert(mixed.end(), second.begin() + 100, second.begin() + 200);
  const Verdict two = ask(mixed, false);
  INFO(two.summary);
  CHECK(two.kind == Hypothesis::kMixture);
  REQUIRE(two.sources.size() >= 2);
  CHECK(std::set{two.sources[0].name, two.sources[1].name} == std::set<std::string>{"payments-1", "payments-4"});
  for (const bool empty_column : {false, true}) {
    const Verdict open = ask({missing.begin(), missing.begin() + 200}, empty_column);
    INFO(open.summary);
    CHECK(is_open(open));
  }
}

TEST_CASE("three months are not others' because others may have them all", "[trace][incremental]") {
  // No column is of one row alone: a row's tag is the other account, or all of its values.
  Bank ours(31);
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  std::mt19937 random(5);
  const std::string header = "booked;account;holder;other_account;merchant;amount\n";
  std::string mixed = header;
  for (int month = 0; month < 5; ++month) {
    std::string text = header;
    std::size_t r = 0;
    for (const std::string& line : ours.payments(month, 900)) {
      std::vector<std::string> cells(1);
      for (const char c : line.substr(0, line.size() - 1)) c == ';' ? cells.emplace_back() : cells.back() += c;
      const std::string other =
          random() % 5 < 2 ? "NL" + std::to_string(10 + random() % 90) + "BANK" + std::to_string(1000000000 + random())
                           : "";
      const std::string row = cells[1].substr(0, 10) + ";" + cells[2] + ";" + cells[3] + ";" + other + ";" + cells[4] +
                              ";" + cells[5] + "\n";
      text += row;
      if (month < 3 && r++ % 14 == 0) mixed += row;
    }
    ExportDescription description;
    description.feed = "payments";
    description.name = "payments-" + std::to_string(month);
    description.at = days_from_civil(2023, static_cast<unsigned>(month) + 2, 1) * 86400;
    store.add(description, text);
  }
  const Verdict verdict = trace({{"sample", [&] { return memory_source(mixed, "sample"); }}}, store, key, {});
  INFO(verdict.summary);
  CHECK(verdict.origin == Origin::kOurs);
}

namespace {

/// A utility's meters: each month all of them, with new readings.
class Meters {
 public:
  explicit Meters(unsigned seed) : random_(seed) {
    for (int i = 0; i < 1500; ++i) {
      const std::string number = std::to_string(1000000 + upto(9000000));
      const std::string tariff = upto(4) != 0 ? "2.0TD" : "3.0TD";
      fixed_.push_back(number + ";Holder " + std::to_string(upto(90000)) + ";C/ Mayor " + std::to_string(upto(9000)));
      tariffs_.push_back(tariff);
    }
  }
  std::string row(std::size_t meter, int month, const std::string& tariff) {
    return fixed_[meter] + ";" + tariff + ";" +
           format_date(days_from_civil(2024, static_cast<unsigned>(month), 1 + upto(5)) * 86400) + ";" +
           std::to_string(10000 + month * 150 + upto(9000)) + ";" + std::to_string(upto(400)) + ";" +
           (upto(3) != 0 ? "read" : "guessed") + "\n";
  }
  std::string of_month(int month, std::size_t step) {
    std::string text = header();
    for (std::size_t m = 0; m < fixed_.size(); m += step) text += row(m, month, tariffs_[m]);
    return text;
  }
  /// Another utility's: of the same holders and addresses, with meters and tariffs of its own.
  std::string of_others(std::size_t step) {
    std::string text = header();
    for (std::size_t m = 0; m < fixed_.size(); m += step) {
      const std::string mine = row(m, 4, upto(2) != 0 ? "ECO" : "PLUS");
      text += std::to_string(1000000 + upto(9000000)) + mine.substr(mine.find(';'));
    }
    return text;
  }
  static std::string header() { return "meter;holder;address;tariff;day;reading;used;kind\n"; }

 private:
  unsigned upto(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::mt19937 random_;
  std::vector<std::string> fixed_, tariffs_;
};

}  // namespace

TEST_CASE("new readings of the same meters are a date that nobody registered, not somebody else's book",
          "[trace][incremental]") {
  Meters meters(5);
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  for (int month = 1; month <= 3; ++month) {
    ExportDescription description;
    description.feed = "meters";
    description.name = "meters-" + std::to_string(month);
    description.at = days_from_civil(2024, static_cast<unsigned>(month) + 1, 1) * 86400;
    store.add(description, meters.of_month(month, 1));
  }
  const auto ask = [&](const std::string& text) {
    return trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store, key, {});
  };
  for (const std::size_t step : {50U, 5U}) {
    const Verdict unregistered = ask(meters.of_month(4, step));
    INFO(step << " " << unregistered.summary);
    CHECK(unregistered.origin == Origin::kOurs);
    CHECK(unregistered.kind == Hypothesis::kUnregisteredExport);
    const Verdict theirs = ask(meters.of_others(step));
    INFO(theirs.summary);
    CHECK(theirs.origin != Origin::kOurs);
    const Verdict strangers = ask(Meters(6).of_month(4, step));
    INFO(strangers.summary);
    CHECK(strangers.origin == Origin::kNotOurs);
  }
}
