// What others' books may be, and which rows tell of them.
#include <cmath>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/changed_rows.h"
#include "trace/classes.h"
#include "trace/export_likelihood.h"
#include "trace/feed_conditions.h"
#include "trace/log_math.h"
#include "trace/mixed_rivals.h"
#include "trace/replaced_columns.h"
#include "trace/same_people.h"
#include "trace/shuffled_export.h"
#include "trace/unregistered_likelihood.h"

using namespace sidik;
using namespace sidik::testing;

TEST_CASE("a record that was found by a column is no agreement of that column", "[trace][replaced]") {
  Classes world;
  world.add(6, {{kPhone, kAll & ~kPhone, {Classes::kMay}}});
  world.add(200, {{kName | kTown, kAll & ~kName & ~kTown, {Classes::kMay}}});
  const RowTerms terms = world.terms();
  const double least = least_known(terms, Classes::kMay);
  const FieldAgreement phone = agreement_in_known_rows(terms, Classes::kMay, 4, least);
  CHECK(phone.agreeing() == 0);
  CHECK(phone.differing() == 200);
}

TEST_CASE("a record that shares common values is not the row's person of another time", "[trace][unregistered]") {
  Classes world;
  world.add(1, {{kName | kTown, kPhone, {Classes::kMay}}});
  world.add(1, {{kAccount | kTown, kPhone, {Classes::kMay}}});
  const RowTerms terms = world.terms();
  const ChangedRows changed(terms);
  const auto since = [&](std::size_t c) {
    const AgreementClass& rows = terms.classes()[c];
    return changed.log_row(rows, rows.matches.front(), kAll);
  };
  CHECK_FALSE(since(0));
  CHECK(since(1));
}

TEST_CASE("others' mixed books are as good as ours in what anybody has, and not in what only we have",
          "[trace][mixture]") {
  const auto against_ours = [](FieldMask agrees) {
    Classes world;
    world.add(50, {{agrees, 0, {Classes::kMay}}});
    world.add(50, {{agrees, 0, {Classes::kOther}}});
    const RowTerms terms = world.terms();
    const MixtureFinding mixture{{Classes::kMay, Classes::kOther}, {0.5, 0.5}, 700};
    return log_mixed_rivals(terms, mixture, std::vector<double>(2, 0)) - mixture.log_marginal;
  };
  CHECK(against_ours(kName | kTown) == Approx(0).margin(1));
  // Contacts may come from the same register upstream, all of them at a price; our own numbers do not.
  CHECK(against_ours(kName | kTown | kPhone) < against_ours(kName | kTown) - 1);
  CHECK(against_ours(kName | kTown | kAccount) < -100);
}

TEST_CASE("rows that pad a mixture are no errors of ours that others were spared", "[trace][mixture]") {
  const auto against_ours = [](double padding) {
    Classes world;
    world.add(50, {{kAll, 0, {Classes::kMay}}});
    world.add(50, {{kAll, 0, {Classes::kOther}}});
    world.add(padding, {{kTown, kAll & ~kTown, {Classes::kMay, Classes::kOther}}});
    const RowTerms terms = world.terms();
    const double share = 50 / (100 + padding);
    const MixtureFinding mixture{{Classes::kMay, Classes::kOther}, {share, share}, 700};
    return log_mixed_rivals(terms, mixture, std::vector<double>(3, 0)) - mixture.log_marginal;
  };
  CHECK(against_ours(100) == Approx(against_ours(1)).margin(0.1));
}

TEST_CASE("a row whose name many have is as likely to be one of others' people as there are such people",
          "[trace][outside]") {
  // Twenty rows of which the name agrees, with ten people's records, found in one class or in two.
  const auto log_of = [](std::vector<ClassMatch> matches) {
    Classes world;
    AgreementClass& rows = world.add(20, std::move(matches));
    rows.information = rows.alone = {9, 4, 8, 2, 9};
    const RowTerms terms = world.terms();
    return likelihood_same_people(terms, Classes::kMay, elsewhere_of(terms, 1)).log;
  };
  const FieldMask rest = kAddress | kPhone;
  const double together = log_of({{kName, rest, {Classes::kMay}, 10}});
  const double apart = log_of({{kName, rest, {Classes::kMay}, 1}, {kName, rest, {Classes::kMay, Classes::kJune}, 9}});
  const double one = log_of({{kName, rest, {Classes::kMay}, 1}});
  CHECK(apart == Approx(together).margin(1));
  CHECK(one < apart - 10);
}

TEST_CASE("others fit a copy's rows no better than the copy does, where every column agrees", "[trace][outside]") {
  const auto held = [](FieldMask differs, double rows) {
    Classes world;
    world.add(100 - rows, {{kAll, 0, {Classes::kMay}}});
    world.add(rows, {{kAll & ~differs, differs, {Classes::kMay}}});
    const RowTerms terms = world.terms();
    SourceLikelihood found;
    found.counts.clean = 100;
    return holds_all(terms, Classes::kMay, found);
  };
  CHECK(held(kPhone, 5));
  CHECK_FALSE(held(kPhone, 20));
  CHECK_FALSE(held(kAccount, 20));
}

TEST_CASE("a code that many share is no number of a person", "[trace][outside]") {
  const auto holds = [](double information) {
    Classes world;
    world.add(20, {{kAccount, kAll & ~kAccount, {Classes::kMay}}}).alone[0] = information;
    const RowTerms terms = world.terms();
    return terms.holds_a_number(terms.classes().front());
  };
  CHECK(holds(9));
  CHECK_FALSE(holds(2));
}

TEST_CASE("a column that a source lacks is its people's, or joined on, whoever else has its values",
          "[trace][outside]") {
  // The other feed has the account alone. Of the rows' phones it is known whose they are: another person's, whose
  // record tells more and stands first, or this one's.
  const auto log_of = [](FieldMask best, FieldMask own, double seen) {
    Classes world;
    world.exports[Classes::kOther].columns.resize(1);
    const FieldMask both = kAccount | kPhone;
    AgreementClass& rows = world.add(100, {{best, both & ~best, {Classes::kMay}, 1},
                                           {own, both & ~own, {Classes::kMay}, 1},
                                           {kAccount, 0, {Classes::kOther}, 1}});
    rows.visible = both;
    world.agreement.seen = {100, 0, 0, 0, seen};
    world.agreement.unseen = {0, 0, 0, 0, 100 - seen};
    const ExportIndex other = Classes::kOther;
    const RowTerms terms = world.terms();
    return log_columns_not_theirs(terms, terms.fields_of(other), {&other, 1});
  };
  CHECK(log_of(kPhone, kAccount | kPhone, 100) == 0);
  CHECK(log_of(kPhone, kAccount, 100) == Approx(std::log(kContactReplaced)));
  // Joined on from elsewhere, its values are hardly ours: those that are were shuffled.
  const double elsewhere = log_of(kAccount, kAccount, 0);
  CHECK(elsewhere == Approx(std::log(kContactReplaced) + std::log(9.0 / 109)).margin(0.01));
  CHECK(log_of(kAccount, kAccount, 100) < elsewhere - 20);
}

TEST_CASE("who shuffles a column that a number tells pays for the values that fit the number", "[trace][outside]") {
  // Of twenty rows' towns nine are what the number tells: a bad reading of eleven, or luck.
  const auto logs_of = [](double told) {
    Classes world;
    world.map.mapped[0].as[0].reading.type = FieldType::kNik;
    world.agreement.told = {0, 0, 0, told, 0};
    world.add(9, {{kAll & ~kAddress, kAddress, {Classes::kMay}}});
    world.add(11, {{kAll & ~kTown & ~kAddress, kTown | kAddress, {Classes::kMay}}});
    for (AgreementClass& rows : world.agreement.classes) rows.information[3] = rows.alone[3] = 0;
    const RowTerms terms = world.terms();
    return std::pair(log_reassembled_export(terms, Classes::kMay, elsewhere_of(terms, 1)),
                     log_shuffled_export(terms, Classes::kMay));
  };
  CHECK(logs_of(0).first > kLogZero);
  CHECK(logs_of(4).first == Approx(logs_of(0).first - 9 * 4));
  CHECK(logs_of(4).second < logs_of(0).second - 9 * 2);
}

TEST_CASE("a column that moves with the contacts is not granted for nothing where it agrees", "[trace][outside]") {
  // Typing errors: a hundred phones and a hundred towns, hardly any of them the same people's. The other towns agree,
  // whoever has them.
  Classes world;
  world.add(320, {{kAll, 0, {Classes::kMay}}});
  world.add(80, {{kAll & ~kTown, kTown, {Classes::kMay}}});
  world.add(80, {{kAll & ~kPhone, kPhone, {Classes::kMay}}});
  world.add(20, {{kAll & ~kPhone & ~kTown, kPhone | kTown, {Classes::kMay}}});
  const RowTerms terms = world.terms();
  const auto log_of = [&](Columns whose) {
    return by_cells(terms, Classes::kMay, kName | kTown, elsewhere_of(terms, 3), PaddingRule::kUnlinked, whose).log;
  };
  CHECK(log_of(Columns::kTheirs) < log_of(Columns::kOurs) + 2);
}

TEST_CASE("a column that holds one value comes back to every row when it is shuffled", "[trace][outside]") {
  const auto log_of = [](double repeats) {
    Classes world;
    world.agreement.repeats = {0, 0, 0, repeats, 0};
    world.add(100, {{kAccount | kTown, kAll & ~kAccount & ~kTown, {Classes::kMay}}});
    return log_shuffled_export(world.terms(), Classes::kMay);
  };
  CHECK(log_of(1) == Approx(log_of(0) + 100 * 2).margin(10));  // ln(1/u) of the town is 2
  CHECK(log_of(0.1) < log_of(1) - 50);
}

TEST_CASE("people whose tags are of another type are no more people", "[trace][outside]") {
  const RegistryKey key = RegistryKey::generate();
  PlainStore store(key);
  std::string clients = "account;phone\n", later = clients, callers = "phone;topic\n";
  for (int i = 0; i < 2000; ++i) {
    const std::string phone = "0812" + std::to_string(10000000 + i * 37);
    const std::string row = "AC" + std::to_string(4000000 + i * 17) + ";" + phone + "\n";
    if (i < 1600) clients += row;
    if (i >= 800) later += row;
    if (i % 2 == 0) callers += phone + ";" + std::string(1, static_cast<char>('a' + i % 5)) + "\n";
  }
  for (const auto& [name, text] : {std::pair{"clients", &clients}, {"later", &later}, {"callers", &callers}}) {
    ExportDescription description;
    description.name = description.feed = name;
    store.add(description, *text);
  }
  const std::vector<Feed> feeds = feeds_of(store.exports(), ExportKind::kExport);
  const ExportParts parts = find_parts(store, key.epoch, Agreement{}, feeds, nullptr);
  CHECK(parts.united == Approx(1.25));
}

TEST_CASE("a column that is another's throughout makes no row of others' books a stranger's", "[trace][outside]") {
  // Names of ours, and numbers that are never ours: row by row an error, they would leave hardly a row to be known.
  Classes world;
  world.add(40, {{kName, kAccount, {Classes::kMay}}}).visible = kName | kAccount;
  const RowTerms terms = world.terms();
  CHECK(terms.replaced() == kAccount);
  const Elsewhere elsewhere = elsewhere_of(terms, 1);
  CHECK(known_match(terms, terms.classes()[0], Classes::kMay, elsewhere, PaddingRule::kUnsurePaddedButForReplaced) !=
        nullptr);

  Classes some;  // where it is ours in other rows, it is an error
  some.add(40, {{kName, kAccount, {Classes::kMay}}}).visible = kName | kAccount;
  some.add(40, {{kName | kAccount, 0, {Classes::kMay}}}).visible = kName | kAccount;
  const RowTerms errors = some.terms();
  CHECK(errors.replaced() == 0);
  CHECK(known_match(errors, errors.classes()[0], Classes::kMay, elsewhere_of(errors, 1),
                    PaddingRule::kUnsurePaddedButForReplaced) == nullptr);
}

TEST_CASE("who leaves three columns of four as they are makes nothing up", "[trace][replaced]") {
  const auto log_of = [](FieldMask differs) {
    Classes world;
    world.add(100, {{kAll & ~differs, differs, {Classes::kMay}}});
    const RowTerms terms = world.terms();
    return log_reassembled_export(terms, Classes::kMay, elsewhere_of(terms, 1));
  };
  CHECK(log_of(kAddress) <= kLogZero);
  CHECK(log_of(kAddress | kPhone) > kLogZero);
}
