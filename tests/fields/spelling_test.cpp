#include "fields/spelling.h"

#include <vector>

#include "support/catch.h"

using namespace sidik;

namespace {
Spelling spelled(FieldType type, std::vector<std::string_view> values) { return describe_spelling(type, values); }
}  // namespace

TEST_CASE("the commonest spelling of a column is described in small words", "[fields][spelling]") {
  CHECK(spelled(FieldType::kDate, {"12/03/1985", "01/01/1990", "1985-03-12"}).layout == "dd/mm/yyyy");
  CHECK(spelled(FieldType::kDate, {"1985-03-12", "1990-01-01"}).layout == "yyyy-mm-dd");
  CHECK(spelled(FieldType::kDate, {"12 Mar 1985"}).layout == "dd mon yyyy");
  CHECK(spelled(FieldType::kDate, {"19850312"}).layout == "yyyymmdd");
  CHECK(spelled(FieldType::kTimestamp, {"2021-05-01 10:11:12"}).layout == "yyyy-mm-dd time");
  CHECK(spelled(FieldType::kPhone, {"081234567890"}).layout == "0");
  CHECK(spelled(FieldType::kPhone, {"+62 812-3456-7890"}).layout == "+62 grouped");
  CHECK(spelled(FieldType::kDecimal, {"1,5", "2,25"}).layout == "comma");
  CHECK(spelled(FieldType::kNik, {"3273-0112-0385-0001"}).layout == "grouped");
}

TEST_CASE("letter case and null tokens are told from values alone", "[fields][spelling]") {
  CHECK(spelled(FieldType::kPersonName, {"SITI AMINAH", "BUDI"}).letter_case == "upper");
  CHECK(spelled(FieldType::kPersonName, {"Siti Aminah", "Ma'ruf Amin"}).letter_case == "title");
  CHECK(spelled(FieldType::kPersonName, {"siti", "budi"}).letter_case == "lower");
  CHECK(spelled(FieldType::kPersonName, {"Siti", "null", "NULL", ""}).null_token == "NULL");
  CHECK(spelled(FieldType::kText, {"a", ""}).null_token.empty());
  CHECK(spelled(FieldType::kText, {"a"}).null_token == "none");
  CHECK(spelled(FieldType::kInteger, {"12"}).letter_case.empty());
}
