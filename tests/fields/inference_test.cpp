#include "fields/inference.h"

#include <map>
#include <string>

#include "fields/column_names.h"
#include "fields/distinct_sketch.h"
#include "sample_table.h"
#include "support/catch.h"

namespace sidik {
namespace {

using test::printed;
using test::SampleTable;

const ColumnSchema& column_of(const InferenceResult& result, std::string_view name) {
  for (const ColumnSchema& column : result.schema.columns)
    if (column.name == name) return column;
  throw std::out_of_range("no such column");
}

const std::map<std::string, FieldType> kTypes2021 = {{"PSNOKA", FieldType::kIdentifier},
                                                     {"PSNOKALAMA", FieldType::kIdentifier},
                                                     {"PSNOKALAMA2", FieldType::kIdentifier},
                                                     {"NAMA", FieldType::kPersonName},
                                                     {"NMCETAK", FieldType::kPersonName},
                                                     {"JENKEL", FieldType::kCategory},
                                                     {"AGAMA", FieldType::kCategory},
                                                     {"TMPLHR", FieldType::kCategory},
                                                     {"TGLLHR", FieldType::kDate},
                                                     {"NOHP", FieldType::kPhone},
                                                     {"NIK", FieldType::kNik},
                                                     {"NOKTP", FieldType::kNik},
                                                     {"TMT", FieldType::kDate},
                                                     {"TAT", FieldType::kDate},
                                                     {"NPWP", FieldType::kIdentifier},
                                                     {"EMAIL", FieldType::kEmail},
                                                     {"NOKA", FieldType::kIdentifier},
                                                     {"KDKANTOR", FieldType::kIdentifier},
                                                     {"TSINPUT", FieldType::kTimestamp},
                                                     {"TSUPDATE", FieldType::kTimestamp},
                                                     {"TSSTATUS", FieldType::kTimestamp},
                                                     {"USERINPUT", FieldType::kCategory},
                                                     {"USERUPDATE", FieldType::kCategory},
                                                     {"FLAGTANGGUNGAN", FieldType::kCategory}};

void check_types_of_2021(const InferenceResult& result) {
  for (const auto& [name, type] : kTypes2021) {
    const ColumnSchema& column = column_of(result, name);
    INFO(name << " is " << type_name(column.type) << ": " << column.reason);
    CHECK(column.type == type);
  }
}

TEST_CASE("the columns of the sample of 2021 are what they are", "[fields][inference]") {
  const InferenceResult result = test::sample_of_2021(3000).infer();
  check_types_of_2021(result);
  CHECK(column_of(result, "NIK").identity);
  CHECK(column_of(result, "PSNOKA").identity);
  CHECK_FALSE(column_of(result, "NAMA").identity);
  for (const char* indexed : {"NIK", "PSNOKA", "NAMA", "NOHP", "EMAIL", "TGLLHR"})
    CHECK(column_of(result, indexed).indexed);
  for (const char* common : {"JENKEL", "AGAMA", "TMT", "KDSTAWIN"}) CHECK_FALSE(column_of(result, common).indexed);
  CHECK(result.schema.columns[result.schema.identity_order().front()].type == FieldType::kNik);
}

TEST_CASE("twenty rows are enough where there is a header", "[fields][inference]") {
  for (unsigned seed = 1; seed < 6; ++seed) {
    SampleTable table = test::sample_of_2021(20, seed);
    const InferenceResult result = table.infer();
    for (const char* name : {"PSNOKA", "NAMA", "TGLLHR", "NOHP", "NIK", "TSINPUT", "NOKA", "EMAIL"}) {
      INFO(name << ", seed " << seed);
      CHECK(column_of(result, name).type == kTypes2021.at(name));
    }
  }
}

TEST_CASE("without a header the values tell", "[fields][inference]") {
  for (const std::size_t rows : {20U, 200U, 5000U}) {
    const InferenceResult result = test::sample_of_2021(rows).infer(false);
    for (std::size_t c = 0; c < test::kHeader2021.size(); ++c) {
      const std::string& name = test::kHeader2021[c];
      for (const char* telling : {"PSNOKA", "NAMA", "NMCETAK", "TGLLHR", "NOHP", "NIK", "TSINPUT", "NOKA"}) {
        if (name != telling) continue;
        INFO(name << ", " << rows << " rows: " << result.schema.columns[c].reason);
        CHECK(result.schema.columns[c].type == kTypes2021.at(name));
        CHECK(result.schema.columns[c].name == "column_" + std::to_string(c + 1));
      }
    }
  }
}

TEST_CASE("one cell in twenty may be garbage", "[fields][inference]") {
  static constexpr const char* kGarbage[] = {"???",   "test",        "x", "12",        "NULL",
                                             "#REF!", "3.20517E+15", "-", "tidak ada", "0"};
  for (const std::size_t rows : {40U, 2000U}) {
    SampleTable table = test::sample_of_2021(rows, 9);
    for (std::size_t c = 0; c < table.columns(); ++c)
      for (std::size_t r = c % 20; r < rows; r += 20) table.column(c)[r] = kGarbage[(r / 20 + c) % 10];
    check_types_of_2021(table.infer());
  }
}

TEST_CASE("the batches do not matter, and long inputs are sampled", "[fields][inference]") {
  const SampleTable table = test::sample_of_2021(20'000);
  const InferenceResult one = table.infer(true, 100'000);
  const InferenceResult many = table.infer(true, 777);
  for (std::size_t c = 0; c < table.columns(); ++c) {
    INFO(table.header()[c]);
    CHECK(one.schema.columns[c].type == many.schema.columns[c].type);
    CHECK(one.profiles[c].nulls == many.profiles[c].nulls);
    CHECK(one.profiles[c].values == 20'000);
    CHECK(one.profiles[c].distinct_share == Approx(many.profiles[c].distinct_share).margin(0.01));
  }
  check_types_of_2021(many);
}

InferenceResult one_column(const std::string& header, const std::vector<std::string>& values, bool headed = true) {
  SampleTable table({header});
  for (const std::string& value : values) table.add({value});
  return table.infer(headed);
}

std::vector<std::string> made(std::size_t count, const std::function<std::string(int)>& make) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(make(static_cast<int>(i * 2654435761U % 1'000'003)));
  return values;
}

FieldType type_of(const std::string& header, const std::vector<std::string>& values, bool headed = true) {
  return one_column(header, values, headed).schema.columns[0].type;
}

TEST_CASE("month first is chosen only where values prove it", "[fields][inference]") {
  const auto order = [](const std::vector<std::string>& values) {
    return one_column("date", values).schema.columns[0].options.date_order;
  };
  CHECK(order({"03/04/1985", "01/02/1990"}) == DateOrder::kDayFirst);
  CHECK(order({"03/04/1985", "01/25/1990"}) == DateOrder::kMonthFirst);
  CHECK(order({"25/04/1985", "01/02/1990"}) == DateOrder::kDayFirst);
  CHECK(order({"25/04/1985", "01/25/1990"}) == DateOrder::kDayFirst);
}

TEST_CASE("decimal signs are read off the column", "[fields][inference]") {
  const auto sign = [](const std::vector<std::string>& values) {
    return one_column("saldo", values).schema.columns[0].options.decimal_sign;
  };
  CHECK(sign({"1.5", "2.25", "3.125"}) == DecimalSign::kPoint);
  CHECK(sign({"1,5", "2,25", "3,125"}) == DecimalSign::kComma);
  CHECK(sign({"1.500", "25.000", "1.250.000"}) == DecimalSign::kComma);
  CHECK(sign({"1.500", "25.000", "900"}) == DecimalSign::kComma);
  CHECK(sign({"-122.345", "-121.987", "-122.104", "-122.331"}) == DecimalSign::kPoint);
  CHECK(type_of("lat", {"47.123", "47.981", "47.554", "47.218"}) == FieldType::kDecimal);
  CHECK(type_of("harga", {"1.500", "25.000", "1.250.000"}) == FieldType::kInteger);
}

TEST_CASE("numbers that count are integers, numbers that name are identifiers", "[fields][inference]") {
  const auto age = made(300, [](int n) { return std::to_string(n % 90); });
  CHECK(type_of("umur", age) == FieldType::kInteger);
  CHECK(type_of("", age, false) == FieldType::kInteger);
  const auto account = made(300, [](int n) { return printed("%010d", n * 997); });
  CHECK(type_of("no_rekening", account) == FieldType::kIdentifier);
  CHECK(type_of("", account, false) == FieldType::kIdentifier);
  CHECK(type_of("kode_pos", made(300, [](int n) { return printed("%05d", 40000 + n % 200); })) ==
        FieldType::kIdentifier);
  CHECK(type_of("customer_id", made(300, [](int n) { return std::to_string(n); })) == FieldType::kIdentifier);
  CHECK(type_of("ticket", made(300, [](int n) { return printed("AB-%d", n); })) == FieldType::kIdentifier);
  CHECK(type_of("price", made(300, [](int n) { return std::to_string(n * 1000); })) == FieldType::kInteger);
}

TEST_CASE("row numbers identify nothing", "[fields][inference]") {
  std::vector<std::string> numbers;
  for (int i = 1; i <= 500; ++i) numbers.push_back(std::to_string(i));
  for (const char* header : {"No", "no.", "#", "Nomor Urut", ""}) {
    const ColumnSchema column = one_column(header, numbers, *header != '\0').schema.columns[0];
    INFO(header << ": " << column.reason);
    CHECK(column.type == FieldType::kInteger);
    CHECK_FALSE(column.identity);
  }
  CHECK(one_column("member_id", numbers).schema.columns[0].identity);
}

TEST_CASE("family cards are no NIKs", "[fields][inference]") {
  const auto issue = made(
      200, [](int n) { return printed("320517%02d%02d%02d%04d", 1 + n % 28, 1 + n % 12, 5 + n % 15, 1 + n % 9000); });
  CHECK(type_of("NOKK", issue) == FieldType::kIdentifier);
  CHECK(type_of("", issue, false) == FieldType::kIdentifier);
  CHECK(type_of("NIK", issue) == FieldType::kNik);
}

TEST_CASE("tables that are not about people are read sensibly", "[fields][inference]") {
  CHECK(type_of("species", made(150, [](int n) {
                  return n % 3 == 0 ? "setosa" : n % 3 == 1 ? "virginica" : "versicolor";
                })) == FieldType::kCategory);
  CHECK(type_of("sepal_length", made(150, [](int n) { return printed("%d.%d", 4 + n % 4, n % 10); })) ==
        FieldType::kDecimal);
  CHECK(type_of("origin", made(300, [](int n) { return n % 2 == 0 ? "JFK" : "LGA"; })) == FieldType::kCategory);
  CHECK(type_of("description", made(300, [](int n) {
                  return printed("House number %d near the park, well kept", n);
                })) == FieldType::kText);
  CHECK(type_of("address", made(300, [](int n) { return printed("%d Oak Avenue", n % 5000); })) == FieldType::kAddress);
  CHECK(type_of("waterfront", made(300, [](int n) { return n % 7 == 0 ? "1" : "0"; })) == FieldType::kBoolean);
  CHECK(type_of("aktif", made(300, [](int n) { return n % 2 == 0 ? "Y" : "T"; })) == FieldType::kCategory);
  CHECK(type_of("uuid", made(300, [](int n) { return printed("%08x-0000-4000-8000-%012x", n * 907, n); })) ==
        FieldType::kIdentifier);
  CHECK(type_of("ip", made(300, [](int n) { return printed("10.%d.%d.%d", n % 256, n / 256 % 256, n % 7); })) ==
        FieldType::kText);
  CHECK(type_of("created", made(300, [](int n) { return printed("2021-05-%02dT%02d:00:00Z", 1 + n % 28, n % 24); })) ==
        FieldType::kTimestamp);
}

TEST_CASE("dates show their span and what lies in the future", "[fields][inference]") {
  SampleTable table({"TSINPUT"});
  for (const char* value : {"2019-05-01 10:00:00", "2021-05-20 11:00:00", "2022-01-01 00:00:01", "9999-12-31 00:00:00",
                            "1900-01-01", "NULL"})
    table.add({value});
  const InferenceResult result = table.infer(true, 1000, nullptr, "2021-06-01");
  CHECK(result.schema.columns[0].type == FieldType::kTimestamp);
  CHECK(result.profiles[0].oldest == "2019-05-01T10:00:00");
  CHECK(result.profiles[0].newest == "2022-01-01T00:00:01");
  CHECK(result.profiles[0].future == 1);
  CHECK(result.profiles[0].nulls == 1);
  CHECK(result.profiles[0].values == 6);
}

TEST_CASE("columns that a schema gives are taken as given", "[fields][inference]") {
  Schema fixed;
  fixed.columns.push_back({"tanggal", FieldType::kText, {}, true, false, ""});
  const InferenceResult result = test::sample_of_2021(100).infer(true, 1000, &fixed);
  CHECK(column_of(result, "TGLLHR").type == FieldType::kDate);
  fixed.columns[0].name = "tgl_lhr";
  fixed.columns.push_back({"Psnoka", FieldType::kText, {}, true, false, ""});
  const InferenceResult again = test::sample_of_2021(100).infer(true, 1000, &fixed);
  CHECK(column_of(again, "TGLLHR").type == FieldType::kText);
  CHECK(column_of(again, "PSNOKA").type == FieldType::kText);
  CHECK(column_of(again, "PSNOKA").reason == "given in the schema");
  CHECK_FALSE(column_of(again, "PSNOKA").identity);
}

TEST_CASE("where nothing identifies, the rarest columns are indexed", "[fields][inference]") {
  SampleTable table({"a", "b", "c", "d"});
  for (int i = 0; i < 500; ++i)
    table.add({std::to_string(i % 2), std::to_string(i % 30), std::to_string(i % 60), std::to_string(i % 90)});
  const Schema schema = table.infer().schema;
  CHECK_FALSE(schema.columns[0].indexed);
  CHECK(schema.columns[1].indexed);
  CHECK(schema.columns[2].indexed);
  CHECK(schema.columns[3].indexed);
  CHECK(schema.identity_order().empty());
}

TEST_CASE("where a birth date is the best there is, columns beside it are indexed until they single out rows",
          "[fields][inference]") {
  SampleTable table({"dob", "sex", "district", "class"});
  for (int i = 0; i < 3000; ++i) {
    const int day = i * 7919 % 24000;
    table.add({std::to_string(1940 + day / 400) + "-" + (day % 12 < 9 ? "0" : "") + std::to_string(1 + day % 12) + "-" +
                   (day % 28 < 9 ? "0" : "") + std::to_string(1 + day % 28),
               i % 2 == 0 ? "M" : "F", "D" + std::to_string(i * 31 % 40), std::string(1, "ABC"[i % 3])});
  }
  const Schema schema = table.infer().schema;
  CHECK(schema.columns[0].indexed);
  CHECK_FALSE(schema.columns[1].indexed);
  CHECK(schema.columns[2].indexed);
  CHECK(schema.columns[3].indexed);
}

TEST_CASE("empty and odd tables are no trouble", "[fields][inference]") {
  CHECK(Inference({}, 0).finish().schema.columns.empty());
  Inference nothing({"nik", "what"}, 2);
  const InferenceResult result = nothing.finish();
  CHECK(result.schema.columns[0].type == FieldType::kNik);
  CHECK_FALSE(result.schema.columns[0].identity);
  CHECK(result.schema.columns[1].type == FieldType::kText);
  CHECK(one_column("NIK", {"", "NULL", "-"}).profiles[0].nulls == 3);
  CHECK(one_column("x", {std::string(100'000, 'a')}).schema.columns[0].type == FieldType::kText);
}

TEST_CASE("headers are understood in two languages, glued or apart", "[fields][names]") {
  const std::vector<std::pair<const char*, HeaderMeaning>> meanings = {
      {"NOKTP", HeaderMeaning::kNik},
      {"no_ktp", HeaderMeaning::kNik},
      {"NIK Peserta", HeaderMeaning::kNik},
      {"No. KK", HeaderMeaning::kFamilyCard},
      {"nomor_kartu_keluarga", HeaderMeaning::kFamilyCard},
      {"Tgl. Lahir", HeaderMeaning::kBirthDate},
      {"TGLLHR", HeaderMeaning::kBirthDate},
      {"birthDate", HeaderMeaning::kBirthDate},
      {"DOB", HeaderMeaning::kBirthDate},
      {"tempat_lahir", HeaderMeaning::kCategory},
      {"NOHP", HeaderMeaning::kPhone},
      {"no_hp2", HeaderMeaning::kPhone},
      {"Telepon", HeaderMeaning::kPhone},
      {"mobile_phone", HeaderMeaning::kPhone},
      {"e-mail", HeaderMeaning::kEmail},
      {"EMAIL_ADDRESS", HeaderMeaning::kEmail},
      {"alamat_rumah", HeaderMeaning::kAddress},
      {"home_address", HeaderMeaning::kAddress},
      {"NAMA", HeaderMeaning::kName},
      {"nama_ibu_kandung", HeaderMeaning::kPersonName},
      {"firstName", HeaderMeaning::kPersonName},
      {"nama_barang", HeaderMeaning::kOtherName},
      {"city_name", HeaderMeaning::kOtherName},
      {"TSINPUT", HeaderMeaning::kTimestamp},
      {"created_at", HeaderMeaning::kTimestamp},
      {"tanggal_masuk", HeaderMeaning::kDate},
      {"TMT", HeaderMeaning::kDate},
      {"JENKEL", HeaderMeaning::kCategory},
      {"sex", HeaderMeaning::kCategory},
      {"No", HeaderMeaning::kRowNumber},
      {"NOKA", HeaderMeaning::kIdentifier},
      {"PSNOKALAMA2", HeaderMeaning::kIdentifier},
      {"customerId", HeaderMeaning::kIdentifier},
      {"kode pos", HeaderMeaning::kIdentifier},
      {"jumlah_anak", HeaderMeaning::kQuantity},
      {"age", HeaderMeaning::kQuantity},
      {"latitude", HeaderMeaning::kQuantity},
      {"is_active", HeaderMeaning::kFlag},
      {"klinik", HeaderMeaning::kNone},
      {"username", HeaderMeaning::kIdentifier},
      {"", HeaderMeaning::kNone},
      {"id_type", HeaderMeaning::kCategory},
      {"keterangan", HeaderMeaning::kText},
      {"status_nikah", HeaderMeaning::kCategory}};
  for (const auto& [header, meaning] : meanings) {
    INFO(header);
    CHECK(static_cast<int>(meaning_of(header)) == static_cast<int>(meaning));
  }
}

TEST_CASE("distinct values are counted exactly while they fit and nearly after", "[fields][sketch]") {
  DistinctSketch sketch(1024);
  std::mt19937_64 random(3);
  std::vector<std::uint64_t> hashes(500);
  for (auto& hash : hashes) hash = random();
  for (int round = 0; round < 4; ++round)
    for (const std::uint64_t hash : hashes) sketch.add(hash);
  CHECK(sketch.distinct() == 500);
  CHECK(sketch.distinct_share() == 0.25);
  DistinctSketch many(1024);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t hash = random();
    many.add(hash);
    many.add(hash);
  }
  CHECK(many.distinct_share() == 0.5);
  CHECK(many.distinct() == Approx(100'000).epsilon(0.15));
}

}  // namespace
}  // namespace sidik
