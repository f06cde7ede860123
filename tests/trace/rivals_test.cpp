// What others' books may be, and which rows tell of them.
#include <cmath>

#include "support/catch.h"
#include "trace/changed_rows.h"
#include "trace/classes.h"
#include "trace/mixed_rivals.h"
#include "trace/replaced_columns.h"

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
    return log_mixed_rivals(terms, mixture) - mixture.log_marginal;
  };
  CHECK(against_ours(kName | kTown) == Approx(0).margin(1));
  // Contacts may come from the same register upstream, all of them at a price; our own numbers do not.
  CHECK(against_ours(kName | kTown | kPhone) < against_ours(kName | kTown) - 1);
  CHECK(against_ours(kName | kTown | kAccount) < -100);
}
