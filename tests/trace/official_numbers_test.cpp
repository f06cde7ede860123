// Numbers that a state gives out are others' as well, whatever their column is called: their check digits tell.
#include <random>
#include <string>
#include <vector>

#include "fields/check_digits.h"
#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

std::string digits(std::mt19937_64& random, std::size_t count) {
  std::string text = std::to_string(1 + random() % 9);
  while (text.size() < count) text += static_cast<char>('0' + random() % 10);
  return text;
}

std::string official(std::mt19937_64& random) {
  for (std::size_t s = 0; s < check_system_count(); ++s)
    if (check_system_name(s) == "tc kimlik") return *with_checks(s, digits(random, 11));
  return {};
}

struct Subscriber {
  std::string contract, kno, name, phone, tariff;
};

Subscriber made(std::mt19937_64& random) {
  static const char* const kFirst[] = {"AYSE", "MEHMET", "FATMA", "ALI", "EMINE", "MUSTAFA", "ZEYNEP", "HASAN"};
  static const char* const kLast[] = {"KAYA", "DEMIR", "SAHIN", "ASLAN", "CELIK", "YILDIZ", "ARSLAN", "KOC"};
  return {digits(random, 10), official(random),
          std::string(kFirst[random() % 8]) + " " + kLast[random() % 8] + " " + kLast[random() % 8],
          "90505" + digits(random, 7), "T" + std::to_string(random() % 12)};
}

struct Telecom {
  Telecom() : key(RegistryKey::generate()), store(key) {
    std::mt19937_64 random(41);
    std::string text = "contract,kno,name,msisdn,tariff\n";
    for (int i = 0; i < 8000; ++i) {
      all.push_back(made(random));
      text += line(all.back()) + "\n";
    }
    ExportDescription description;
    description.name = "telecom-1";
    description.feed = "telecom";
    description.at = days_from_civil(2026, 1, 1) * 86400;
    store.add(description, text);
  }
  static std::string line(const Subscriber& one) {
    return one.contract + "," + one.kno + "," + one.name + "," + one.phone + "," + one.tariff;
  }
  Verdict ask(const std::string& sample) const {
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }
  RegistryKey key;
  testing::PlainStore store;
  std::vector<Subscriber> all;
};

}  // namespace

TEST_CASE("a bank's list that has some of our people is not our copy padded", "[trace][foreign]") {
  const Telecom telecom;
  for (const std::size_t ours : {std::size_t{15}, std::size_t{30}, std::size_t{150}}) {
    std::mt19937_64 random(5 + ours);
    std::string sample = "customer,kno,name,msisdn,limit\n";
    for (std::size_t i = 0; i < 300; ++i) {
      const Subscriber person = i < ours ? telecom.all[i * 17] : made(random);
      sample += digits(random, 8) + "," + person.kno + "," + person.name + "," + person.phone + "," +
                std::to_string(1 + random() % 90) + "00\n";
    }
    const Verdict verdict = telecom.ask(sample);
    INFO(ours << " " << verdict.summary);
    CHECK(verdict.origin != Origin::kOurs);
  }
}

TEST_CASE("a copy with an official number is ours by what only we have", "[trace][foreign]") {
  const Telecom telecom;
  std::string sample = "contract,kno,name,msisdn,tariff\n";
  for (std::size_t i = 0; i < 300; ++i) sample += Telecom::line(telecom.all[i * 19]) + "\n";
  const Verdict verdict = telecom.ask(sample);
  INFO(verdict.summary);
  CHECK(verdict.origin == Origin::kOurs);
}
