// sidik canary: the plan, the list, and finding planted rows in a file.
#include <nlohmann/json.hpp>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using Json = nlohmann::json;

namespace {

/// A registry with one sealed export and one that is not.
const SidikProcess& house() {
  static const SidikProcess sidik;
  static const bool made = [] {
    REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
    sidik.write("in.csv", feed("nightly", 0));
    sidik.write("other.csv", feed("hospital-jabar", 0));
    REQUIRE(sidik.run({"register", "other.csv", "--name", "other", "-r", "reg", "-q"}).status == 0);
    return sidik
               .run({"seal", "in.csv", "--name", "june", "--feed", "nightly", "--recipient", "bank", "--no-marks",
                     "--canaries", "40", "-o", "out.csv", "-r", "reg", "-q"})
               .status == 0;
  }();
  REQUIRE(made);
  return sidik;
}

Json json_of(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.end(), {"--json"});
  const SidikResult result = house().run(SidikCall{std::move(arguments), {}, input, {}});
  INFO(result.err);
  REQUIRE(result.status == 0);
  return Json::parse(result.out);
}

}  // namespace

TEST_CASE("the plan tells what each kind of seal does for leaks of each size", "[command][canary]") {
  const Json plan = json_of({"canary", "plan", "--rows", "222400000", "--recipients", "10"});
  REQUIRE(plan["plan"].size() == 6);
  const Json& thousand = plan["plan"][2];
  CHECK(thousand["leaked"] == 1000);
  CHECK(thousand["canaries"] > 1020000);
  CHECK(thousand["marks"] > 0.999);
  CHECK(thousand["withheld"] > 0.999);
  CHECK(plan["plan"][0]["withheld"] < 0.01);
  CHECK(plan["plan"][5]["canaries"] == 1025);
  CHECK_THAT(house().run({"canary", "plan", "--rows", "100000"}).out, holds("Small leaks need marks or withheld rows"));
  CHECK(house().run({"canary", "plan", "--rows", "many"}).status == 2);
}

TEST_CASE("the list shows what is sealed, how, and is audited", "[command][canary]") {
  const Json list = json_of({"canary", "list", "-r", "reg"});
  REQUIRE(list["seals"].size() == 1);
  CHECK(list["seals"][0]["export"] == "june");
  CHECK(list["seals"][0]["recipient"] == "bank");
  CHECK(list["seals"][0]["canaries"] == 40);
  CHECK(list["seals"][0]["void"] == 0);
  CHECK_THAT(house().run({"audit", "-r", "reg"}).out, holds("canary list"));
}

TEST_CASE("planted rows are found in a whole file, in a few of its rows, and in nobody else's", "[command][canary]") {
  const auto found = [](const Json& json) {
    return json["canaries"].empty() ? std::size_t{0} : json["canaries"][0]["by_registry"].size();
  };
  const Json whole = json_of({"canary", "verify", "out.csv", "-r", "reg"});
  CHECK(found(whole) == 40);
  CHECK(whole["canaries"][0]["recipient"] == "bank");
  CHECK(found(json_of({"canary", "verify", "in.csv", "-r", "reg"})) == 0);
  CHECK(found(json_of({"canary", "verify", "-", "-r", "reg"}, strangers())) == 0);

  // The lines are those of the file.
  const std::size_t line = whole["canaries"][0]["by_registry"][0];
  const std::string text = house().read("out.csv");
  std::size_t begin = 0;
  for (std::size_t l = 1; l < line; ++l) begin = text.find('\n', begin) + 1;
  const std::string row = text.substr(begin, text.find('\n', begin) + 1 - begin);
  CHECK(house().read("in.csv").find(row.substr(0, row.find(','))) == std::string::npos);
  const std::string header = text.substr(0, text.find('\n') + 1);
  CHECK(found(json_of({"canary", "verify", "-", "-r", "reg"}, header + row)) == 1);

  // Without the registry the key alone is asked; nine columns have too few digits for that, and it is said.
  const Json alone = json_of({"canary", "verify", "out.csv", "--feed", "nightly", "--recipient", "bank", "-r", "reg"});
  CHECK(alone["canaries"].empty());
  CHECK(alone["registry_only"] == 40);
  const Json others = json_of({"canary", "verify", "out.csv", "--feed", "nightly", "--recipient", "x", "-r", "reg"});
  CHECK(others["registry_only"] == 0);
}

TEST_CASE("traps ring at one's own domain and range of numbers", "[command][canary]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("in.csv", feed("warehouse", 0));
  const SidikResult result =
      sidik.run({"seal", "in.csv", "--name", "a", "--recipient", "r", "--no-marks", "--canaries", "50", "--trap-email",
                 "post.example.id", "--trap-phone", "0811987", "-o", "out.csv", "-r", "reg", "-q"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const std::string before = sidik.read("in.csv"), after = sidik.read("out.csv");
  CHECK(before.find("@post.example.id,") == std::string::npos);
  CHECK(after.find("@post.example.id,") != std::string::npos);
  std::size_t ringing = 0;
  for (std::size_t at = 0; (at = after.find(",0811987", at)) != std::string::npos; ++at) {
    ++ringing;
    CHECK(after.find(',', at + 1) - at - 1 == 12);
  }
  CHECK(ringing > 25);
  for (const char* wrong : {"nodots", ".id", "a b.id", "Big.id"})
    CHECK(sidik.run({"seal", "in.csv", "--name", "b", "--trap-email", wrong, "-o", "x", "-r", "reg"}).status == 2);
  for (const char* wrong : {"08", "0811-987", "abc", "081198765432109"})
    CHECK(sidik.run({"seal", "in.csv", "--name", "b", "--trap-phone", wrong, "-o", "x", "-r", "reg"}).status == 2);
}
