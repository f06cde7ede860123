// sidik canary: the plan, the list, and finding planted rows in a file.
#include <nlohmann/json.hpp>
#include <set>

#include "people.h"
#include "sealed_copy.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/text_matchers.h"

using namespace sidik::test;
using Json = nlohmann::json;

namespace {

/// A registry with one sealed export and one that is not.
const SidikProcess& house() {
  static const SidikProcess sidik;
  static const bool made = [] {
    REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
    sidik.write("in.csv", feed("nightly", 0));
    sidik.write("other.csv", feed("hospital-jabar", 0));
    REQUIRE(sidik.run({"register", "other.csv", "--name", "other", "-r", "reg", "-q"}).status == 0);
    return sidik
               .run({"seal", "in.csv", "--name", "june", "--feed", "nightly", "--recipient", "bank", "--no-marks",
                     "--canaries", "40", "-o", "out.csv", "-r", "reg", "-q"})
               .status == 0;
  }();
  REQUIRE(made);
  return sidik;
}

Json json_of(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.end(), {"--json"});
  const SidikResult result = house().run(SidikCall{std::move(arguments), {}, input, {}});
  INFO(result.err);
  REQUIRE(result.status == 0);
  return Json::parse(result.out);
}

}  // namespace

TEST_CASE("the plan tells what each kind of seal does for leaks of each size", "[command][canary]") {
  const Json plan = json_of({"canary", "plan", "--rows", "222400000", "--recipients", "10"});
  REQUIRE(plan["plan"].size() == 6);
  const Json& thousand = plan["plan"][2];
  CHECK(thousand["leaked"] == 1000);
  CHECK(thousand["canaries"] > 1020000);
  CHECK(thousand["marks"] > 0.999);
  CHECK(thousand["withheld"] > 0.999);
  CHECK(plan["plan"][0]["withheld"] < 0.01);
  CHECK(plan["plan"][5]["canaries"] == 1025);
  CHECK_THAT(house().run({"canary", "plan", "--rows", "100000"}).out, holds("Small leaks need marks or withheld rows"));
  CHECK(house().run({"canary", "plan", "--rows", "many"}).status == 2);
  for (const char* option : {"--chance", "--recipients", "--rows"}) {
    const SidikResult refused = house().run({"canary", "plan", option, "1"});
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, holds(option));
  }
  CHECK_THAT(house().run({"canary", "plan", "--rows", "1000"}).out, holds("(too many)"));
}

TEST_CASE("the list shows what is sealed, how, and is audited", "[command][canary]") {
  const Json list = json_of({"canary", "list", "-r", "reg"});
  REQUIRE(list["seals"].size() == 1);
  CHECK(list["seals"][0]["export"] == "june");
  CHECK(list["seals"][0]["recipient"] == "bank");
  CHECK(list["seals"][0]["canaries"] == 40);
  CHECK(list["seals"][0]["void"] == 0);
  CHECK_THAT(house().run({"audit", "-r", "reg"}).out, holds("canary list"));
}

TEST_CASE("planted rows are found in a whole file, in a few of its rows, and in nobody else's", "[command][canary]") {
  const auto found = [](const Json& json) {
    return json["canaries"].empty() ? std::size_t{0} : json["canaries"][0]["by_registry"].size();
  };
  const Json whole = json_of({"canary", "verify", "out.csv", "-r", "reg"});
  CHECK(found(whole) == 40);
  CHECK(whole["canaries"][0]["recipient"] == "bank");
  CHECK(found(json_of({"canary", "verify", "in.csv", "-r", "reg"})) == 0);
  CHECK(found(json_of({"canary", "verify", "-", "-r", "reg"}, strangers())) == 0);

  // The lines are those of the file.
  const std::size_t line = whole["canaries"][0]["by_registry"][0];
  const std::string text = house().read("out.csv");
  std::size_t begin = 0;
  for (std::size_t l = 1; l < line; ++l) begin = text.find('\n', begin) + 1;
  const std::string row = text.substr(begin, text.find('\n', begin) + 1 - begin);
  CHECK(house().read("in.csv").find(row.substr(0, row.find(','))) == std::string::npos);
  const std::string header = text.substr(0, text.find('\n') + 1);
  CHECK(found(json_of({"canary", "verify", "-", "-r", "reg"}, header + row)) == 1);

  // Without the registry the key alone is asked; nine columns have too few digits for that, and it is said.
  const Json alone = json_of({"canary", "verify", "out.csv", "--feed", "nightly", "--recipient", "bank", "-r", "reg"});
  CHECK(alone["canaries"].empty());
  CHECK(alone["registry_only"] <= 40);
  const Json others = json_of({"canary", "verify", "out.csv", "--feed", "nightly", "--recipient", "x", "-r", "reg"});
  CHECK(others["registry_only"] == 0);
}

TEST_CASE("most planted rows of nine columns fit their key better than chance lets expect of all rows",
          "[command][canary]") {
  // Of each key's forty 23 to 32, by its chance; 17 in one of thirty keys. So four keys are asked.
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("in.csv", feed("nightly", 0));
  std::size_t fit = 0;
  for (const std::string recipient : {"bank", "clinic", "court", "school"}) {
    REQUIRE(sidik
                .run({"seal", "in.csv", "--name", recipient, "--feed", "nightly", "--recipient", recipient,
                      "--no-marks", "--canaries", "40", "-o", "out.csv", "-r", "reg", "-q"})
                .status == 0);
    const SidikResult verified = sidik.run(
        {"canary", "verify", "out.csv", "--feed", "nightly", "--recipient", recipient, "-r", "reg", "--json"});
    REQUIRE(verified.status == 0);
    fit += Json::parse(verified.out)["registry_only"].get<std::size_t>();
  }
  CHECK(fit >= 4 * 20);
}

TEST_CASE("where the key alone could know no row, verify says so", "[command][canary]") {
  std::string text = "nik,hp\n";
  const std::string copy = house().read("out.csv");
  const auto people = records_of(copy, ',');
  for (std::size_t r = 1; r < people.size(); ++r)
    text.append(people[r].cells[0]).append(",").append(people[r].cells[5]).append("\n");
  house().write("two-columns.csv", text);
  const auto asked = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"canary", "verify", "two-columns.csv", "-r", "reg"});
    return house().run(more).out;
  };
  CHECK_THAT(asked({"--feed", "nightly", "--recipient", "bank"}), holds("Registry only"));
  CHECK_THAT(asked({}), holds("40 through the registry"));
}

TEST_CASE("traps ring at one's own domain and range of numbers", "[command][canary]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  sidik.write("in.csv", feed("warehouse", 0));
  const SidikResult result =
      sidik.run({"seal", "in.csv", "--name", "a", "--recipient", "r", "--no-marks", "--canaries", "50", "--trap-email",
                 "post.example.id", "--trap-phone", "0811987", "-o", "out.csv", "-r", "reg", "-q"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const std::string before = sidik.read("in.csv"), after = sidik.read("out.csv");
  CHECK(before.find("@post.example.id,") == std::string::npos);
  CHECK(after.find("@post.example.id,") != std::string::npos);
  std::size_t ringing = 0;
  for (std::size_t at = 0; (at = after.find(",0811987", at)) != std::string::npos; ++at) {
    ++ringing;
    CHECK(after.find(',', at + 1) - at - 1 == 12);
  }
  CHECK(ringing > 25);
  for (const char* wrong : {"nodots", ".id", "a b.id", "Big.id"})
    CHECK(sidik.run({"seal", "in.csv", "--name", "b", "--trap-email", wrong, "-o", "x", "-r", "reg"}).status == 2);
  for (const char* wrong : {"08", "0811-987", "abc", "081198765432109"})
    CHECK(sidik.run({"seal", "in.csv", "--name", "b", "--trap-phone", wrong, "-o", "x", "-r", "reg"}).status == 2);
}

TEST_CASE("a new canary has nobody's number in any epoch", "[command][canary]") {
  const SidikProcess sidik;
  const auto in = [&](const std::string& registry, std::vector<std::string> arguments) {
    return sidik.run(
        SidikCall{std::move(arguments), {{"SIDIK_REGISTRY", registry}, {"SIDIK_KEY_FILE", "key"}}, {}, {}});
  };
  const std::vector<std::string> seal = {"seal", "in.csv",     "--name",     "june", "--feed", "nightly", "--recipient",
                                         "bank", "--no-marks", "--canaries", "20",   "-o",     "out.csv", "--json"};
  sidik.write("in.csv", feed("nightly", 0));
  REQUIRE(in("reg", {"init", "reg", "-q"}).status == 0);
  // What the canaries of the next epoch will be, seen in a copy that is there already.
  const auto copy = [&](const char* from, const char* to) {
    std::filesystem::copy(sidik.folder() / from, sidik.folder() / to, std::filesystem::copy_options::recursive);
  };
  copy("reg", "ahead");
  copy("key", "old-key");
  std::filesystem::permissions(sidik.folder() / "old-key", std::filesystem::perms::owner_read);
  REQUIRE(in("ahead", {"key", "rotate", "-q"}).status == 0);
  REQUIRE(in("ahead", seal).status == 0);
  const std::string sealed = sidik.read("out.csv"), plain = sidik.read("in.csv");
  std::filesystem::remove(sidik.folder() / "out.csv");
  std::string people = sealed.substr(0, sealed.find('\n') + 1);
  std::vector<std::string> niks;
  for (std::size_t begin = people.size(); begin < sealed.size();) {
    const std::size_t end = sealed.find('\n', begin) + 1;
    const std::string row = sealed.substr(begin, end - begin);
    const std::string nik = row.substr(0, row.find(','));
    if (plain.find(nik) == std::string::npos) {
      people += row;
      niks.push_back(nik);
    }
    begin = end;
  }
  REQUIRE(niks.size() == 20);
  // They are somebody's here, under the old epoch.
  sidik.write("people.csv", people);
  REQUIRE(
      sidik
          .run({"register", "people.csv", "--name", "people", "--external", "-r", "reg", "--key-file", "old-key", "-q"})
          .status == 0);
  REQUIRE(in("reg", {"key", "rotate", "-q"}).status == 0);
  const SidikResult result = in("reg", seal);
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(Json::parse(result.out)["sealing"]["canaries_dropped"] >= 20);
  for (const std::string& nik : niks) CHECK(sidik.read("out.csv").find(nik) == std::string::npos);
  // Later ones are held against them under their own epoch's secret.
  const auto list = [&] { return Json::parse(in("reg", {"canary", "list", "--json"}).out)["seals"][0]; };
  CHECK(list()["void"] == 0);
  REQUIRE(in("reg", {"key", "rotate", "-q"}).status == 0);
  REQUIRE(in("reg", {"register", "in.csv", "--name", "later", "-q"}).status == 0);
  CHECK(list()["void"] == 0);
  const std::string held = sidik.read("out.csv");
  std::string taken = held.substr(0, held.find('\n') + 1);
  std::size_t some = 0;
  for (std::size_t begin = taken.size(); begin < held.size() && some < 3;) {
    const std::size_t end = held.find('\n', begin) + 1;
    const std::string row = held.substr(begin, end - begin);
    if (plain.find(row.substr(0, row.find(','))) == std::string::npos) {
      taken += row;
      ++some;
    }
    begin = end;
  }
  REQUIRE(some == 3);
  sidik.write("taken.csv", taken);
  REQUIRE(in("reg", {"register", "taken.csv", "--name", "taken", "--external", "-q"}).status == 0);
  CHECK(list()["void"] == 3);
  CHECK(list()["not_comparable"] == 0);
}

TEST_CASE("a feed's canaries live on when a new epoch begins", "[command][canary]") {
  const SidikProcess sidik;
  const auto run = [&](std::vector<std::string> arguments) {
    return sidik.run(SidikCall{std::move(arguments), {{"SIDIK_REGISTRY", "reg"}, {"SIDIK_KEY_FILE", "key"}}, {}, {}});
  };
  REQUIRE(run({"init", "reg", "-q"}).status == 0);
  sidik.write("in.csv", feed("nightly", 0));
  const auto canaries_of = [&](const std::string& name) {
    const SidikResult sealed = run({"seal", "in.csv", "--name", name, "--feed", "nightly", "--recipient", "bank",
                                    "--no-marks", "--withhold", "0", "--canaries", "20", "-o", name + ".csv"});
    INFO(sealed.err);
    REQUIRE(sealed.status == 0);
    const std::string plain = sidik.read("in.csv"), text = sidik.read(name + ".csv");
    std::set<std::string> rows;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin) + 1;
      const std::string row = text.substr(begin, end - begin);
      if (plain.find(row.substr(0, row.find(','))) == std::string::npos) rows.insert(row);
      begin = end;
    }
    CHECK(rows.size() == 20);
    return rows;
  };
  const std::set<std::string> before = canaries_of("may");
  REQUIRE(run({"key", "rotate", "-q"}).status == 0);
  CHECK(canaries_of("june") == before);
  // They are the feed's own under either epoch, and nobody's.
  const Json list = Json::parse(run({"canary", "list", "--json"}).out);
  for (const auto& seal : list["seals"]) CHECK(seal["void"] == 0);
}

TEST_CASE("where a layout has the digits, the key alone knows planted rows, without a registry", "[command][canary]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  // Two more numbers of one's own in each row.
  const std::string people = feed("nightly", 0);
  std::string text;
  unsigned long long number = 1;
  for (std::size_t begin = 0; begin < people.size();) {
    const std::size_t end = people.find('\n', begin);
    number = number * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::string digits = std::to_string(number | (1ULL << 63));
    text += people.substr(begin, end - begin) +
            (begin == 0 ? ",account_number,policy_number" : "," + digits.substr(0, 16) + ",P" + digits.substr(2, 17)) +
            "\n";
    begin = end + 1;
  }
  sidik.write("in.csv", text);
  const SidikResult sealed = sidik.run({"seal", "in.csv", "--name", "a", "--feed", "f", "--recipient", "bank",
                                        "--no-marks", "--canaries", "30", "-o", "out.csv", "-r", "reg"});
  INFO(sealed.out << sealed.err);
  REQUIRE(sealed.status == 0);
  CHECK_THAT(sealed.out, holds("the key alone knows a whole one"));
  const auto known = [&](const char* file, const char* recipient) {
    const SidikResult result = sidik.run(
        {"canary", "verify", file, "--feed", "f", "--recipient", recipient, "--key-file", "reg.key", "--json"});
    INFO(result.err);
    REQUIRE(result.status == 0);
    const Json json = Json::parse(result.out);
    return json["canaries"].empty() ? std::size_t{0} : json["canaries"][0]["by_key"].size();
  };
  std::filesystem::rename(sidik.folder() / "reg", sidik.folder() / "away");
  CHECK(known("out.csv", "bank") == 30);
  CHECK(known("in.csv", "bank") == 0);
  CHECK(known("out.csv", "clinic") == 0);
}

namespace {

std::set<std::string> planted_niks(const std::string& text, const std::string& original) {
  std::set<std::string> planted;
  for (const RawRecord& record : records_of(text, ','))
    if (original.find(std::string(record.cells[0])) == std::string::npos) planted.emplace(record.cells[0]);
  return planted;
}

std::size_t shared(const std::set<std::string>& a, const std::set<std::string>& b) {
  return static_cast<std::size_t>(
      std::count_if(a.begin(), a.end(), [&](const auto& each) { return b.contains(each); }));
}

}  // namespace

TEST_CASE("planted people of a feed's pipe live on from month to month", "[command][canary]") {
  // Some 39 of a key's forty; by whole families, so that 31 were left in one of sixty keys. Four keys are asked.
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  const std::string june = feed("nightly", 5), july = feed("nightly", 6);
  std::size_t stayed = 0;
  for (const std::string recipient : {"bank", "clinic", "court", "school"}) {
    const auto seal = [&](const std::string& month, const std::string& text) {
      const SidikResult result =
          sidik.run(SidikCall{{"seal", "-", "--name", month + recipient, "--feed", "nightly", "--recipient", recipient,
                               "--canaries", "40", "--no-marks", "-o", month + recipient + ".csv", "-r", "reg", "-q",
                               "--expect-rows", std::to_string(count_lines(text) - 1)},
                              {},
                              text,
                              {}});
      REQUIRE(result.status == 0);
      return planted_niks(sidik.read(month + recipient + ".csv"), text);
    };
    seal("may-", feed("nightly", 4));
    const auto before = seal("june-", june), after = seal("july-", july);
    stayed += shared(before, after);
  }
  CHECK(stayed >= 4 * 34);
}

TEST_CASE("a feed's pipe is planned by its last export where --expect-rows says how long it is", "[command][canary]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  const auto rows = [](const std::string& text) { return count_lines(text) - 1; };
  const auto seal = [&](const std::string& name, const std::string& text, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"seal",        "-",           "--name",     name,  "--feed",  "nightly",
                                          "--recipient", "bank",        "--canaries", "40",  "--marks", "phone",
                                          "-o",          name + ".csv", "-r",         "reg", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const SidikResult result = sidik.run(SidikCall{arguments, {}, text, {}});
    INFO(result.err);
    REQUIRE(result.status == 0);
    return Json::parse(result.out);
  };
  const auto expecting = [&](const std::string& text) {
    return std::vector<std::string>{"--expect-rows", std::to_string(rows(text))};
  };
  const std::string may = feed("nightly", 4), june = feed("nightly", 5), july = feed("nightly", 6);
  CHECK(seal("may", may, expecting(may))["sealing"]["planned_ahead"] == false);  // nothing to go on from
  CHECK(seal("again", may, {})["sealing"]["planned_ahead"] == false);            // nobody said how many rows
  const Json in_june = seal("june", june, expecting(june));
  CHECK(in_june["sealing"]["planned_ahead"] == true);
  CHECK(in_june["sealing"]["canaries"] == 40);
  CHECK(in_june["rows"] == rows(june) + 40);
  const SealedDifferences found = differences(june, sidik.read("june.csv"), ',', 0);
  CHECK(found.fault.empty());
  CHECK(found.planted == 40);
  // The same once more is done already, and a month later they live on.
  const Json again = seal("june", june, expecting(june));
  CHECK(again["already_registered"] == true);
  CHECK(seal("july", july, expecting(july))["sealing"]["planned_ahead"] == true);
  const auto before = planted_niks(sidik.read("june.csv"), june), after = planted_niks(sidik.read("july.csv"), july);
  CHECK(shared(before, after) >= 20);
  // Fewer rows than were said: nothing is registered, and nothing changes for the next.
  const SidikResult wrong =
      sidik.run(SidikCall{{"seal", "-", "--name", "august", "--feed", "nightly", "--recipient", "bank", "--canaries",
                           "40", "-o", "august.csv", "-r", "reg", "--expect-rows", std::to_string(rows(july) + 1)},
                          {},
                          july,
                          {}});
  CHECK(wrong.status == 3);
  CHECK_FALSE(std::filesystem::exists(sidik.folder() / "august.csv"));
  CHECK(sidik.run({"check", "-r", "reg"}).status == 0);
  // No plain value of a canary in the registry's files.
  for (const auto& file : std::filesystem::recursive_directory_iterator(sidik.folder() / "reg"))
    if (file.is_regular_file()) {
      const std::string bytes = sidik.read(std::filesystem::relative(file.path(), sidik.folder()).string());
      for (const std::string& nik : before) CHECK(bytes.find(nik) == std::string::npos);
    }
}

TEST_CASE("a feed whose digests are registered is sealed under its pinned names without a header too",
          "[command][canary]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  const auto seal = [&](const std::string& name, const std::string& text, std::vector<std::string> more) {
    more.insert(more.begin(), {"seal", "-", "--name", name, "--feed", "nightly", "--recipient", "bank", "--canaries",
                               "40", "--marks", "phone", "-o", name + ".csv", "-r", "reg", "--json", "-q"});
    const SidikResult result = sidik.run(SidikCall{std::move(more), {}, text, {}});
    INFO(result.err);
    REQUIRE(result.status == 0);
    return Json::parse(result.out)["sealing"];
  };
  const std::string june = feed("nightly", 5), july = feed("nightly", 6, false);
  const Json first = seal("june", june, {"--also-hashed", "phone:md5:08"});
  const Json second = seal("july", july, {"--expect-rows", std::to_string(count_lines(july))});
  CHECK(second["planned_ahead"] == true);
  CHECK(second["marked"] == first["marked"]);
  CHECK(second["canaries"] == 40);
}

TEST_CASE("canaries' e-mail addresses are made of their names and years as the others' are", "[command][canary]") {
  const SidikProcess sidik;
  REQUIRE(sidik.run({"init", "reg", "-q"}).status == 0);
  // First and last name with a dot, with nothing, or the first alone; the year of birth, two digits of it, some others,
  // or none behind.
  std::string text = "nik,name,born,email\n";
  const std::vector<std::string> firsts = {"BUDI", "SITI", "AGUS", "DEWI", "RINA",
                                           "JOKO", "ANDI", "SRI",  "EKO",  "WATI"};
  const std::vector<std::string> lasts = {"SANTOSO", "WIJAYA", "LESTARI", "HIDAYAT", "UTAMI", "SIREGAR", "KUSUMA"};
  const auto lower = [](std::string word) {
    for (char& c : word) c = static_cast<char>(c | 0x20);
    return word;
  };
  const auto two = [](std::size_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  for (std::size_t i = 0; i < 6000; ++i) {
    const std::string& first = firsts[i * 7 % firsts.size()];
    const std::string& last = lasts[i * 5 % lasts.size()];
    const std::size_t year = 1950 + i * 13 % 50, month = 1 + i % 12, day = 1 + i * 3 % 28;
    const std::string ending[] = {"", std::to_string(year), two(year % 100), "7" + two(i % 100)};
    const std::string local[] = {lower(first) + "." + lower(last), lower(first) + lower(last), lower(first)};
    text += "3171" + two(1 + i % 8) + two(day) + two(month) + two(year % 100) + "0" + two(i / 60 % 100) +
            std::to_string(i % 10) + "," + first + " " + last + "," + std::to_string(year) + "-" + two(month) + "-" +
            two(day) + "," + local[i / 4 % 3] + ending[i % 4] + "@gmail.com\n";
  }
  sidik.write("in.csv", text);
  const SidikResult sealed = sidik.run(
      {"seal", "in.csv", "--name", "a", "--no-marks", "--canaries", "60", "-o", "out.csv", "-r", "reg", "-q"});
  INFO(sealed.err);
  REQUIRE(sealed.status == 0);
  std::size_t planted = 0, bare = 0, of_a_year = 0;
  const std::string copy = sidik.read("out.csv");
  for (const RawRecord& record : records_of(copy, ',')) {
    if (text.find(std::string(record.cells[0])) != std::string::npos) continue;
    ++planted;
    const std::string name(record.cells[1]), year(record.cells[2].substr(0, 4)), email(record.cells[3]);
    INFO(record.bytes);
    const std::string first = lower(name.substr(0, name.find(' '))), last = lower(name.substr(name.find(' ') + 1));
    const std::string local = email.substr(0, email.find('@'));
    const std::size_t digits = std::min(local.find_first_of("0123456789"), local.size());
    const std::string words = local.substr(0, digits), ending = local.substr(digits);
    CHECK((words == first || words == first + last || words == first + "." + last));
    bare += ending.empty() ? 1U : 0U;
    if (ending.size() != 4 && ending.size() != 2) continue;
    CHECK(ending == year.substr(4 - ending.size()));
    ++of_a_year;
  }
  CHECK(planted == 60);
  CHECK(bare > 0);
  CHECK(of_a_year > 0);
}
