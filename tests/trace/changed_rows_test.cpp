// What time changes together, dates that nobody registered, mixtures that are filtered or lack columns, and form.
#include "trace/changed_rows.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/classes.h"
#include "trace/export_likelihood.h"
#include "trace/form.h"
#include "trace/mixture_search.h"
#include "trace/sample_reader.h"
#include "trace/trace.h"
#include "trace/unregistered.h"
#include "trace/unregistered_likelihood.h"

using namespace sidik;
using namespace sidik::testing;

TEST_CASE("what changes together is learnt from the records of one person", "[trace][unregistered]") {
  Classes world;
  SECTION("nothing was seen: fields that time changes, each alone") {
    world.add(100, {{kAll, 0, {Classes::kMay, Classes::kJune}}});
    const RowTerms terms = world.terms();
    const ChangedRows changed(terms);
    CHECK(changed.log_changed(kPhone, kAll) == Approx(std::log(0.5)));
    CHECK(changed.log_changed(kAddress, kAll) == Approx(std::log(0.5)));
    CHECK(*changed.log_changed(kAddress | kTown, kAll) < std::log(0.2));
    CHECK_FALSE(changed.log_changed(kName, kAll));
    CHECK_FALSE(changed.log_changed(kTown, kAll & ~kTown));
  }
  SECTION("moves change the town along with the address") {
    world.add(12, {{kAll, 0, {Classes::kJune}}, {kAll & ~kAddress & ~kTown, kAddress | kTown, {Classes::kMay}}});
    world.add(3, {{kAll, 0, {Classes::kJune}}, {kAll & ~kPhone, kPhone, {Classes::kMay}}});
    // Foreign data say nothing of time, nor does somebody else's record.
    world.add(50, {{kAll, 0, {Classes::kJune}}, {kAll & ~kPhone, kPhone, {Classes::kForeign}}});
    world.add(50, {{kAll, 0, {Classes::kJune}}, {kTown, kAll & ~kTown, {Classes::kMay}}});
    const RowTerms terms = world.terms();
    const ChangedRows changed(terms);
    CHECK(changed.log_changed(kAddress | kTown, kAll) == Approx(std::log((12 + 3 * 0.5 * 0.3) / 18)));
    CHECK(changed.log_changed(kPhone, kAll) == Approx(std::log((3 + 3 * 0.5) / 18)));
    // Where the town is not shown, moves are changes of the address.
    CHECK(*changed.log_changed(kAddress, kAll & ~kTown) > std::log(0.7));
  }
}

TEST_CASE("a new value that another export has of the person is no chance", "[trace][unregistered]") {
  Classes world;
  const ClassMatch old{kAll & ~kPhone, kPhone, {Classes::kMay, Classes::kJune}};
  world.add(1, {old});
  world.add(1, {{kAll, 0, {Classes::kOther}}, old});
  world.add(1, {{kAll, 0, {Classes::kForeign}}, old});
  // Somebody else who has the phone, as made-up rows show values of many people.
  world.add(1, {{kPhone, kAll & ~kPhone, {Classes::kOther}}, old});
  world.add(1, {{kPhone | kTown, kAddress, {Classes::kOther}}, old});
  const RowTerms terms = world.terms();
  const ChangedRows changed(terms);
  const double chance = *changed.log_changed(kPhone, kAll);
  const auto row = [&](std::size_t c) {
    const AgreementClass& rows = terms.classes()[c];
    return changed.log_row(rows, rows.matches.back(), kAll);
  };
  CHECK(row(0) == Approx(9 + 6 + 8 + 2 + chance));
  CHECK(row(1) == Approx(9 + 6 + 8 + 2 + chance + 9 + std::log(0.5)));
  for (const std::size_t c : {2U, 3U, 4U}) CHECK(row(c) == Approx(9 + 6 + 8 + 2 + chance));
}

TEST_CASE("a value that changed twice between two dates costs its rarity, and is no reason against them",
          "[trace][unregistered]") {
  const double none = log_between({90, 5, 5, 1000, 1000}, 0.01);
  const double one = log_between({90, 5, 5, 1000, 1000, 1}, 0.01) + std::log(1000);
  CHECK(one < none + std::log(0.12));
  CHECK(one > none + std::log(0.01));
}

namespace {
const LogBeside kAlike = [](const std::vector<ExportIndex>&) { return 0.0; };
}

TEST_CASE("rows outside a filter gain nothing by it, in a mixture either", "[trace][mixture]") {
  Classes world;
  world.add(30, {{kAll, 0, {Classes::kMay}}});
  world.add(30, {{kAll, 0, {Classes::kOther}}});
  world.add(4, {{kAll, 0, {Classes::kMay, Classes::kOther}}});
  const RowTerms terms = world.terms();
  const std::vector<double> padding(3, 0.0);
  const double gain = std::log(5);
  const auto marginal = [&](std::vector<double> gains) {
    MixtureFilter filters[1];
    filters[0].gain = [&](std::size_t c, ExportIndex) { return gains[c]; };
    const auto found = search_mixtures(terms, {Classes::kMay, Classes::kOther}, padding, filters, kAlike);
    REQUIRE(found.size() == 1);
    return found[0].log_marginal;
  };
  const double plain = marginal({0, 0, 0});
  CHECK(marginal({gain, gain, gain}) == Approx(plain + 64 * gain));
  CHECK(marginal({gain, gain, 0}) == Approx(plain + 60 * gain));
}

TEST_CASE("a small export that lies within a large one is a source by how often its people are met",
          "[trace][mixture]") {
  // A tenth of the people, of whom 70 are among 400 rows and not 40. Two dates that hardly differ explain them as well,
  // and would be all that is looked at if each row were given to the export that explains it best.
  Classes world;
  world.exports[Classes::kOther].rows = 100;
  world.add(330, {{kAll, 0, {Classes::kMay, Classes::kJune}}});
  world.add(70, {{kAll, 0, {Classes::kMay, Classes::kJune, Classes::kOther}}});
  world.add(1, {{kAll, 0, {Classes::kMay}}, {kAll & ~kTown, kTown, {Classes::kJune}}});
  world.add(1, {{kAll, 0, {Classes::kJune}}, {kAll & ~kTown, kTown, {Classes::kMay}}});
  const RowTerms terms = world.terms();
  const std::vector<double> padding(4, 0.0);
  const MixtureFilter filters[] = {{}};
  const auto found = search_mixtures(terms, {Classes::kMay, Classes::kJune, Classes::kOther}, padding, filters, kAlike);
  const auto within = std::find_if(found.begin(), found.end(), [](const MixtureFinding& one) {
    return one.sources == std::vector<ExportIndex>{Classes::kMay, Classes::kOther};
  });
  REQUIRE(within != found.end());
  CHECK(within->shares[1] == Approx(0.083).margin(0.01));
}

TEST_CASE("sets of sources are chosen by what else speaks for them, too", "[trace][mixture]") {
  // Rows of two feeds, the first of which is known by two dates: by one of them only, if the other is out of the
  // question.
  Classes world;
  world.add(20, {{kAll, 0, {Classes::kMay, Classes::kJune}}});
  world.add(20, {{kAll, 0, {Classes::kOther}}});
  const RowTerms terms = world.terms();
  const std::vector<double> padding(2, 0.0);
  const MixtureFilter filters[] = {{}};
  const auto sets = [&](const LogBeside& log_beside) {
    return search_mixtures(terms, {Classes::kMay, Classes::kJune, Classes::kOther}, padding, filters, log_beside)
        .size();
  };
  CHECK(sets(kAlike) == 2);
  CHECK(sets([](const std::vector<ExportIndex>& sources) { return sources[0] == Classes::kMay ? 0.0 : -30.0; }) == 1);
}

TEST_CASE("an export that lacks a column does not explain what is damaged there in another", "[trace][mixture]") {
  const auto marginal = [](bool contradicted) {
    Classes world;
    world.exports[Classes::kOther].columns.erase(world.exports[Classes::kOther].columns.begin() + 3);  // the town
    world.add(60, {{kAll, 0, {Classes::kMay}}});
    std::vector<ClassMatch> matches{{kAll & ~kTown, 0, {Classes::kOther}}};
    if (contradicted) matches.push_back({kAll & ~kTown, kTown, {Classes::kMay}});
    world.add(20, matches);
    world.add(5, {{kAll & ~kTown & ~kPhone, 0, {Classes::kOther}}});
    const RowTerms terms = world.terms();
    const std::vector<double> padding(3, 0.0);
    const MixtureFilter filters[] = {{}};
    const auto found = search_mixtures(terms, {Classes::kMay, Classes::kOther}, padding, filters, kAlike);
    REQUIRE(found.size() == 1);
    return found[0].log_marginal;
  };
  CHECK(marginal(true) < marginal(false) + std::log(1e-3));
}

TEST_CASE("columns that an export shows all of speak for it only where it has the others too", "[trace][form]") {
  // Five columns, of which the first export has all and twenty more, the second one, and no other.
  SampleSurvey survey;
  ColumnMap map;
  std::vector<ExportManifest> exports(2);
  survey.screened.rows = 4;
  for (ColumnId c = 0; c < 5; ++c) {
    survey.names.push_back("c" + std::to_string(c));
    survey.screened.columns.push_back(std::vector<std::string_view>(4, "value"));
    MappedColumn& column = map.mapped.emplace_back();
    column.column = c;
    column.as.resize(1);
    column.as[0].columns = {c};
  }
  survey.edits.given = 5;
  for (ColumnId c = 0; c < 25; ++c) exports[0].columns.emplace_back().id = c;
  exports[1].columns.emplace_back().id = 4;
  const auto plain = form_scores(survey, map, exports);
  CHECK(*plain[0].log10 > *plain[1].log10);
  CHECK(*plain[0].log10 > -0.5);
  // A column of which nothing is shown was not joined on, one with values was.
  survey.names.push_back("c5");
  survey.screened.columns.push_back({"", "", "", "NULL"});
  survey.edits.given = 6;
  CHECK(*form_scores(survey, map, exports)[0].log10 == Approx(*plain[0].log10));
  survey.screened.columns.back() = {"one", "", "two", "three"};
  CHECK(*form_scores(survey, map, exports)[0].log10 < *plain[0].log10 - 0.1);
}

namespace {

struct Member {
  std::string account, name, street, town, phone;
};

/// Members of a club over the months: in each, one in a hundred moves house and one in two hundred changes phones.
class Club {
 public:
  Club() {
    static const char* const kFirst[] = {"Anna", "Ben", "Carla", "Dora", "Emil", "Franz", "Greta", "Hans", "Ida"};
    static const char* const kLast[] = {"Weber", "Koch", "Richter", "Klein", "Wolf", "Braun", "Lange", "Krause"};
    for (int i = 0; i < 2500; ++i) {
      Member one{"AC" + std::to_string(4000000 + i * 17 + random_() % 17), "", "", "", ""};
      one.name = std::string(kFirst[random_() % 9]) + " " + kLast[random_() % 8];
      move(one);
      one.phone = phone();
      members_.push_back(one);
    }
  }
  void pass_a_month() {
    for (Member& one : members_) {
      if (random_() % 100 == 0) move(one);
      if (random_() % 200 == 0) one.phone = phone();
    }
  }
  std::string text(std::size_t step = 1) const {
    std::string lines = "account;name;address;town;phone\n";
    for (std::size_t i = 0; i < members_.size(); i += step) {
      const Member& one = members_[i];
      lines += one.account + ";" + one.name + ";" + one.street + ";" + one.town + ";" + one.phone + "\n";
    }
    return lines;
  }

 private:
  void move(Member& one) {
    one.street = "Jalan Kenanga No " + std::to_string(random_() % 900) + " RT " + std::to_string(random_() % 30);
    one.town = "town " + std::to_string(random_() % 40);
  }
  std::string phone() {
    std::string text = "0812";
    for (int i = 0; i < 8; ++i) text += static_cast<char>('0' + random_() % 10);
    return text;
  }

  std::mt19937 random_{5};
  std::vector<Member> members_;
};

}  // namespace

TEST_CASE("the month after the last that was registered is not given to the last", "[trace][unregistered]") {
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  Club club;
  for (int month = 1; month <= 3; ++month) {
    ExportDescription description;
    description.name = "club-" + std::to_string(month);
    description.feed = "club";
    description.recipient = "printer";
    description.at = parse_utc("2023-0" + std::to_string(month) + "-01");
    store.add(description, club.text());
    if (month < 3) club.pass_a_month();
  }
  const auto ask = [&](const std::string& text) {
    return trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store, key, {});
  };
  const Verdict last = ask(club.text(5));
  REQUIRE(last.sources.size() > 0);
  CHECK(last.sources.front().name == "club-3");
  CHECK(last.hypotheses[static_cast<int>(Hypothesis::kRegisteredExport)] > 0.9);
  club.pass_a_month();
  const Verdict next = ask(club.text(5));
  CHECK(next.origin == Origin::kOurs);
  CHECK(next.hypotheses[static_cast<int>(Hypothesis::kUnregisteredExport)] > 0.5);
}

TEST_CASE("rows that another export knows later speak for a later date, rows of other people do not",
          "[trace][unregistered]") {
  const ClassMatch moved_since{kAll & ~kAddress & ~kTown, kAddress | kTown, {Classes::kMay}};
  const auto later_than_may = [](std::vector<ClassMatch> of_three_rows) {
    Classes world;
    world.add(197, {{kAll, 0, {Classes::kMay}}});
    world.add(3, std::move(of_three_rows));
    const RowTerms terms = world.terms();
    const ChangedRows changed(terms);
    const Elsewhere elsewhere = elsewhere_of(terms, 1);
    const Neighbours after{Classes::kMay, std::nullopt};
    return likelihood_between(terms, changed, after, 0.01, {}, elsewhere).log -
           likelihood_of_export(terms, Classes::kMay, {}, elsewhere).log;
  };
  CHECK(later_than_may({{kAll, 0, {Classes::kOther}}, moved_since}) > 5);
  CHECK(later_than_may({{kAll, 0, {Classes::kOther}}}) < 0);
}

TEST_CASE("a row of another export is not dearer where the copy knows somebody with its phone",
          "[trace][unregistered]") {
  const auto log_of_may = [](std::vector<ClassMatch> of_three_rows) {
    Classes world;
    world.add(197, {{kAll, 0, {Classes::kMay}}});
    world.add(3, std::move(of_three_rows));
    const RowTerms terms = world.terms();
    return likelihood_of_export(terms, Classes::kMay, {}, elsewhere_of(terms, 1)).log;
  };
  const ClassMatch others{kAll, 0, {Classes::kOther}};
  const ClassMatch family{kPhone, kAll & ~kPhone, {Classes::kMay}};
  const ClassMatch himself{kAccount | kName, kAll & ~kAccount & ~kName, {Classes::kMay}};
  const double unknown = log_of_may({others});
  CHECK(log_of_may({others, family}) > unknown - 0.1);
  CHECK(log_of_may({others, himself}) < unknown - 5);
}
