// compact and remove, as a user calls them.
#include <nlohmann/json.hpp>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using nlohmann::json;

namespace {

/// Four months of a feed, registered.
void register_months(const SidikProcess& sidik) {
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  for (unsigned month = 0; month < 4; ++month) {
    const std::string number = std::to_string(month);
    sidik.write(number + ".csv", feed("audit-a", month));
    REQUIRE(sidik
                .run({"register", number + ".csv", "--name", "audit-" + number, "--feed", "audit", "--at",
                      "2021-0" + std::to_string(month + 1) + "-01", "-r", "reg", "-q"})
                .status == 0);
  }
}

}  // namespace

TEST_CASE("compact merges a feed into one file and no verdict changes", "[command][compact]") {
  const SidikProcess sidik;
  register_months(sidik);
  const std::string before = sidik.run({"trace", "2.csv", "-r", "reg", "--json"}).out;
  CHECK(json::parse(before)["sources"][0]["export"] == "audit-2");
  const json plan = json::parse(sidik.run({"compact", "-r", "reg", "--dry-run", "--json"}).out);
  CHECK(plan["runs_after"] == 1);
  CHECK(json::parse(sidik.run({"check", "-r", "reg", "--json"}).out)["runs"] == 4);
  const SidikResult done = sidik.run({"compact", "-r", "reg", "--throttle", "500", "--json"});
  CHECK(done.status == 0);
  CHECK(json::parse(done.out)["merges"][0]["exports"].size() == 4);
  CHECK(json::parse(done.out)["bytes_after"] < json::parse(done.out)["bytes_before"]);
  CHECK(json::parse(sidik.run({"check", "-r", "reg", "--json"}).out)["runs"] == 1);
  CHECK_THAT(sidik.run({"list", "-r", "reg"}).out, holds(" kB for 4 "));
  CHECK(sidik.run({"check", "-r", "reg", "--read-data"}).status == 0);
  CHECK(sidik.run({"trace", "2.csv", "-r", "reg", "--json"}).out == before);
  CHECK_THAT(sidik.run({"compact", "-r", "reg"}).out, holds("nothing would gain"));
  CHECK(sidik.run({"show", "audit-1", "-r", "reg"}).status == 0);
}

TEST_CASE("a removed export is in no list and no verdict", "[command][remove]") {
  const SidikProcess sidik;
  register_months(sidik);
  REQUIRE(sidik.run({"compact", "-r", "reg", "-q"}).status == 0);
  CHECK(sidik.run({"remove", "audit-2", "-r", "reg"}).status == 0);
  CHECK(sidik.run({"list", "-r", "reg"}).out.find("audit-2") == std::string::npos);
  CHECK(sidik.run({"trace", "2.csv", "-r", "reg", "--json"}).out.find("audit-2") == std::string::npos);
  CHECK(json::parse(sidik.run({"remove", "audit-3", "--now", "-r", "reg", "--json"}).out)["bytes_at_next_merge"] ==
        false);
  CHECK(sidik.run({"check", "-r", "reg", "--read-data"}).status == 0);
  CHECK(sidik.run({"audit", "-r", "reg"}).out.find("remove") != std::string::npos);
  const SidikResult unknown = sidik.run({"remove", "audit-2", "-r", "reg"});
  CHECK(unknown.status == 1);
  CHECK_THAT(unknown.err, holds("audit-2") && holds("sidik list"));
  CHECK(sidik.run({"register", "2.csv", "--name", "audit-2", "--feed", "audit", "-r", "reg", "-q"}).status == 0);
}
