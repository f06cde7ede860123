// Several processes at one registry at the same time: registering, tracing, merging and checking, and one that is
// killed among them.
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"

using namespace sidik::test;
using Json = nlohmann::json;

namespace {

/// One process in a folder of its own, at the shared registry.
struct Worker {
  SidikProcess place;
  SidikCall call;
  pid_t process = -1;

  Worker(const std::string& registry, std::vector<std::string> arguments)
      : call{std::move(arguments), {{"SIDIK_REGISTRY", registry}}, {}, {}} {
    process = place.start(call);
  }
  SidikResult wait() { return place.wait(process, call); }
};

struct Together {
  SidikProcess home;
  std::string registry = (home.folder() / "reg").string();
  std::string may = home.write("may.csv", feed("nightly", 0)).string();
  std::string june = home.write("june.csv", feed("nightly", 1)).string();
  std::string sample = home.write("sample.csv", some_rows(feed("nightly", 0), 20, 200)).string();
  std::vector<std::unique_ptr<Worker>> workers;

  Together() { REQUIRE(run({"init", "-q"}).status == 0); }
  SidikResult run(std::vector<std::string> arguments) { return Worker(registry, std::move(arguments)).wait(); }
  void start(std::vector<std::string> arguments) {
    workers.push_back(std::make_unique<Worker>(registry, std::move(arguments)));
  }
  std::vector<SidikResult> all() {
    std::vector<SidikResult> results;
    for (auto& worker : workers) results.push_back(worker->wait());
    workers.clear();
    return results;
  }
  std::size_t exports() { return Json::parse(run({"list", "--json"}).out)["exports"].size(); }
};

}  // namespace

TEST_CASE("processes register, trace, merge and check one registry at the same time", "[command][together]") {
  Together together;
  REQUIRE(together.run({"register", together.may, "--name", "first", "-q"}).status == 0);
  for (int round = 0; round < 3; ++round) {
    for (int w = 0; w < 3; ++w)
      together.start({"register", w == 0 ? together.june : together.may, "--name",
                      "export-" + std::to_string(round) + "-" + std::to_string(w), "-q", "--wait", "60"});
    together.start({"trace", together.sample, "--json"});
    together.start({"compact", "-q", "--wait", "60"});
    together.start({"trace", together.sample, "--json"});
    together.start({"check"});
    const auto results = together.all();
    for (std::size_t i = 0; i < results.size(); ++i) {
      INFO("round " << round << ", process " << i << ": " << results[i].err << results[i].out.substr(0, 400));
      CHECK(results[i].status == 0);
      if (i == 3 || i == 5) CHECK(Json::parse(results[i].out)["verdict"]["origin"] == "ours");
    }
    CHECK(together.exports() == static_cast<std::size_t>(1 + 3 * (round + 1)));
  }
  const Json check = Json::parse(together.run({"check", "--read-data", "--json"}).out);
  CHECK(check["clean"] == true);
  CHECK(check["exports"] == 10);
}

TEST_CASE("a name is one process's: the others wait and find it done, or taken", "[command][together]") {
  Together together;
  for (int w = 0; w < 4; ++w)
    together.start({"register", w < 2 ? together.may : together.june, "--name", "only", "-q", "--wait", "60"});
  int done = 0, taken = 0;
  for (const SidikResult& result : together.all()) {
    INFO(result.err);
    CHECK((result.status == 0 || result.status == 4));
    done += result.status == 0 ? 1 : 0;
    taken += result.status == 4 ? 1 : 0;
  }
  CHECK(done == 2);
  CHECK(taken == 2);
  CHECK(together.exports() == 1);
}

TEST_CASE("a writer that is killed leaves its name free and nothing to clean", "[command][together]") {
  Together together;
  together.start({"register", "--name", "half", "-q", "--", "sh", "-c", "cat " + together.may + "; sleep 60"});
  const auto locked = [&] {
    for (const auto& entry : std::filesystem::directory_iterator(together.registry + "/locks"))
      if (entry.path().extension() == ".lock") return true;
    return false;
  };
  for (int i = 0; i < 2000 && !locked(); ++i) usleep(10000);
  REQUIRE(locked());
  CHECK(together.run({"register", together.june, "--name", "half", "-q", "--wait", "0"}).status == 6);
  kill(together.workers[0]->process, SIGKILL);
  CHECK(together.all()[0].status == 1000 + SIGKILL);
  CHECK(together.run({"register", together.june, "--name", "half", "-q"}).status == 0);
  const Json check = Json::parse(together.run({"check", "--json"}).out);
  CHECK(check["clean"] == true);
  CHECK(check["leftovers"].empty());
}
