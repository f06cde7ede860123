// sidik seal: the copy is the original but for what was sealed, whatever it is written in; or there is none.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "people.h"
#include "sealed_copy.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using Json = nlohmann::json;

namespace {

class House {
 public:
  House() { REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0); }
  SidikResult run(std::vector<std::string> arguments, const std::string& input = "") const {
    const auto command = std::find(arguments.begin(), arguments.end(), "--");
    arguments.insert(command, {"-r", "reg"});
    return sidik.run(SidikCall{std::move(arguments), {}, input, {}});
  }
  SidikResult shell(const std::string& line) const {
    // The program's own path is not the test's to know: a producer that pays no heed to its output runs the line.
    return run({"register", "--name", "unused", "--", "sh", "-c", line});
  }
  std::size_t exports() const { return Json::parse(run({"list", "--json"}).out)["exports"].size(); }
  bool has(const std::string& name) const { return std::filesystem::exists(sidik.folder() / name); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(sidik.folder()), {}));
  }
  SidikProcess sidik;
};

/// How a text is written.
struct Manner {
  std::string name;
  char delimiter = ',';
  bool all_quoted = false;
  std::string line_end = "\n";
  std::string letter;  // instead of each "a" in every 25th line's name
  std::string before;  // a byte order mark
  bool last_line_end = true;
};

std::string written(const std::string& text, const Manner& manner) {
  std::string out = manner.before;
  std::size_t line = 0;
  const auto records = records_of(text, ',');
  for (const RawRecord& record : records) {
    for (std::size_t c = 0; c < record.cells.size(); ++c) {
      std::string cell(record.cells[c]);
      if (cell.starts_with('"')) cell = cell.substr(1, cell.size() - 2);
      if (!manner.letter.empty() && line % 25 == 24)
        for (std::size_t at = 0; c == 2 && (at = cell.find('A', at)) != std::string::npos; at += manner.letter.size())
          cell.replace(at, 1, manner.letter);
      const bool quoted = manner.all_quoted || cell.find(manner.delimiter) != std::string::npos;
      if (c > 0) out += manner.delimiter;
      out += quoted ? "\"" + cell + "\"" : cell;
    }
    if (++line < records.size() || manner.last_line_end) out += manner.line_end;
  }
  return out;
}

std::string utf16(const std::string& text) {
  std::string out = "\xFF\xFE";
  for (const char c : text) out.append({c, '\0'});
  return out;
}
std::string ascii_of_utf16(const std::string& text) {
  std::string out;
  for (std::size_t i = 2; i < text.size(); i += 2) out += text[i];
  return out;
}

std::vector<std::string> sealing(const std::string& in, const std::string& out, const std::string& name) {
  return {"seal",       in,     "--name",     name, "--feed", "f", "--recipient", "insurer", "--marks", "address,phone",
          "--withhold", "0.02", "--canaries", "5",  "-o",     out};
}

}  // namespace

TEST_CASE("who allows marks where there are none is told", "[command][seal]") {
  const House house;
  house.sidik.write("in.csv", "nik;alamat\n3273010101900001;Jl. Merdeka No. 5\n3273014101900002;Jalan Melati No. 7\n");
  const SidikResult result = house.run({"seal", "in.csv", "--name", "a", "--marks", "alamat,phone", "-o", "out.csv"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.err, holds("nothing of 'phone' (--marks) was marked") && !holds("nothing of 'alamat'"));
}

TEST_CASE("who plants rows of nobody is told what they have of real rows", "[command][seal]") {
  const House house;
  std::string text = "nr;nik;name;fone\n";
  for (int i = 0; i < 2000; ++i)
    text += std::to_string(i + 1) + ";32730101" + std::to_string(80 + i % 20) +
            std::to_string(100000 + i * 7).substr(0, 6) + ";Budi " + std::to_string(i % 97) + ";(11) 9" +
            std::to_string(1000 + i * 7919L % 9000) + "-" + std::to_string(1000 + i * 6007L % 9000) + "\n";
  house.sidik.write("in.csv", text);
  const SidikResult result =
      house.run({"seal", "in.csv", "--name", "a", "--canaries", "5", "--no-marks", "-o", "out.csv"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.err, holds("have a real row's nr:"));
  // What is no number by type is one by its digits.
  const std::string copy = house.sidik.read("out.csv");
  std::size_t planted = 0;
  for (const RawRecord& record : records_of(copy, ';')) {
    if (text.find(std::string(record.cells[1])) != std::string::npos) continue;
    ++planted;
    CHECK(record.cells[3].substr(0, 6) == "(11) 9");
    CHECK(text.find(std::string(record.cells[3])) == std::string::npos);
  }
  CHECK(planted == 5);
}

TEST_CASE("who may not read what is sealed may not read its copy", "[command][seal]") {
  namespace fs = std::filesystem;
  const House house;
  house.sidik.write("in.csv", feed("audit-a", 0));
  fs::permissions(house.sidik.folder() / "in.csv", fs::perms::owner_read | fs::perms::owner_write);
  REQUIRE(house.run({"seal", "in.csv", "--name", "a", "--withhold", "0.01", "-o", "out.csv"}).status == 0);
  CHECK(
      (fs::status(house.sidik.folder() / "out.csv").permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
}

TEST_CASE("a sealed copy is byte for byte its original but for what was sealed", "[command][seal]") {
  const std::string people = feed("audit-a", 0);
  const std::vector<Manner> manners = {
      {"plain", ',', false, "\n", "", "", true},
      {"semicolons", ';', false, "\n", "", "", true},
      {"tabs", '\t', false, "\n", "", "", true},
      {"pipes, all quoted", '|', true, "\r\n", "", "", true},
      {"CRLF", ',', false, "\r\n", "", "", true},
      {"CR", ';', false, "\r", "", "", true},
      {"byte order mark, all quoted", ',', true, "\n", "", "\xEF\xBB\xBF", true},
      {"UTF-8", ',', false, "\n", "\xC3\xA9", "", true},
      {"Windows-1252", ';', false, "\r\n", "\xE9", "", true},
      {"no last line end", ',', false, "\n", "", "", false},
  };
  for (const Manner& manner : manners) {
    const House house;
    const std::string text = written(people, manner);
    house.sidik.write("in.csv", text);
    auto arguments = sealing("in.csv", "out.csv", "a");
    arguments.emplace_back("--json");
    const SidikResult result = house.run(arguments);
    INFO(manner.name << ": " << result.err);
    REQUIRE(result.status == 0);
    const Json said = Json::parse(result.out)["sealing"];
    const std::string copy = house.sidik.read("out.csv");
    const SealedDifferences found = differences(text, copy, manner.delimiter, 0);
    CHECK(found.fault.empty());
    INFO(found.fault);
    CHECK(found.planted == 5);
    CHECK(found.planted == said["canaries"]);
    CHECK(found.left_out == said["withheld"]);
    CHECK(found.left_out > 0);
    CHECK(found.cells.size() == 2);  // phone and address
    CHECK(found.cells.contains(5));
    CHECK(found.cells.contains(6));
    CHECK(Json::parse(result.out)["rows"] == records_of(text, manner.delimiter).size() - 1 + 5 - found.left_out);
    // What was registered is the copy: registering it is nothing new.
    CHECK_THAT(house.run({"register", "out.csv", "--name", "a", "--feed", "f", "--recipient", "insurer"}).out,
               holds("already"));
  }
}

TEST_CASE("a sealed copy is encoded and compressed as its original", "[command][seal]") {
  const House house;
  const std::string text = feed("audit-a", 0);
  house.sidik.write("in.csv", text);
  house.sidik.write("wide.csv", utf16(text));
  REQUIRE(house.run(sealing("in.csv", "out.csv", "a")).status == 0);
  REQUIRE(house.run(sealing("wide.csv", "wide-out.csv", "b")).status == 0);
  const std::string plain = house.sidik.read("out.csv");
  CHECK(differences(text, plain, ',', 0).fault.empty());
  CHECK((ascii_of_utf16(house.sidik.read("wide-out.csv")) == plain));
  for (const std::string with : {"gzip", "zstd"}) {
    const std::string file = "in." + with;
    house.shell(with + " -c in.csv > " + file);
    REQUIRE(house.has(file));
    const SidikResult result = house.run(sealing(file, "out." + with, with));
    INFO(result.err);
    REQUIRE(result.status == 0);
    house.shell(with + " -dc < out." + with + " > plain." + with);
    CHECK((house.sidik.read("plain." + with) == plain));
  }
  // A name that says how is believed.
  REQUIRE(house.run(sealing("in.csv", "named.csv.gz", "named")).status == 0);
  house.shell("gzip -dc < named.csv.gz > plain.named");
  CHECK((house.sidik.read("plain.named") == plain));
}

TEST_CASE("a pipe is sealed as a file is", "[command][seal]") {
  const House house;
  const std::string text = feed("audit-a", 0);
  house.sidik.write("in.csv", text);
  REQUIRE(house.run(sealing("in.csv", "out.csv", "a")).status == 0);
  const std::string copy = house.sidik.read("out.csv");
  const SidikResult piped = house.run(sealing("-", "-", "b"), text);
  INFO(piped.err);
  REQUIRE(piped.status == 0);
  CHECK((piped.out == copy));
  CHECK_THAT(piped.err, holds("Planted 5 rows of nobody"));
  auto arguments = sealing("in.csv", "-", "c");
  arguments.erase(arguments.begin() + 1);
  arguments.insert(arguments.end(), {"--", "cat", "in.csv"});
  CHECK((house.run(arguments).out == copy));
  CHECK(house.exports() == 3);
}

TEST_CASE("bad rows, empty lines and repeated headers stay where they are", "[command][seal]") {
  const House house;
  const std::string people = feed("audit-a", 0);
  const std::string header = people.substr(0, people.find('\n') + 1);
  const std::size_t third = people.find('\n', people.size() / 3) + 1, half = people.find('\n', people.size() / 2) + 1;
  const std::string text = people.substr(0, third) + "\n\none,two\n" + people.substr(third, half - third) + header +
                           people.substr(half) + "\n";
  house.sidik.write("in.csv", text);
  const SidikResult result = house.run(sealing("in.csv", "out.csv", "a"));
  INFO(result.err);
  REQUIRE(result.status == 0);
  const SealedDifferences found = differences(text, house.sidik.read("out.csv"), ',', 0);
  CHECK(found.fault.empty());
  CHECK(found.planted == 5);
}

TEST_CASE("a seal that fails leaves no copy and registers nothing", "[command][seal]") {
  const House house;
  house.sidik.write("in.csv", feed("audit-a", 0));
  house.sidik.write("header.csv", "nik,name\n");
  house.sidik.write("cut.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c", 12));
  house.sidik.write("old.csv", "what stood there\n");
  const std::size_t files = house.files();
  const auto fails = [&](std::vector<std::string> arguments, int status, const std::string& says) {
    const SidikResult result = house.run(arguments);
    INFO(arguments[1] << " " << says << ": " << result.err);
    CHECK(result.status == status);
    CHECK_THAT(result.err, holds(says));
    CHECK(house.files() == files);
    CHECK(house.exports() == 0);
  };
  const auto with = [](std::vector<std::string> arguments, std::vector<std::string> more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const auto from = [&](const std::string& out, const std::string& line) {
    auto arguments = sealing("", out, "a");
    arguments.erase(arguments.begin() + 1);
    return with(arguments, {"--", "sh", "-c", line});
  };
  fails(with(sealing("in.csv", "out.csv", "a"), {"--expect-rows", "7"}), 3, "--expect-rows");
  fails(with(sealing("in.csv", "out.csv", "a"), {"--marks", "colour"}), 2, "colour");
  fails(with(sealing("in.csv", "out.csv", "a"), {"--marks", "district"}), 2, "'district' is read as integer");
  fails(sealing("missing.csv", "out.csv", "a"), 3, "missing.csv");
  fails(sealing("cut.gz", "out.csv", "a"), 3, "cut.gz");
  fails(sealing("header.csv", "out.csv", "a"), 3, "header.csv");
  fails(from("out.csv", "cat in.csv; exit 1"), 3, "sh");
  fails(from("-", "cat in.csv; exit 1"), 3, "sh");
  fails(sealing("in.csv", "no-such-folder/out.csv", "a"), 1, "no-such-folder");
  fails(with(sealing("in.csv", "old.csv", "a"), {"--expect-rows", "7"}), 3, "--expect-rows");
  fails(sealing("in.csv", "in.csv", "a"), 2, "in.csv");
  CHECK(house.sidik.read("old.csv") == "what stood there\n");

  SidikCall full{sealing("in.csv", "-", "a"), {}, {}, "/dev/full"};
  full.arguments.insert(full.arguments.end(), {"-r", "reg"});
  CHECK(house.sidik.run(full).status == 1);
  CHECK(house.exports() == 0);
}

TEST_CASE("what is registered with other marks is not sealed once more under its name", "[command][seal]") {
  const House house;
  house.sidik.write("in.csv", feed("audit-a", 0));
  const auto seal = [&](const std::string& name, const std::string& out, std::vector<std::string> more) {
    more.insert(more.begin(), {"seal", "in.csv", "--name", name, "--feed", "f", "--recipient", "r", "-q", "-o", out});
    return house.run(more);
  };
  REQUIRE(seal("a", "a.csv", {"--marks", "phone"}).status == 0);
  REQUIRE(seal("a", "again.csv", {"--marks", "phone"}).status == 0);
  CHECK(house.sidik.read("again.csv") == house.sidik.read("a.csv"));
  for (const std::vector<std::string>& others :
       std::vector<std::vector<std::string>>{{"--marks", "phone,address"}, {"--marks", "phone", "--coalition", "5"}}) {
    const SidikResult refused = seal("a", "other.csv", others);
    CHECK(refused.status == 4);
    CHECK_THAT(refused.err, holds("not sealed like this"));
    CHECK_FALSE(house.has("other.csv"));
  }
  REQUIRE(house.run({"register", "in.csv", "--name", "b", "--feed", "f", "--recipient", "r", "-q"}).status == 0);
  CHECK(seal("b", "b.csv", {"--marks", "phone"}).status == 4);
  CHECK_FALSE(house.has("b.csv"));
  CHECK(house.exports() == 2);
}

TEST_CASE("what cannot be written or would do nothing is said before anything is read", "[command][seal]") {
  const House house;
  house.sidik.write("in.csv", feed("audit-a", 0));
  const auto refused = [&](std::vector<std::string> more, int status = 2) {
    more.insert(more.begin(), {"seal", "in.csv", "--name", "a", "-q"});
    const SidikResult result = house.run(more);
    CHECK(result.status == status);
    return result.err;
  };
  CHECK_THAT(refused({"-o", "nowhere/out.csv"}, 1), holds("there is no folder nowhere"));
  CHECK_THAT(refused({"-o", "."}), holds("is a folder"));
  CHECK_THAT(refused({"-o", "out.csv", "--trap-email", "post.example.id"}), holds("--canaries"));
  CHECK_THAT(refused({"-o", "out.csv", "--trap-phone", "0811987"}), holds("--canaries"));
  CHECK(house.exports() == 0);
}

TEST_CASE("who asked for a seal and got none is told, however quiet", "[command][seal]") {
  // Amounts by day: no row has an identity, so none can be planted or left out.
  const House house;
  std::string text = "day,shop,amount\n";
  for (int i = 0; i < 400; ++i)
    text +=
        "2024-01-" + std::to_string(10 + i % 20) + ",S" + std::to_string(i % 7) + "," + std::to_string(i % 9) + "\n";
  house.sidik.write("days.csv", text);
  const SidikResult sealed =
      house.run({"seal", "days.csv", "--name", "days", "-o", "out.csv", "--canaries", "5", "--withhold", "0.01", "-q"});
  CHECK(sealed.status == 0);
  CHECK(house.sidik.read("out.csv") == text);
  CHECK_THAT(sealed.err, holds("nothing was sealed"));
  CHECK_THAT(sealed.err, holds("no row of nobody could be planted"));
  CHECK_THAT(sealed.err, holds("no row was left out"));
}

TEST_CASE("on standard output the last record is missing where nothing was registered", "[command][seal]") {
  const House house;
  const std::string text = feed("audit-a", 0);
  const SidikResult whole = house.run({"seal", "-", "--name", "a", "--marks", "address", "-o", "-"}, text);
  REQUIRE(whole.status == 0);
  const SidikResult cut =
      house.run({"seal", "-", "--name", "b", "--recipient", "r", "--no-marks", "-o", "-", "--expect-rows", "1"}, text);
  CHECK(cut.status == 3);
  CHECK((cut.out == text.substr(0, text.rfind('\n', text.size() - 2) + 1)));
  CHECK(house.exports() == 1);
}

TEST_CASE("an interrupted seal leaves no copy and registers nothing", "[command][seal]") {
  const House house;
  house.sidik.write("in.csv", feed("audit-a", 0));
  const std::size_t files = house.files();
  const SidikCall call{{"seal", "--name", "a", "-r", "reg", "--withhold", "0.01", "-o", "out.csv", "--", "sh", "-c",
                        "cat in.csv; sleep 20"},
                       {},
                       {},
                       {}};
  const pid_t process = house.sidik.start(call);
  for (int i = 0; i < 200 && house.files() == files; ++i) usleep(10000);
  usleep(50000);
  kill(process, SIGINT);
  CHECK(house.sidik.wait(process, call).status == 130);
  CHECK_FALSE(house.has("out.csv"));
  CHECK(house.exports() == 0);
}

TEST_CASE("what a killed seal left is gone after the next, and nothing else is", "[command][seal]") {
  const House house;
  house.sidik.write("in.csv", feed("audit-a", 0));
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  REQUIRE(waitpid(gone, nullptr, 0) == gone);
  const std::string left = "out.csv.partial-";
  house.sidik.write(left + std::to_string(gone), "half a copy");
  house.sidik.write(left + std::to_string(getpid()), "of one who lives");
  house.sidik.write(left + "notes", "somebody's");
  REQUIRE(house.run({"seal", "in.csv", "--name", "b", "--withhold", "0.01", "-o", "out.csv"}).status == 0);
  CHECK(house.has("out.csv"));
  CHECK_FALSE(house.has(left + std::to_string(gone)));
  CHECK(house.has(left + std::to_string(getpid())));
  CHECK(house.has(left + "notes"));
}

TEST_CASE("of two sealed copies of the same rows a trace names the right one", "[command][seal]") {
  const House house;
  const std::string text = feed("nightly", 0);
  house.sidik.write("in.csv", text);
  std::vector<std::string> copies;
  for (const std::string who : {"bank", "clinic"}) {
    const SidikResult result = house.run({"seal", "in.csv", "--name", "for-" + who, "--recipient", who, "--at",
                                          "2021-05-01", "--marks", "address,phone", "-o", who + ".csv"});
    INFO(result.err);
    REQUIRE(result.status == 0);
    copies.push_back(house.sidik.read(who + ".csv"));
  }
  CHECK((copies[0] != copies[1]));
  for (std::size_t leaked = 0; leaked < 2; ++leaked)
    for (const std::size_t step : {97U, 111U, 131U}) {
      const SidikResult result = house.run({"trace", "-", "--json"}, some_rows(copies[leaked], step, 20));
      INFO(result.err);
      REQUIRE(result.status == 0);
      const Json json = Json::parse(result.out);
      REQUIRE_FALSE(json["sources"].empty());
      CHECK(json["verdict"]["origin"] == "ours");
      CHECK(json["sources"][0]["recipient"] == (leaked == 0 ? "bank" : "clinic"));
      CHECK(json["sources"][0]["evidence"]["marks"] > 3.0);
    }
}

TEST_CASE("rows that nobody sealed are no mixture of sealed copies, though only all of these hold them",
          "[command][seal]") {
  const House house;
  const std::string text = feed("nightly", 0);
  house.sidik.write("in.csv", text);
  for (const std::string who : {"bank", "clinic", "agency", "auditor"}) {
    const SidikResult result =
        house.run({"seal", "in.csv", "--name", "for-" + who, "--recipient", who, "--marks", "address,phone",
                   "--withhold", "0.01", "--canaries", "20", "-o", who + ".csv"});
    INFO(result.err);
    REQUIRE(result.status == 0);
  }
  for (const std::size_t rows : {300U, 1500U}) {
    const SidikResult result = house.run({"trace", "-", "--json"}, some_rows(text, 1, rows));
    INFO(result.err);
    REQUIRE(result.status == 0);
    const Json json = Json::parse(result.out);
    INFO(json["verdict"]["summary"]);
    CHECK(json["verdict"]["kind"] == "unregistered_export");
  }
}
