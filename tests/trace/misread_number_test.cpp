// Numbers that are one slip off, in rows that lead nowhere else.
#include "trace/misread_number.h"

#include <algorithm>

#include "support/catch.h"
#include "warehouse.h"

using namespace sidik;
using namespace sidik::testing;

namespace {

std::vector<std::string> misread(FieldType type, std::string_view raw) {
  Completions out;
  misreadings(type, raw, out);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < out.size(); ++i) all.emplace_back(out[i]);
  return all;
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Number, sex and class: nothing else leads to a record.
const std::vector<std::size_t> kBare = {kNik, 4, 8};

/// Every fifth row's number changed.
std::string slipped(const std::function<void(std::string&)>& slip, fixtures::Realm realm = fixtures::Realm::kOurs) {
  std::size_t row_number = 0;
  return sample(
      300,
      [&](fixtures::Row& row) {
        if (row_number++ % 5 == 0) slip(row[kNik]);
      },
      kBare, realm);
}

/// A digit of the day, which nobody else of the place was born on.
void wrong_digit(std::string& nik) { nik[7] = nik[7] == '9' ? '8' : static_cast<char>(nik[7] + 1); }

}  // namespace

TEST_CASE("a misread number may have been those one slip away", "[trace][misread]") {
  CHECK(misread(FieldType::kNik, "327306I2O385000l") == std::vector<std::string>{"3273061203850001"});
  CHECK(misread(FieldType::kPhone, "+62 8I2-34S6-7B9O") == std::vector<std::string>{"+6281234567890"});
  const auto digits = misread(FieldType::kNik, "3273061203850001");
  CHECK(digits.size() <= 16 * 9 + 15);
  CHECK(holds(digits, "3273061203850007"));
  CHECK(holds(digits, "3273061203580001"));  // neighbours exchanged
  CHECK_FALSE(holds(digits, "3273061203850001"));
  CHECK(holds(misread(FieldType::kNik, "327306120385001"), "3273061203850001"));    // a digit lost
  CHECK(holds(misread(FieldType::kNik, "32730661203850001"), "3273061203850001"));  // one too many
  CHECK(misread(FieldType::kIdentifier, "12").empty());
  CHECK(misread(FieldType::kPersonName, "Bilqis").empty());
  CHECK(misread(FieldType::kIdentifier, "AXQ-7731").empty());
}

TEST_CASE("rows whose only number is misread are found again", "[trace][misread]") {
  const Traced whole = ask(slipped([](std::string&) {}));
  CHECK(whole.verdict.unexplained.value_or(1) == 0);
  const auto letters = [](std::string& nik) {
    std::replace(nik.begin(), nik.end(), '0', 'O');
    std::replace(nik.begin(), nik.end(), '1', 'l');
  };
  const auto exchanged = [](std::string& nik) { std::swap(nik[7], nik[8]); };
  for (const auto& slip : {std::function<void(std::string&)>(letters), std::function<void(std::string&)>(exchanged),
                           std::function<void(std::string&)>(wrong_digit)}) {
    const Traced traced = ask(slipped(slip));
    CHECK(traced.matched_nik >= 290);
    CHECK(traced.verdict.unexplained.value_or(1) < 0.05);
    CHECK(traced.verdict.origin == whole.verdict.origin);
    // A slip costs something.
    CHECK(traced.verdict.log10_lr_computed <= whole.verdict.log10_lr_computed + 0.5);
  }
}

TEST_CASE("strangers are not corrected into ours", "[trace][misread]") {
  const Traced traced = ask(slipped(wrong_digit, fixtures::Realm::kStrangers));
  CHECK(traced.verdict.origin == Origin::kNotOurs);
  CHECK(traced.matched_nik <= 6);
}

TEST_CASE("a column that was misread throughout is no other's where it follows from the number, either",
          "[trace][misread]") {
  // Of a third of the birth dates a digit of the year is another: some are dates that others have.
  std::size_t rows = 0;
  const auto misread = [&](fixtures::Row& row) {
    std::string& date = row[kBirth];
    if (rows++ % 3 != 0 || date.empty()) return;
    const std::size_t at = date.find_last_of("0123456789");
    date[at] = static_cast<char>('0' + (date[at] - '0' + 1 + rows / 3 % 9) % 10);
  };
  const Traced traced = ask(sample(500, misread, {kNik, kName, kBirth, kPhone, 8}));
  CHECK(traced.verdict.origin != Origin::kNotOurs);
}
