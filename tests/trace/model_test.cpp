// The smaller pieces of the model: shares, priors, scales, assignments, dates of a feed.
#include <algorithm>
#include <cmath>
#include <random>

#include "base/error.h"
#include "support/catch.h"
#include "trace/assignment.h"
#include "trace/distinct_rows.h"
#include "trace/feed_dates.h"
#include "trace/field_role.h"
#include "trace/log_math.h"
#include "trace/outside.h"
#include "trace/padding.h"
#include "trace/priors.h"
#include "trace/support.h"
#include "trace/unregistered.h"

using namespace sidik;

TEST_CASE("priors are those of the model, can be set by name, and refuse other names", "[trace][priors]") {
  const Priors priors;
  CHECK(priors.outside(Hypothesis::kKnownLeak, false) == 0);
  CHECK(priors.outside(Hypothesis::kSamePeopleElsewhere, true) == Approx(0.2));
  double sum = 0;
  for (const Hypothesis h : {Hypothesis::kSamePeopleElsewhere, Hypothesis::kStrangers, Hypothesis::kFabricated}) {
    sum += priors.outside(h, false);
  }
  CHECK(sum == Approx(0.5));
  CHECK(Priors::with({{"ours", 0.2}}).ours == Approx(0.2));
  CHECK_THROWS_AS(Priors::with({{"theirs", 0.2}}), Error);
  CHECK_THROWS_AS(Priors::with({{"ours", 1.2}}), Error);
}

TEST_CASE("the verbal scale is that of the guideline, on a ratio that validation supports", "[trace][support]") {
  CHECK(support_of(0.2) == "none");
  CHECK(support_of(0.9) == "weak");
  CHECK(support_of(2.0) == "moderate");
  CHECK(support_of(2.7) == "moderately strong");
  CHECK(support_of(validated(37.1)) == "moderately strong");
  CHECK(support_of(5) == "very strong");
  CHECK(support_of(7) == "extremely strong");
}

TEST_CASE("the assignment of columns is the best there is", "[trace][columns]") {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> gain(-1, 5);
  for (int round = 0; round < 200; ++round) {
    const std::size_t rows = 1 + random() % 5;
    const std::size_t columns = 1 + random() % 5;
    std::vector<double> gains(rows * columns);
    for (double& one : gains) one = gain(random);
    double found = 0;
    const auto assigned = assign(gains, rows, columns);
    for (std::size_t r = 0; r < rows; ++r) {
      if (assigned[r]) found += gains[r * columns + *assigned[r]];
    }
    // The plain twin: every choice of a place for every row, one row after another.
    const auto best = [&](auto&& self, std::size_t row, unsigned taken) -> double {
      if (row == rows) return 0;
      double most = self(self, row + 1, taken);
      for (std::size_t c = 0; c < columns; ++c) {
        if ((taken >> c & 1) == 0)
          most = std::max(most, gains[row * columns + c] + self(self, row + 1, taken | 1U << c));
      }
      return most;
    };
    CHECK(found == Approx(best(best, 0, 0)));
  }
}

TEST_CASE("columns that gain nothing take no part in the assignment, however many there are", "[trace][columns]") {
  constexpr std::size_t kRows = 4000, kColumns = 900;
  std::vector<double> gains(kRows * kColumns);
  gains[3999 * kColumns + 7] = 1;
  gains[12 * kColumns + 7] = 3;
  gains[12 * kColumns + 899] = 2.5;
  const auto assigned = assign(gains, kRows, kColumns);
  CHECK(assigned[3999] == std::optional<std::size_t>(7));
  CHECK(assigned[12] == std::optional<std::size_t>(899));
  CHECK(std::count(assigned.begin(), assigned.end(), std::nullopt) == 3998);
}

TEST_CASE("foreign fields: an own number decides, shared columns are worth a few decades together",
          "[trace][evidence]") {
  // A thousand rows in which every value agrees, each worth five nats.
  FieldAgreement agrees;
  agrees.agree(5, 1000);
  const double as_ours = agrees.information() + log_beta_binomial(1, 49, 0, 1000);
  const ForeignField own{agrees.log_foreign({1, 99}), kLogZero};
  const ForeignField contact{agrees.log_foreign({2, 4}), as_ours};
  CHECK((as_ours - log_foreign_fields(std::vector{own})) / kLn10 > 30);
  const double one = (as_ours - log_foreign_fields(std::vector{contact})) / kLn10;
  const double four = (4 * as_ours - log_foreign_fields(std::vector(4, contact))) / kLn10;
  CHECK(one == Approx(1.0).margin(0.1));
  CHECK(four > one);
  CHECK(four < 4 * one);
}

TEST_CASE("foreign agreement by quadrature is the closed form where values are rare", "[trace][evidence]") {
  FieldAgreement agreement;
  agreement.agree(30, 60);
  agreement.differ(40);
  const double closed = log_beta_binomial(2, 4, 60, 40) + 60 * 30;
  CHECK(agreement.log_foreign({2, 4}) == Approx(closed).epsilon(1e-6));
}

TEST_CASE("a feed's missing dates are counted by its own period", "[trace][feeds]") {
  std::vector<ExportManifest> exports(5);
  const unsigned months[] = {1, 2, 3, 6, 7};
  for (std::size_t e = 0; e < exports.size(); ++e) {
    exports[e].description.name = "monthly-" + std::to_string(months[e]);
    exports[e].description.feed = "monthly";
    exports[e].description.at = days_from_civil(2021, months[e], 5) * 86400;
  }
  const auto feeds = feeds_of(exports, ExportKind::kExport);
  REQUIRE(feeds.size() == 1);
  CHECK(feeds[0].expected == 7);
  CHECK(feeds[0].missing == std::vector<std::uint64_t>{0, 0, 2, 0});
}

TEST_CASE("rows are drawn and counted alike however they are spread over threads", "[trace][sample]") {
  std::mt19937_64 random(9);
  std::vector<std::string> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back(std::to_string(random() % 2000));
  const auto draw = [&](std::size_t parts) {
    std::vector<RowDraw> draws(parts, RowDraw(100));
    std::vector<DistinctCount> counts(parts);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string_view cell = rows[i];
      const std::uint64_t digest = row_digest(std::span(&cell, 1));
      counts[i % parts].add(digest);
      if (draws[i % parts].wants(digest)) draws[i % parts].add(digest, file_line(0, i), std::span(&cell, 1));
    }
    for (std::size_t p = 0; p < parts; ++p) {
      draws[p].settle();
      counts[p].settle();
      if (p == 0) continue;
      draws[0].merge(draws[p]);
      counts[0].merge(counts[p]);
    }
    std::vector<std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>> drawn;
    for (const RowDraw::Row& row : draws[0].rows()) drawn.emplace_back(row.digest, row.file_line, row.copies);
    return std::pair(drawn, counts[0].count());
  };
  const auto alone = draw(1);
  CHECK(alone.first.size() == 100);
  CHECK(draw(3) == alone);
  std::sort(rows.begin(), rows.end());
  CHECK(alone.second == static_cast<std::uint64_t>(std::unique(rows.begin(), rows.end()) - rows.begin()));
}

TEST_CASE("names tell what others would have too", "[trace][roles]") {
  CHECK(role_by_name(FieldType::kDate, "tgllahir")->follows_nik);
  CHECK(role_by_name(FieldType::kDate, "tmt")->agreement == ForeignAgreement::kOwnNumber);
  CHECK(role_by_name(FieldType::kCategory, "jeniskelamin")->follows_nik);
  CHECK(role_by_name(FieldType::kCategory, "kelasrawat")->agreement == ForeignAgreement::kAttribute);
  CHECK_FALSE(role_by_name(FieldType::kIdentifier, "nokartu").has_value());
  for (const char* const official : {"nationalid", "ssn", "passportno", "nopol", "driverslicense"})
    CHECK(role_by_name(FieldType::kIdentifier, official)->agreement == ForeignAgreement::kGranted);
  for (const FieldType type : {FieldType::kIdentifier, FieldType::kInteger})
    CHECK(role_by_name(type, "postcode")->agreement == ForeignAgreement::kContact);
  CHECK(role_by_name(FieldType::kIdentifier, "rekening")->agreement == ForeignAgreement::kContact);
}

TEST_CASE("a forger draws one column at least from ours, strangers none", "[trace][outside]") {
  const FoundValues ours{100, 0}, theirs{0, 100};
  const auto strangers = [](std::initializer_list<FoundValues> columns) {
    double sum = 0;
    for (const FoundValues& column : columns) sum += log_strangers_found(column.seen, column.unseen);
    return sum;
  };
  const std::vector<FoundValues> all_new{theirs, theirs}, one_drawn{theirs, ours};
  CHECK(strangers({theirs, theirs}) > log_forger_found(all_new) + 10);
  CHECK(log_forger_found(one_drawn) > strangers({theirs, ours}) + 10);
}

TEST_CASE("a column that was made up as a whole costs a forger little, a few new values in it more each",
          "[trace][outside]") {
  CHECK(log_invented(100, 0) == 0);
  CHECK(log_invented(0, 500) > -5);
  CHECK(log_invented(95, 5) < -5);
  CHECK(log_invented(95, 5) > log_invented(95, 10));
}

TEST_CASE("rows pad a sample at a thousandth until three are seen, then as often as they are", "[trace][padding]") {
  CHECK(log_padded(2, 8) == Approx(std::log(1e-3)));
  CHECK(log_padded(20, 80) == Approx(std::log(0.2)));
  CHECK(log_padded(3, 1e6) == Approx(std::log(1e-3)));
}

TEST_CASE("a date beyond the last explains rows that changed, as many as change", "[trace][unregistered]") {
  const auto beyond = [](double changed) { return log_beyond(1000 - changed, changed, 0.01); };
  // A row that changed costs about ln(0.01 t) as often as it does not happen, and less than dirt of two per cent would.
  CHECK(beyond(0) > beyond(5));
  CHECK(beyond(5) - beyond(10) < 5 * std::log(1 / 0.005));
  CHECK(beyond(30) < beyond(10) - 20 * std::log(1 / 0.01));
}

TEST_CASE("an error agrees by chance: few errors in closed form, many by the integral", "[trace][model]") {
  for (const double rows : {20.0, 1000.0, 20000.0}) {
    for (const double u : {0.5, 0.2, 0.01}) {
      for (const double wrong : {0.0, 1.0, 0.05 * rows, 0.4 * rows}) {
        FieldAgreement column;
        column.agree(-std::log(u), rows);
        column.differ(wrong);
        const double plain = log_beta_binomial(1, 49, wrong, rows);
        const double found = column.log_errors({1, 49});
        INFO(rows << " rows that agree, u " << u << ", " << wrong << " that differ");
        CHECK(found == Approx(column.log_foreign({49, 1}) - column.information()).margin(0.2));
        CHECK(found > plain - 1e-9);
      }
    }
  }
}

TEST_CASE("an error in a value that follows from another is seen", "[trace][model]") {
  FieldAgreement told;
  told.agree_as_told(300);
  told.differ(100);
  CHECK(told.information() == 0);
  CHECK(told.log_errors({2, 5}) == Approx(log_beta_binomial(2, 5, 100, 300)));
  // Where it says nothing because all have it, an error puts it there again.
  FieldAgreement common;
  common.agree(0, 300);
  common.differ(100);
  CHECK(common.log_errors({2, 5}) > told.log_errors({2, 5}) + 100);
  CHECK(told.log_foreign({2, 4}) == Approx(log_beta_binomial(2, 4, 300, 100)));
}

TEST_CASE("a share is held against the one that fits best", "[trace][model]") {
  CHECK(log_share(1, 9, 0, 50) == Approx(log_beta_binomial(1, 9, 0, 50)));
  CHECK(log_share(1, 9, 50, 0) == Approx(log_beta_binomial(1, 9, 50, 0)));
  CHECK(log_share(1, 1, 40, 60) == Approx(log_beta_binomial(1, 1, 40, 60) - 40 * std::log(0.4) - 60 * std::log(0.6)));
  CHECK(log_share(1, 1, 40, 60) > -3);
}
