// A leak of one column that tells its people apart, of a large export, beside larger ones of other people.
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

std::string digits(std::mt19937_64& random, std::size_t count) {
  std::string text;
  while (text.size() < count) text += static_cast<char>('0' + random() % 10);
  return text;
}

struct Registry {
  Registry() : key(RegistryKey::generate()), store(key) {
    std::mt19937_64 random(6);
    std::string text = "card_no,phone,device_id,class\n";
    for (int i = 0; i < 60000; ++i) {
      cards.push_back(digits(random, 13));
      phones.push_back("0812" + digits(random, 8));
      devices.push_back("D" + digits(random, 14));
      text += cards.back() + "," + phones.back() + "," + devices.back() + "," + static_cast<char>('A' + i % 4) + "\n";
    }
    add("members", text);
    std::string others = "parcel_no,sender\n";
    for (int i = 0; i < 90000; ++i) others += "P" + digits(random, 12) + ",S" + digits(random, 12) + "\n";
    add("parcels", others);
  }
  Verdict ask(const std::string& header, const std::vector<std::string>& values) const {
    std::string sample = header + "\n";
    for (const std::string& value : values) sample += value + "\n";
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }
  RegistryKey key;
  testing::PlainStore store;
  std::vector<std::string> cards, phones, devices;

 private:
  void add(const std::string& name, const std::string& text) {
    ExportDescription description;
    description.name = name;
    description.feed = name;
    description.at = days_from_civil(2022, 1, 1) * 86400;
    store.add(description, text);
  }
};

const Registry& registry() {
  static const Registry one;
  return one;
}

std::vector<std::string> drawn(const std::vector<std::string>& all, std::size_t count) {
  std::vector<std::string> some;
  std::mt19937_64 random(9);
  std::sample(all.begin(), all.end(), std::back_inserter(some), count, random);
  return some;
}

}  // namespace

TEST_CASE("one column of numbers, phones or codes is ours where all of its values are", "[trace][narrow]") {
  const Registry& it = registry();
  for (const std::size_t rows : {20U, 300U}) {
    for (const auto& [header, all] :
         {std::pair{"card_no", &it.cards}, {"phone", &it.phones}, {"device_id", &it.devices}}) {
      const Verdict verdict = it.ask(header, drawn(*all, rows));
      INFO(header << " " << rows << ": " << verdict.summary);
      CHECK(verdict.origin != Origin::kNotOurs);
      if (rows < 300) continue;
      CHECK(verdict.origin == Origin::kOurs);
      REQUIRE_FALSE(verdict.sources.empty());
      CHECK(verdict.sources.front().name == "members");
    }
  }
}

TEST_CASE("one column of strangers' is not ours", "[trace][narrow]") {
  std::mt19937_64 random(77);
  std::vector<std::string> cards, phones, devices;
  for (int i = 0; i < 300; ++i) {
    cards.push_back(digits(random, 13));
    phones.push_back("0812" + digits(random, 8));
    devices.push_back("D" + digits(random, 14));
  }
  CHECK(registry().ask("card_no", cards).origin == Origin::kNotOurs);
  CHECK(registry().ask("phone", phones).origin == Origin::kNotOurs);
  CHECK(registry().ask("device_id", devices).origin == Origin::kNotOurs);
}
