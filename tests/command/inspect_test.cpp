#include <nlohmann/json.hpp>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using Json = nlohmann::json;

TEST_CASE("inspect tells what a sample is, without registry or key", "[command][inspect]") {
  const SidikProcess sidik;
  const std::string text = feed("hospital-jabar", 0);
  const std::string rows = text.substr(text.find('\n') + 1);
  sidik.write("a.csv", text + rows.substr(0, rows.find('\n') + 1));
  const SidikResult result = sidik.run({"inspect", "a.csv", "--json"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const Json json = Json::parse(result.out);
  CHECK(json["rows"] == count_lines(text));
  CHECK(json["distinct"] == count_lines(text) - 1);
  CHECK(json["distinct_exact"] == true);
  CHECK(json["rejected"] == 0);
  CHECK(json["sha256"] == json["files"][0]["sha256"]);
  CHECK(json["files"][0]["delimiter"] == "semicolon");
  REQUIRE(json["columns"].size() == 11);
  CHECK(json["columns"][1]["name"] == "No_KTP");
  CHECK(json["columns"][1]["type"] == "nik");
  CHECK(json["columns"][1]["nik_share"] > 0.9);
  CHECK(json["columns"][3]["type"] == "date");
  CHECK(json["columns"][3]["newest"].is_string());
  const SidikResult plain = sidik.run({"inspect", "a.csv"});
  CHECK_THAT(plain.out, holds("No_KTP") && holds("nik") && holds("SHA-256"));
}

TEST_CASE("future dates are counted where it is said when the sample was seen", "[command][inspect]") {
  const SidikProcess sidik;
  std::string text = "nama,tgl_update\n";
  for (int i = 10; i < 29; ++i) text += "Siti,2021-05-" + std::to_string(i) + "\n";
  sidik.write("a.csv", text);
  const Json json = Json::parse(sidik.run({"inspect", "a.csv", "--json", "--seen", "2021-05-20"}).out);
  CHECK(json["columns"][1]["newest"] == "2021-05-28T00:00:00Z");
  CHECK(json["columns"][1]["future"] == 8);
  CHECK(Json::parse(sidik.run({"inspect", "a.csv", "--json"}).out)["columns"][1]["future"] == 0);
}

TEST_CASE("impossible dates are counted, and that future ones need --seen is said", "[command][inspect]") {
  const SidikProcess sidik;
  std::string text = "nama,tgl_update\n";
  for (int i = 10; i < 29; ++i) text += "Siti,2021-05-" + std::to_string(i) + "\n";
  text += "Siti,2021-02-30\nSiti,31-04-2021\nSiti,unknown\n";
  sidik.write("a.csv", text);
  const Json json = Json::parse(sidik.run({"inspect", "a.csv", "--json"}).out);
  CHECK(json["columns"][1]["impossible"] == 2);
  CHECK(json["columns"][1]["newest"] == "2021-05-28T00:00:00Z");
  const SidikResult plain = sidik.run({"inspect", "a.csv"});
  CHECK_THAT(plain.out, holds("Impossible dates") && holds("tgl_update 2") && holds("--seen DATE"));
  CHECK_THAT(sidik.run({"inspect", "a.csv", "--seen", "2021-05-20"}).out, holds("Later than the sample was seen"));
}

TEST_CASE("the header of 2021 alone is read for what its names say", "[command][inspect]") {
  const SidikProcess sidik;
  const std::string header = std::string(SIDIK_SOURCE_DIR) + "/fixtures/samples/header_2021.csv";
  const SidikResult result = sidik.run({"inspect", header});
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.out, holds("30 columns and no rows") && holds("NIK") && holds("TGLLHR") && holds("Without rows"));
  const Json json = Json::parse(sidik.run({"inspect", header, "--json"}).out);
  CHECK(json["rows"] == 0);
  REQUIRE(json["columns"].size() == 30);
  std::map<std::string, std::string> types;
  for (const Json& column : json["columns"]) {
    types[column["name"]] = column["type"];
    CHECK(column["by_name_only"] == true);
    CHECK(column["valid"].is_null());
  }
  CHECK(types["NIK"] == "nik");
  CHECK(types["NAMA"] == "name");
  CHECK(types["TGLLHR"] == "date");
  CHECK(types["NOHP"] == "phone");
  CHECK(types["EMAIL"] == "email");
}

TEST_CASE("several files, standard input and packed files can be inspected", "[command][inspect]") {
  const SidikProcess sidik;
  const std::string text = feed("audit-a", 0);
  sidik.write("a.csv", text);
  sidik.write("b.csv", text);
  sidik.write("c.csv", feed("callcentre", 0));
  const Json two = Json::parse(sidik.run({"inspect", "a.csv", "b.csv", "--json"}).out);
  CHECK(two["columns"].size() == 9);
  CHECK(two["rows"] == 2 * (count_lines(text) - 1));
  CHECK(two["distinct"] == count_lines(text) - 1);
  CHECK(Json::parse(sidik.run({"inspect", "a.csv", "c.csv", "--json"}).out)["columns"].size() == 12);
  const Json piped = Json::parse(sidik.run(SidikCall{{"inspect", "-", "--json"}, {}, text, {}}).out);
  CHECK(piped["sha256"] == two["files"][0]["sha256"]);
}

TEST_CASE("inspect refuses what is no table, and shows no value", "[command][inspect]") {
  const SidikProcess sidik;
  sidik.write("empty.csv", "");
  sidik.write("picture.png", std::string("\x89PNG\r\n\x1a\n", 8) + std::string(100, '\1'));
  CHECK(sidik.run({"inspect", "empty.csv"}).status == 3);
  CHECK(sidik.run({"inspect", "picture.png"}).status == 3);
  CHECK(sidik.run({"inspect", "missing.csv"}).status == 3);
  CHECK(sidik.run({"inspect", "."}).status == 3);
  const std::string text = feed("audit-a", 0);
  sidik.write("a.csv", text);
  const std::string first = text.substr(text.find('\n') + 1, 16);
  CHECK(sidik.run({"inspect", "a.csv"}).out.find(first) == std::string::npos);
}
