#include "seal/canary_stream.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "fixtures/feeds.h"
#include "fixtures/population.h"
#include "seal/canary_plan.h"
#include "support/catch.h"
#include "support/lines.h"

namespace sidik {
namespace {

const RegistryKey& key() {
  static const RegistryKey one = RegistryKey::generate();
  return one;
}

SealSecrets secrets() {
  ExportDescription description;
  description.feed = "feed";
  return SealSecrets::of(key(), description);
}

std::vector<std::string> month_of(std::uint32_t month) {
  using namespace fixtures;
  const Population population({20000, 9, Realm::kOurs, {}});
  FeedRun run;
  run.month = month;
  return testing::lines_of(feed_text(population, Feed{"all", "", layout_named("plain9"), {}}, run));
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

CanaryPlan plan_of(const std::vector<std::string>& lines, std::uint64_t count,
                   std::optional<SealingState> last = std::nullopt) {
  const std::string text = joined(lines);
  CanaryPlanInput input;
  input.open = [&text] { return memory_source(text, "test"); };
  input.secrets = secrets();
  input.fingerprint_secret = key().fingerprint_secret;
  input.fixed_count = count;
  input.last = std::move(last);
  return plan_canaries(input);
}

SealingState state_after(const std::vector<std::string>& lines, std::uint64_t count) {
  return *plan_of(lines, count).state;
}

struct Streamed {
  std::vector<std::string> lines;
  std::vector<std::size_t> planted;  // lines that are canaries
  std::shared_ptr<CanaryStream> stream;
  Sealing sealing;
  std::uint64_t voided = 0;
};

Streamed stream(const std::vector<std::string>& lines, const SealingState& last, std::uint64_t count,
                unsigned threads = 2) {
  Streamed out;
  SealInput input;
  input.secrets = secrets();
  input.fingerprint_secret = key().fingerprint_secret;
  input.request.marks = SealRequest::Marks::kNone;
  input.threads = threads;
  input.reader.block_bytes = 100000;
  out.stream = std::make_shared<CanaryStream>(
      CanaryStream::Input{secrets(), key().fingerprint_secret, last, lines.size() - 1, count, {}, threads});
  input.stream = out.stream;
  SealedText sealed(memory_source(joined(lines), "test"), std::move(input));
  std::string piece(10000, '\0'), text;
  for (std::size_t got = 0; (got = sealed.read(piece)) > 0;) text.append(piece, 0, got);
  out.sealing = sealed.sealing();
  out.voided = sealed.void_canaries();
  const std::set<std::string> known(lines.begin(), lines.end());
  std::string line;
  for (const char c : text) {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (!known.contains(line)) out.planted.push_back(out.lines.size());
    out.lines.push_back(std::move(line));
    line.clear();
  }
  return out;
}

std::string nik_of(const std::string& line) { return line.substr(0, 16); }

}  // namespace

TEST_CASE("a table that is read once gets the canaries that the last export left, spread over it", "[seal][stream]") {
  const auto march = month_of(2), april = month_of(3), may = month_of(4);
  const SealingState after_march = state_after(march, 150);
  std::set<std::string> in_march;
  for (const auto& candidate : after_march.candidates)
    if (candidate.planted) in_march.insert(candidate.cells[0]);
  CHECK(in_march.size() == 150);

  const Streamed in_april = stream(april, after_march, 150);
  REQUIRE(in_april.planted.size() == 150);
  CHECK(in_april.lines.size() == april.size() + 150);
  CHECK(in_april.sealing.canaries == 150);
  CHECK(in_april.sealing.canary_tags.size() == 150);
  CHECK(in_april.voided == 0);
  std::size_t stayed = 0;
  for (const std::size_t line : in_april.planted) stayed += in_march.count(nik_of(in_april.lines[line]));
  CHECK(stayed >= 120);  // whole families leave or lose their place by the key's chance: 136 of 150 in one key of sixty
  std::vector<std::size_t> tenths(10);
  for (const std::size_t line : in_april.planted) ++tenths[line * 10 / in_april.lines.size()];
  CHECK(*std::max_element(tenths.begin(), tenths.end()) < 60);  // fifteen, but for families and chance
  CHECK(stream(april, after_march, 150, 1).lines == in_april.lines);

  // What it saw is what the next one goes on from, and real rows are no canaries'.
  const SealingState after_april = in_april.stream->state();
  CHECK(after_april.rows == april.size() - 1);
  const Streamed in_may = stream(may, after_april, 150);
  REQUIRE(in_may.planted.size() == 150);
  std::set<std::string> people;
  for (const auto* month : {&march, &april, &may})
    for (const std::string& line : *month) people.insert(nik_of(line));
  std::size_t lives_on = 0;
  std::set<std::string> april_canaries;
  for (const std::size_t line : in_april.planted) april_canaries.insert(nik_of(in_april.lines[line]));
  for (const std::size_t line : in_may.planted) {
    CHECK_FALSE(people.contains(nik_of(in_may.lines[line])));
    lives_on += april_canaries.count(nik_of(in_may.lines[line]));
  }
  CHECK(lives_on >= 120);
}

TEST_CASE("in a sorted table that is read once canaries stand where they sort", "[seal][stream]") {
  for (const bool falling : {false, true}) {
    auto now = month_of(2), next = month_of(3);
    const auto sort = [&](std::vector<std::string>& lines) {
      std::sort(lines.begin() + 1, lines.end());
      if (falling) std::reverse(lines.begin() + 1, lines.end());
    };
    sort(now);
    sort(next);
    const SealingState last = state_after(now, 100);
    REQUIRE(last.sorted_by == std::vector<SortKey>{{0, falling}});
    const Streamed out = stream(next, last, 100);
    REQUIRE(out.planted.size() == 100);
    for (std::size_t i = 2; i < out.lines.size(); ++i) {
      const int step = nik_of(out.lines[i - 1]).compare(nik_of(out.lines[i]));
      if (falling ? step < 0 : step > 0) FAIL("line " << i << " is out of order");
    }
    // The next export is sorted no more: they are spread again.
    std::rotate(next.begin() + 1, next.begin() + 9000, next.end());
    const Streamed unsorted = stream(next, last, 100);
    REQUIRE(unsorted.planted.size() == 100);
    std::vector<std::size_t> tenths(10);
    for (const std::size_t line : unsorted.planted) ++tenths[line * 10 / unsorted.lines.size()];
    CHECK(*std::max_element(tenths.begin(), tenths.end()) < 50);  // ten, but for families and chance
  }
}

TEST_CASE("a canary whose number a later row has is void, and not planted again", "[seal][stream]") {
  auto now = month_of(2);
  SealingState last = state_after(now, 100);
  const auto victim =
      std::find_if(last.candidates.begin(), last.candidates.end(), [](const auto& c) { return c.planted; });
  std::string taken = now.back();
  taken.replace(0, 16, victim->cells[0]);
  now.push_back(taken);
  const Streamed out = stream(now, last, 100);
  CHECK(out.voided == 1);
  CHECK(out.sealing.canary_tags.size() == 99);
  for (const auto& candidate : out.stream->state().candidates)
    if (candidate.cells[0] == victim->cells[0]) CHECK_FALSE(candidate.vetted);
}

TEST_CASE("the families of a file's last export live on, and the same rows get the same canaries", "[seal][stream]") {
  const auto now = month_of(2), next = month_of(3);
  const auto niks = [](const CanaryPlan& plan) {
    std::set<std::string> niks;
    for (const Canary& canary : plan.canaries) niks.insert(canary.cells[0]);
    return niks;
  };
  const CanaryPlan first = plan_of(now, 150);
  CHECK(niks(plan_of(now, 150, first.state)) == niks(first));
  std::size_t stayed = 0;
  for (const std::string& nik : niks(plan_of(next, 150, first.state))) stayed += niks(first).count(nik);
  CHECK(stayed >= 120);  // whole families leave or lose their place by the key's chance: 136 of 150 in one key of sixty
}

TEST_CASE("what all rows of an export have, its canaries have", "[seal][stream]") {
  auto now = month_of(2), next = month_of(3);
  for (auto* lines : {&now, &next})
    for (std::size_t i = 0; i < lines->size(); ++i)
      (*lines)[i] += i == 0 ? ",period" : lines == &now ? ",2021-03" : ",2021-04";
  const Streamed out = stream(next, state_after(now, 100), 100);
  REQUIRE(out.planted.size() == 100);
  for (const std::size_t line : out.planted) CHECK(out.lines[line].ends_with(",2021-04"));
}

TEST_CASE("only what fits is planned ahead", "[seal][stream]") {
  const auto now = month_of(2);
  const SealingState last = state_after(now, 100);
  Schema schema = last.schema;
  CHECK(can_plan_ahead(last, &schema, 100, 20000));
  CHECK_FALSE(can_plan_ahead(last, &schema, 5000, 2000000));
  CHECK_FALSE(can_plan_ahead(last, nullptr, 100, 20000));
  schema.columns.pop_back();
  CHECK_FALSE(can_plan_ahead(last, &schema, 100, 20000));
  auto other = now;
  for (std::string& line : other) line = line.substr(0, line.rfind(','));
  CHECK_THROWS_AS(stream(other, last, 100), Error);
}

TEST_CASE("a sealing state is read by its recipient's secret alone, and unchanged only", "[seal][stream]") {
  SealingStates states;
  states.last_export = "june";
  states.after = state_after(month_of(2), 20);
  const std::string bytes = encrypt_states(states, secrets());
  CHECK(bytes.find(states.after->candidates[0].cells[0]) == std::string::npos);
  const auto back = decrypt_states(bytes, secrets());
  REQUIRE(back);
  CHECK(back->last_export == "june");
  CHECK_FALSE(back->before);
  REQUIRE(back->after);
  REQUIRE(back->after->candidates.size() == states.after->candidates.size());
  for (std::size_t i = 0; i < back->after->candidates.size(); ++i) {
    const auto &a = back->after->candidates[i], &b = states.after->candidates[i];
    CHECK(a.cells == b.cells);
    CHECK((a.family == b.family && a.place == b.place && a.chance == b.chance && a.weight == b.weight &&
           a.planted == b.planted && a.vetted == b.vetted));
  }
  CHECK(&back->known_to("july") == &back->after);
  CHECK(&back->known_to("june") == &back->before);
  ExportDescription other;
  other.feed = "other";
  CHECK_FALSE(decrypt_states(bytes, SealSecrets::of(key(), other)));
  for (const std::size_t at : {0U, 30U, 5000U}) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(decrypt_states(changed, secrets()));
  }
  CHECK_FALSE(decrypt_states(bytes.substr(0, 20), secrets()));
}

}  // namespace sidik
