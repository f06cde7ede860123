// The thief: whoever has a registry's files, and a register key as well, learns nothing of rows from them, while the
// same attacks on the records in clear name districts, classes and birth dates.
//
// Two attacks that undo pseudonymised tables (SECURITY.md, Equality is a leak), on a table of opaque codes in whatever
// order: *rank matching* gives the commonest code of a column the commonest value of public statistics, and so on; the
// *known-row* attack knows the values of some rows and gives the value to every row with the same code. Either is
// scored by how many rows it names right, against what guesses in the same shares get by chance.
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <random>

#include "base/bytes.h"
#include "fingerprints/batch_fingerprinter.h"
#include "registry/certificate.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/file_content.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRows = 1500;
constexpr std::size_t kKnown = 150;  // rows that the thief knows beforehand
constexpr std::size_t kSeeds = 20;
constexpr double kOnePercent = 2.326;  // standard deviations, one-sided
// Of twenty true nulls at 1 % so many reject by chance once in ten million runs.
constexpr std::size_t kMostByChance = 5;

constexpr std::array<const char*, 3> kFields = {"KECAMATAN", "KELAS", "TGLLHR"};

struct Person {
  std::string nik;
  std::array<std::string, 3> values;  // of kFields
};

/// People with the shares that real columns have: a few large districts, three classes, and birth dates of which many
/// are the first of January of a common year.
std::vector<Person> people(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> district_shares;
  for (int i = 0; i < 40; ++i) district_shares.push_back(1.0 / (1 + i));
  std::discrete_distribution<int> district(district_shares.begin(), district_shares.end());
  std::discrete_distribution<int> care({60, 28, 12});
  std::discrete_distribution<int> year({30, 20, 14, 10, 8, 6, 4, 3, 3, 2});
  std::vector<Person> all;
  for (std::size_t i = 0; i < kRows; ++i) {
    Person person;
    const bool unknown_day = random() % 10 < 6;
    const unsigned day = unknown_day ? 1 : 1 + static_cast<unsigned>(random() % 28);
    const unsigned month = unknown_day ? 1 : 1 + static_cast<unsigned>(random() % 12);
    char text[64];
    std::snprintf(text, sizeof text, "3273%02u%02u%02u%02u%04u", 1 + static_cast<unsigned>(i) % 28, day, month, 60U,
                  1 + static_cast<unsigned>(i));
    person.nik = text;
    person.values[0] = "KECAMATAN NOMOR " + std::to_string(100 + district(random));
    person.values[1] = "KELAS " + std::to_string(1 + care(random));
    std::snprintf(text, sizeof text, "%d-%02u-%02u", 1960 + year(random), month, day);
    person.values[2] = text;
    all.push_back(std::move(person));
  }
  return all;
}

std::string csv_of(const std::vector<Person>& all) {
  std::string text = "NIK,KECAMATAN,KELAS,TGLLHR\n";
  for (const Person& person : all)
    text += person.nik + "," + person.values[0] + "," + person.values[1] + "," + person.values[2] + "\n";
  return text;
}

/// A table as the thief has it: codes by field, and for scoring the true values in the same order.
struct Table {
  std::array<std::vector<std::uint16_t>, 3> codes;
  std::array<std::vector<std::string>, 3> truth;
};

/// Values of a field, the commonest first.
template <typename Value>
std::vector<Value> by_frequency(const std::vector<Value>& column) {
  std::map<Value, std::size_t> counts;
  for (const auto& value : column) ++counts[value];
  std::vector<std::pair<std::size_t, Value>> order;
  for (const auto& [value, count] : counts) order.emplace_back(count, value);
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return std::tie(b.first, a.second) < std::tie(a.first, b.second); });
  std::vector<Value> values;
  for (auto& [count, value] : order) values.push_back(std::move(value));
  return values;
}

using Guesses = std::vector<std::string>;

Guesses match_ranks(const std::vector<std::uint16_t>& codes, const std::vector<std::string>& public_order) {
  std::map<std::uint16_t, std::string> value_of;
  std::size_t rank = 0;
  for (const std::uint16_t code : by_frequency(codes))
    value_of[code] = public_order[std::min(rank++, public_order.size() - 1)];
  Guesses guesses;
  for (const std::uint16_t code : codes) guesses.push_back(value_of[code]);
  return guesses;
}

/// Guesses of the rows that are not known; the known are the first kKnown.
Guesses link_known(const std::vector<std::uint16_t>& codes, const std::vector<std::string>& truth,
                   const std::vector<std::string>& public_order) {
  std::map<std::uint16_t, std::string> value_of;
  for (std::size_t i = 0; i < kKnown; ++i) value_of.emplace(codes[i], truth[i]);
  Guesses guesses;
  for (std::size_t i = kKnown; i < codes.size(); ++i) {
    const auto known = value_of.find(codes[i]);
    guesses.push_back(known == value_of.end() ? public_order.front() : known->second);
  }
  return guesses;
}

/// Standard deviations above what the same guesses hit where they have nothing to do with the truth.
double excess(const Guesses& guesses, std::span<const std::string> truth) {
  std::map<std::string, double> guessed, there;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < guesses.size(); ++i) {
    ++guessed[guesses[i]];
    ++there[truth[i]];
    hits += guesses[i] == truth[i] ? 1U : 0U;
  }
  // The mean and variance of hits where one of the two is shuffled (Hoeffding's combinatorial sum).
  const auto n = static_cast<double>(guesses.size());
  double mean = 0;
  for (const auto& [value, count] : guessed)
    if (const auto own = there.find(value); own != there.end()) mean += count * own->second / (n * n);
  double variance = 0;
  for (const auto& [guess, g] : guessed) {
    const auto own = there.find(guess);
    const double row = own == there.end() ? 0 : own->second / n;
    for (const auto& [value, t] : there) {
      const auto same = guessed.find(value);
      const double column = same == guessed.end() ? 0 : same->second / n;
      const double part = (guess == value ? 1 : 0) - row - column + mean;
      variance += g * t * part * part / (n - 1);
    }
  }
  return variance < 1e-9 ? 0 : (static_cast<double>(hits) - n * mean) / std::sqrt(variance);
}

double best_excess(const Table& table, std::size_t field, const std::vector<std::string>& public_order,
                   bool known_rows) {
  const auto& truth = table.truth[field];
  if (known_rows) return excess(link_known(table.codes[field], truth, public_order), std::span(truth).subspan(kKnown));
  return excess(match_ranks(table.codes[field], public_order), truth);
}

/// Who stands where in tag order: what only the investigators' key can tell.
std::vector<std::size_t> rows_by_tag(const RegistryKey& key, const std::vector<Person>& all) {
  ValueFingerprinter niks(key.fingerprint_secret, FieldType::kNik, {});
  std::vector<std::string> padded;
  for (const Person& person : all) padded.push_back(person.nik + std::string(kTextSlack, '\0'));
  std::vector<std::string_view> raw;
  for (const std::string& text : padded) raw.emplace_back(text.data(), text.size() - kTextSlack);
  std::vector<ValueState> states(raw.size());
  std::vector<Fingerprint> fingerprints(raw.size());
  std::vector<RowTag> tags(raw.size());
  niks.compute(raw, states, fingerprints, tags);
  std::vector<std::size_t> rows(all.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return tags[a] < tags[b]; });
  return rows;
}

void add_truth(Table& table, const std::vector<Person>& all, const std::vector<std::size_t>& rows) {
  for (const std::size_t row : rows)
    for (std::size_t f = 0; f < kFields.size(); ++f) table.truth[f].push_back(all[row].values[f]);
}

/// The records in clear.
Table decrypted(const FingerprintStore& store) {
  Table table;
  const ExportManifest& manifest = store.exports().front();
  RecordAnswers answers;
  std::optional<RowTag> from = 0;
  while (from) {
    from = store.scan(0, *from, 100000, answers);
    for (const auto& group : answers.groups)
      for (std::size_t f = 0; f < kFields.size(); ++f) {
        const auto column = std::find_if(manifest.columns.begin(), manifest.columns.end(),
                                         [&](const ExportColumn& c) { return c.schema.name == kFields[f]; });
        REQUIRE(column != manifest.columns.end());
        const auto place = static_cast<std::size_t>(std::find(group.columns.begin(), group.columns.end(), column->id) -
                                                    group.columns.begin());
        for (std::size_t r = 0; r < group.tags.size(); ++r)
          table.codes[f].push_back(group.codes[r * group.columns.size() + place]);
      }
  }
  return table;
}

/// The file as a table of 16-bit codes: row by row, or a column after another.
enum class Layout { kRows, kColumns };
Table cut(const std::string& file, std::size_t from, Layout layout) {
  Table table;
  const std::size_t words = (file.size() - from) / 2;
  for (std::size_t i = 0; i < kRows; ++i)
    for (std::size_t f = 0; f < kFields.size(); ++f) {
      const std::size_t word = layout == Layout::kRows ? i * kFields.size() + f : f * kRows + i;
      table.codes[f].push_back(load_u16(as_bytes(file).data() + from + 2 * (word % words)));
    }
  return table;
}

double compressed_share(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 19);
  REQUIRE(ZSTD_isError(size) == 0U);
  return static_cast<double>(size) / static_cast<double>(bytes.size());
}

/// Strings of 16 bytes that stand twice in `bytes`.
std::size_t repeats(const std::string& bytes) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i + 16 <= bytes.size(); ++i) all.emplace_back(bytes.data() + i, 16);
  std::sort(all.begin(), all.end());
  std::size_t count = 0;
  for (std::size_t i = 1; i < all.size(); ++i) count += all[i] == all[i - 1] ? 1U : 0U;
  return count;
}

/// What a process that is killed just before its commit leaves of spills, named or not.
std::string spills(const fs::path& registry) {
  std::string bytes;
  for (const auto& entry : fs::directory_iterator(registry / "spill")) bytes += content(entry.path());
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    const auto target = fs::read_symlink(entry.path(), error);
    if (!error && target.string().find("/spill/") != std::string::npos) bytes += content(entry.path());
  }
  return bytes;
}

}  // namespace

TEST_CASE("the thief names nobody from the files, and everybody's district and class from the records in clear",
          "[registry][thief]") {
  std::map<std::string, std::size_t> rejected;   // by attack, on the files
  std::map<std::string, std::size_t> recovered;  // by attack, on the records in clear
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const SmallRegistry small;
    Registry registry = small.open();
    const std::vector<Person> all = people(seed);
    const std::string csv = csv_of(all);
    // The thief's own key for the host adds nothing: it opens no run.
    const RegistryKey etl = exported_key(small.key, KeyRole::kRegister, "etl-02", std::nullopt, 0);
    registry.add_key(small.key, etl);
    const auto result = register_text(registry, etl, csv, named("may", "hospital"));
    REQUIRE(kind_thrown([&] { registry.snapshot(etl); }) == 5);
    const std::vector<Person> others = people(1000 + seed);  // public statistics: the like of them, not they
    std::array<std::vector<std::string>, 3> public_order;
    for (std::size_t f = 0; f < kFields.size(); ++f) {
      std::vector<std::string> column;
      for (const Person& person : others) column.push_back(person.values[f]);
      public_order[f] = by_frequency(column);
    }
    const std::vector<std::size_t> order = rows_by_tag(small.key, all);
    const auto store = registry.snapshot(small.key);
    Table clear = decrypted(*store);
    REQUIRE(clear.codes[0].size() == kRows);
    add_truth(clear, all, order);
    const std::string file = content(result.entry.run.path);
    Table by_rows = cut(file, 4096, Layout::kRows), by_columns = cut(file, 4096, Layout::kColumns);
    add_truth(by_rows, all, order);
    add_truth(by_columns, all, order);
    for (std::size_t f = 0; f < kFields.size(); ++f)
      for (const bool known : {false, true}) {
        const std::string attack = std::string(kFields[f]) + (known ? " by known rows" : " by ranks");
        recovered[attack] += best_excess(clear, f, public_order[f], known) > kOnePercent ? 1U : 0U;
        rejected[attack] += best_excess(by_rows, f, public_order[f], known) > kOnePercent ? 1U : 0U;
        rejected[attack + ", by columns"] += best_excess(by_columns, f, public_order[f], known) > kOnePercent ? 1U : 0U;
      }
  }
  for (const auto& [attack, seeds] : recovered) {
    INFO(attack << " on the records in clear");
    CHECK(seeds == kSeeds);
  }
  for (const auto& [attack, seeds] : rejected) {
    INFO(attack << " on the files");
    CHECK(seeds <= kMostByChance);
  }
}

TEST_CASE("the attacks name most rows of the records in clear", "[registry][thief]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::vector<Person> all = people(7);
  register_text(registry, small.key, csv_of(all), named("may", "hospital"));
  const auto store = registry.snapshot(small.key);
  Table clear = decrypted(*store);
  add_truth(clear, all, rows_by_tag(small.key, all));
  const auto share_right = [&](std::size_t field) {
    const Guesses guesses = link_known(clear.codes[field], clear.truth[field], {"nothing"});
    std::size_t hits = 0;
    for (std::size_t i = 0; i < guesses.size(); ++i) hits += guesses[i] == clear.truth[field][kKnown + i] ? 1U : 0U;
    return static_cast<double>(hits) / static_cast<double>(guesses.size());
  };
  CHECK(share_right(0) > 0.8);   // districts
  CHECK(share_right(1) > 0.99);  // classes
  CHECK(share_right(2) > 0.5);   // birth dates
}

TEST_CASE("the same data registered twice share no sixteen bytes, and no run compresses", "[registry][thief]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = csv_of(people(1));
  const auto first = register_text(registry, small.key, csv, named("may", "hospital"));
  const auto second = register_text(registry, small.key, csv, named("june", "hospital"));
  // The header tells of registry and format; the blocks behind it of nothing.
  const std::string one = content(first.entry.run.path).substr(4096),
                    other = content(second.entry.run.path).substr(4096);
  CHECK(repeats(one + other) == 0);
  CHECK(repeats(one + one) >= one.size() - 32);  // the search does find what is there
  for (const auto& result : {first, second}) CHECK(compressed_share(content(result.entry.run.path)) >= 0.995);
  CHECK(compressed_share(csv) < 0.5);
}

TEST_CASE("what a killed registration leaves says nothing either", "[registry][thief]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(120000);
  RegistrationOptions options = named("may", "hospital");
  options.memory = std::size_t{1} << 20;  // so that most of it is spilled
  std::string spilled, journals;
  options.before_commit = [&] {
    spilled = spills(small.options.directory);
    for (const auto& entry : fs::directory_iterator(small.options.directory))
      if (entry.path().string().find("journal") != std::string::npos) journals += content(entry.path());
    throw Error(ErrorKind::kFailed, "", "killed here");
  };
  CHECK(kind_thrown([&] { register_text(registry, small.key, csv, options); }) == 1);
  REQUIRE(spilled.size() > 100000);
  CHECK(compressed_share(spilled.substr(0, 2000000)) >= 0.995);
  CHECK(repeats(spilled.substr(0, 2000000)) == 0);
  CHECK(journals.find("3273") == std::string::npos);
}
