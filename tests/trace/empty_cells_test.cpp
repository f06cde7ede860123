// Cells without a value: where a copy has none in the same places, they speak for it against other copies, never
// against outsiders.
#include <cmath>
#include <random>
#include <string>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/classes.h"
#include "trace/trace.h"

using namespace sidik;
using testing::Classes;
using testing::kAll;
using testing::kPhone;

TEST_CASE("empty cells that a record has as well are worth how rare they are, against other records",
          "[trace][empty]") {
  Classes world;
  world.add(190, {{kAll, 0, {Classes::kMay, Classes::kOther}}});
  AgreementClass& rows =
      world.add(10, {{kAll & ~kPhone, 0, {Classes::kMay}}, {kAll & ~kPhone, 0, {Classes::kOther}, 1, kPhone}});
  rows.visible = kAll & ~kPhone;
  const RowTerms terms = world.terms();
  const AgreementClass& empty = terms.classes()[1];
  const auto log_of = [&](ExportIndex e) { return terms.term(empty, e, terms.fields_of(e), {}).log; };
  const double rare = std::log(202.0 / 11);
  CHECK(log_of(Classes::kOther) - log_of(Classes::kMay) == Approx(rare));
  // The best of them is worth what its values say: whoever else has the people has them without a phone, too.
  CHECK(log_of(Classes::kOther) == Approx(RowTerms::information(empty, kAll) - std::log(1000)));
  // Where the column is out of play, nothing is said.
  CHECK(terms.term(terms.classes()[0], Classes::kMay, kAll, {}).log ==
        Approx(terms.term(terms.classes()[0], Classes::kOther, kAll, {}).log));
}

TEST_CASE("a copy that leaves values out is told from one that has them all", "[trace][empty]") {
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  std::mt19937 random(41);
  std::string whole = "account;phone;tax_number\n";
  std::string gaps = whole;
  for (int i = 0; i < 3000; ++i) {
    const std::string row =
        "AC" + std::to_string(4000000 + i * 17) + ";0812" + std::to_string(10000000 + random() % 89999999) + ";";
    const std::string tax = std::to_string(100000000 + i * 7919);
    whole += row + tax + "\n";
    gaps += row + (i % 20 == 7 ? "" : tax) + "\n";
  }
  for (const auto& [name, text] : {std::pair{"whole", &whole}, {"gaps", &gaps}}) {
    ExportDescription description;
    description.name = description.feed = name;
    store.add(description, *text);
  }
  const auto best_of = [&](const std::string& text) {
    const std::string sample = text.substr(0, text.find("AC4003400"));  // 200 rows
    const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
    INFO(verdict.summary);
    REQUIRE_FALSE(verdict.sources.empty());
    CHECK(verdict.sources.front().posterior > 0.9);
    return verdict.sources.front().name;
  };
  CHECK(best_of(whole) == "whole");
  CHECK(best_of(gaps) == "gaps");
}
