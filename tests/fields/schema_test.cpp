#include "fields/schema.h"

#include "base/error.h"
#include "support/catch.h"

namespace sidik {
namespace {

Schema example() {
  Schema schema;
  schema.columns.push_back({"NIK \"baru\"\\", FieldType::kNik, {}, true, true, "98 % are NIKs"});
  schema.columns.push_back(
      {"tgl\tlahir", FieldType::kDate, {DateOrder::kMonthFirst, DecimalSign::kPoint, 2021}, true, false, "two\nlines"});
  schema.columns.push_back(
      {"saldo", FieldType::kDecimal, {DateOrder::kDayFirst, DecimalSign::kComma, 2029}, false, false, ""});
  schema.columns.push_back({"", FieldType::kText, {}, false, false, "an empty name"});
  schema.columns.push_back({"\u0646\u0627\u0645", FieldType::kPersonName, {}, true, false, ""});
  schema.columns.push_back({"kartu", FieldType::kIdentifier, {}, true, true, ""});
  schema.columns.push_back({"hp", FieldType::kPhone, {}, true, true, ""});
  return schema;
}

TEST_CASE("a schema reads back from its file", "[fields][schema]") {
  const Schema schema = example();
  const Schema read = Schema::from_toml(schema.to_toml(), "schema.toml");
  REQUIRE(read.columns.size() == schema.columns.size());
  for (std::size_t c = 0; c < read.columns.size(); ++c) {
    CHECK(read.columns[c].name == schema.columns[c].name);
    CHECK(read.columns[c].type == schema.columns[c].type);
    CHECK(read.columns[c].options == schema.columns[c].options);
    CHECK(read.columns[c].indexed == schema.columns[c].indexed);
    CHECK(read.columns[c].identity == schema.columns[c].identity);
  }
  CHECK(schema_drift(schema, read).empty());
  CHECK(read.to_toml().find("# 98 % are NIKs") == std::string::npos);
  CHECK(schema.to_toml().find("# 98 % are NIKs\n") != std::string::npos);
}

std::string complaint(const std::string& toml) {
  try {
    Schema::from_toml(toml, "s.toml");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

TEST_CASE("what a schema file has wrong is named with its line", "[fields][schema]") {
  using Catch::Matchers::Contains;
  CHECK_THAT(complaint(""), Contains("s.toml") && Contains("[[column]]"));
  CHECK_THAT(complaint("[[column]\n"), Contains("line 1"));
  CHECK_THAT(complaint("[[column]]\nname = \"a\"\ntype = \"nikk\"\n"), Contains("line 3") && Contains("identifier"));
  CHECK_THAT(complaint("[[column]]\ntype = \"nik\"\n"), Contains("line 1") && Contains("name"));
  CHECK_THAT(complaint("[[column]]\nname = \"a\"\ntype = \"nik\"\nidentifying = true\n"),
             Contains("line 4") && Contains("unknown key"));
  CHECK_THAT(complaint("[[column]]\nname = \"a\"\ntype = \"date\"\ndate_order = \"us\"\n"),
             Contains("line 4") && Contains("month-first"));
  CHECK_THAT(complaint("[[column]]\nname = \"a\"\ntype = \"text\"\nidentity = true\n"), Contains("line 4"));
  CHECK_THAT(complaint("[[column]]\nname = 1\ntype = \"text\"\n"), Contains("line 2"));
  CHECK_THAT(complaint("other = 1\n"), Contains("line 1"));
  CHECK(complaint("[[column]]\nname = \"a\"\ntype = \"text\"\n").empty());
}

TEST_CASE("identity goes by type, then from the left", "[fields][schema]") {
  CHECK(example().identity_order() == std::vector<std::size_t>{0, 5, 6});
  Schema schema = example();
  std::swap(schema.columns[0], schema.columns[6]);
  CHECK(schema.identity_order() == std::vector<std::size_t>{6, 5, 0});
}

TEST_CASE("names are one whatever stands between their letters", "[fields][schema]") {
  for (const char* name : {"Tgl. Lahir", "TGL_LAHIR", "tgl lahir", "\ufeffTglLahir", "\uff34gl-Lahir"})
    CHECK(normalised_name(name) == "tgllahir");
  CHECK(normalised_name("No HP 2") == "nohp2");
  CHECK(normalised_name("#").empty());
}

TEST_CASE("drift is told column by column, order and reasons apart", "[fields][schema]") {
  const Schema pinned = example();
  Schema found = example();
  std::swap(found.columns[0], found.columns[2]);
  found.columns[1].reason = "another";
  found.columns[1].name = "TGL LAHIR";
  CHECK(schema_drift(pinned, found).empty());
  found.columns[1].options.date_order = DateOrder::kDayFirst;
  found.columns[5].type = FieldType::kInteger;
  found.columns.pop_back();
  found.columns.push_back({"baru", FieldType::kText, {}, false, false, ""});
  const std::vector<std::string> drift = schema_drift(pinned, found);
  REQUIRE(drift.size() == 4);
  CHECK(drift[0].find("is gone") != std::string::npos);
}

}  // namespace
}  // namespace sidik
