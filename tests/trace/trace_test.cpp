// Whole traces on a small drifting population: the right copy named, what is not ours refused, and nothing depends on
// order, headers, copies or threads.
#include "trace/trace.h"

#include <algorithm>
#include <memory>
#include <random>
#include <set>

#include "fixtures/feeds.h"
#include "fixtures/leak.h"
#include "support/catch.h"
#include "support/plain_store.h"

using namespace sidik;

namespace {

UtcSeconds date_of(unsigned month) { return days_from_civil(2021, month + 1, 1) * 86400; }

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

fixtures::PopulationOptions people(fixtures::Realm realm) {
  fixtures::PopulationOptions options;
  options.people = 8000;
  options.seed = 11;
  options.realm = realm;
  return options;
}

/// Two dozen exports of one population, in memory, and the texts that they were made from.
class House {
 public:
  House()
      : key(RegistryKey::generate()),
        store(key),
        people_(people(fixtures::Realm::kOurs)),
        strangers_(people(fixtures::Realm::kStrangers)) {
    const std::pair<const char*, unsigned> plan[] = {{"nightly", 5},    {"hospital-jabar", 5}, {"hospital-jatim", 4},
                                                     {"callcentre", 3}, {"subsidised", 4},     {"audit-a", 1},
                                                     {"audit-b", 1}};
    for (const auto& [name, months] : plan) {
      const fixtures::Feed& feed = fixtures::feed_named(name);
      for (unsigned month = 0; month < months; ++month) {
        ExportDescription description;
        description.name = std::string(name) + "-" + std::to_string(month + 1);
        description.feed = name;
        description.recipient = feed.recipient;
        description.at = date_of(month);
        store.add(description, text(people_, feed, month));
      }
    }
  }

  static std::string text(const fixtures::Population& people, const fixtures::Feed& feed, unsigned month) {
    fixtures::FeedRun run;
    run.month = month;
    return fixtures::feed_text(people, feed, run);
  }
  fixtures::Table table(const char* feed, unsigned month) const { return table_of(people_, feed, month); }
  fixtures::Table strangers(const char* feed, unsigned month) const { return table_of(strangers_, feed, month); }

  Verdict ask(const std::string& sample, TraceOptions options = {}) const {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, options);
  }

  RegistryKey key;
  testing::PlainStore store;

 private:
  static fixtures::Table table_of(const fixtures::Population& people, const char* name, unsigned month) {
    const fixtures::Feed& feed = fixtures::feed_named(name);
    return fixtures::read_table(text(people, feed, month), feed.layout.delimiter);
  }
  fixtures::Population people_, strangers_;
};

const House& house() {
  static const House one;
  return one;
}

std::string leak(const fixtures::Table& table, fixtures::LeakOptions options, fixtures::TextStyle style = {}) {
  const auto rows = fixtures::rows_of(table);
  const fixtures::LeakPart part{rows.get()};
  return fixtures::write_table(fixtures::draw_leak(std::span(&part, 1), options).table, style);
}

fixtures::LeakOptions rows(std::uint64_t count, std::uint64_t seed = 1) {
  fixtures::LeakOptions options;
  options.rows = count;
  options.seed = seed;
  return options;
}

bool names(const Verdict& verdict, const std::string& name) {
  if (verdict.sources.empty() || verdict.origin != Origin::kOurs) return false;
  if (verdict.sources.front().name == name) return true;
  if (verdict.indistinguishable.empty()) return false;
  const auto& group = verdict.indistinguishable.front();
  return std::find(group.begin(), group.end(), name) != group.end();
}

}  // namespace

TEST_CASE("a thousand rows name the copy and its month", "[trace]") {
  const Verdict verdict = house().ask(leak(house().table("hospital-jabar", 2), rows(1000)));
  INFO(verdict.summary);
  CHECK(verdict.origin == Origin::kOurs);
  CHECK(verdict.kind == Hypothesis::kRegisteredExport);
  REQUIRE_FALSE(verdict.sources.empty());
  CHECK(verdict.sources.front().name == "hospital-jabar-3");
  CHECK(verdict.sources.front().rows_explained > 0.99);
  CHECK(says(verdict.summary, "OURS. Matches the copy made for"));
  CHECK(says(verdict.summary, "This does not say who leaked it."));
  CHECK(verdict.log10_lr <= 3);
  CHECK(verdict.log10_lr_computed > 10);
}

TEST_CASE("the parts of evidence add up to the whole, and the odds to one", "[trace]") {
  const Verdict verdict = house().ask(leak(house().table("subsidised", 1), rows(300)));
  REQUIRE_FALSE(verdict.sources.empty());
  for (const Source& source : verdict.sources)
    CHECK(source.evidence.total() == Approx(source.log10_lr_outside).margin(0.005));
  double sum = 0;
  for (const double hypothesis : verdict.hypotheses) sum += hypothesis;
  CHECK(sum == Approx(1).margin(1e-5));
}

TEST_CASE("neither header nor order of columns and rows is needed", "[trace]") {
  auto options = rows(200);
  options.shuffle_columns = true;
  options.shuffle_rows = true;
  fixtures::TextStyle style;
  style.header = false;
  style.delimiter = '|';
  CHECK(names(house().ask(leak(house().table("hospital-jatim", 1), options, style)), "hospital-jatim-2"));
}

TEST_CASE("the order of the rows changes nothing, nor do threads", "[trace]") {
  const fixtures::Table table = house().table("nightly", 3);
  auto options = rows(300);
  const std::string sample = leak(table, options);
  const Verdict verdict = house().ask(sample);
  // The same rows the other way round.
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < sample.size();) {
    const std::size_t end = sample.find('\n', at) + 1;
    lines.push_back(sample.substr(at, end - at));
    at = end;
  }
  std::reverse(lines.begin() + 1, lines.end());
  std::string turned;
  for (const std::string& line : lines) turned += line;
  const Verdict other = house().ask(turned);
  TraceOptions threads;
  threads.threads = 4;
  threads.screening_rows = 100;
  TraceOptions alone = threads;
  alone.threads = 1;
  CHECK(other.summary == verdict.summary);
  CHECK(other.log10_lr_computed == verdict.log10_lr_computed);
  const Verdict four = house().ask(sample, threads);
  const Verdict one = house().ask(sample, alone);
  CHECK(four.log10_lr_computed == one.log10_lr_computed);
  CHECK(four.summary == one.summary);
  for (std::size_t i = 0; i < four.sources.size(); ++i) CHECK(four.sources[i].posterior == one.sources[i].posterior);
}

TEST_CASE("case 3: twenty rows pasted fifty times are twenty rows", "[trace]") {
  const std::string sample = leak(house().table("hospital-jabar", 1), rows(20));
  const std::size_t header = sample.find('\n') + 1;
  std::string pasted = sample.substr(0, header);
  for (int i = 0; i < 50; ++i) pasted += sample.substr(header);
  const Verdict once = house().ask(sample);
  const Verdict often = house().ask(pasted);
  CHECK(often.sample.rows == 50 * once.sample.rows);
  CHECK(often.log10_lr_computed == once.log10_lr_computed);
  // The same twenty in another spelling are still the same twenty.
  auto upper = rows(20);
  upper.letters = fixtures::LeakOptions::Case::kUpper;
  const std::string loud = leak(house().table("hospital-jabar", 1), upper);
  const Verdict both = house().ask(sample + loud.substr(loud.find('\n') + 1));
  CHECK(both.log10_lr_computed == Approx(once.log10_lr_computed).margin(0.5));
}

TEST_CASE("dirt, other layouts and lost cells do not hide the copy", "[trace]") {
  auto options = rows(300);
  options.typos = 0.2;
  options.emptied = 0.05;
  options.letters = fixtures::LeakOptions::Case::kUpper;
  options.dates = fixtures::DateStyle::kMonthName;
  options.phones = fixtures::PhoneStyle::kDashed;
  CHECK(names(house().ask(leak(house().table("hospital-jatim", 2), options)), "hospital-jatim-3"));
}

TEST_CASE("a row whose best identity is damaged is found in its copy though another export shows a lesser identity",
          "[trace]") {
  // The call centre's exports go by card number, the hospital's by NIK: rows of both are the trap.
  const fixtures::Table call = house().table("callcentre", 2);
  const fixtures::Table hospital = house().table("hospital-jabar", 2);
  const auto column = [](const fixtures::Table& table, std::string_view name) {
    return static_cast<std::size_t>(std::find(table.header.begin(), table.header.end(), name) - table.header.begin());
  };
  const std::size_t card = column(hospital, "No_Kartu");
  const std::size_t nik = column(hospital, "No_KTP");
  const std::size_t born = column(hospital, "Tgl_Lahir");
  const std::size_t address = column(hospital, "Alamat");
  const std::size_t their_card = column(call, "NO KARTU");
  REQUIRE(std::max({card, nik, born, address}) < hospital.header.size());
  REQUIRE(their_card < call.header.size());
  std::set<std::string> cards;
  for (const auto& row : call.rows) cards.insert(row[their_card]);
  fixtures::Table sample{hospital.header, {}};
  std::size_t damaged = 0;
  for (const auto& row : hospital.rows) {
    if (sample.rows.size() == 500) break;
    sample.rows.push_back(row);
    if (damaged == 5 || cards.count(row[card]) == 0) continue;
    ++damaged;
    std::string& number = sample.rows.back()[nik];
    number.back() = static_cast<char>('0' + (number.back() - '0' + 5) % 10);
    sample.rows.back()[born] = "01/01/1900";
    sample.rows.back()[address] = "Jl. Tidak Ada " + std::to_string(damaged);
  }
  REQUIRE(damaged == 5);
  const Verdict verdict = house().ask(fixtures::write_table(sample, {}));
  INFO(verdict.summary);
  CHECK(names(verdict, "hospital-jabar-3"));
  CHECK(verdict.kind == Hypothesis::kRegisteredExport);
  CHECK(verdict.sources.front().rows_explained == Approx(1.0));
}

TEST_CASE("samples without any number link through the indexes", "[trace]") {
  auto options = rows(200);
  options.drop = {"nik", "card"};
  const Verdict verdict = house().ask(leak(house().table("nightly", 2), options));
  INFO(verdict.summary);
  CHECK(verdict.rows_linked > 195);
  CHECK(names(verdict, "nightly-3"));
}

TEST_CASE("strangers, values shuffled into false rows and invented rows are not ours", "[trace]") {
  for (const std::uint64_t count : {20U, 300U, 2000U}) {
    const Verdict strangers = house().ask(leak(house().strangers("hospital-jabar", 2), rows(count)));
    INFO(strangers.summary);
    CHECK(strangers.origin == Origin::kNotOurs);
    CHECK(strangers.kind == Hypothesis::kStrangers);
    auto forged = rows(count);
    forged.forged = 1;
    const Verdict shuffled = house().ask(leak(house().table("hospital-jabar", 2), forged));
    INFO(shuffled.summary);
    CHECK(shuffled.origin == Origin::kNotOurs);
    CHECK(shuffled.kind == Hypothesis::kFabricated);
  }
}

TEST_CASE("the same people in another institution's books are not attributed", "[trace]") {
  const fixtures::Population population(people(fixtures::Realm::kOurs));
  fixtures::FeedRun run;
  run.month = 2;
  run.foreign = fixtures::ForeignView{};
  const fixtures::Feed& feed = fixtures::feed_named("nightly");
  const fixtures::Table table = fixtures::read_table(fixtures::feed_text(population, feed, run), feed.layout.delimiter);
  for (const std::uint64_t count : {20U, 300U}) {
    const Verdict verdict = house().ask(leak(table, rows(count)));
    INFO(verdict.summary);
    CHECK(verdict.origin != Origin::kOurs);
  }
}

TEST_CASE("rows of two exports are a mixture, with their shares", "[trace]") {
  const fixtures::Table first = house().table("hospital-jabar", 1);
  const fixtures::Table second = house().table("hospital-jatim", 3);
  const auto a = fixtures::rows_of(first);
  const auto b = fixtures::rows_of(second);
  const fixtures::LeakPart parts[] = {{a.get(), 0.6}, {b.get(), 0.4}};
  const Verdict verdict = house().ask(fixtures::write_table(fixtures::draw_leak(parts, rows(600)).table, {}));
  INFO(verdict.summary);
  CHECK(verdict.origin == Origin::kOurs);
  CHECK(verdict.kind == Hypothesis::kMixture);
  double jabar = 0;
  for (const Source& source : verdict.sources) {
    if (source.feed == "hospital-jabar") jabar = std::max(jabar, source.posterior > 0.3 ? source.share : 0);
  }
  CHECK(jabar == Approx(0.6).margin(0.05));
}

TEST_CASE("two rows that only a second export explains make a mixture, a single one is a stray", "[trace]") {
  const auto with_strays = [](std::uint64_t count) {
    const std::string strays = leak(house().table("hospital-jatim", 3), rows(count));
    return house().ask(leak(house().table("hospital-jabar", 1), rows(18)) + strays.substr(strays.find('\n') + 1));
  };
  const Verdict two = with_strays(2);
  INFO(two.summary);
  CHECK(two.kind == Hypothesis::kMixture);
  const auto jatim = std::find_if(two.sources.begin(), two.sources.end(),
                                  [](const Source& source) { return source.feed == "hospital-jatim"; });
  REQUIRE(jatim != two.sources.end());
  CHECK(jatim->share == Approx(0.1).margin(0.02));
  CHECK(with_strays(1).kind == Hypothesis::kRegisteredExport);
}

TEST_CASE("a leak padded with strangers is ours, and the unexplained share is said", "[trace]") {
  const fixtures::Table ours = house().table("hospital-jabar", 2);
  const fixtures::Table theirs = house().strangers("hospital-jabar", 2);
  const auto a = fixtures::rows_of(ours);
  const auto b = fixtures::rows_of(theirs);
  const fixtures::LeakPart parts[] = {{a.get(), 0.7}, {b.get(), 0.3}};
  const Verdict verdict = house().ask(fixtures::write_table(fixtures::draw_leak(parts, rows(400)).table, {}));
  INFO(verdict.summary);
  CHECK(names(verdict, "hospital-jabar-3"));
  CHECK(verdict.unexplained.value_or(-1) == Approx(0.3).margin(0.05));
}

TEST_CASE("dates later than the copy bound nothing, and the interval is never reversed", "[trace]") {
  const RegistryKey key = RegistryKey::generate();
  testing::PlainStore store(key);
  // Monthly exports of policies that run for years; every month a tenth of the agents changes.
  const auto text = [](unsigned month) {
    std::string rows = "policy,holder,agent,updated,valid_to\n";
    for (unsigned i = 0; i < 400; ++i) {
      const unsigned agent = (i * 7 + (i % 10 <= month ? month + 1 : 0) * 131) % 9000;
      rows += "PX-" + std::to_string(700000 + i * 37) + ",Holder " + std::string(1, static_cast<char>('A' + i % 26)) +
              std::to_string(i * 13) + ",A" + std::to_string(1000 + agent) + ",2021-0" + std::to_string(month + 1) +
              "-" + (i % 2 == 0 ? "11" : "12") + ",20" + std::to_string(24 + i % 9) + "-0" + std::to_string(1 + i % 9) +
              "-01\n";
    }
    return rows;
  };
  for (unsigned month = 0; month < 5; ++month) {
    ExportDescription description;
    description.name = "policies-" + std::to_string(month + 1);
    description.feed = "policies";
    description.at = *parse_utc("2021-0" + std::to_string(month + 1) + "-15");
    description.registered_at = *parse_utc("2040-01-01");
    store.add(description, text(month));
  }
  std::string sample = text(2);
  sample.resize(sample.find('\n', sample.size() / 2) + 1);
  const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  INFO(verdict.summary);
  REQUIRE(names(verdict, "policies-3"));
  const AsOf& as_of = verdict.as_of;
  REQUIRE(as_of.not_before);
  CHECK(format_date(*as_of.not_before) == "2021-03-12");
  if (as_of.not_after) CHECK(*as_of.not_before <= *as_of.not_after);
  REQUIRE(as_of.not_trusted.size() == 1);
  CHECK(says(as_of.not_trusted.front(), "valid_to reaches to 2032-"));
  CHECK(verdict.sample.columns.back().newest == parse_utc(as_of.not_trusted.front().substr(20, 10)));
}

TEST_CASE("a header alone decides nothing but says whose columns these are", "[trace]") {
  const Verdict verdict = house().ask("No_Kartu;No_KTP;Nama_Pasien;Tgl_Lahir;JK;Telepon;Alamat\n");
  CHECK(verdict.origin == Origin::kUndetermined);
  CHECK(verdict.sources.empty());
  REQUIRE_FALSE(verdict.caveats.empty());
  CHECK(says(verdict.caveats.front(), "hospital-ja"));
  CHECK_FALSE(verdict.unexplained);
  double ours = 0;
  for (int h = 0; h < 3; ++h) ours += verdict.hypotheses[h];
  CHECK(ours == Approx(verdict.prior).margin(1e-9));
  CHECK(verdict.probability == Approx(verdict.prior).margin(1e-9));
}

TEST_CASE("a registry without exports leaves everything undetermined", "[trace]") {
  const RegistryKey key = RegistryKey::generate();
  const testing::PlainStore empty(key);
  const std::string sample = "nik,name\n3273012345670001,BUDI\n";
  const Verdict verdict = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, empty, key, {});
  CHECK(verdict.origin == Origin::kUndetermined);
  CHECK(verdict.probability == Approx(0.5));
  CHECK_FALSE(verdict.unexplained);
  CHECK(verdict.hypotheses[static_cast<int>(Hypothesis::kUnregisteredExport)] == Approx(0.5));
  TraceOptions sure;
  sure.priors["ours"] = 0.99;
  const Verdict still = trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, empty, key, sure);
  CHECK(still.origin == Origin::kUndetermined);
  CHECK(still.probability == Approx(0.99));
}

TEST_CASE("a trace needs the fingerprint secret", "[trace]") {
  RegistryKey key = house().key;
  key.fingerprint_secret = {};
  CHECK_THROWS_AS(trace({}, house().store, key, {}), Error);
}
