// register ... -- COMMAND, and --tee.
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "ingest/byte_source.h"
#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"
#include "tee.h"

using namespace sidik::test;
using Json = nlohmann::json;

namespace {

std::size_t exports_in(const SidikProcess& sidik) {
  return Json::parse(sidik.run({"list", "--json", "-r", "reg"}).out)["exports"].size();
}

SidikResult register_from(const SidikProcess& sidik, std::vector<std::string> command,
                          std::vector<std::string> options = {}) {
  std::vector<std::string> arguments = {"register", "-r", "reg", "--name", "a"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), command.begin(), command.end());
  return sidik.run(arguments);
}

}  // namespace

TEST_CASE("a command's output is registered if it ends well", "[command][producer]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  const std::string text = feed("audit-a", 0);
  sidik.write("a.csv", text);
  const SidikResult result = register_from(sidik, {"cat", "a.csv"}, {"--json"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(Json::parse(result.out)["rows"] == count_lines(text) - 1);
  // All behind -- is the command's, options that we know as well.
  CHECK(register_from(sidik, {"sh", "-c", "test \"$0\" = --json && cat a.csv", "--json"}).status == 0);
}

TEST_CASE("a command that fails in any way registers nothing", "[command][producer]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("a.csv", feed("audit-a", 0));
  const std::vector<std::vector<std::string>> commands = {
      {"sh", "-c", "cat a.csv; exit 1"},
      {"sh", "-c", "exit 1"},
      {"sh", "-c", "cat a.csv; kill -9 $$"},
      {"/no/such/program"},
      {"sh", "-c", "cat a.csv; exec 1>&-; sleep 0.2; exit 3"},
      {"sh", "-c", "head -c 100000 /dev/zero"},
      {"true"},
  };
  for (const auto& command : commands) {
    const SidikResult result = register_from(sidik, command);
    INFO(command.back() << ": " << result.err);
    CHECK(result.status == 3);
    CHECK(exports_in(sidik) == 0);
  }
  CHECK_THAT(register_from(sidik, {"sh", "-c", "exit 1"}).err, holds("status 1"));
  CHECK(register_from(sidik, {"cat", "a.csv"}, {"--expect-rows", "1"}).status == 3);
  CHECK(exports_in(sidik) == 0);
}

TEST_CASE("a schema is inferred from a command's output, but not from that of one that failed", "[command][producer]") {
  const SidikProcess sidik;
  sidik.write("a.csv", feed("audit-a", 0));
  CHECK(sidik.run({"register", "--write-schema", "s.toml", "--", "cat", "a.csv"}).status == 0);
  CHECK_THAT(sidik.read("s.toml"), holds("nik"));
  for (const char* failing : {"cat a.csv; exit 4", "exit 4"}) {
    const SidikResult result = sidik.run({"register", "--write-schema", "t.toml", "--", "sh", "-c", failing});
    CHECK(result.status == 3);
    CHECK_THAT(result.err, holds("status 4"));
    CHECK_FALSE(std::filesystem::exists(sidik.folder() / "t.toml"));
  }
}

TEST_CASE("a command that goes on writing when we have failed is ended", "[command][producer]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  const SidikResult result =
      register_from(sidik, {"sh", "-c", "echo $$ > pid; trap '' PIPE; while :; do head -c 1000 /dev/zero; done"});
  CHECK(result.status == 3);
  const pid_t process = static_cast<pid_t>(std::stoi(sidik.read("pid")));
  CHECK(kill(process, 0) != 0);
}

TEST_CASE("interrupted, nothing is registered and the status is 130", "[command][producer]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("a.csv", feed("audit-a", 0));
  const SidikCall call{
      {"register", "-r", "reg", "--name", "a", "--", "sh", "-c", "cat a.csv; touch begun; sleep 30"}, {}, {}, {}};
  const pid_t process = sidik.start(call);
  for (int i = 0; i < 3000 && !std::filesystem::exists(sidik.folder() / "begun"); ++i) usleep(10000);
  kill(process, SIGINT);
  const SidikResult result = sidik.wait(process, call);
  CHECK(result.status == 130);
  CHECK(exports_in(sidik) == 0);
  CHECK(sidik.run({"check", "-r", "reg"}).status == 0);
}

TEST_CASE("--tee copies byte for byte when the export is registered", "[command][tee]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  const std::string text = feed("audit-a", 0);
  const SidikResult first = sidik.run(SidikCall{{"register", "-", "--name", "a", "--tee", "-r", "reg"}, {}, text, {}});
  INFO(first.err);
  REQUIRE(first.status == 0);
  CHECK(first.out == text);
  CHECK_THAT(first.err, holds("Registered a"));
  // Again: done already, and the copy is whole.
  CHECK(sidik.run(SidikCall{{"register", "-", "--name", "a", "--tee", "-r", "reg"}, {}, text, {}}).out == text);
  sidik.write("a.csv", text);
  CHECK(register_from(sidik, {"cat", "a.csv"}, {"--tee", "-q"}).out == text);
}

TEST_CASE("--tee of several files copies one after another", "[command][tee]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  const std::string text = feed("audit-a", 0);
  const std::string header = text.substr(0, text.find('\n') + 1);
  std::vector<std::string> call = {"register", "--name", "a", "--tee", "-q", "-r", "reg"};
  std::string together;
  // More parts than are opened ahead.
  for (int part = 0; part < 20; ++part) {
    const std::string rows = header + some_rows(text, 20 + static_cast<std::size_t>(part), 50).substr(header.size());
    together += rows;
    call.push_back(sidik.write(std::to_string(part) + ".csv", rows).filename());
  }
  const SidikResult result = sidik.run(call);
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(result.out == together);
}

TEST_CASE("--tee lets the last record go only after the commit", "[command][tee]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  const std::string text = feed("audit-a", 0);
  const std::string all_but_last = text.substr(0, text.rfind('\n', text.size() - 2) + 1);
  sidik.write("a.csv", text);
  const SidikResult result = register_from(sidik, {"sh", "-c", "cat a.csv; exit 1"}, {"--tee"});
  CHECK(result.status == 3);
  CHECK(result.out == all_but_last);
  const SidikResult rows = sidik.run({"register", "a.csv", "--name", "a", "--tee", "-r", "reg", "--expect-rows", "7"});
  CHECK(rows.status == 3);
  CHECK(rows.out == all_but_last);
  CHECK(exports_in(sidik) == 0);
}

TEST_CASE("a copy that cannot be written is a failed registration", "[command][tee]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("a.csv", feed("audit-a", 0));
  const SidikResult result =
      sidik.run(SidikCall{{"register", "a.csv", "--name", "a", "--tee", "-r", "reg"}, {}, {}, "/dev/full"});
  CHECK(result.status == 1);
  CHECK_THAT(result.err, holds("standard output: cannot write: No space left on device; make room there"));
  CHECK(result.err.find("spill") == std::string::npos);
  CHECK(exports_in(sidik) == 0);
}

namespace {

// What has gone through the gate before and after release, for a text given in pieces of `piece` bytes.
std::pair<std::string, std::string> through_gate(const std::string& text, std::size_t piece) {
  std::string out;
  sidik::command::LastRecordGate gate([&](std::string_view bytes) { out += bytes; });
  gate.begin_input();
  for (std::size_t at = 0; at < text.size(); at += piece)
    gate.add(std::span(text).subspan(at, std::min(piece, text.size() - at)));
  const std::string before = out;
  gate.release();
  return {before, out};
}

}  // namespace

TEST_CASE("the gate holds exactly the last record, however the bytes come", "[command][tee]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"h\n", ""},
      {"h", ""},
      {"h\na\n", "h\n"},
      {"h\na", "h\n"},
      {"h\na\nb\n", "h\na\n"},
      {"h\r\na\r\nb\r\n", "h\r\na\r\n"},
      {"h\ra\rb\r", "h\ra\r"},
      {"h\na\n\n\n", "h\n"},
      {"\n\nh\n", "\n\n"},
      {"h\n\"a\nb\"\n", "h\n"},
      {"h\nx\n\"a\n\"\"b\n\"\n", "h\nx\n"},
  };
  for (const auto& [text, before] : cases) {
    for (std::size_t piece = 1; piece <= text.size() + 1; ++piece) {
      const auto [held_back, whole] = through_gate(text, piece);
      INFO("piece " << piece);
      CHECK(held_back == before);
      CHECK(whole == text);
    }
  }
}

TEST_CASE("inputs are copied in their order however their reads are mixed", "[command][tee]") {
  const std::vector<std::string> texts = {"h\na\n", "", "h\nb\nc\n", "h\nd"};
  const std::string together = "h\na\nh\nb\nc\nh\nd";
  // Every order in which four sources may be read four bytes at a time, three reads each: as digits of a number.
  for (unsigned order = 0; order < 4096; ++order) {
    std::string out;
    sidik::command::OrderedTee tee([&](std::string_view bytes) { out += bytes; });
    std::vector<std::unique_ptr<sidik::ByteSource>> sources;
    for (const std::string& text : texts) sources.push_back(tee.wrap(sidik::memory_source(text, "part")));
    const auto read = [&](std::size_t which) {
      char room[4];
      return sources[which]->read(room);
    };
    for (unsigned digits = order, i = 0; i < 6; ++i, digits /= 4) read(digits % 4);
    for (std::size_t which = 0; which < sources.size(); ++which)
      while (read(which) != 0) {
      }
    REQUIRE(out == together.substr(0, together.size() - 1));
    tee.release();
    REQUIRE(out == together);
  }
}

TEST_CASE("the gate's memory is bounded, and compressed input keeps its tail", "[command][tee]") {
  const std::string endless = "h\n\"" + std::string(40 << 20, 'x');
  const auto [before, whole] = through_gate(endless, 1 << 20);
  CHECK(before.size() < endless.size());
  CHECK(before.size() > endless.size() - 2 * sidik::command::LastRecordGate::kMostHeld);
  CHECK(whole == endless);
  const std::string packed = "\x1f\x8b" + std::string(1 << 20, '\n');
  const auto [begun, all] = through_gate(packed, 10000);
  CHECK(begun.size() <= packed.size() - sidik::command::LastRecordGate::kTailHeld);
  CHECK(all == packed);
}
