// Several sources together: errors by rows or by cells, and what a feed that nobody registered pays for its date.
#include "trace/sources_fit.h"

#include <cmath>
#include <vector>

#include "support/catch.h"
#include "trace/classes.h"
#include "trace/export_likelihood.h"
#include "trace/log_math.h"
#include "trace/mixture_search.h"
#include "trace/unregistered_likelihood.h"

using namespace sidik;
using namespace sidik::testing;

TEST_CASE("a column that was misread throughout costs a mixture what it costs one export", "[trace][mixture]") {
  // Half of the rows from each of two sources, or all from one; the phones of a third of them were misread.
  const auto world_of = [](const std::vector<ExportIndex>& sources, double misread) {
    Classes world;
    for (const ExportIndex e : sources) {
      const double rows = 240 / static_cast<double>(sources.size());
      world.add(rows * (1 - misread), {{kAll, 0, {e}}});
      if (misread > 0) world.add(rows * misread, {{kAll & ~kPhone, kPhone, {e}}});
    }
    world.agreement.seen.assign(5, 0);
    world.agreement.unseen.assign(5, 0);
    world.agreement.unseen[4] = 240 * misread;
    return world;
  };
  const auto single = [&](double misread) {
    const Classes world = world_of({Classes::kMay}, misread);
    const RowTerms terms = world.terms();
    return likelihood_of_export(terms, Classes::kMay, {}, elsewhere_of(terms, 1)).log;
  };
  const auto mixed = [&](double misread) {
    const Classes world = world_of({Classes::kMay, Classes::kOther}, misread);
    const RowTerms terms = world.terms();
    const std::vector<double> padding(world.agreement.classes.size(), 0.0);
    const MixtureFilter filters[] = {{}};
    const auto found = search_mixtures(terms, {Classes::kMay, Classes::kOther}, padding, filters,
                                       [](const std::vector<ExportIndex>&) { return 0.0; });
    REQUIRE(found.size() == 1);
    CHECK(found[0].by_cells == (misread > 0));
    return found[0].log_marginal;
  };
  CHECK(mixed(1.0 / 3) - mixed(0) == Approx(single(1.0 / 3) - single(0)).margin(2));
}

TEST_CASE("a feed that nobody registered has one date", "[trace][unregistered]") {
  // Three dates of a feed. Rows as the first and the second have them are of a date between; of the first and the third
  // they are so only where many are stale.
  const Feed feed{"monthly", {Classes::kMay, Classes::kJune, Classes::kOther}, {0, 0}, 3};
  const auto log_of = [&](const ExportSet& young) {
    Classes world;
    world.add(200, {{kAll, 0, {Classes::kMay, Classes::kJune, Classes::kOther}}});
    world.add(20, {{kAll, 0, {Classes::kMay}}, {kAll & ~kPhone, kPhone, {Classes::kJune, Classes::kOther}}});
    ExportSet old{Classes::kMay};
    if (!young.contains(Classes::kJune)) old = {Classes::kMay, Classes::kJune};
    world.add(20, {{kAll, 0, young}, {kAll & ~kPhone, kPhone, old}});
    const RowTerms terms = world.terms();
    const Elsewhere elsewhere = elsewhere_of(terms, 1);
    std::vector<SourceLikelihood> likelihoods(4);
    for (std::size_t i = 0; i < feed.exports.size(); ++i)
      likelihoods[feed.exports[i]] =
          likelihood_of_export(terms, feed.exports[i], std::span(feed.exports).first(i), elsewhere);
    const ChangedRows changed(terms);
    std::vector<double> gaps;
    for (std::size_t gap = 0; gap <= feed.exports.size(); ++gap) {
      Neighbours neighbours;
      if (gap > 0) neighbours.earlier = feed.exports[gap - 1];
      if (gap < feed.exports.size()) neighbours.later = feed.exports[gap];
      gaps.push_back(likelihood_between(terms, changed, neighbours, 0.1, {}, elsewhere).log);
    }
    return log_of_date(terms, elsewhere, {&feed, 1}, likelihoods, {gaps});
  };
  // Each of the 40 rows that changed may be as either date has it: 2^-40, nearly.
  CHECK(log_of({Classes::kJune, Classes::kOther}) == Approx(-40 * std::log(2.0)).margin(6));
  // Or half of those that changed before the last date are stale.
  CHECK(log_of({Classes::kOther}) == Approx(log_beta_binomial(1, 19, 20, 20)).margin(6));
}

TEST_CASE("rows that pad a sample say nothing of the date between two", "[trace][unregistered]") {
  // A town: met by chance, in both of two dates of which the second is twice as large. Counted as rows
  // of a date between they would say that it is as small as the first.
  Classes world;
  world.exports[Classes::kMay].rows = 500;
  world.add(300, {{kTown, 0, {Classes::kMay, Classes::kJune}}}).visible = kTown;
  world.add(3, {{kAll, 0, {Classes::kMay, Classes::kJune}}});
  world.add(200, {}).visible = kAddress | kTown;
  const RowTerms terms = world.terms();
  const Elsewhere elsewhere = elsewhere_of(terms, 1);
  const SourceLikelihood may = likelihood_of_export(terms, Classes::kMay, {}, elsewhere);
  CHECK(may.padding > 400);
  const ChangedRows changed(terms);
  const Neighbours between{Classes::kMay, Classes::kJune};
  CHECK(likelihood_between(terms, changed, between, 0.01, {}, elsewhere).log < may.log + 5);
}
