#include <unistd.h>

#include <nlohmann/json.hpp>

#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using Json = nlohmann::json;

namespace {

/// One registry with six exports, made once for all cases.
const SidikProcess& world() {
  static const SidikProcess sidik;
  static const bool made = [] {
    REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
    const auto add = [](const std::string& feed_name, unsigned month) {
      const std::string name = feed_name + "-" + std::to_string(month);
      sidik.write(name + ".csv", feed(feed_name, month));
      const SidikResult result =
          sidik.run({"register", name + ".csv", "--name", name, "--feed", feed_name, "--recipient", "r-" + feed_name,
                     "--at", "2021-0" + std::to_string(month + 1) + "-05", "-r", "reg", "-q"});
      INFO(result.err);
      REQUIRE(result.status == 0);
    };
    for (const unsigned month : {0U, 1U, 2U, 4U}) add("hospital-jabar", month);
    add("audit-a", 1);
    add("bank-employees", 1);
    sidik.write("leak.csv", some_rows(sidik.read("hospital-jabar-2.csv"), 3, 200));
    sidik.write("strangers.csv", some_rows(strangers(), 3, 300));
    return true;
  }();
  REQUIRE(made);
  return sidik;
}

SidikResult trace(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), "trace");
  arguments.insert(arguments.end(), {"-r", "reg"});
  return world().run(SidikCall{std::move(arguments), {}, input, {}});
}

Json trace_json(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.emplace_back("--json");
  const SidikResult result = trace(std::move(arguments), input);
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(result.out.back() == '\n');
  return Json::parse(result.out);
}

bool is_share(const Json& json) { return json.is_number() && json >= 0.0 && json <= 1.0; }
bool is_number_or_null(const Json& json) { return json.is_number() || json.is_null(); }
bool is_text_or_null(const Json& json) { return json.is_string() || json.is_null(); }

}  // namespace

TEST_CASE("a leak is traced to the copy that it came from", "[command][trace]") {
  const Json json = trace_json({"leak.csv"});
  CHECK(json["verdict"]["origin"] == "ours");
  REQUIRE_FALSE(json["sources"].empty());
  const auto group = json["indistinguishable"].dump();
  const bool named =
      json["sources"][0]["export"] == "hospital-jabar-2" || group.find("hospital-jabar-2\"") != std::string::npos;
  CHECK(named);

  const SidikResult text = trace({"leak.csv"});
  CHECK(text.status == 0);
  CHECK_THAT(text.out, begins_with("OURS. Matches the cop"));
  CHECK_THAT(text.out, holds("This does not say who leaked it.") && holds("What remains open"));
  CHECK(text.out.find('\x1b') == std::string::npos);
  const SidikResult quiet = trace({"leak.csv", "-q"});
  CHECK(text.out.rfind(quiet.out.substr(0, quiet.out.find('\n')), 0) == 0);
  CHECK(count_lines(quiet.out) <= 4);
}

TEST_CASE("strangers are not ours, and the status is 0 all the same", "[command][trace]") {
  const Json json = trace_json({"strangers.csv"});
  CHECK(json["verdict"]["origin"] == "not_ours");
  CHECK_THAT(trace({"strangers.csv"}).out, begins_with("NOT OURS."));
}

TEST_CASE("the JSON has the keys of the contract, with their types", "[command][trace]") {
  const Json json = trace_json({"leak.csv", "--claimed", "279,000,000", "--seen", "2021-09-01"});
  CHECK(json["sidik"] == 1);
  CHECK(json["registry"]["id"].is_string());
  CHECK(json["registry"]["exports"] == 6);
  CHECK(json["registry"]["state"].is_string());

  const Json& sample = json["sample"];
  CHECK(sample["rows"] == 200);
  CHECK(sample["distinct"] == 200);
  CHECK(sample["rejected"] == 0);
  CHECK(sample["format"] == "csv");
  CHECK(sample["sha256"].get<std::string>().size() == 64);
  REQUIRE(sample["columns"].size() == 11);
  for (const Json& column : sample["columns"]) {
    CHECK(is_text_or_null(column.at("name")));
    CHECK(column.at("type").is_string());
    CHECK((column.at("agreement").is_null() || is_share(column["agreement"])));
    CHECK(is_text_or_null(column.at("newest")));
    if (column["newest"].is_string()) CHECK(column["newest"].get<std::string>().size() == 20);
  }

  const Json& verdict = json["verdict"];
  CHECK(is_text_or_null(verdict.at("kind")));
  CHECK(is_share(verdict.at("probability")));
  CHECK(is_share(verdict.at("prior")));
  CHECK(verdict.at("robust").is_boolean());
  for (const auto* key : {"log10_lr", "log10_lr_computed"}) CHECK(verdict.at(key).is_number());
  for (const auto* key : {"numerator", "denominator", "support", "summary"}) CHECK(verdict.at(key).is_string());
  CHECK(verdict.at("caveats").is_array());

  for (const Json& source : json["sources"]) {
    CHECK(source.at("export").is_string());
    for (const auto* key : {"feed", "recipient", "at", "sent_at"}) CHECK(is_text_or_null(source.at(key)));
    CHECK(source.at("registered_at").is_string());
    for (const auto* key : {"posterior", "share", "rows_explained"}) CHECK(is_share(source.at(key)));
    CHECK(source.at("rows_only_here").is_number_unsigned());
    CHECK(source.at("external").is_boolean());
    CHECK(source.at("log10_lr_outside").is_number());
    CHECK(is_number_or_null(source.at("log10_lr_next")));
    double sum = 0;
    for (const auto* key : {"membership", "versions", "form", "parsimony", "order", "canaries", "marks", "withheld"}) {
      const Json& part = source.at("evidence").at(key);
      CHECK(is_number_or_null(part));
      if (part.is_number()) sum += part.get<double>();
    }
    CHECK(source["evidence"].size() == 8);
    CHECK(sum == Approx(source["log10_lr_outside"].get<double>()).margin(1e-6));
    CHECK(source.at("registered_after_seen") == true);
  }

  double sum = 0;
  for (const auto* key : {"registered_export", "mixture", "unregistered_export", "known_leak", "same_people_elsewhere",
                          "fabricated", "strangers"})
    sum += json["hypotheses"].at(key).get<double>();
  CHECK(json["hypotheses"].size() == 7);
  CHECK(sum == Approx(1).margin(1e-9));
  CHECK(json.at("indistinguishable").is_array());
  CHECK(is_share(json.at("unexplained")));
  for (const auto* key : {"not_before", "not_after"}) CHECK(is_text_or_null(json["as_of"].at(key)));
  CHECK(json["as_of"].at("basis").is_array());
  CHECK(json.at("canaries").is_array());
  if (!json.at("coverage").is_null()) {
    CHECK(json["coverage"].at("feed").is_string());
    CHECK(json["coverage"].at("expected").is_number_unsigned());
    CHECK(json["coverage"].at("registered").is_number_unsigned());
  }
  const Json& volume = json.at("volume");
  REQUIRE(volume.is_object());
  CHECK(volume.at("claimed") == 279000000);
  CHECK(volume.at("authentic_share").size() == 2);
  CHECK(volume.at("supported").size() == 2);
  CHECK(volume.at("supported")[1] <= volume.at("ever_exported"));
  CHECK(volume.at("breakdown").is_object());
  CHECK(trace_json({"leak.csv"}).at("volume").is_null());
}

TEST_CASE("the JSON's keys come in the contract's order", "[command][trace]") {
  const std::string text = trace({"leak.csv", "--json"}).out;
  std::size_t at = 0;
  for (const auto* key :
       {"\"sidik\"", "\"registry\"", "\"sample\"", "\"verdict\"", "\"origin\"", "\"sources\"", "\"hypotheses\"",
        "\"indistinguishable\"", "\"unexplained\"", "\"as_of\"", "\"canaries\"", "\"coverage\"", "\"volume\""}) {
    const std::size_t next = text.find(key, at);
    INFO(key);
    REQUIRE(next != std::string::npos);
    at = next;
  }
}

TEST_CASE("the evidence is the same byte for byte, whatever the threads and the way in", "[command][trace]") {
  const std::string first = trace({"leak.csv", "--json", "--threads", "1"}).out;
  CHECK(trace({"leak.csv", "--json", "--threads", "1"}).out == first);
  CHECK(trace({"leak.csv", "--json", "--threads", "2"}).out == first);
  CHECK(trace({"leak.csv", "--json", "--threads", "5", "--memory", "64M"}).out == first);
  CHECK(trace({"-", "--json"}, world().read("leak.csv")).out == first);
}

TEST_CASE("standard input beyond the memory for it is spooled", "[command][trace]") {
  std::string much = strangers();
  const std::string rows = much.substr(much.find('\n') + 1);
  while (much.size() < (10U << 20)) much += rows;
  world().write("much.csv", much);
  const std::string by_file = trace({"much.csv", "--json", "--memory", "32M"}).out;
  CHECK(trace({"-", "--json", "--memory", "32M"}, much).out == by_file);
}

TEST_CASE("a trace refuses no rows, but a sample with nothing in it", "[command][trace]") {
  world().write("ragged.csv", world().read("leak.csv") + "a;b\n\n;;;\n\"x;y\n");
  CHECK(trace({"ragged.csv"}).status == 0);
  world().write("empty.csv", "");
  CHECK(trace({"empty.csv"}).status == 3);
  CHECK(trace({"missing.csv"}).status == 3);
  CHECK(trace({"-"}).status == 3);
  CHECK(trace({"leak.csv", "missing.csv"}).status == 3);
  world().write("one.csv", "hello");
  CHECK(trace({"one.csv"}).status == 0);
}

TEST_CASE("without a registered export nothing is explained, and the odds stay the priors", "[command][trace]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("a.csv", "nik,name\n3273012345670001,BUDI\n3273012345670002,SITI\n");
  const SidikResult text = sidik.run({"trace", "a.csv", "-r", "reg"});
  CHECK_THAT(text.out, begins_with("UNDETERMINED.") && holds("nothing registered to compare them with"));
  CHECK(text.out.find("explained") == std::string::npos);
  const Json json = Json::parse(sidik.run({"trace", "a.csv", "-r", "reg", "--json"}).out);
  CHECK(json["unexplained"].is_null());
  CHECK(json["hypotheses"]["unregistered_export"] == json["verdict"]["prior"]);
}

TEST_CASE("the header of 2021 alone gets an answer", "[command][trace]") {
  const std::string header = std::string(SIDIK_SOURCE_DIR) + "/fixtures/samples/header_2021.csv";
  const SidikResult result = trace({header});
  INFO(result.out << result.err);
  if (result.status == 0)
    CHECK_THAT(result.out, holds("UNDETERMINED"));
  else
    CHECK(result.status == 3);
}

TEST_CASE("other priors are taken, and unknown ones refused", "[command][trace]") {
  const Json json = trace_json({"leak.csv", "--prior", "ours=0.01"});
  CHECK(json["priors"]["ours"] == 0.01);
  const SidikResult unknown = trace({"leak.csv", "--prior", "luck=0.5"});
  CHECK(unknown.status == 2);
  CHECK_THAT(unknown.err, holds("mixture"));
}

TEST_CASE("names of a sample cannot move the cursor", "[command][trace]") {
  std::string text = world().read("leak.csv");
  text.insert(0, "\x1b[2J\xe2\x80\xae");
  world().write("hostile\x1b[1m.csv", text);
  const SidikResult result = trace({"hostile\x1b[1m.csv"});
  CHECK(result.status == 0);
  CHECK((result.out + result.err).find('\x1b') == std::string::npos);
  CHECK(result.out.find("\xe2\x80\xae") == std::string::npos);
  CHECK(trace({"missing\x1b[1m.csv"}).err.find('\x1b') == std::string::npos);
}

TEST_CASE("of a large sample, what a part of it says is told first", "[command][trace]") {
  const std::string ours = world().read("hospital-jabar-2.csv");
  std::string large = ours;
  std::size_t rows = count_lines(ours) - 1;
  for (int copy = 0; rows < 24000; ++copy)
    for (std::size_t at = ours.find('\n') + 1; at < ours.size(); ++rows) {
      const std::size_t end = ours.find('\n', at) + 1;
      large += std::to_string(copy) + ours.substr(at, end - at);  // another number, so that no row is another's copy
      at = end;
    }
  world().write("large.csv", large);
  const SidikResult result = trace({"large.csv", "--json"});
  CHECK(result.status == 0);
  CHECK_THAT(result.err, holds("so far, by 20,000 of 2"));
  CHECK(Json::parse(result.out)["sample"]["rows"] == rows);
  CHECK(trace({"large.csv", "--json", "-q"}).err.empty());
  CHECK(trace({"leak.csv"}).err.empty());
}
