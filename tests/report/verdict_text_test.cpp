#include "report/headline.h"
#include "report/plain_text.h"
#include "report/report.h"
#include "support/catch.h"
#include "support/text_matchers.h"
#include "verdicts.h"

using namespace sidik;
using sidik::test::begins_with;
using sidik::test::holds;

TEST_CASE("the first lines of a verdict are those of the contract", "[report][text]") {
  const std::string text = verdict_text(test::hospital_verdict(), Colour::kNone, 120);
  CHECK_THAT(
      text, begins_with(
                "OURS. Matches the copy made for rs-jabar (hospital-08, 2021-08-05). This does not say who leaked it.\n"
                "994 of 1,000 rows explained · next best hospital-07, 2 % · an unregistered export, 1 %\n"
                "Registered 31 of 33 expected exports of this feed · weakest point: no address column\n"
                "What would tell more: 30 rows with addresses would separate hospital-08 from hospital-07\n"));
}

TEST_CASE("a verdict names copies and never culprits, and lists what stays open", "[report][text]") {
  for (const Origin origin : {Origin::kOurs, Origin::kNotOurs, Origin::kUndetermined}) {
    Verdict verdict = test::hospital_verdict();
    verdict.origin = origin;
    for (int kind = -1; kind < kHypotheses; ++kind) {
      verdict.kind = kind < 0 ? std::nullopt : std::optional(static_cast<Hypothesis>(kind));
      const std::string text = verdict_text(verdict, Colour::kNone, 100);
      CHECK(text.find(" leaked it by") == std::string::npos);
      CHECK_THAT(text, holds("What remains open") && holds("Who sent it") && holds("frame its recipient"));
      CHECK(text.find(origin == Origin::kOurs      ? "OURS. "
                      : origin == Origin::kNotOurs ? "NOT OURS. "
                                                   : "UNDETERMINED. ") == 0);
      if (origin == Origin::kOurs) CHECK_THAT(headline(verdict)[0], holds("This does not say who leaked it."));
    }
  }
}

TEST_CASE("copies that cannot be told apart are named together, mixtures as well", "[report][text]") {
  Verdict verdict = test::hospital_verdict();
  verdict.indistinguishable = {{"hospital-08", "hospital-07"}};
  CHECK_THAT(headline(verdict)[0], holds("rs-jabar (hospital-08, 2021-08-05) or rs-jabar (hospital-07, 2021-07-05)"));
  verdict.indistinguishable.clear();
  verdict.kind = Hypothesis::kMixture;
  verdict.sources[1].posterior = 0.9;
  CHECK_THAT(headline(verdict)[0], holds("(hospital-08, 2021-08-05) and rs-jabar (hospital-07, 2021-07-05), mixed"));
}

TEST_CASE("a reference is no copy that left the house, an external one is a known leak", "[report][text]") {
  Verdict verdict = test::hospital_verdict();
  verdict.sources[0].kind = "reference";
  CHECK_THAT(headline(verdict)[0], holds("our own data as it stood"));
  verdict = test::hospital_verdict();
  verdict.origin = Origin::kNotOurs;
  verdict.kind = Hypothesis::kKnownLeak;
  verdict.sources[1].external = true;
  CHECK_THAT(headline(verdict)[0], holds("hospital-07") && holds("known before"));
}

TEST_CASE("the chart's parts add up to its sum, and untested kinds are no zeros", "[report][text]") {
  const std::string text = verdict_text(test::hospital_verdict(), Colour::kNone, 100);
  CHECK_THAT(text, holds("membership      +30.1    +30.1") && holds("together        +37.1"));
  CHECK_THAT(text, holds("not testable with this sample: order, canaries, marks, withheld"));
}

TEST_CASE("a registry without exports explains nothing, and says so", "[report][text]") {
  Verdict verdict;
  verdict.sample.rows = verdict.sample.distinct = 2;
  const std::string text = verdict_text(verdict, Colour::kNone, 100);
  CHECK_THAT(text, holds("2 rows, and nothing registered to compare them with"));
  CHECK(text.find("explained by") == std::string::npos);
}

TEST_CASE("dates that are not trusted are listed", "[report][text]") {
  Verdict verdict = test::hospital_verdict();
  verdict.as_of.not_trusted = {"VALID_TO reaches to 2030-01-01, after the copy's own date"};
  const std::string text = verdict_text(verdict, Colour::kNone, 160);
  CHECK_THAT(text, holds("Not trusted to date the data: VALID_TO reaches to 2030-01-01, after the copy's own date."));
}

TEST_CASE("no line is wider than asked where it can be wrapped, and colour only where wanted", "[report][text]") {
  Verdict verdict = test::hospital_verdict();
  verdict.summary = std::string(50, 'a') + " " + std::string(50, 'b') + " " + std::string(50, 'c');
  for (const int width : {60, 80, 120}) {
    const std::string text = verdict_text(verdict, Colour::kNone, width);
    CHECK(text.find('\x1b') == std::string::npos);
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
      const std::string line = text.substr(begin, end - begin);
      const bool table = line.find("hospital-0") != std::string::npos || line.find("recipient") != std::string::npos;
      INFO(line);
      if (!table) CHECK(display_width(line) <= static_cast<std::size_t>(width));
    }
  }
  CHECK_THAT(verdict_text(verdict, Colour::kAnsi, 100), holds("\x1b[1m"));
}

TEST_CASE("names of samples and registries are shown without their teeth", "[report][text]") {
  Verdict verdict = test::hospital_verdict();
  const std::string bad = "x\x1b[2J\r\n\xe2\x80\xae\xff";
  verdict.sources[0].name = bad;
  verdict.sources[0].recipient = bad;
  verdict.sample.columns[0].name = bad;
  verdict.sample.columns[0].matched = bad;
  verdict.caveats = {bad};
  verdict.summary = verdict.would_tell_more = verdict.sample.format = bad;
  const std::string text = verdict_text(verdict, Colour::kNone, 100);
  for (const char* tooth : {"\x1b", "\r", "\xe2\x80\xae", "\xff"}) CHECK(text.find(tooth) == std::string::npos);
}
