// Values of which a part is lost: what they may have been, and samples of them traced like whole ones.
#include "trace/partial_value.h"

#include <algorithm>
#include <cstdio>

#include "support/catch.h"
#include "warehouse.h"

using namespace sidik;
using namespace sidik::testing;

namespace {

std::vector<std::string> completed(FieldType type, std::string_view raw, unsigned zeroed = 0, RowHints hints = {}) {
  Completions out;
  const ColumnCut cut{zeroed, std::nullopt};
  complete(type, raw, loss_of(type, raw, cut), cut, hints, out);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < out.size(); ++i) all.emplace_back(out[i]);
  return all;
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// As a spreadsheet shows a long number.
std::string rounded(const std::string& digits, int kept) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*E", kept - 1, std::stod(digits));
  return text;
}

void mask_nik_and_phone(fixtures::Row& row) {
  row[kNik].replace(12, 4, "****");
  if (row[kPhone].size() > 9) row[kPhone].replace(4, 4, "****");
}

}  // namespace

TEST_CASE("hidden digits are completed to values that can be, and to all of them", "[trace][partial]") {
  const auto niks = completed(FieldType::kNik, "327306120385****");
  CHECK(niks.size() == 9999);  // serial 0000 is nobody's
  CHECK(holds(niks, "3273061203850001"));
  CHECK(completed(FieldType::kNik, "32730612038500xx").size() == 99);
  CHECK(completed(FieldType::kNik, "327306120385***7").size() == 1000);
  CHECK(completed(FieldType::kNik, "3273***0001").empty());  // eight digits: too many without a birth date
  const auto dated = completed(FieldType::kNik, "3273***0001", 0, {{"1985-03-12"}, {}});
  CHECK(dated.size() == 2 * 99);
  CHECK(holds(dated, "3273065203850001"));
  CHECK(completed(FieldType::kPhone, "0812-****-7890").size() == 10000);
  CHECK(holds(completed(FieldType::kPhone, "0812xxxx7890"), "081234567890"));
  CHECK(completed(FieldType::kPhone, "08********90").empty());
  const auto mails = completed(FieldType::kEmail, "si***@gmail.com", 0, {{}, {"siti aminah"}});
  CHECK(holds(mails, "siti.aminah@gmail.com"));
  CHECK(holds(mails, "sitiaminah85@gmail.com"));
  CHECK_FALSE(holds(mails, "aminah@gmail.com"));
}

TEST_CASE("a rounded number is every number that is rounded so", "[trace][partial]") {
  const auto twelve = completed(FieldType::kNik, "3.27306120385E+15");
  CHECK(twelve.size() == 10000);
  CHECK(holds(twelve, "3273061203850001"));
  CHECK(holds(twelve, "3273061203845000"));
  CHECK(completed(FieldType::kNik, "3.27306E+15").empty());
  const auto dated = completed(FieldType::kNik, "3.27306E+15", 0, {{"1985-03-12"}, {}});
  CHECK(holds(dated, "3273061203850001"));
  CHECK(holds(dated, "3273055203850001"));  // 32730552... is rounded up
  CHECK_FALSE(holds(dated, "3273065203850001"));
  CHECK(loss_of(FieldType::kText, "3.27306E+15", {}) == Loss::kNone);
  CHECK(loss_of(FieldType::kNik, "3273061203850001", {}) == Loss::kNone);
}

TEST_CASE("zeros behind the fifteenth digit are a spreadsheet's where all numbers end so", "[trace][partial]") {
  std::vector<std::string_view> zeroed(20, "3273061203850120");
  CHECK(zeroed_digits(zeroed) == 1);
  std::vector<std::string_view> more(20, "3273061203850000");
  CHECK(zeroed_digits(more) == 4);
  zeroed[3] = zeroed[4] = "3273061203850121";
  CHECK(zeroed_digits(zeroed) == 0);
  CHECK(zeroed_digits(std::span(more).first(7)) == 0);
  CHECK(completed(FieldType::kNik, "3273061203850120", 1).size() == 10);
}

TEST_CASE("a sample with masked numbers is traced like a whole one", "[trace][partial]") {
  const Traced whole = ask(sample(300, [](fixtures::Row&) {}));
  const Traced masked = ask(sample(300, mask_nik_and_phone));
  for (const Traced* traced : {&whole, &masked}) {
    CHECK(traced->verdict.origin == Origin::kOurs);
    REQUIRE_FALSE(traced->verdict.sources.empty());
    CHECK(traced->verdict.sources.front().rows_explained == 1);
    CHECK(traced->matched_nik == 300);
    CHECK(traced->differing == 0);
  }
  // The copy that the whole rows name is not told from the best one by the masked rows, or is it.
  const auto& sources = masked.verdict.sources;
  const auto same = std::find_if(sources.begin(), sources.end(), [&](const Source& source) {
    return source.name == whole.verdict.sources.front().name;
  });
  REQUIRE(same != sources.end());
  CHECK(same->posterior * 10 > sources.front().posterior);
  // What is hidden says no more than what is shown, but for the rounding to steps.
  CHECK(masked.verdict.log10_lr_computed < whole.verdict.log10_lr_computed + 1);
  CHECK(says(masked.verdict, "Values of nik and phone are masked"));
}

TEST_CASE("masked numbers alone are looked up by all that they may have been", "[trace][partial]") {
  const Traced ours = ask(sample(100, mask_nik_and_phone, {kNik, kPhone}));
  CHECK(ours.matched_nik == 100);
  CHECK(ours.differing == 0);
  CHECK(ours.verdict.unexplained.value_or(1) == 0);
  const Traced strangers = ask(sample(100, mask_nik_and_phone, {kNik, kPhone}, fixtures::Realm::kStrangers));
  CHECK(strangers.verdict.origin != Origin::kOurs);
  CHECK(strangers.matched_nik < 10);
}

TEST_CASE("a mask that no value of the record fits contradicts it", "[trace][partial]") {
  const Traced traced = ask(sample(60, [](fixtures::Row& row) {
    row[kNik] = "3273065" + row[kNik].substr(7, 5) + "****";  // another place's number
  }));
  CHECK(traced.differing_nik + traced.matched_nik >= 58);
  CHECK(traced.differing_nik > 50);
}

TEST_CASE("numbers that a spreadsheet rounded are held against the records by what is left", "[trace][partial]") {
  const Traced twelve = ask(sample(100, [](fixtures::Row& row) { row[kNik] = rounded(row[kNik], 12); }));
  CHECK(twelve.verdict.origin == Origin::kOurs);
  CHECK(twelve.matched_nik == 100);
  CHECK(says(twelve.verdict, "the numbers of nik: 12 digits of each are left"));
  // Six digits and the birth date.
  const Traced six =
      ask(sample(100, [](fixtures::Row& row) { row[kNik] = rounded(row[kNik], 6); }, {kNik, kCard, kName, kBirth}));
  CHECK(six.verdict.origin == Origin::kOurs);
  CHECK(six.matched_nik == 100);
  CHECK(six.differing == 0);
  CHECK(says(six.verdict, "A spreadsheet has rounded the numbers of nik: 6 digits"));
  // Of a phone too little is left: silent, and said.
  const Traced phones = ask(sample(100, [](fixtures::Row& row) { row[kPhone] = rounded("6" + row[kPhone], 6); }));
  CHECK(phones.verdict.origin == Origin::kOurs);
  CHECK(phones.differing == 0);
}

TEST_CASE("a last digit that a spreadsheet wrote as zero is found again", "[trace][partial]") {
  const Traced traced = ask(sample(100, [](fixtures::Row& row) { row[kNik].back() = '0'; }, {kNik, kCard, kName}));
  CHECK(traced.verdict.origin == Origin::kOurs);
  CHECK(traced.matched_nik == 100);
  CHECK(says(traced.verdict, "written zeros for the last digits of the numbers of nik: 15 digits"));
}
