// The decisions about single types that a golden file does not explain: which spellings meet, which stay apart.
#include <initializer_list>
#include <string>

#include "fields/canonical.h"
#include "fields/nik.h"
#include "fields/region_codes.h"
#include "support/catch.h"

namespace sidik {
namespace {

std::string form(FieldType type, std::string_view raw, const CanonicalOptions& options = {}) {
  const CanonicalValue value = canonical(type, raw, options);
  return value.state == ValueState::kValid ? value.text : value.state == ValueState::kNull ? "null" : "invalid";
}

void check_one_form(FieldType type, std::string_view expected, std::initializer_list<const char*> spellings) {
  for (const char* written : spellings) {
    INFO(written);
    CHECK(form(type, written) == expected);
  }
}

TEST_CASE("a phone number has one form however it is written", "[fields][phone]") {
  check_one_form(FieldType::kPhone, "+6281234567890",
                 {"+62 812-3456-7890", "081234567890", "(0812) 3456 7890", "6281234567890", "81234567890",
                  "0062 812 3456 7890", "0812.3456.7890", "+62 (0)812 3456 7890", "'081234567890", "=\"081234567890\"",
                  "81234567890.0", "HP 081234567890"});
  check_one_form(FieldType::kPhone, "+62215551234",
                 {"021-5551234", "(021) 5551234", "+62 21 555 1234", "Telp. 021 555 1234"});
}

TEST_CASE("a number that could be anything is no phone number", "[fields][phone]") {
  for (const char* written :
       {"4155550123", "12345678", "0007504098591", "3205170101850001", "1985-03-12", "08", "0812345"})
    CHECK(form(FieldType::kPhone, written) == "invalid");
}

TEST_CASE("an identifier keeps its form through spreadsheets", "[fields][identifier]") {
  check_one_form(FieldType::kIdentifier, "7504098591",
                 {"0007504098591", "7504098591", "7504098591.0", "'0007504098591", "000-7504-098591"});
  CHECK(form(FieldType::kIdentifier, "3.20517E+15") == "invalid");
  CHECK(form(FieldType::kIdentifier, "007A") == "007a");  // no spreadsheet takes zeros from what is no number
}

TEST_CASE("a NIK's region, date and serial are checked", "[fields][nik]") {
  CHECK(form(FieldType::kNik, "3205174101850001") == "3205174101850001");
  CHECK(form(FieldType::kNik, "3299174101850001") == "invalid");
  CHECK(form(FieldType::kNik, "3205173202850001") == "invalid");
  CHECK(form(FieldType::kNik, "3205174101850000") == "invalid");
  CHECK(regencies().size() == 514);
  for (const Regency& regency : regencies()) {
    CHECK(is_nik_region(regency.code));
    CHECK(regency.districts != 0);
    CHECK((regency.districts & 1) == 0);
  }
  CHECK_FALSE(is_nik_region(10'000));
}

std::string two_digits(int number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

/// The plain twin of is_nik.
bool is_nik_plainly(const std::string& nik) {
  for (const char c : nik)
    if (c < '0' || c > '9') return false;
  const int region = std::stoi(nik.substr(0, 4)), district = std::stoi(nik.substr(4, 2)),
            month = std::stoi(nik.substr(8, 2)), year = std::stoi(nik.substr(10, 2)),
            serial = std::stoi(nik.substr(12));
  int day = std::stoi(nik.substr(6, 2));
  if (day > 40) day -= 40;
  static constexpr int kDays[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const int days = month == 2 && year % 4 == 0 ? 29 : kDays[month];
  return is_nik_region(static_cast<unsigned>(region)) && district > 0 && day <= days && serial > 0;
}

TEST_CASE("the fast check of a NIK is the plain one for every day, month and spoilt digit", "[fields][nik]") {
  for (int day = 0; day < 100; ++day) {
    for (int month = 0; month < 14; ++month) {
      for (const char* year : {"00", "84", "85"}) {
        std::string nik = "320517" + two_digits(day) + two_digits(month) + year + "0001";
        REQUIRE(is_nik(nik.data()) == is_nik_plainly(nik));
        nik[static_cast<std::size_t>(day) % 16] = static_cast<char>('0' + month + 5);
        REQUIRE(is_nik(nik.data()) == is_nik_plainly(nik));
      }
    }
  }
}

TEST_CASE("a name has one form with and without titles and degrees", "[fields][name]") {
  check_one_form(FieldType::kPersonName, "budi santoso",
                 {"BUDI SANTOSO", "budi  santoso", "dr. Budi Santoso", "Dr. H. Budi Santoso, S.Kom., M.M.",
                  "BUDI SANTOSO SKOM", "Budi Santoso S. Kom", "Ir. BUDI SANTOSO MT", "Tn. Budi Santoso",
                  "Budi Santoso, A.Md.Kep", "Budi Santoso (alm)"});
}

TEST_CASE("Muhammad, Moh. and M. are three names, and initials stay", "[fields][name]") {
  CHECK(form(FieldType::kPersonName, "Muhammad Ali") != form(FieldType::kPersonName, "Moh. Ali"));
  CHECK(form(FieldType::kPersonName, "M. Ali") == "m ali");
  CHECK(form(FieldType::kPersonName, "A.B. Susanto") == "a b susanto");
  CHECK(form(FieldType::kPersonName, "Budi M") == "budi m");
}

TEST_CASE("an address has one form in all its abbreviations", "[fields][address]") {
  check_one_form(FieldType::kAddress, "jl melati no 5 rt 3 rw 5 kel sukamaju",
                 {"Jl. Melati No. 5 RT 003/RW 005 Kel. Sukamaju", "JALAN MELATI NO 5 RT.03/05 KELURAHAN SUKAMAJU",
                  "jln melati no5 RT/RW 003/005 kel sukamaju", "Jl.Melati No.05,RT03/RW05,Kel.Sukamaju",
                  "Jln. Melati Nomor 5 RT 3 RW 5 Kel Sukamaju", "Jl Melati No: 5 RT: 003 RW: 005 Kel: Sukamaju"});
  CHECK(form(FieldType::kAddress, "Gang Mawar") == form(FieldType::kAddress, "Gg. Mawar"));
  CHECK(form(FieldType::kAddress, "Jl. Melati 5") != form(FieldType::kAddress, "Jl. Melati 6"));
}

TEST_CASE("a date has one form in all layouts", "[fields][date]") {
  check_one_form(FieldType::kDate, "1985-03-12",
                 {"1985-03-12", "12/03/1985", "12-03-1985", "12.3.1985", "12 Mar 85", "12 Maret 1985", "March 12, 1985",
                  "19850312", "12031985", "Selasa, 12 Maret 1985", "1985-03-12 00:00:00", "1985-03-12T10:11:12",
                  "12/03/1985 00:00", "1985-03-11T17:00:00.000Z", "Tue Mar 12 1985 00:00:00 GMT+0700 (WIB)",
                  "12-MAR-85 12.00.00.000000 AM"});
  check_one_form(FieldType::kDate, "1988-08-12",
                 {"Jum'at, 12 Agustus 1988", "Jumat 12 Ags 1988", "12 Agt 1988", "12-Aug-88"});
}

TEST_CASE("date order and two-digit years follow the options", "[fields][date]") {
  CanonicalOptions month_first;
  month_first.date_order = DateOrder::kMonthFirst;
  CHECK(form(FieldType::kDate, "03/04/1985") == "1985-04-03");
  CHECK(form(FieldType::kDate, "03/04/1985", month_first) == "1985-03-04");
  CHECK(form(FieldType::kDate, "1985/03/04", month_first) == "1985-03-04");
  CHECK(form(FieldType::kDate, "12 Mar 1985", month_first) == "1985-03-12");
  CHECK(form(FieldType::kDate, "03/25/1985") == "invalid");
  CHECK(form(FieldType::kDate, "01/01/22") == "2022-01-01");
  CanonicalOptions births;
  births.newest_year = 2021;
  CHECK(form(FieldType::kDate, "01/01/22", births) == "1922-01-01");
  CHECK(form(FieldType::kDate, "01/01/21", births) == "2021-01-01");
}

TEST_CASE("a date is its midnight as a timestamp, and zones lead to UTC", "[fields][date]") {
  check_one_form(FieldType::kTimestamp, "1985-03-12T00:00:00",
                 {"1985-03-12", "12/03/1985", "1985-03-12 00:00:00", "12 Mar 1985"});
  check_one_form(FieldType::kTimestamp, "2016-01-02T03:11:12",
                 {"2016-01-02 03:11:12", "2016-01-02T10:11:12+07:00", "2016-01-02 10:11:12 WIB",
                  "2016-01-02T03:11:12.999Z", "2/1/2016 3:11:12 AM", "Sat Jan 02 2016 10:11:12 GMT+0700 (WIB)"});
  CHECK(form(FieldType::kDate, "0000-00-00") == "null");
  CHECK(form(FieldType::kTimestamp, "0000-00-00 00:00:00") == "null");
}

TEST_CASE("numbers are one in both decimal signs and any grouping", "[fields][number]") {
  check_one_form(FieldType::kDecimal, "1234.5",
                 {"1234.5", "1,234.50", "1.234,5", "1 234,50", "1234.500", "1.2345E+3", "Rp 1.234,50"});
  check_one_form(FieldType::kInteger, "1500000",
                 {"1500000", "1,500,000", "1.500.000", "Rp 1.500.000,-", "1500000.0", "+1500000", "1.5e6"});
  check_one_form(FieldType::kInteger, "-5", {"-5", "(5)", "5-", "-5.0", "\u22125"});
  CanonicalOptions comma;
  comma.decimal_sign = DecimalSign::kComma;
  CHECK(form(FieldType::kDecimal, "1.234", comma) == "1234");
  CHECK(form(FieldType::kDecimal, "1,234", comma) == "1.2340");
  CHECK(form(FieldType::kDecimal, "1.2340", comma) == "1.2340");
  CHECK(form(FieldType::kInteger, "1.5") == "invalid");
}

TEST_CASE("truth values are truth values, sexes are not", "[fields][boolean]") {
  check_one_form(FieldType::kBoolean, "true", {"1", "Y", "ya", "YA", "Yes", "true", "T", "1.0"});
  check_one_form(FieldType::kBoolean, "false", {"0", "N", "tidak", "Tdk", "No", "FALSE", "f"});
  CHECK(form(FieldType::kBoolean, "L") == "invalid");
  CHECK(form(FieldType::kBoolean, "P") == "invalid");
}

}  // namespace
}  // namespace sidik
