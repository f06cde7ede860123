// sidik key, sidik audit, and what commands say to a key that may not do what they ask.
#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The same values, column by column in another order: each column turned by another number of rows. Rows with quotes
/// are left out.
std::string shuffled_columns(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  std::string header, line;
  std::getline(lines, header);
  while (std::getline(lines, line)) {
    if (has(line, "\"")) continue;
    std::istringstream fields(line + ",");
    auto& row = rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) row.push_back(field);
  }
  std::string out = header + "\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < rows[r].size(); ++c)
      out += (c == 0 ? "" : ",") + rows[(r + 17 * c + 3 * c * c) % rows.size()][c];
    out += "\n";
  }
  return out;
}

/// A registry with two hosts' keys: etl-02 for the feed nightly, and one that merges.
struct House {
  SidikProcess sidik;

  House() {
    sidik.write("may.csv", feed("nightly", 5));
    sidik.write("june.csv", feed("nightly", 6));
    REQUIRE(run({"init", "-q"}).status == 0);
    REQUIRE(run({"key", "export", "--role", "register", "--for", "etl-02", "--feeds", "nightly,bank", "-o", "etl.key"})
                .status == 0);
    REQUIRE(run({"key", "export", "--role", "compact", "-o", "merge.key"}).status == 0);
  }
  SidikResult run(std::vector<std::string> arguments, const std::string& key = "") const {
    SidikCall call{std::move(arguments), {{"SIDIK_REGISTRY", "registry"}}, {}, {}};
    if (!key.empty()) call.environment["SIDIK_KEY_FILE"] = key;
    return sidik.run(call);
  }
  SidikResult with_passphrase(std::vector<std::string> arguments, const std::string& passphrase,
                              const std::string& fresh = "") const {
    const fs::path folder = sidik.folder() / "credentials";
    fs::create_directories(folder);
    sidik.write("credentials/sidik-passphrase", passphrase + "\n");
    sidik.write("credentials/sidik-new-passphrase", fresh + "\n");
    return sidik.run(
        {std::move(arguments), {{"SIDIK_REGISTRY", "registry"}, {"CREDENTIALS_DIRECTORY", folder.string()}}, {}, {}});
  }
  SidikResult add(const std::string& name, const std::string& file, const std::string& at, const std::string& key = "",
                  const std::string& of = "nightly") const {
    return run({"register", file, "--name", name, "--feed", of, "--recipient", "rs-jabar", "--at", at, "-q"}, key);
  }
  json audit() const { return json::parse(run({"audit", "--json"}).out)["audit"]; }
};

}  // namespace

TEST_CASE("a register key registers and seals for its feeds, and is told which key the others want", "[command][key]") {
  const House house;
  CHECK(house.add("may", "may.csv", "2021-05-01", "etl.key").status == 0);
  CHECK(house
            .run({"seal", "june.csv", "--name", "june", "--feed", "nightly", "--recipient", "rs-jabar", "--at",
                  "2021-06-01", "--withhold", "0.02", "-o", "sealed.csv", "-q"},
                 "etl.key")
            .status == 0);
  const auto other_feed = house.add("x", "may.csv", "2021-05-01", "etl.key", "hospital");
  CHECK(other_feed.status == 5);
  CHECK(has(other_feed.err, "feeds bank and nightly, not the feed 'hospital'"));
  for (const std::vector<std::string>& command : {std::vector<std::string>{"trace", "may.csv"},
                                                  {"canary", "list"},
                                                  {"show", "may"},
                                                  {"check", "--read-data"},
                                                  {"compact"},
                                                  {"compare"},
                                                  {"remove", "may"},
                                                  {"key", "export", "--role", "compact", "-o", "more.key"},
                                                  {"key", "revoke", "etl-02"},
                                                  {"key", "rotate"},
                                                  {"key", "split", "2/3"}}) {
    INFO(command.front() << " " << command.back());
    const auto refused = house.run(command, "etl.key");
    CHECK(refused.status == 5);
    CHECK(has(refused.err, "investigators"));
  }
  CHECK(has(house.run({"compare"}, "merge.key").err, "comparing exports needs the investigators' key"));
  // What stands in clear is shown all the same.
  CHECK(has(house.run({"show", "may"}, "etl.key").out, "by etl-02"));
  CHECK(house.run({"check", "--read-data"}, "merge.key").status == 0);
  const auto merge = house.add("y", "may.csv", "2021-05-01", "merge.key");
  CHECK(merge.status == 5);
  CHECK(has(merge.err, "register"));
  // And the investigators' key reads all of it.
  CHECK(has(house.run({"trace", "sealed.csv", "-q"}).out, "june"));
  const json shown = json::parse(house.run({"show", "june", "--json"}).out);
  CHECK(shown["signed_by"]["name"] == "etl-02");
  CHECK(shown["contents"].is_object());
}

TEST_CASE("key show says what a key can do, and never a secret", "[command][key]") {
  const House house;
  for (const std::string key : {"registry.key", "etl.key", "merge.key"}) {
    const auto text = house.run({"key", "show"}, key), object = house.run({"key", "show", "--json"}, key);
    CHECK(text.status == 0);
    CHECK(json::parse(object.out)["keys"].size() == 2);
    std::ifstream file(house.sidik.folder() / key);
    std::string line;
    std::size_t secrets = 0;
    while (std::getline(file, line)) {
      if (line.find("-secret ") == std::string::npos && line.find("-seed ") == std::string::npos &&
          !line.starts_with("seal-"))
        continue;
      ++secrets;
      const std::string secret = line.substr(line.find(' ') + 1, 16);
      CHECK_FALSE(has(text.out + text.err + object.out + object.err, secret));
    }
    CHECK(secrets >= 3);
  }
  const json etl = json::parse(house.run({"key", "show", "--json"}, "etl.key").out)["key"];
  CHECK(etl["role"] == "register");
  CHECK(etl["feeds"] == json({"bank", "nightly"}));
  struct stat status {};
  REQUIRE(::stat((house.sidik.folder() / "etl.key").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(house.run({"key", "export", "--role", "register", "-o", "etl.key"}).status == 2);  // never overwritten
  CHECK(house.run({"key", "export", "--role", "admin", "-o", "x.key"}).status == 2);
  CHECK(house.run({"key", "export", "--role", "register", "--for", "etl-02", "-o", "x.key"}).status == 2);
  CHECK_FALSE(fs::exists(house.sidik.folder() / "x.key"));
}

TEST_CASE("a revoked key registers no more, and what it did before counts", "[command][key]") {
  const House house;
  REQUIRE(house.add("may", "may.csv", "2021-05-01", "etl.key").status == 0);
  CHECK(house.run({"key", "revoke", "etl-02"}).status == 0);
  const auto refused = house.add("june", "june.csv", "2021-06-01", "etl.key");
  CHECK(refused.status == 5);
  CHECK(has(refused.err, "revoked"));
  CHECK(house.run({"check"}).status == 0);
  CHECK(has(house.run({"trace", "may.csv", "-q"}).out, "may"));
  CHECK(has(house.run({"show", "may"}).out, "revoked"));
}

TEST_CASE("what is taken back is set aside: named by list, show, check and trace, and in no verdict",
          "[command][key]") {
  const House house;
  REQUIRE(house.add("may", "may.csv", "2021-05-01", "etl.key").status == 0);
  const std::string line = std::to_string(house.audit().size());
  CHECK(house.run({"key", "revoke", "etl-02", "--from-line", line}).status == 0);
  CHECK(has(house.run({"list"}).out, "set aside: may"));
  CHECK(json::parse(house.run({"list", "--json"}).out)["exports"][0]["set_aside"].is_string());
  CHECK(has(house.run({"show", "may"}).out, "SET ASIDE"));
  const auto check = house.run({"check"});
  CHECK(check.status == 7);
  CHECK(has(check.out, "SET ASIDE  export 'may'"));
  const auto trace = house.run({"trace", "may.csv", "--json"});
  CHECK(trace.status == 0);
  CHECK(has(trace.err, "warning: export 'may' "));
  CHECK(json::parse(trace.out)["registry"]["exports"] == 0);
  CHECK_FALSE(has(trace.out, "\"may\""));
  CHECK(has(house.run({"compact"}).out, "left alone, for it is set aside: may"));
  CHECK(house.run({"remove", "may"}).status == 0);
  CHECK(house.run({"check"}).status == 0);
}

TEST_CASE("the audit tells who did what, and a head kept elsewhere proves it", "[command][key]") {
  const House house;
  REQUIRE(house.add("may", "may.csv", "2021-05-01", "etl.key").status == 0);
  const auto anchored = house.run({"audit", "--anchor", "anchors.txt"});
  CHECK(anchored.status == 0);
  const std::string kept = house.sidik.read("anchors.txt");
  const std::string head = kept.substr(kept.find(" head ") + 6, 64);
  const auto verdict = house.run({"trace", "may.csv", "--json"});
  CHECK(house.run({"trace", "may.csv", "--json"}).out == verdict.out);  // noted, and no other verdict for it
  CHECK(house.run({"canary", "list"}).status == 0);
  const json audit = house.audit();
  std::vector<std::string> actions;
  for (const json& each : audit) actions.push_back(each["action"]);
  CHECK(actions == std::vector<std::string>{"key export", "key export", "register", "trace", "trace", "canary list"});
  CHECK(audit[2]["actor"] == "etl-02");
  CHECK(audit[2]["head"] == head);
  CHECK(json::parse(verdict.out)["registry"]["audit_head"] == head);
  CHECK(house.run({"check", "--head", head}).status == 0);
  CHECK(house.run({"check", "--head", std::string(64, '0')}).status == 7);
  CHECK(house.run({"check", "--head", "may"}).status == 2);
  CHECK(has(house.run({"audit", "--anchor"}).out, audit[5]["head"].get<std::string>()));
}

TEST_CASE("after a rotation old and new exports are asked, with the newest key only", "[command][key]") {
  const House house;
  REQUIRE(house.add("may", "may.csv", "2021-05-01", "etl.key").status == 0);
  fs::copy_file(house.sidik.folder() / "registry.key", house.sidik.folder() / "old.key");
  fs::permissions(house.sidik.folder() / "old.key", fs::perms::owner_read | fs::perms::owner_write);
  const auto rotated = house.run({"key", "rotate"});
  CHECK(rotated.status == 0);
  CHECK(has(rotated.out, "etl-02"));
  CHECK(has(house.run({"key", "show"}).out, "of epoch 1: registers no more"));
  CHECK(has(house.add("x", "june.csv", "2021-06-01", "etl.key").err, "epoch 1"));
  REQUIRE(house.run({"key", "export", "--role", "register", "--for", "etl-03", "--feeds", "nightly", "-o", "new.key"})
              .status == 0);
  REQUIRE(house.add("june", "june.csv", "2021-06-01", "new.key").status == 0);
  for (const std::string month : {"may", "june"}) {
    house.sidik.write("sample.csv", some_rows(feed("nightly", month == "may" ? 5 : 6), 7, 400));
    const auto traced = house.run({"trace", "sample.csv", "--json"});
    CHECK(has(traced.err, "2 fingerprint epochs"));
    const json verdict = json::parse(traced.out);
    INFO(verdict["verdict"].dump());
    CHECK(verdict["verdict"]["origin"] == "ours");
    REQUIRE_FALSE(verdict["sources"].empty());
    CHECK(verdict["sources"][0]["export"] == month);
    CHECK(verdict["sources"][0]["rows_explained"] > 0.99);
  }
  const auto lacking = house.run({"trace", "may.csv"}, "old.key");
  CHECK(lacking.status == 5);
  CHECK(has(lacking.err, "lacks the secret of epoch 2"));
  CHECK(house.run({"check", "--read-data"}).status == 0);

  // An epoch that is over is retired as a whole.
  CHECK(has(house.run({"trace", "sample.csv"}).err, "asking 2 epochs took"));
  CHECK(house.run({"remove", "--epoch", "2"}).status == 2);
  CHECK(house.run({"remove", "june", "--epoch", "1"}).status == 2);
  CHECK(house.run({"remove"}).status == 2);
  const auto retired = house.run({"remove", "--epoch", "1", "--json"});
  CHECK(retired.status == 0);
  CHECK(json::parse(retired.out)["removed"] == json({"may"}));
  CHECK(has(house.run({"remove", "--epoch", "1"}).out, "nothing was removed"));
  const auto traced = house.run({"trace", "sample.csv", "--json"});
  CHECK_FALSE(has(traced.err, "epochs"));
  CHECK(json::parse(traced.out)["sources"][0]["export"] == "june");
  CHECK(house.audit().back()["action"] == "trace");
  CHECK(house.run({"check", "--read-data"}).status == 0);
}

TEST_CASE("values that only one of two epochs holds are known, whichever it is", "[command][key]") {
  const House house;
  // Other people in the first epoch than in the second.
  const std::string first = strangers(), second = feed("nightly", 5);
  house.sidik.write("first.csv", first);
  house.sidik.write("second.csv", second);
  REQUIRE(house.run({"register", "first.csv", "--name", "first", "-q"}).status == 0);
  REQUIRE(house.run({"key", "rotate", "-q"}).status == 0);
  REQUIRE(house.run({"register", "second.csv", "--name", "second", "-q"}).status == 0);
  const auto hypotheses = [&](const std::string& sample) {
    house.sidik.write("sample.csv", sample);
    const auto traced = house.run({"trace", "sample.csv", "--json"});
    INFO(traced.err);
    REQUIRE(traced.status == 0);
    return json::parse(traced.out)["hypotheses"];
  };
  const std::string some = some_rows(first, 5, 300), others_of_ours = some_rows(second, 5, 300);
  for (const std::string& text : {some, others_of_ours, some + others_of_ours.substr(others_of_ours.find('\n') + 1)}) {
    // Each value is ours, and no row is.
    const json made_up = hypotheses(shuffled_columns(text));
    INFO(made_up.dump());
    CHECK(made_up["fabricated"] > 0.9);
    CHECK(made_up["strangers"] < 0.05);
  }
  const fixtures::Population others({.people = 3000, .seed = 77, .realm = fixtures::Realm::kStrangers, .rates = {}});
  const json unknown = hypotheses(some_rows(fixtures::feed_text(others, fixtures::feed_named("nightly"), {}), 5, 300));
  INFO(unknown.dump());
  CHECK(unknown["strangers"] > 0.9);
}

TEST_CASE("a passphrase is asked, and a wrong or missing one is told apart", "[command][key]") {
  const House house;
  REQUIRE(house.with_passphrase({"key", "passwd"}, "", "kuda lumping").status == 0);
  CHECK(has(house.sidik.read("registry.key"), "argon2id"));
  CHECK(house.with_passphrase({"key", "show"}, "kuda lumping").status == 0);
  const auto wrong = house.with_passphrase({"key", "show"}, "kuda");
  CHECK(wrong.status == 5);
  CHECK(has(wrong.err, "passphrase is not this key's"));
  CHECK(house.with_passphrase({"key", "rotate"}, "kuda lumping").status == 0);  // and stays under it
  CHECK(has(house.sidik.read("registry.key"), "argon2id"));
  CHECK(house.with_passphrase({"key", "passwd", "--remove"}, "kuda lumping").status == 0);
  CHECK(house.run({"key", "show"}).status == 0);
}

TEST_CASE("each way in which a key does not fit has a message of its own", "[command][key]") {
  const House house;
  REQUIRE(house.add("may", "may.csv", "2021-05-01", "etl.key").status == 0);
  REQUIRE(house.run({"key", "split", "2/3", "-o", "share", "-q"}).status == 0);
  REQUIRE(house.run({"key", "split", "2/3", "-o", "again", "-q"}).status == 0);
  REQUIRE(house.sidik.run({"init", "other", "--key-file", "other.key", "-q"}).status == 0);
  REQUIRE(
      house.sidik.run({"key", "split", "2/3", "-r", "other", "--key-file", "other.key", "-o", "theirs", "-q"}).status ==
      0);
  fs::copy_file(house.sidik.folder() / "registry.key", house.sidik.folder() / "old.key");
  fs::permissions(house.sidik.folder() / "old.key", fs::perms::owner_read | fs::perms::owner_write);
  REQUIRE(house.run({"key", "rotate", "-q"}).status == 0);
  REQUIRE(house.add("june", "june.csv", "2021-06-01").status == 0);
  REQUIRE(house.with_passphrase({"key", "passwd"}, "", "kuda lumping").status == 0);

  std::set<std::string> said;
  const auto refused = [&](const SidikResult& result, const std::string& words) {
    INFO(words << " in: " << result.err);
    CHECK(result.status == 5);
    CHECK(has(result.err, words));
    CHECK(result.out.empty());
    CHECK(said.insert(result.err).second);
  };
  const std::vector<std::string> trace = {"trace", "may.csv"};
  refused(house.with_passphrase(trace, "kuda"), "passphrase is not this key's");
  refused(house.sidik.run({{"trace", "may.csv", "--key-command", "setsid -w " SIDIK_BINARY " key show"},
                           {{"SIDIK_REGISTRY", "registry"}},
                           {},
                           {}}),
          "no terminal to ask for it");
  refused(house.run({"key", "join", "share.share-1", "-o", "x.key"}), "too few shares: 1 given, any 2 of 3");
  refused(house.run({"key", "join", "share.share-1", "theirs.share-2", "-o", "x.key"}), "is a share of the key of");
  refused(house.run({"key", "join", "share.share-1", "again.share-2", "-o", "x.key"}), "two splittings");
  refused(house.run(trace, "other.key"), "the key is of registry");
  refused(house.run(trace, "old.key"), "lacks the secret of epoch 2");
  refused(house.run(trace, "etl.key"), "a trace needs the investigators' key");
  refused(house.run(trace, "none.key"), "no such key file");
  CHECK_FALSE(fs::exists(house.sidik.folder() / "x.key"));
}

TEST_CASE("a passphrase is asked on the terminal, and not shown there", "[command][key]") {
  const House house;
  const fs::path registry = house.sidik.folder() / "registry";
  // What the terminal shows while `answers` are typed, each behind a question.
  const auto at_terminal = [&](const std::vector<std::string>& arguments, const std::vector<std::string>& answers,
                               int& status) {
    int terminal = -1;
    const pid_t process = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(process >= 0);
    if (process == 0) {
      std::vector<const char*> argv{SIDIK_BINARY};
      for (const std::string& argument : arguments) argv.push_back(argument.c_str());
      argv.insert(argv.end(), {"-r", registry.c_str(), nullptr});
      ::execv(SIDIK_BINARY, const_cast<char* const*>(argv.data()));
      ::_exit(127);
    }
    std::string shown;
    std::size_t next = 0;
    char byte = 0;
    while (::read(terminal, &byte, 1) == 1) {
      shown.push_back(byte);
      if (next < answers.size() && shown.ends_with(": ")) {
        REQUIRE(::write(terminal, answers[next].data(), answers[next].size()) > 0);
        ++next;
      }
    }
    ::close(terminal);
    ::waitpid(process, &status, 0);
    status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
    return shown;
  };
  int status = -1;
  // A slip taken back with the erase key.
  std::string shown = at_terminal({"key", "passwd"}, {"lumpinh\x7fg\r", "lumping\r"}, status);
  INFO(shown);
  CHECK(status == 0);
  CHECK_FALSE(has(shown, "lumpin"));
  shown = at_terminal({"key", "show"}, {"lumping\n"}, status);
  CHECK(status == 0);
  CHECK(has(shown, "investigate"));
  CHECK_FALSE(has(shown, "lumpin"));
  at_terminal({"key", "show"}, {"lumpen\r"}, status);
  CHECK(status == 5);
  at_terminal({"key", "show"}, {"\x03"}, status);
  CHECK(status == 5);
  at_terminal({"key", "passwd"}, {"lumping\r", "one\r", "other\r"}, status);
  CHECK(status == 2);
}

TEST_CASE("two of three shares make the key again", "[command][key]") {
  const House house;
  const std::string before = house.sidik.read("registry.key");
  REQUIRE(house.run({"key", "split", "2/3"}).status == 0);
  REQUIRE(house.run({"key", "join", "registry.key.share-3", "registry.key.share-1", "-o", "joined.key"}).status == 0);
  CHECK(house.sidik.read("joined.key") == before);
  const auto few = house.run({"key", "join", "registry.key.share-3", "-o", "x.key"});
  CHECK(few.status == 5);
  CHECK(has(few.err, "too few shares"));
  const auto asked =
      house.run({"key", "show", "--key-command",
                 std::string(SIDIK_BINARY) + " key join registry.key.share-2 registry.key.share-3 -o -"});
  CHECK(asked.status == 0);
  CHECK(has(asked.out, "investigate"));
  CHECK(house.run({"key", "split", "3/2"}).status == 2);
  CHECK(house.run({"key", "split", "half"}).status == 2);
}

TEST_CASE("a compact key merges what register keys wrote, and the investigators' key traces it", "[command][key]") {
  const House house;
  REQUIRE(house.run({"key", "export", "--role", "register", "--for", "etl-03", "--feeds", "nightly", "-o", "more.key"})
              .status == 0);
  REQUIRE(house.add("may", "may.csv", "2021-05-01", "etl.key").status == 0);
  REQUIRE(house.add("june", "june.csv", "2021-06-01", "more.key").status == 0);
  house.sidik.write("sample.csv", some_rows(feed("nightly", 6), 7, 400));
  const json before = json::parse(house.run({"trace", "sample.csv", "--json"}).out);
  REQUIRE(before["sources"][0]["export"] == "june");
  CHECK(house.run({"compact", "-q"}, "merge.key").status == 0);
  const json check = json::parse(house.run({"check", "--read-data", "--json"}, "merge.key").out);
  CHECK(check["clean"] == true);
  CHECK(check["runs"] == 1);
  CHECK(json::parse(house.run({"trace", "sample.csv", "--json"}).out) == before);
  const json shown = json::parse(house.run({"show", "june", "--json"}).out);
  CHECK(shown["signed_by"]["name"] == "etl-03");  // whoever merged it
  const json audit = house.audit();
  const auto merge =
      std::find_if(audit.begin(), audit.end(), [](const json& line) { return line["action"] == "merge"; });
  REQUIRE(merge != audit.end());
  CHECK((*merge)["actor"] == "compact");
}

TEST_CASE("list and check say what waits for a key, until that key has done it", "[command][key]") {
  const House house;
  const auto waiting = [&](const std::string& command) {
    return json::parse(house.run({command, "--json"}).out)["waiting"];
  };
  const json nothing = {{"merging", json::array()}, {"vacancy", json::array()}};
  CHECK(waiting("list") == nothing);
  REQUIRE(house.add("may", "may.csv", "2021-05-01", "etl.key").status == 0);
  CHECK(waiting("list") == nothing);  // one run has none to merge with, and nothing is sealed
  REQUIRE(house.add("june", "june.csv", "2021-06-01", "etl.key").status == 0);
  REQUIRE(house.add("july", "june.csv", "2021-07-01").status == 0);
  for (const char* command : {"list", "check"}) {
    CHECK(waiting(command) == json({{"merging", {"may", "june"}}, {"vacancy", json::array()}}));
    CHECK(has(house.run({command}).out,
              "waits for a compact or the investigators' key: whether 2 exports (may, june) should be merged"));
  }
  REQUIRE(house.run({"compact", "-q"}, "merge.key").status == 0);
  CHECK(waiting("list") == nothing);
  CHECK(waiting("check") == nothing);

  // What a register key seals, and what comes behind it, may have somebody's numbers.
  REQUIRE(house
              .run({"seal", "may.csv", "--name", "sealed", "--feed", "bank", "--recipient", "b", "--canaries", "5",
                    "-o", "sealed.csv", "-q"},
                   "etl.key")
              .status == 0);
  REQUIRE(house.add("august", "june.csv", "2021-08-01").status == 0);
  for (const char* command : {"list", "check"}) {
    CHECK(waiting(command) == json({{"merging", {"sealed"}}, {"vacancy", {"sealed", "august"}}}));
    CHECK(
        has(house.run({command}).out, "waits for the investigators' key: whether rows of 2 exports (sealed, august)"));
  }
  CHECK(house.run({"check", "-q"}).out.empty());
  REQUIRE(house.run({"canary", "list", "-q"}).status == 0);
  CHECK(waiting("list")["vacancy"] == json::array());
  REQUIRE(house.add("september", "may.csv", "2021-09-01").status == 0);
  CHECK(waiting("list")["vacancy"] == json({"september"}));
  REQUIRE(house.run({"compact", "-q"}).status == 0);
  CHECK(waiting("list")["merging"] == json::array());
}
