#include "seal/sealed_text.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "command/sealed_copy.h"
#include "fixtures/feeds.h"
#include "fixtures/population.h"
#include "seal/canary_plan.h"
#include "seal/canary_recogniser.h"
#include "support/catch.h"
#include "support/lines.h"

namespace sidik {
namespace {

const RegistryKey& key() {
  static const RegistryKey one = RegistryKey::generate();
  return one;
}

SealInput input_for(const std::string& recipient) {
  ExportDescription description;
  description.recipient = recipient;
  SealInput input;
  input.secrets = SealSecrets::of(key(), description);
  input.fingerprint_secret = key().fingerprint_secret;
  return input;
}

struct Sealed {
  std::string text, sunk;
  Sealing sealing;
};

Sealed seal(const std::string& text, SealInput input) {
  Sealed out;
  input.sink = [&](std::string_view bytes) { out.sunk.append(bytes); };
  SealedText sealed(memory_source(text, "test"), std::move(input));
  std::string piece(1000, '\0');
  for (std::size_t got = 0; (got = sealed.read(piece)) > 0;) out.text.append(piece, 0, got);
  out.sealing = sealed.sealing();
  return out;
}

std::string people_text(std::uint64_t count, std::uint32_t month = 0) {
  using namespace fixtures;
  const Population population({count, 9, Realm::kOurs, {}});
  const Feed feed{"all", "", layout_named("plain9"), {}};
  FeedRun run;
  run.month = month;
  return feed_text(population, feed, run);
}

CanaryPlanInput plan_input(const std::string& text, const std::string& recipient, std::uint64_t count) {
  const SealInput seal = input_for(recipient);
  CanaryPlanInput input;
  input.open = [&text] { return memory_source(text, "test"); };
  input.secrets = seal.secrets;
  input.fingerprint_secret = seal.fingerprint_secret;
  input.count = [count](std::uint64_t) { return count; };
  return input;
}

}  // namespace

namespace {

bool is_luhn(const std::string& card) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < card.size(); ++i) {
    const unsigned value = static_cast<unsigned>(card[card.size() - 1 - i] - '0') * (i % 2 == 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

}  // namespace

TEST_CASE("what nothing is sealed in comes out byte for byte", "[seal][text]") {
  const std::string rows =
      "nik,name,phone\r\n3205170101850001,\"Budi, \"\"B\"\"\",0812\r\n\r\n3205170101850002,Siti,\r\n"
      "too,many,cells,here\r\n3205170101850003,\"a\r\nb\",0812345678";
  for (const std::string& text :
       {rows, std::string("\xEF\xBB\xBF") + rows, people_text(3000), std::string("a;b\rc;d\re;f"),
        std::string("a\tb\nc\td\n"), std::string("sep=;\na;b\n1;2\n")}) {
    SealInput input = input_for("x");
    input.request.marks = SealRequest::Marks::kNone;
    input.reader.raggedness = Raggedness::kStrict;
    const Sealed out = seal(text, std::move(input));
    CHECK(out.text == text);
    CHECK(out.sunk == text);
  }
}

TEST_CASE("UTF-16 stays UTF-16", "[seal][text]") {
  std::string wide = "\xFF\xFE";
  for (const char c : people_text(300)) {
    wide += c;
    wide += '\0';
  }
  SealInput input = input_for("x");
  input.request.marks = SealRequest::Marks::kNone;
  CHECK(seal(wide, std::move(input)).text == wide);
}

TEST_CASE("marks, withheld rows and canaries are the same whatever the threads and blocks' owners", "[seal][text]") {
  const std::string text = people_text(30000);  // several blocks
  CanaryPlan plan = plan_canaries(plan_input(text, "x", 40));
  REQUIRE(plan.canaries.size() == 40);
  std::string first;
  for (const unsigned threads : {1U, 3U}) {
    SealInput input = input_for("x");
    input.request.allowed = {"address", "phone"};
    input.request.withhold = 0.02;
    input.canaries = plan.canaries;
    input.threads = threads;
    const Sealed out = seal(text, std::move(input));
    CHECK(out.sealing.canaries == 40);
    CHECK(out.sealing.canary_tags.size() == 40);
    CHECK(out.sealing.withheld > 400);
    CHECK(out.sealing.withheld < 800);
    CHECK(Sealing::decode(out.sealing.encode()) == out.sealing);
    if (first.empty()) first = out.text;
    CHECK(out.text == first);
    CHECK(testing::lines_of(out.text).size() == testing::lines_of(text).size() + 40 - out.sealing.withheld);
  }
}

TEST_CASE("canaries are valid, nobody's, and live on from month to month", "[seal][canary]") {
  const std::string now = people_text(20000, 2), later = people_text(20000, 3), much_later = people_text(20000, 8);
  const CanaryPlan plan = plan_canaries(plan_input(now, "x", 200));
  CanaryPlanInput going_on = plan_input(later, "x", 200);
  going_on.last = plan.state;
  const CanaryPlan next = plan_canaries(going_on);
  REQUIRE(plan.canaries.size() == 200);
  const std::vector<std::string> lines = testing::lines_of(now);
  std::set<std::string> niks, phones;
  for (const std::string& line : lines) niks.insert(line.substr(0, 16));
  CanaryRecogniser recogniser(input_for("x").secrets), stranger(input_for("y").secrets);
  int by_chance = 0;  // six digits: one in a hundred such tests has one
  for (const Canary& canary : plan.canaries) {
    const std::string& nik = canary.cells[0];
    CHECK(canonical(FieldType::kNik, nik).state == ValueState::kValid);
    CHECK_FALSE(niks.contains(nik));
    const std::string& date = canary.cells[3];  // 1985-06-16
    CHECK(date.substr(2, 2) + date.substr(5, 2) == nik.substr(10, 2) + nik.substr(8, 2));
    const int day = std::stoi(nik.substr(6, 2));
    CHECK(std::stoi(date.substr(8, 2)) == day % 40);
    CHECK(canary.cells[4] == (day > 40 ? "P" : "L"));
    CHECK(canonical(FieldType::kPersonName, canary.cells[2]).state == ValueState::kValid);
    CHECK(canonical(FieldType::kAddress, canary.cells[6]).state == ValueState::kValid);
    if (!canary.cells[5].empty()) CHECK(canonical(FieldType::kPhone, canary.cells[5]).state == ValueState::kValid);
    const std::vector<RowField> fields = {
        {FieldType::kNik, nik},
        {FieldType::kIdentifier, canonical(FieldType::kIdentifier, canary.cells[1]).text},
        {FieldType::kPhone, canonical(FieldType::kPhone, canary.cells[5]).text}};
    CHECK(recogniser.check(fields) > 8);  // five digits of a short card number, less the trials
    by_chance += stranger.check(fields) > 12 ? 1 : 0;
  }
  CHECK(by_chance <= 2);
  std::set<std::string> before, stayed;
  for (const Canary& canary : plan.canaries) before.insert(canary.cells[0]);
  for (const Canary& canary : next.canaries)
    if (before.contains(canary.cells[0])) stayed.insert(canary.cells[0]);
  CHECK(stayed.size() >= 170);  // some 192: they go by whole families
  std::size_t still = 0;
  for (const Canary& canary : plan_canaries(plan_input(much_later, "x", 200)).canaries)
    still += before.contains(canary.cells[0]) ? 1U : 0U;
  CHECK(still < 200);  // half a year later: some were born, moved or died
}

TEST_CASE("canaries come in whole families, as large as those of the data, that stand together", "[seal][canary]") {
  const std::string text = people_text(60000);
  SealInput input = input_for("x");
  input.request.marks = SealRequest::Marks::kNone;
  input.canaries = plan_canaries(plan_input(text, "x", 500)).canaries;
  REQUIRE(input.canaries.size() == 500);
  const auto address_of = [](const std::string& line) {
    return std::string(test::records_of(line, ',').front().cells[6]);
  };
  std::set<std::string> own;
  for (const Canary& canary : input.canaries) own.insert(canary.cells[0]);
  const std::vector<std::string> lines = testing::lines_of(seal(text, std::move(input)).text);
  double families[2] = {0, 0}, rows[2] = {0, 0};
  std::map<std::string, int> stood;  // families of nobody by their address: how often they begin
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t nobody = own.contains(lines[i].substr(0, 16)) ? 1 : 0;
    const std::string address = address_of(lines[i]);
    ++rows[nobody];
    if (i > 1 && address_of(lines[i - 1]) == address) continue;
    ++families[nobody];
    if (nobody == 1) ++stood[address];
  }
  CHECK(rows[1] == 500);
  CHECK(rows[1] / families[1] > 0.8 * rows[0] / families[0]);
  CHECK(rows[1] / families[1] < 1.2 * rows[0] / families[0]);
  std::size_t apart = 0;
  for (const auto& [address, begins] : stood) apart += begins > 1 ? 1 : 0;
  CHECK(apart <= 8);  // two families may have one address by chance
}

TEST_CASE("canaries write empty cells as the table does, in quotes or without", "[seal][canary]") {
  for (const char* const nothing : {"\"\"", "", "NULL", "\"NULL\""}) {
    std::string text = "\"id\",\"name\",\"note\"\n";
    for (int i = 0; i < 2000; ++i)
      text += "\"" + std::to_string(100000000000 + i * 977) + "\",\"Nama " + std::to_string(i * 37 % 1000) + "\"," +
              (i % 2 == 0 ? std::string(nothing) : "\"n" + std::to_string(i % 9) + "\"") + "\n";
    const CanaryPlan plan = plan_canaries(plan_input(text, "x", 20));
    REQUIRE(plan.canaries.size() == 20);
    SealInput input = input_for("x");
    input.request.marks = SealRequest::Marks::kNone;
    input.canaries = plan.canaries;
    const Sealed out = seal(text, std::move(input));
    std::set<std::string> before;
    for (const std::string& line : testing::lines_of(text)) before.insert(line);
    std::size_t planted = 0, empty = 0;
    for (const std::string& line : testing::lines_of(out.text)) {
      if (before.count(line) != 0) continue;
      ++planted;
      const std::string note = line.substr(line.rfind(',') + 1);
      const bool filled = note.size() == 4 && note[1] == 'n';
      empty += filled ? 0 : 1;
      INFO(line);
      CHECK((filled || note == nothing));
    }
    CHECK(planted == 20);
    CHECK(empty > 0);
  }
}

TEST_CASE("canaries fit the order of a sorted table", "[seal][canary]") {
  std::vector<std::string> lines = testing::lines_of(people_text(6000));
  std::sort(lines.begin() + 1, lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  SealInput input = input_for("x");
  input.request.marks = SealRequest::Marks::kNone;
  input.canaries = plan_canaries(plan_input(text, "x", 30)).canaries;
  REQUIRE(input.canaries.size() >= 28);
  const std::vector<std::string> out = testing::lines_of(seal(text, std::move(input)).text);
  CHECK(out.size() >= lines.size() + 28);
  for (std::size_t i = 2; i < out.size(); ++i)
    if (out[i].substr(0, 16) < out[i - 1].substr(0, 16)) FAIL("line " << i << " is out of order");
}

TEST_CASE("detection asks for -n ln(1 - P) / m canaries", "[seal][canary]") {
  CHECK(canaries_to_detect(0.99, 1000000, 222400000) == 1025);
  CHECK(canaries_to_detect(0.99, 1000, 222400000) > 1020000);
}

TEST_CASE("where rows are somebody's by his number, planted people have numbers, cards and rows of their own",
          "[seal][canary]") {
  std::mt19937_64 random(12);
  const auto digits = [&](std::size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('0' + random() % 10);
    return text;
  };
  std::string text = "payment_id,customer_no,card_no,paid_at,amount,mail\n";
  std::set<std::string> customers, cards, payments;
  std::vector<std::string> lines;
  for (int customer = 0; customer < 900; ++customer) {
    std::string number = "7" + digits(8), card = "41" + digits(13);
    for (const char check : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'})
      if (is_luhn(card + check)) {
        card += check;
        break;
      }
    const std::string mail = "user" + digits(6) + "@example.org";
    customers.insert(number);
    cards.insert(card);
    for (std::uint64_t n = 1 + random() % 6; n > 0; --n)
      lines.push_back("9" + digits(11) + "," + number + "," + card + ",2026-10-" + std::to_string(10 + random() % 20) +
                      " 1" + digits(1) + ":2" + digits(1) + ":3" + digits(1) + "," + digits(2) + ".50," + mail);
  }
  std::shuffle(lines.begin(), lines.end(), random);
  for (const std::string& line : lines) text += line + "\n";
  const CanaryPlan plan = plan_canaries(plan_input(text, "x", 20));
  REQUIRE(plan.canaries.size() == 20);
  std::map<std::string, std::set<std::string>> cards_of, mails_of;
  for (const Canary& canary : plan.canaries) {
    CHECK_FALSE(customers.contains(canary.cells[1]));
    CHECK_FALSE(cards.contains(canary.cells[2]));
    CHECK(is_luhn(canary.cells[2]));
    CHECK(text.find(canary.cells[0]) == std::string::npos);
    CHECK(canary.cells[3].starts_with("2026-10-"));
    cards_of[canary.cells[1]].insert(canary.cells[2]);
    mails_of[canary.cells[1]].insert(canary.cells[5]);
    CHECK(text.find(canary.cells[5]) == std::string::npos);
  }
  for (const auto& [customer, its] : cards_of) CHECK(its.size() == 1);
  for (const auto& [customer, its] : mails_of) CHECK(its.size() == 1);
  CHECK(cards_of.size() < 15);  // most have several payments
}

}  // namespace sidik
