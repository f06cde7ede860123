// An export that leaks as a whole is that export, not a feed that nobody registered.
#include <random>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

struct Person {
  std::string nik, name, born, phone, address;
};

/// Seven months of one feed in which an address in fifty changes from month to month and nothing else does.
class Feed {
 public:
  Feed() : key(RegistryKey::generate()), store(key) {
    std::mt19937 random(7);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    const auto number = [](unsigned value, std::size_t digits) {
      std::string text = std::to_string(value);
      return std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
    };
    const std::vector<std::string> first = {"Budi", "Siti", "Ahmad", "Dewi", "Rina", "Agus", "Joko", "Putri", "Eko"};
    const std::vector<std::string> last = {"Santoso", "Wijaya", "Lestari", "Pratama", "Hidayat", "Kusuma", "Rahayu"};
    const std::vector<std::string> streets = {"Melati", "Mawar", "Kenanga", "Sudirman", "Merdeka", "Diponegoro"};
    const auto address = [&] {
      return "Jl. " + streets[below(6)] + " No. " + std::to_string(1 + below(400)) + " RT " + number(1 + below(20), 3);
    };
    for (unsigned i = 0; i < 6000; ++i) {
      const unsigned day = 1 + below(28), month = 1 + below(12), year = 40 + below(60);
      people_.push_back({"3201" + number(1 + below(30), 2) + number(day, 2) + number(month, 2) + number(year, 2) +
                             number(1 + i % 9999, 4),
                         first[below(9)] + " " + last[below(7)],
                         "19" + number(year, 2) + "-" + number(month, 2) + "-" + number(day, 2),
                         "0812" + number(10000000 + below(80000000), 8), address()});
    }
    for (unsigned month = 0; month < 7; ++month) {
      if (month > 0)
        for (Person& person : people_)
          if (below(50) == 0) person.address = address();
      std::string text = "nik,nama,tgl_lahir,hp,alamat\n";
      for (const Person& p : people_)
        text += p.nik + "," + p.name + "," + p.born + "," + p.phone + "," + p.address + "\n";
      ExportDescription description;
      description.name = "m" + std::to_string(month + 1);
      description.feed = "hospital";
      description.at = days_from_civil(2021, month + 1, 5) * 86400;
      store.add(description, text);
      texts.push_back(std::move(text));
    }
  }

  RegistryKey key;
  testing::PlainStore store;
  std::vector<std::string> texts;

 private:
  std::vector<Person> people_;
};

}  // namespace

TEST_CASE("an export that leaks as a whole is named, whichever month it is of", "[trace]") {
  const Feed feed;
  for (const std::size_t month : {std::size_t{0}, std::size_t{3}, std::size_t{6}}) {
    TraceOptions options;
    options.threads = 2;
    const Verdict verdict =
        trace({{"leak", [&] { return memory_source(feed.texts[month], "leak"); }}}, feed.store, feed.key, options);
    INFO(verdict.summary);
    CHECK(verdict.origin == Origin::kOurs);
    CHECK(verdict.kind == Hypothesis::kRegisteredExport);
    REQUIRE_FALSE(verdict.sources.empty());
    CHECK(verdict.sources.front().name == "m" + std::to_string(month + 1));
    CHECK(verdict.sources.front().posterior > 0.8);
  }
}
