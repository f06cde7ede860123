// Killed at random moments, a registry holds what was committed and nothing else, and the same command can be run
// again.
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <random>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using Json = nlohmann::json;

namespace {

constexpr int kKills = 24;

std::vector<std::string> registration(int number) {
  return {"register", "a.csv", "--name", "export-" + std::to_string(number), "-r", "reg", "-q"};
}

}  // namespace

TEST_CASE("killed at any moment, the registry is whole and the command can be run again", "[command][crash]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("a.csv", feed("nightly", 0));
  const auto begun = std::chrono::steady_clock::now();
  REQUIRE(sidik.run(registration(0)).status == 0);
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun).count();

  std::mt19937 random(1);
  std::size_t committed = 1;
  for (int i = 1; i <= kKills; ++i) {
    const SidikCall call{registration(i), {}, {}, {}};
    const pid_t process = sidik.start(call);
    usleep(static_cast<useconds_t>(random() % static_cast<unsigned long>(took + 1)));
    kill(process, SIGKILL);
    const SidikResult result = sidik.wait(process, call);
    INFO("kill " << i << ", status " << result.status << ": " << result.err);
    const SidikResult check = sidik.run({"check", "-r", "reg", "--json"});
    REQUIRE(check.status == 0);
    const std::size_t now = Json::parse(sidik.run({"list", "-r", "reg", "--json"}).out)["exports"].size();
    REQUIRE(now >= committed);
    REQUIRE(now <= committed + 1);
    if (result.status == 0) REQUIRE(now == committed + 1);
    committed = now;
    if (i % 4 == 0) {
      const SidikResult again = sidik.run(registration(i));
      INFO(again.err);
      REQUIRE(again.status == 0);
      committed = Json::parse(sidik.run({"list", "-r", "reg", "--json"}).out)["exports"].size();
    }
  }
  const Json check = Json::parse(sidik.run({"check", "--read-data", "-r", "reg", "--json"}).out);
  CHECK(check["clean"] == true);
  CHECK(check["exports"] == committed);
}

TEST_CASE("damage is found, named, and ends check with 7", "[command][check]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("a.csv", feed("audit-a", 0));
  REQUIRE(sidik.run({"register", "a.csv", "--name", "a", "-r", "reg", "-q"}).status == 0);
  const Json clean = Json::parse(sidik.run({"check", "-r", "reg", "--json"}).out);
  CHECK(clean["clean"] == true);
  CHECK(clean["exports"] == 1);

  const Json shown = Json::parse(sidik.run({"show", "a", "-r", "reg", "--json"}).out);
  std::filesystem::path run;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(sidik.folder() / "reg"))
    if (entry.path().filename() == shown["run"]["file"].get<std::string>()) run = entry.path();
  REQUIRE_FALSE(run.empty());
  std::string bytes = sidik.read(run.string());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::filesystem::permissions(run, std::filesystem::perms::owner_all);
  sidik.write(run.string(), bytes);
  const SidikResult damaged = sidik.run({"check", "-r", "reg"});
  INFO(damaged.out << damaged.err);
  CHECK(damaged.status == 7);
  CHECK_THAT(damaged.out, holds(run.filename().string()));
  const SidikResult json = sidik.run({"check", "-r", "reg", "--json"});
  CHECK(json.status == 7);
  CHECK(Json::parse(json.out)["clean"] == false);
}

TEST_CASE("a registry without its catalogue is asked again after a repair", "[command][crash]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("a.csv", feed("nightly", 0));
  REQUIRE(sidik.run(registration(0)).status == 0);
  REQUIRE(sidik.run({"key", "export", "--role", "register", "--for", "etl-02", "-o", "etl.key", "-r", "reg"}).status ==
          0);
  REQUIRE(sidik.run({"register", "a.csv", "--name", "b", "--feed", "f", "-r", "reg", "--key-file", "etl.key", "-q"})
              .status == 0);
  std::filesystem::remove(sidik.folder() / "reg" / "catalogue.sqlite");
  const SidikResult lost = sidik.run({"list", "-r", "reg"});
  CHECK(lost.status == 7);
  CHECK_THAT(lost.err, holds("sidik repair --catalogue"));
  const SidikResult repaired = sidik.run({"repair", "--catalogue", "-r", "reg"});
  INFO(repaired.err);
  CHECK(repaired.status == 0);
  CHECK_THAT(repaired.err, holds("--trust etl-02"));
  CHECK(sidik.run({"check", "-r", "reg"}).status == 7);  // b is set aside, and named
  CHECK_THAT(sidik.run({"check", "-r", "reg"}).out, holds("'b'"));
  CHECK(sidik.run({"repair", "--trust", "etl-02", "-r", "reg"}).status == 2);
  std::filesystem::remove(sidik.folder() / "reg" / "catalogue.sqlite");
  CHECK(sidik.run({"repair", "--catalogue", "--trust", "etl-02", "-r", "reg"}).status == 0);
  CHECK(sidik.run({"check", "-r", "reg"}).status == 0);
  const Json verdict = Json::parse(sidik.run({"trace", "a.csv", "-r", "reg", "--json", "-q"}).out);
  CHECK(verdict["verdict"]["origin"] == "ours");
  CHECK(verdict["indistinguishable"].size() == 1);
}
