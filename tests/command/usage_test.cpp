#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;

TEST_CASE("without a subcommand the help is shown and the status is 2", "[command][usage]") {
  const SidikProcess sidik;
  const SidikResult result = sidik.run(std::vector<std::string>{});
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK_THAT(result.err, holds("register") && holds("trace"));
}

TEST_CASE("help is data, tells the exit statuses, and has the status 0", "[command][usage]") {
  const SidikProcess sidik;
  for (const auto* subcommand : {"", "init", "inspect", "register", "trace", "list", "show", "check"}) {
    std::vector<std::string> arguments = {"--help"};
    if (*subcommand != '\0') arguments.insert(arguments.begin(), subcommand);
    const SidikResult result = sidik.run(arguments);
    INFO(subcommand << result.err);
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, holds("Exit status: 0 done") && holds("7 registry damaged"));
    CHECK(result.out.find("\x1b") == std::string::npos);
  }
}

TEST_CASE("the version is told", "[command][usage]") {
  const SidikProcess sidik;
  const SidikResult result = sidik.run({"--version"});
  CHECK(result.status == 0);
  CHECK_THAT(result.out, begins_with("sidik 0."));
}

TEST_CASE("what is no option or no subcommand is refused with 2 and a hint", "[command][usage]") {
  const SidikProcess sidik;
  sidik.write("a.csv", "a,b\n1,2\n");
  const std::vector<std::vector<std::string>> wrong = {
      {"trce", "a.csv"},
      {"compare"},
      {"seal", "a.csv"},
      {"trace", "a.csv", "--html", "x"},
      {"trace", "a.csv", "--rows", "x"},
      {"trace", "a.csv", "--breakdown", "status=A"},
      {"register", "a.csv", "--name", "x", "--also-hashed", "phone:crc32:08"},
      {"register", "a.csv", "--name", "x", "--also-hashed", "phone"},
      {"check", "--head", "x"},
      {"trace"},
      {"inspect"},
      {"show"},
      {"list", "surplus"},
      {"init", "a", "b"},
      {"list", "--threads"},
      {"trace", "a.csv", "--threads", "0"},
      {"trace", "a.csv", "--threads", "many"},
      {"trace", "a.csv", "--memory", "1K"},
      {"trace", "a.csv", "--seen", "yesterday"},
      {"trace", "a.csv", "--claimed", "-1"},
      {"trace", "a.csv", "--prior", "ours"},
      {"trace", "a.csv", "--prior", "ours=0.1,ours=0.2"},
      {"trace", "a.csv", "--header", "--no-header"},
      {"trace", "-", "-"},
      {"inspect", ""},
      {"register", "--name", "x"},
      {"register", "a.csv"},
      {"register", "a.csv", "--name", ""},
      {"register", "a.csv", "--name", "a\nb"},
      {"register", "a.csv", "--name", "x", "--at", "2021-02-30"},
      {"register", "a.csv", "--name", "x", "--kind", "copy"},
      {"register", "a.csv", "--name", "x", "--kind", "export", "--external"},
      {"register", "a.csv", "--name", "x", "--on-drift", "ignore"},
      {"register", "a.csv", "--name", "x", "--max-rejects", "2"},
      {"register", "a.csv", "--name", "x", "--delimiter", "::"},
      {"register", "a.csv", "--name", "x", "--", "cat", "a.csv"},
      {"register", "--name", "x", "--"},
      {"register", "a.csv", "--name", "x", "--tee", "--json"},
      {"register", "a.csv", "--name", "x", "--schema", "missing.toml"},
  };
  for (const auto& arguments : wrong) {
    const SidikResult result = sidik.run(arguments);
    std::string line;
    for (const auto& word : arguments) line += word + " ";
    INFO(line << "\n" << result.err);
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, begins_with("sidik: "));
    CHECK(count_lines(result.err) == 1);
  }
  CHECK_THAT(sidik.run({"trce"}).err, holds("did you mean `trace`"));
}

TEST_CASE("common options may stand before the subcommand or behind it", "[command][usage]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"-r", "reg", "init"}).status == 0);
  CHECK(sidik.run({"-r", "reg", "list", "--json"}).status == 0);
  CHECK(sidik.run({"list", "--json", "-r", "reg"}).status == 0);
  CHECK(sidik.run({"--registry=reg", "--json", "list"}).status == 0);
}

TEST_CASE("a full disk behind standard output is a failure", "[command][usage]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg"}).status == 0);
  const SidikResult result = sidik.run(SidikCall{{"list", "--json", "-r", "reg"}, {}, {}, "/dev/full"});
  CHECK(result.status == 1);
  CHECK_THAT(result.err, holds("standard output"));
}
