#include <nlohmann/json.hpp>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using Json = nlohmann::json;

namespace {

/// A fresh registry and a call for it.
class Registry {
 public:
  Registry() { REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0); }
  SidikResult run(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.insert(arguments.end(), {"-r", "reg"});
    return sidik.run(SidikCall{std::move(arguments), {}, input, {}});
  }
  SidikResult register_file(const std::string& file, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"register", file, "--name", "a"});
    return run(std::move(more));
  }
  std::size_t exports() const { return Json::parse(run({"list", "--json"}).out)["exports"].size(); }
  SidikProcess sidik;
};

}  // namespace

TEST_CASE("register says what it inferred and why, list and show have it", "[command][register]") {
  const Registry registry;
  registry.sidik.write("a.csv", feed("hospital-jabar", 0));
  const SidikResult text = registry.register_file("a.csv", {"--feed", "hospital", "--recipient", "rs-jabar", "--at",
                                                            "2021-01-05", "--sent-at", "2021-01-06T08:00:00+07:00"});
  INFO(text.err);
  REQUIRE(text.status == 0);
  CHECK_THAT(text.out, holds("Registered a") && holds("No_KTP") && holds("nik") && holds("identity"));

  const Json list = Json::parse(registry.run({"list", "--json"}).out);
  REQUIRE(list["exports"].size() == 1);
  const Json& entry = list["exports"][0];
  CHECK(entry["name"] == "a");
  CHECK(entry["feed"] == "hospital");
  CHECK(entry["recipient"] == "rs-jabar");
  CHECK(entry["at"] == "2021-01-05T00:00:00Z");
  CHECK(entry["sent_at"] == "2021-01-06T01:00:00Z");
  CHECK(entry["kind"] == "export");
  CHECK(entry["rows"] == count_lines(registry.sidik.read("a.csv")) - 1);

  const Json shown = Json::parse(registry.run({"show", "a", "--json"}).out);
  CHECK(shown["contents"]["columns"].size() == 11);
  CHECK(shown["contents"]["columns"][1]["type"] == "nik");
  CHECK(registry.run({"show", "b"}).status == 1);
  std::filesystem::rename(registry.sidik.folder() / "reg.key", registry.sidik.folder() / "away");
  CHECK(Json::parse(registry.run({"show", "a", "--json"}).out)["contents"].is_null());
  CHECK(registry.run({"list"}).status == 0);
}

TEST_CASE("register tells a program what it did as one object", "[command][register]") {
  const Registry registry;
  registry.sidik.write("a.csv", feed("audit-a", 0));
  const SidikResult result = registry.register_file("a.csv", {"--json", "--external"});
  REQUIRE(result.status == 0);
  const Json json = Json::parse(result.out);
  CHECK(json["sidik"] == 1);
  CHECK(json["export"]["kind"] == "external");
  CHECK(json["already_registered"] == false);
  CHECK(json["rows"] == count_lines(registry.sidik.read("a.csv")) - 1);
  CHECK(json["contents"]["columns"].size() == 9);
  const Json again = Json::parse(registry.register_file("a.csv", {"--json", "--external"}).out);
  CHECK(again["already_registered"] == true);
}

TEST_CASE("the same name with the same content is done already, with other content it is taken",
          "[command][register]") {
  const Registry registry;
  const std::string text = feed("audit-a", 0);
  registry.sidik.write("a.csv", text);
  registry.sidik.write("b.csv", some_rows(text, 2, 100000));
  REQUIRE(registry.register_file("a.csv", {"--feed", "f"}).status == 0);
  const SidikResult again = registry.register_file("a.csv", {"--feed", "f"});
  CHECK(again.status == 0);
  CHECK_THAT(again.out, holds("already"));
  CHECK(registry.register_file("b.csv", {"--feed", "f"}).status == 4);
  CHECK(registry.register_file("a.csv", {"--feed", "g"}).status == 4);
  CHECK(registry.exports() == 1);
}

TEST_CASE("standard input, several files and a compressed file are exports", "[command][register]") {
  const Registry registry;
  const std::string text = feed("audit-a", 0);
  CHECK(registry.run({"register", "-", "--name", "a"}, text).status == 0);
  const std::size_t half = text.find('\n', text.size() / 2) + 1;
  const std::string header = text.substr(0, text.find('\n') + 1);
  registry.sidik.write("1.csv", text.substr(0, half));
  registry.sidik.write("2.csv", header + text.substr(half));
  const SidikResult parts = registry.run({"register", "1.csv", "2.csv", "--name", "a"});
  INFO(parts.err);
  CHECK(parts.status == 0);  // the same content: done already
  CHECK_THAT(parts.out, holds("already"));
  registry.sidik.write("other.csv", "x,y\n1,2\n");
  CHECK(registry.run({"register", "1.csv", "other.csv", "--name", "b"}).status == 3);
  CHECK(registry.exports() == 1);
}

TEST_CASE("bad input is refused with its name, and nothing is registered", "[command][register]") {
  const Registry registry;
  const SidikProcess& sidik = registry.sidik;
  std::filesystem::create_directory(sidik.folder() / "folder");
  sidik.write("empty.csv", "");
  sidik.write("binary.csv", std::string("\x7f"
                                        "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
                                        16) +
                                std::string(5000, '\0'));
  sidik.write("header.csv", "NIK,NAMA,TGLLHR\n");
  sidik.write("cut.csv.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c", 12));
  sidik.write("ragged.csv",
              feed("audit-a", 0) + "one,two\none,two\none,two\none,two\none,two\none,two\none,two\none,two\n");
  std::string wide;
  for (int i = 0; i < 100000; ++i) wide += "c" + std::to_string(i) + ",";
  sidik.write("wide.csv", wide + "z\n" + wide + "1\n");
  for (const auto* name :
       {"missing.csv", "folder", "empty.csv", "binary.csv", "header.csv", "cut.csv.gz", "ragged.csv", "wide.csv"}) {
    const SidikResult result = registry.register_file(name, {"--max-rejects", "0.1%"});
    INFO(name << ": " << result.err);
    CHECK(result.status == 3);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, holds(name));
    CHECK(result.err.size() < 2000);
  }
  CHECK(registry.run({"register", "-", "--name", "a"}).status == 3);
  CHECK(registry.exports() == 0);
  CHECK(registry.run({"check", "--read-data"}).status == 0);
}

TEST_CASE("bad rows are counted and their places told", "[command][register]") {
  const Registry registry;
  const std::string text = feed("audit-a", 0);
  registry.sidik.write("a.csv", text + "one,two,SECRETVALUE\n");
  const SidikResult result = registry.register_file("a.csv", {"--json"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const Json json = Json::parse(result.out);
  CHECK(json["rejected"] == 1);
  CHECK(json["first_rejected"][0]["line"] == count_lines(text) + 1);
  CHECK(result.out.find("SECRETVALUE") == std::string::npos);
  CHECK(result.err.find("SECRETVALUE") == std::string::npos);
}

TEST_CASE("other than the expected number of rows is refused", "[command][register]") {
  const Registry registry;
  const std::string text = feed("audit-a", 0);
  registry.sidik.write("a.csv", text);
  const std::size_t rows = count_lines(text) - 1;
  CHECK(registry.register_file("a.csv", {"--expect-rows", std::to_string(rows + 1)}).status == 3);
  CHECK(registry.register_file("a.csv", {"--expect-rows", std::to_string(rows - 1)}).status == 3);
  CHECK(registry.exports() == 0);
  CHECK(registry.register_file("a.csv", {"--expect-rows", std::to_string(rows)}).status == 0);
}

TEST_CASE("a feed's schema is pinned by its first export, and drift refused or warned of", "[command][register]") {
  const Registry registry;
  registry.sidik.write("a.csv", feed("audit-a", 0));
  registry.sidik.write("b.csv", feed("callcentre", 0));
  REQUIRE(registry.register_file("a.csv", {"--feed", "f"}).status == 0);
  const SidikResult refused = registry.run({"register", "b.csv", "--name", "b", "--feed", "f"});
  CHECK(refused.status == 3);
  CHECK(registry.exports() == 1);
  const SidikResult warned = registry.run({"register", "b.csv", "--name", "b", "--feed", "f", "--on-drift", "warn"});
  CHECK(warned.status == 0);
  CHECK_THAT(warned.err, holds("warning"));
}

TEST_CASE("a part of a feed's table has its columns' types, and what they would be without it if they fit no more",
          "[command][register]") {
  const Registry registry;
  const auto table = [](int rows, const char* seat) {
    std::string text = "ticket,seat,region\n";
    for (int i = 0; i < rows; ++i)
      text += std::to_string(700000000 + i * 37) + "," + std::to_string(1 + i % 38) + seat +
              static_cast<char>('A' + i % 6) + "," + (i % 4 == 0 ? "north" : "south") + "\n";
    return text;
  };
  const auto type_of_seat = [&](const std::string& name) {
    return Json::parse(registry.run({"show", name, "--json"}).out)["contents"]["columns"][1]["type"];
  };
  const auto add = [&](const std::string& name, const std::string& text, std::vector<std::string> more = {}) {
    registry.sidik.write(name + ".csv", text);
    more.insert(more.begin(), {"register", name + ".csv", "--name", name});
    return registry.run(std::move(more));
  };
  REQUIRE(add("before", table(300, "")).status == 0);
  const auto alone = type_of_seat("before");
  REQUIRE(add("all", table(6000, ""), {"--feed", "flights"}).status == 0);
  REQUIRE(type_of_seat("all") != alone);
  REQUIRE(add("part", table(301, "")).status == 0);
  CHECK(type_of_seat("part") == type_of_seat("all"));
  CHECK_THAT(registry.run({"compare", "all", "part"}).out, holds("in both            301 identities"));
  // What was there before the feed is still what it was.
  CHECK(add("before", table(300, "")).status == 0);
  CHECK(add("before", table(302, "")).status == 4);
  // One that is sealed is read no otherwise, with planted rows or without.
  registry.sidik.write("part.csv", table(301, ""));
  REQUIRE(registry.run({"seal", "part.csv", "--name", "sealed", "-o", "sealed.csv"}).status == 0);
  CHECK(type_of_seat("sealed") == type_of_seat("all"));
  REQUIRE(registry.run({"seal", "part.csv", "--name", "planted", "--canaries", "2", "-o", "planted.csv"}).status == 0);
  CHECK(type_of_seat("planted") == type_of_seat("all"));
}

TEST_CASE("a schema can be written, corrected and given", "[command][register]") {
  const Registry registry;
  registry.sidik.write("a.csv", feed("audit-a", 0));
  const SidikResult written = registry.sidik.run({"register", "a.csv", "--write-schema", "s.toml"});
  INFO(written.err);
  REQUIRE(written.status == 0);
  CHECK(registry.exports() == 0);
  CHECK_THAT(registry.sidik.read("s.toml"), holds("nik"));
  CHECK(registry.sidik.run({"register", "a.csv", "--write-schema", "s.toml"}).status == 2);
  CHECK(registry.sidik.run({"register", "a.csv", "--write-schema", "-"}).out == registry.sidik.read("s.toml"));
  CHECK(registry.register_file("a.csv", {"--schema", "s.toml", "--write-schema", "used.toml"}).status == 0);
  CHECK(std::filesystem::exists(registry.sidik.folder() / "used.toml"));
  registry.sidik.write("bad.toml", "[[column]]\nname = 3\n");
  const SidikResult bad = registry.run({"register", "a.csv", "--name", "b", "--schema", "bad.toml"});
  CHECK(bad.status == 2);
  CHECK_THAT(bad.err, holds("bad.toml"));
}

TEST_CASE("a text without a header gets its names from --columns", "[command][register]") {
  const Registry registry;
  registry.sidik.write("a.csv", feed("callcentre", 0, false));
  const SidikResult result = registry.register_file("a.csv", {"--columns", "nama, hp ,nokartu", "--json"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const Json json = Json::parse(result.out);
  CHECK(json["contents"]["columns"][1]["name"] == "hp");
  CHECK(json["contents"]["columns"][1]["type"] == "phone");
  CHECK(json["rows"] == count_lines(registry.sidik.read("a.csv")));
}

TEST_CASE("a full disk for the spill is a failure that registers nothing", "[command][register]") {
  if (!std::filesystem::exists("/dev/full")) return;
  const Registry registry;
  registry.sidik.write("a.csv", feed("audit-a", 0));
  const SidikResult result = registry.register_file("a.csv", {"--spill-dir", "missing-folder"});
  CHECK(result.status != 3);
  CHECK(registry.run({"check"}).status == 0);
}

TEST_CASE("list --gaps tells where exports of a feed are missing", "[command][list]") {
  const Registry registry;
  registry.sidik.write("a.csv", feed("audit-a", 0));
  for (const int month : {1, 2, 3, 5, 6})
    REQUIRE(registry
                .run({"register", "a.csv", "--name", "m" + std::to_string(month), "--feed", "f", "--at",
                      "2021-0" + std::to_string(month) + "-05", "-q"})
                .status == 0);
  const Json json = Json::parse(registry.run({"list", "--gaps", "--json"}).out);
  REQUIRE(json["feeds"].size() == 1);
  CHECK(json["feeds"][0]["registered"] == 5);
  CHECK(json["feeds"][0]["expected"] == 6);
  CHECK(json["feeds"][0]["gaps"][0]["after"] == "m3");
  CHECK(json["feeds"][0]["gaps"][0]["before"] == "m5");
  CHECK_THAT(registry.run({"list", "--gaps"}).out, holds("m3 (2021-03-05) and m5 (2021-05-05)"));
}

TEST_CASE("quiet is quiet", "[command][register]") {
  const Registry registry;
  registry.sidik.write("a.csv", feed("audit-a", 0));
  const SidikResult result = registry.register_file("a.csv", {"-q"});
  CHECK(result.status == 0);
  CHECK(result.out.empty());
  CHECK(result.err.empty());
}
