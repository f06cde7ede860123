// The page that is handed on: self-contained, and nothing in it that a criminal's column name could run.
#include "report/report.h"
#include "support/catch.h"
#include "verdicts.h"

using namespace sidik;

namespace {

bool holds(const std::string& html, const std::string& part) { return html.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a page shows the verdict, its sources and a bar for each kind of evidence", "[report][html]") {
  const std::string html = verdict_html(test::hospital_verdict());
  for (const char* part : {"hospital-08", "rs-jabar", "2021-08-05", "membership", "+30.1", "prior odds",
                           "posterior odds", "Two exports of the feed were never registered."})
    CHECK(holds(html, part));
  CHECK(holds(html, "Not testable with this sample: order, canaries, marks, withheld."));
}

TEST_CASE("names from samples and registries are text, never markup", "[report][html]") {
  Verdict verdict = test::hospital_verdict();
  verdict.sample.columns[0].name = "<script>alert(1)</script>";
  verdict.sources[0].name = "\"><img src=x onerror='x'>";
  verdict.caveats = {"a & b < c"};
  const std::string html = verdict_html(verdict);
  CHECK_FALSE(holds(html, "<script"));
  CHECK_FALSE(holds(html, "<img"));
  CHECK(holds(html, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  CHECK(holds(html, "a &amp; b &lt; c"));
  CHECK_FALSE(holds(html, "http://"));
  CHECK_FALSE(holds(html, "https://"));
}
