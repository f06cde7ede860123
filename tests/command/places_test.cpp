// Where registry and key are made and found.
#include <sys/stat.h>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;

namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

}  // namespace

TEST_CASE("the key of a named registry is made beside it, private, and found there", "[command][places]") {
  const SidikProcess sidik;
  const SidikResult made = sidik.run({"init", "reg"});
  REQUIRE(made.status == 0);
  CHECK_THAT(made.err, holds("warning") && holds("beside"));
  CHECK(mode_of(sidik.folder() / "reg.key") == 0600);
  sidik.write("a.csv", feed("audit-a", 0));
  CHECK(sidik.run({"register", "a.csv", "--name", "a", "-r", "reg"}).status == 0);
  CHECK(sidik.run({"trace", "a.csv", "-r", "reg/"}).status == 0);
  CHECK(sidik.run(SidikCall{{"trace", "a.csv"}, {{"SIDIK_REGISTRY", "reg"}}, {}, {}}).status == 0);
}

TEST_CASE("the registry and key of nobody in particular are at the user's places", "[command][places]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init"}).status == 0);
  CHECK(std::filesystem::is_directory(sidik.folder() / ".local/share/sidik/registry"));
  CHECK(mode_of(sidik.folder() / ".config/sidik/key") == 0600);
  CHECK(sidik.run({"list"}).status == 0);
  CHECK(sidik.run({"check", "--read-data"}).status == 0);
  const SidikResult result = sidik.run(SidikCall{{"init"},
                                                 {{"XDG_DATA_HOME", (sidik.folder() / "data").string()},
                                                  {"XDG_CONFIG_HOME", (sidik.folder() / "config").string()}},
                                                 {},
                                                 {}});
  REQUIRE(result.status == 0);
  CHECK(result.err.empty());
  CHECK(std::filesystem::is_directory(sidik.folder() / "data/sidik/registry"));
  CHECK(mode_of(sidik.folder() / "config/sidik/key") == 0600);
}

TEST_CASE("the key file is named by option or environment, and never overwritten", "[command][places]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "--key-file", "k1"}).status == 0);
  CHECK(mode_of(sidik.folder() / "k1") == 0600);
  CHECK_FALSE(std::filesystem::exists(sidik.folder() / "reg.key"));
  const std::string before = sidik.read("k1");
  const SidikResult again = sidik.run({"init", "other", "--key-file", "k1"});
  CHECK(again.status == 2);
  CHECK(sidik.read("k1") == before);
  CHECK_FALSE(std::filesystem::exists(sidik.folder() / "other"));

  REQUIRE(sidik.run(SidikCall{{"init", "reg2"}, {{"SIDIK_KEY_FILE", "k2"}}, {}, {}}).status == 0);
  CHECK(std::filesystem::exists(sidik.folder() / "k2"));
  CHECK(sidik.run({"check", "--read-data", "-r", "reg2", "--key-file", "k2"}).status == 0);
  CHECK(sidik.run(SidikCall{{"check", "--read-data", "-r", "reg2"}, {{"SIDIK_KEY_FILE", "k2"}}, {}, {}}).status == 0);
  CHECK(sidik.run({"check", "--read-data", "-r", "reg2", "--key-command", "cat k2"}).status == 0);
  CHECK(sidik.run({"check", "--read-data", "-r", "reg2"}).status == 5);
}

TEST_CASE("init refuses a folder that holds something and leaves no key behind", "[command][places]") {
  const SidikProcess sidik;
  std::filesystem::create_directory(sidik.folder() / "full");
  sidik.write("full/file", "x");
  const SidikResult result = sidik.run({"init", "full"});
  CHECK(result.status == 2);
  CHECK_FALSE(std::filesystem::exists(sidik.folder() / "full.key"));
  REQUIRE(sidik.run({"init", "reg"}).status == 0);
  const std::string key = sidik.read("reg.key");
  CHECK(sidik.run({"init", "reg"}).status == 2);
  CHECK(sidik.read("reg.key") == key);
  CHECK(sidik.run({"init", "a", "-r", "b"}).status == 2);
  CHECK(sidik.run({"init", "c", "--key-command", "cat reg.key"}).status == 2);
}

TEST_CASE("a key that is missing, wrong, spoiled or readable by others is status 5", "[command][places]") {
  const SidikProcess sidik;
  sidik.write("a.csv", feed("audit-a", 0));
  REQUIRE(sidik.run({"init", "reg"}).status == 0);
  REQUIRE(sidik.run({"init", "other"}).status == 0);
  const auto status = [&](const std::string& key) {
    const SidikResult result = sidik.run({"register", "a.csv", "--name", "a", "-r", "reg", "--key-file", key});
    INFO(key << ": " << result.err);
    CHECK_THAT(result.err, begins_with("sidik: "));
    CHECK(sidik.run({"list", "-q", "-r", "reg"}).out.empty());
    return result.status;
  };
  CHECK(status("missing.key") == 5);
  CHECK(status("other.key") == 5);
  CHECK(status("a.csv") == 5);
  sidik.write("spoiled.key", sidik.read("reg.key").substr(0, 200));
  chmod((sidik.folder() / "spoiled.key").c_str(), 0600);
  CHECK(status("spoiled.key") == 5);
  chmod((sidik.folder() / "reg.key").c_str(), 0644);
  CHECK(status("reg.key") == 5);
  CHECK(sidik.run({"trace", "a.csv", "-r", "reg"}).status == 5);
  CHECK(sidik.run({"list", "-r", "reg"}).status == 0);
  CHECK(sidik.run({"check", "-r", "reg"}).status == 0);
  chmod((sidik.folder() / "reg.key").c_str(), 0600);
  const SidikResult no_key = sidik.run({"trace", "a.csv", "-r", "reg", "--key-command", "false"});
  CHECK(no_key.status == 5);
  CHECK_THAT(no_key.err, holds("the command failed with status 1, expected 0; there is no key to work with"));
  CHECK(sidik.run({"trace", "a.csv", "-r", "reg", "--key-command", "/no/such/program"}).status == 5);
  CHECK(sidik.run({"trace", "a.csv", "-r", "reg", "--key-command", "echo 'no key'"}).status == 5);
}

TEST_CASE("an init that finds no room leaves nothing, and can be run again", "[command][places]") {
  const SidikProcess sidik;
  // Files of at most so many half KiB: what is longer fails to be written as on a full disk.
  const auto init_within = [&](int blocks, const std::string& arguments) {
    const std::string line = "cd '" + sidik.folder().string() + "' && trap '' XFSZ && ulimit -f " +
                             std::to_string(blocks) + " && '" SIDIK_BINARY "' init " + arguments + " -q 2>/dev/null";
    return std::system(line.c_str());
  };
  const auto things = [&] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(sidik.folder())) count += entry.exists();
    return count;
  };
  std::filesystem::create_directory(sidik.folder() / "empty");
  int failed = 0;
  for (const std::string arguments : {"a/b/reg", "empty", "reg --key-file keys/of/mine"}) {
    for (const int blocks : {0, 1, 2, 8, 16, 40}) {
      if (init_within(blocks, arguments) == 0) continue;
      ++failed;
      INFO(arguments << " within " << blocks);
      REQUIRE(things() == 1);
    }
  }
  CHECK(failed >= 6);
  CHECK(sidik.run({"init", "a/b/reg", "-q"}).status == 0);
  CHECK(sidik.run({"init", "empty", "-q"}).status == 0);
  CHECK(sidik.run({"check", "-r", "a/b/reg"}).status == 0);
  // What was there before is left alone.
  sidik.write("a/notes", "mine");
  CHECK(sidik.run({"init", "a", "-q"}).status == 2);
  CHECK(sidik.read("a/notes") == "mine");
  CHECK_FALSE(std::filesystem::exists(sidik.folder() / "a.key"));
}

TEST_CASE("where there is no registry it is said, with what to do", "[command][places]") {
  const SidikProcess sidik;
  const SidikResult result = sidik.run({"list", "-r", "nowhere"});
  CHECK(result.status == 2);
  CHECK_THAT(result.err, holds("sidik init"));
}
