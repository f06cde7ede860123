// Cells that are one slip away from the record's value, and what they say.
#include "trace/slip_search.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/one_slip.h"
#include "trace/slip_odds.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

std::vector<std::string> neighbours(std::string_view raw, const std::vector<std::string>& letters) {
  Completions texts;
  one_slip_away(raw, letters, texts);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < texts.size(); ++i) all.emplace_back(texts[i]);
  return all;
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("one slip turns, loses, adds or exchanges a letter or digit", "[trace][slips]") {
  const std::vector<std::string> letters{"a", "n", "i", "é"};
  const std::vector<std::string> all = neighbours("Ani 12", letters);
  for (const char* near : {"ani 12", "Ai 12", "Anni 12", "Ain 12", "Ani 21", "Ani 2", "Ani 132", "Ané 12", "Ani 17"})
    CHECK(holds(all, near));
  for (const char* far : {"Ani 12", "A 12", "Ani 347", "Ani-12"}) CHECK_FALSE(holds(all, far));
  CHECK(holds(neighbours("Ané", letters), "An"));  // a character, not a byte
  CHECK(neighbours(std::string(kLongestSlip + 1, 'a'), letters).empty());
  const std::vector<std::string_view> cells{"Bab 1", "ÀB"};
  CHECK(letters_of(cells) == std::vector<std::string>{"b", "À", "a"});
}

TEST_CASE("slips speak for errors, their absence hardly against", "[trace][slips]") {
  const auto of = [](double near, double far, double chance) {
    return Slips{near, far, (near + far) * std::log(chance)};
  };
  CHECK(log_errors_near({}) == 0);
  CHECK(log_others_near({}) == 0);
  CHECK(log_errors_near(of(10, 2, 0.02)) > log_others_near(of(10, 2, 0.02)) + 5);
  // Errors of another kind than slips are never out of the question.
  CHECK(log_errors_near(of(0, 500, 0.02)) > std::log(0.3) - 0.01);
  // As many as chance makes say nothing for either.
  CHECK(log_errors_near(of(20, 980, 0.02)) < 0.1);
  CHECK(log_others_near(of(20, 980, 0.02)) < 0.1);
}

TEST_CASE("a column misread is told from a column of somebody else", "[trace][slips]") {
  std::mt19937 random(3);
  const auto digits = [&](int n) {
    std::string text;
    while (n-- > 0) text += static_cast<char>('0' + random() % 10);
    return text;
  };
  const auto street = [&] {
    static const char* const kNames[] = {"Melati", "Mawar", "Kenanga", "Anggrek", "Cempaka", "Dahlia", "Flamboyan"};
    return std::string(kNames[random() % 7]) + " " + kNames[random() % 7] + " No " + std::to_string(random() % 300);
  };
  std::string ours = "name,birth_date,address\n", misread = ours, theirs = ours;
  for (int i = 0; i < 4000; ++i) {
    const std::string who = "N" + digits(5) + " " + street().substr(0, 6) + ",19" + std::to_string(50 + random() % 50) +
                            "-0" + std::to_string(1 + random() % 9) + "-1" + std::to_string(random() % 10) + ",";
    const std::string where = street();
    ours += who + where + "\n";
    if (i % 20 != 0) continue;
    std::string slipped = where;
    const bool hit = random() % 10 < 4;
    if (hit) slipped[random() % slipped.size()] = static_cast<char>('a' + random() % 26);
    misread += who + slipped + "\n";
    theirs += who + (hit ? street() : where) + "\n";
  }
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  ExportDescription description;
  description.name = description.feed = "people";
  store.add(description, ours);
  const auto ask = [&](const std::string& text) {
    return trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store, key, {});
  };
  const Verdict copy = ask(misread), book = ask(theirs);
  INFO(copy.probability << " " << book.summary << " " << book.probability);
  CHECK(copy.origin == Origin::kOurs);
  CHECK(book.origin != Origin::kOurs);
}
