// Check digits against numbers that their givers print as examples, and against slips of every kind.
#include "fields/check_digits.h"

#include <map>
#include <random>

#include "support/catch.h"

using namespace sidik;

namespace {

std::size_t system_called(std::string_view name) {
  for (std::size_t s = 0; s < check_system_count(); ++s)
    if (check_system_name(s) == name) return s;
  FAIL("no system is called so");
  return 0;
}

/// Examples of standards, registers and encyclopedias.
const std::multimap<std::string_view, std::string_view> kExamples = {
    {"luhn", "4111 1111 1111 1111"},
    {"luhn", "79927398713"},
    {"gs1", "4006381333931"},
    {"gs1", "978-0-306-40615-7"},
    {"verhoeff", "123451"},
    {"verhoeff", "1234567890120"},
    {"iban", "GB82 WEST 1234 5698 7654 32"},
    {"iban", "DE89370400440532013000"},
    {"iban", "fr1420041010050500013m02606"},
    {"iso 7064 mod 97-10", "5493001KJTIIGC8Y1R12"},
    {"iso 7064 mod 11,10", "86095742719"},
    {"iso 7064 mod 11,10", "33392005961"},
    {"iso 7064 mod 11-2", "11010519491231002X"},
    {"iso 7064 mod 11-2", "0000-0002-1825-0097"},
    {"isin", "US0378331005"},
    {"vehicle", "1M8GDM9AXKP042788"},
    {"vehicle", "1m8gdm9axkp042788"},
    {"personnummer", "19811218-9876"},
    {"97 less", "2 55 08 14 168 025 38"},
    {"97 less", "85.07.30-033.28"},
    {"isikukood", "37605030299"},
    {"snils", "112-233-445 95"},
    {"dni", "12345678Z"},
    {"dni", "x-1234567-l"},
    {"hetu", "131052-308T"},
    {"cpf", "111.444.777-35"},
    {"cnpj", "11.222.333/0001-81"},
    {"fodselsnummer", "15108695088"},
    {"tc kimlik", "10000000146"},
    {"inn 12", "500100732259"},
    {"inn 10", "7707083893"},
    {"isbn 10", "0-8044-2957-X"},
    {"nhs", "943 476 5919"},
    {"pesel", "44051401359"},
    {"nip", "123-456-32-18"},
    {"regon", "123456785"},
    {"bsn", "111222333"},
    {"nif", "123456789"},
    {"cuit", "20-05536168-2"},
    {"rut 9", "12.345.678-5"},
    {"egn", "7523169263"},
    {"cnp", "1800101221144"},
    {"jmbg", "0101006500006"},
    {"rnokpp", "1759013776"},
    {"rodne cislo", "710319/2745"},
    {"aba", "111000025"},
    {"taj", "111111110"},
    {"afm", "094259216"},
    {"tfn", "123456782"},
    {"my number", "123456789018"},
};

}  // namespace

TEST_CASE("printed examples are right, and come back when their check digits are spoiled", "[fields][check_digits]") {
  for (const auto& [name, number] : kExamples) {
    INFO(name << " " << number);
    const std::size_t system = system_called(name);
    CHECK(with_checks(system, number) == std::string(number));
    std::string spoiled(number);
    const auto places = check_places(system, number);
    REQUIRE(places.size() == number.size());
    for (std::size_t i = 0; i < number.size(); ++i)
      if (places[i]) spoiled[i] = spoiled[i] == '3' ? '4' : spoiled[i] >= 'a' ? 'b' : '3';
    CHECK(spoiled != number);
    CHECK(with_checks(system, spoiled) == std::string(number));
    std::vector<std::uint32_t> right(check_system_count()), wrong(check_system_count());
    count_checked(number, right);
    count_checked(spoiled, wrong);
    CHECK(right[system] == 1);
    CHECK(wrong[system] == 0);
  }
}

TEST_CASE("a digit that changes is seen by every system, wherever it stands", "[fields][check_digits]") {
  for (const auto& [name, number] : kExamples) {
    // Where ten has no sign of its own, it is another digit's as well; two sums and rests of hundred see less, and a
    // century does not count.
    for (const char* const forgetful :
         {"cpf", "cnpj", "inn 12", "inn 10", "regon", "nif", "egn", "cnp", "rnokpp", "rodne cislo", "afm", "my number",
          "isikukood", "snils", "tc kimlik", "personnummer"})
      if (name == forgetful) goto next;
    for (std::size_t i = 0; i < number.size(); ++i) {
      if (number[i] < '0' || number[i] > '9') continue;
      std::string other(number);
      other[i] = other[i] == '9' ? '8' : static_cast<char>(other[i] + 1);
      INFO(name << " " << other);
      CHECK(with_checks(system_called(name), other) != other);
    }
  next:;
  }
}

TEST_CASE("what is not of a system's form has no check digits, whatever its bytes", "[fields][check_digits]") {
  std::mt19937_64 random(5);
  const std::string_view bytes = "0123456789ABCxyz -./\xC3\xA9";
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::uint64_t n = random() % 40; n > 0; --n) text += bytes[random() % bytes.size()];
    for (std::size_t s = 0; s < check_system_count(); ++s) {
      const auto made = with_checks(s, text);
      if (!made) continue;
      CHECK(made->size() == text.size());
      CHECK(with_checks(s, *made) == *made);
    }
  }
  for (std::size_t s = 0; s < check_system_count(); ++s) CHECK_FALSE(with_checks(s, ""));
}

TEST_CASE("one number in ten is right by chance under a system of one digit", "[fields][check_digits]") {
  std::mt19937_64 random(6);
  std::vector<std::uint32_t> counts(check_system_count());
  for (int i = 0; i < 10000; ++i) {
    std::string number;
    for (int d = 0; d < 11; ++d) number += static_cast<char>('0' + random() % 10);
    count_checked(number, counts);
  }
  CHECK(counts[system_called("luhn")] > 850);
  CHECK(counts[system_called("luhn")] < 1150);
  CHECK(counts[system_called("pesel")] < 1150);
  CHECK(counts[system_called("cpf")] < 250);
  CHECK(counts[system_called("iban")] == 0);
}

TEST_CASE("of two systems that all numbers are right under the stricter is theirs", "[fields][check_digits]") {
  std::mt19937_64 random(11);
  std::vector<std::uint32_t> counts(check_system_count());
  for (int i = 0; i < 300; ++i) {
    std::string number = std::to_string(1 + random() % 9);
    while (number.size() < 11) number += static_cast<char>('0' + random() % 10);
    count_checked(*with_checks(system_called("tc kimlik"), number), counts);
  }
  const auto system = checked_by(counts, 270);
  REQUIRE(system);
  CHECK(check_system_name(*system) == "tc kimlik");
  CHECK(is_official(*system));
  CHECK_FALSE(is_official(system_called("luhn")));
  CHECK(checked_by(counts, 301) == std::nullopt);
}
