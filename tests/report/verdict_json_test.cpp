#include <limits>
#include <nlohmann/json.hpp>

#include "report/headline.h"
#include "report/report.h"
#include "support/catch.h"
#include "support/text_matchers.h"
#include "verdicts.h"

using namespace sidik;
using sidik::test::begins_with;
using sidik::test::holds;
using Json = nlohmann::ordered_json;

namespace {

std::vector<std::string> keys_of(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

}  // namespace

TEST_CASE("the verdict's object has the contract's keys in its order", "[report][json]") {
  const std::string text = verdict_json(test::hospital_verdict());
  CHECK(text.back() == '\n');
  const Json json = Json::parse(text);
  CHECK(keys_of(json) == std::vector<std::string>{"sidik", "registry", "sample", "verdict", "sources", "hypotheses",
                                                  "indistinguishable", "unexplained", "unexplained_interval",
                                                  "rows_linked", "rows_not_linkable", "as_of", "column_groups",
                                                  "canaries", "coverage", "volume", "priors"});
  CHECK(json["verdict"]["origin"] == "ours");
  CHECK(json["verdict"]["kind"] == "registered_export");
  CHECK(json["sample"]["columns"][1]["name"].is_null());
  CHECK(json["sources"][0]["registered_at"] == "2021-08-06T01:02:03Z");
  CHECK(json["sources"][0]["sent_at"].is_null());
  CHECK(json["sources"][0]["evidence"]["order"].is_null());
  CHECK(json["coverage"] == Json({{"feed", "hospital"}, {"expected", 33}, {"registered", 31}}));
  CHECK(json["volume"].is_null());
  CHECK(
      json["as_of"] ==
      Json(
          {{"not_before", nullptr}, {"not_after", nullptr}, {"basis", Json::array()}, {"not_trusted", Json::array()}}));
  CHECK(json["unexplained"] == 0.006);
  CHECK(json["sample"]["columns"][1]["newest"] == "2021-07-30T00:00:00Z");
  CHECK(keys_of(json["hypotheses"]) == std::vector<std::string>{"registered_export", "mixture", "unregistered_export",
                                                                "known_leak", "same_people_elsewhere", "fabricated",
                                                                "strangers"});
}

TEST_CASE("what could not be compared is null, not a figure", "[report][json]") {
  Verdict verdict = test::hospital_verdict();
  verdict.unexplained.reset();
  CHECK(Json::parse(verdict_json(verdict))["unexplained"].is_null());
}

TEST_CASE("volume is an object where something was claimed", "[report][json]") {
  Verdict verdict = test::hospital_verdict();
  Volume claimed{279000000, 0.981, 0.996, 222400000, 222400000, 222400000, {}};
  claimed.identities = {222400000,
                        true,
                        {{"nik", 222400000}},
                        {{"hospital", "rs-jabar", "export", 12, 4000000}},
                        {{*parse_utc("2021-08-05"), 222400000}}};
  claimed.duplicates = DuplicateEstimate{1000000, 0, 278400000, 279000000};
  verdict.volume = claimed;
  const Json volume = Json::parse(verdict_json(verdict))["volume"];
  CHECK(volume["claimed"] == 279000000);
  CHECK(volume["authentic_share"] == Json({0.981, 0.996}));
  CHECK(volume["supported"] == Json({222400000, 222400000}));
  CHECK(volume["ever_exported"] == 222400000);
  CHECK(volume["breakdown"] == Json::object());
  CHECK(volume["at_most"] == 222400000);
  CHECK(volume["identities"]["by_feed"][0]["distinct"] == 4000000);
  CHECK(volume["identities"]["by_date"][0]["until"] == "2021-08-05T00:00:00Z");
  CHECK(volume["duplicates"]["distinct_if_fair"] == Json({278400000, 279000000}));
  const std::string sentence = volume["sentence"];
  CHECK_THAT(sentence, holds("no more than 222,400,000 can be different ones of ours") &&
                           holds("at least 56,600,000 are repeated, somebody else's, or do not exist"));
  CHECK_THAT(duplicates_sentence(claimed), holds("more than were ever registered"));
}

TEST_CASE("numbers are short, finite, and free of the order of additions", "[report][json]") {
  Verdict verdict = test::hospital_verdict();
  verdict.probability = 0.1 + 0.2;
  verdict.log10_lr = -0.0;
  verdict.sources[0].log10_lr_outside = std::numeric_limits<double>::infinity();
  verdict.sources[0].posterior = 1e-300;
  const std::string text = verdict_json(verdict);
  CHECK_THAT(text, holds("\"probability\": 0.3,") && holds("\"log10_lr\": 0.0,"));
  CHECK_THAT(text, holds("\"log10_lr_outside\": null") && holds("\"posterior\": 1e-300"));
  CHECK(verdict_json(verdict) == text);
}

TEST_CASE("text that is no UTF-8 does not stop the evidence", "[report][json]") {
  Verdict verdict = test::hospital_verdict();
  verdict.sample.columns[0].name = "a\xff\"\n";
  CHECK_NOTHROW(Json::parse(verdict_json(verdict)));
}
