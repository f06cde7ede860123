// The thief: whoever has a registry's files, and a register key as well, learns nothing of rows from them, while the
// same attacks on the records in clear name districts, classes and birth dates (thief_attack.h).
//
// Every byte that was ever written is looked at, whatever became of its file: so whoever finds the remains of a process
// that was killed, at any moment, has no more. SQLite's journal is among them, and so are spills.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#include <map>
#include <numeric>

#include "fingerprints/content_digest.h"
#include "registry/certificate.h"
#include "registry/forms_on_disk.h"
#include "registry/merge_commit.h"
#include "registry/small_exports.h"
#include "registry/thief_attack.h"
#include "support/catch.h"
#include "support/file_content.h"
#include "support/recording_file_system.h"
#include "support/sqlite_files.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSeeds = 20;
constexpr double kOnePercent = 2.326;  // standard deviations, one-sided
// Of twenty true nulls at 1 % so many reject by chance once in ten million runs.
constexpr std::size_t kMostByChance = 5;
constexpr std::size_t kRunHeader = 4096, kBlock = 16384;
constexpr std::size_t kSpilling = 40000;  // rows that do not fit into the least memory

RegistrationOptions spilling(const std::string& name) {
  RegistrationOptions options = named(name, "hospital", "rs-jabar");
  options.memory = std::size_t{1} << 20;
  return options;
}

/// A registry of which every written byte is known, and a register key of it.
struct Watched {
  RecordingFileSystem disk;
  SqliteFiles sqlite{disk};
  SmallRegistry small{&disk};
  RegistryKey etl;

  Watched() {
    small.options.sqlite_vfs = sqlite.name();
    etl = exported_key(small.key, KeyRole::kRegister, "etl-02", std::nullopt, 0);
    small.open().add_key(small.key, etl);
  }
  RegistrationResult add(const std::vector<Person>& all, const std::string& name) {
    Registry registry = small.open();
    const std::string csv = csv_of(all);
    return register_text(registry, etl, csv, spilling(name));
  }
  void merge_all() {
    Registry registry = small.open();
    std::set<std::string> ids;
    for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
    MergeTurn::take(registry.state(), small.key)->merge(ids, {});
  }
};

std::vector<std::string> column(const std::vector<Person>& all, std::size_t field) {
  std::vector<std::string> values;
  for (const Person& person : all) values.push_back(person.values[field]);
  return values;
}

/// Who stands where in tag order: what who holds a fingerprint secret, so a register key, can tell of people that it
/// knows.
std::vector<std::size_t> rows_by_tag(const RegistryKey& key, const std::vector<Person>& all) {
  std::vector<std::string> niks;
  for (const Person& person : all) niks.push_back(person.nik);
  const std::vector<RowTag> tags = fingerprints_of(key.fingerprint_secret, FieldType::kNik, niks).tags;
  std::vector<std::size_t> rows(all.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return tags[a] < tags[b]; });
  return rows;
}

/// The true values of the kTargets rows with the smallest tags.
void add_truth(Table& table, const std::vector<Person>& all, const std::vector<std::size_t>& rows) {
  for (std::size_t i = 0; i < kTargets; ++i)
    for (std::size_t f = 0; f < kFields.size(); ++f) table.truth[f].push_back(all[rows[i]].values[f]);
}

/// The records in clear, and their codes as a table of the kTargets rows with the smallest tags.
struct Clear {
  Table table;
  std::string bytes;  // tag and codes of each record, as a file in clear might have them
};

Clear decrypted(const FingerprintStore& store, ExportIndex e = 0) {
  Clear clear;
  const ExportManifest& manifest = store.exports()[e];
  RecordAnswers answers;
  for (std::optional<RowTag> from = 0; from;) {
    from = store.scan(e, *from, 100000, answers);
    for (const auto& group : answers.groups) {
      std::array<std::size_t, 3> places{};
      for (std::size_t f = 0; f < kFields.size(); ++f) {
        const auto found = std::find_if(manifest.columns.begin(), manifest.columns.end(),
                                        [&](const ExportColumn& c) { return c.schema.name == kFields[f]; });
        REQUIRE(found != manifest.columns.end());
        places[f] = static_cast<std::size_t>(std::find(group.columns.begin(), group.columns.end(), found->id) -
                                             group.columns.begin());
      }
      for (std::size_t r = 0; r < group.tags.size(); ++r) {
        clear.bytes += little_endian(group.tags[r]).substr(0, 6);
        for (std::size_t f = 0; f < kFields.size(); ++f) {
          const ColumnCode code = group.codes[r * group.columns.size() + places[f]];
          clear.bytes += little_endian(code).substr(0, 2);
          if (clear.table.codes[f].size() < kTargets) clear.table.codes[f].push_back(code);
        }
      }
    }
  }
  return clear;
}

double compressed_share(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 19);
  REQUIRE(ZSTD_isError(size) == 0U);
  return static_cast<double>(size) / static_cast<double>(bytes.size());
}

/// Strings of `width` bytes that stand twice in `bytes`.
std::size_t repeats(const std::string& bytes, std::size_t width = 16) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i + width <= bytes.size(); ++i) all.emplace_back(bytes.data() + i, width);
  std::sort(all.begin(), all.end());
  std::size_t count = 0;
  for (std::size_t i = 1; i < all.size(); ++i) count += all[i] == all[i - 1] ? 1U : 0U;
  return count;
}

/// The header tells of registry and format; the blocks behind it of nothing.
std::string blocks_of(const RegistrationResult& result) { return content(result.entry.run.path).substr(kRunHeader); }

/// A spill or run as it was written, without the headers.
bool is_encrypted(const std::string& kind) { return kind == "spill" || kind == ".building"; }

}  // namespace

TEST_CASE("the thief names nobody from what was ever written, and everybody's district and class from the records",
          "[registry][thief]") {
  std::map<std::string, std::size_t> rejected;   // by attack, on what was written
  std::map<std::string, std::size_t> recovered;  // by attack, on the records in clear
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    Watched house;
    const std::vector<Person> all = people(seed, kSpilling);
    house.add(all, "may");
    REQUIRE(kind_thrown([&] { house.small.open().snapshot(house.etl); }) == 5);
    const auto public_orders = public_statistics(1000 + seed);
    // The thief's own key adds where each row stands, and no more.
    const std::vector<std::size_t> order = rows_by_tag(house.etl, all);
    Table clear = decrypted(*house.small.open().snapshot(house.small.key)).table;
    add_truth(clear, all, order);
    const auto written = house.disk.written();
    for (const char* kind :
         {"spill", ".building", ".envelope.pending.tmp", "catalogue.sqlite", "catalogue.sqlite-journal", "config.tmp"})
      REQUIRE(written.contains(kind));
    for (const auto& [kind, bytes] : written)
      for (const Layout layout : {Layout::kRows, Layout::kColumns}) {
        Table stolen = cut(is_encrypted(kind) ? bytes.substr(kRunHeader) : bytes, layout);
        stolen.truth = clear.truth;
        for (std::size_t f = 0; f < kFields.size(); ++f)
          for (const Attack attack : kAttacks) {
            const std::string name = std::string(kFields[f]) +
                                     (attack == Attack::kRanks ? " by ranks" : " by known rows") +
                                     (layout == Layout::kRows ? ", by rows of " : ", by columns of ") + kind;
            rejected[name] += excess_of(attack, stolen, f, public_orders[f]) > kOnePercent ? 1U : 0U;
          }
      }
    for (std::size_t f = 0; f < kFields.size(); ++f)
      for (const Attack attack : kAttacks)
        recovered[kFields[f] + std::string(attack == Attack::kRanks ? " by ranks" : " by known rows")] +=
            excess_of(attack, clear, f, public_orders[f]) > kOnePercent ? 1U : 0U;
  }
  CHECK(recovered.size() == 6);
  for (const auto& [attack, seeds] : recovered) {
    INFO(attack << " on the records in clear");
    CHECK(seeds == kSeeds);
  }
  CHECK(rejected.size() >= 6 * 12);
  for (const auto& [attack, seeds] : rejected) {
    INFO(attack);
    CHECK(seeds <= kMostByChance);
  }
}

TEST_CASE("the attacks name most rows of the records in clear", "[registry][thief]") {
  Watched house;
  const std::vector<Person> all = people(7);
  house.add(all, "may");
  Table clear = decrypted(*house.small.open().snapshot(house.small.key)).table;
  add_truth(clear, all, rows_by_tag(house.small.key, all));
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

TEST_CASE("nothing that repeats links two exports of the same people, nor an export with its merged run",
          "[registry][thief]") {
  std::map<std::size_t, std::size_t> linked;  // by width
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    Watched house;
    const std::vector<Person> all = people(seed, 12000);
    const std::string may = blocks_of(house.add(all, "may")), june = blocks_of(house.add(all, "june"));
    for (const std::size_t width : {2U, 3U}) linked[width] += coincidences(may, june, width) > kOnePercent ? 1U : 0U;
    if (seed > 2) continue;
    const auto store = house.small.open().snapshot(house.small.key);
    const std::string clear = decrypted(*store, 0).bytes, other_clear = decrypted(*store, 1).bytes;
    for (const std::size_t width : {2U, 3U}) CHECK(coincidences(clear, other_clear, width) > 100);
    house.merge_all();
    const auto entry = house.small.open().find("may");
    const std::string merged = content(entry->run.path).substr(kRunHeader);
    CHECK(repeats(may + june + merged, 8) == 0);  // wider strings meet by chance nowhere
    CHECK(compressed_share(merged) >= 0.995);
  }
  for (const auto& [width, seeds] : linked) {
    INFO(width << " bytes");
    CHECK(seeds <= kMostByChance);
  }
}

TEST_CASE("lengths are whole blocks, and do not say who has which values", "[registry][thief]") {
  std::size_t longer = 0, shorter = 0;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const SmallRegistry small;
    Registry registry = small.open();
    std::vector<Person> all = people(seed, 6000);
    const auto length_of = [&](const std::string& name) {
      const std::string csv = csv_of(all);
      const auto file = content(register_text(registry, small.key, csv, named(name)).entry.run.path);
      CHECK((file.size() - kRunHeader) % kBlock == 0);
      return file.size();
    };
    // In the second the commonest class is the rarest and the other way round, and districts likewise.
    const std::size_t before = length_of("before");
    const auto turned = [&](std::size_t field) {
      std::vector<std::string> order = by_frequency(column(all, field));
      std::map<std::string, std::string> other;
      for (std::size_t i = 0; i < order.size(); ++i) other[order[i]] = order[order.size() - 1 - i];
      for (Person& person : all) person.values[field] = other[person.values[field]];
    };
    turned(0);
    turned(1);
    const std::size_t after = length_of("after");
    longer += after > before ? 1U : 0U;
    shorter += after < before ? 1U : 0U;
  }
  // Equal but where a block's end falls in between, which takes turns.
  CHECK(longer + shorter <= kSeeds / 2);
  CHECK(longer < 9);
  CHECK(shorter < 9);
}

TEST_CASE("a register key finds no fingerprint that it can compute, and confirms a guess of a whole export only",
          "[registry][thief]") {
  Watched house;
  const std::vector<Person> all = people(3, kSpilling);
  const auto may = house.add(all, "may");
  house.merge_all();
  const auto store = house.small.open().snapshot(house.small.key);
  Forbidden forbidden;
  std::vector<std::string> niks;
  for (const Person& person : all) niks.push_back(person.nik);
  const Secret& secret = house.etl.fingerprint_secret;
  const auto [fingerprints, tags] = fingerprints_of(secret, FieldType::kNik, niks);
  forbid_fingerprints(fingerprints, tags, forbidden);
  for (std::size_t f = 0; f < kFields.size(); ++f)
    for (const ExportColumn& each : store->exports()[0].columns)
      if (each.schema.name == kFields[f])
        forbid_fingerprints(fingerprints_of(secret, each.schema.type, column(all, f)).values, tags, forbidden);
  forbidden.sort();
  REQUIRE(forbidden.words.size() > 500000);
  for (const auto& [kind, bytes] : house.disk.written()) {
    INFO(kind);
    CHECK(first_found(bytes, forbidden) == "");
  }
  CHECK(first_found(decrypted(*store).bytes, forbidden) != "");  // the search does find what is there

  // What remains (SECURITY.md): in a copy of its own the thief registers a guess under the export's name.
  const auto confirms = [&](const std::vector<Person>& guess) {
    RegistryOptions copy;
    const TemporaryDirectory folder;
    copy.directory = folder.path() / "registry";
    fs::copy(house.small.options.directory, copy.directory, fs::copy_options::recursive);
    Registry registry = Registry::open(copy);
    const std::string csv = csv_of(guess);
    try {
      return register_text(registry, house.etl, csv, spilling("may")).already_registered;
    } catch (const Error& error) {
      REQUIRE(exit_status(error.kind()) == 4);  // other content
      return false;
    }
  };
  CHECK(confirms(all));
  std::vector<Person> nearly = all;
  nearly[17].values[1] = nearly[17].values[1] == "KELAS 1" ? "KELAS 2" : "KELAS 1";
  CHECK_FALSE(confirms(nearly));
}

TEST_CASE("the same data registered twice share no sixteen bytes, and no run compresses", "[registry][thief]") {
  const SmallRegistry small;
  Registry registry = small.open();
  for (const std::size_t rows : {std::size_t{1}, std::size_t{1500}, kSpilling}) {
    const std::string number = std::to_string(rows), csv = csv_of(people(1, rows));
    const auto first = register_text(registry, small.key, csv, named("may-" + number, "hospital"));
    const auto second = register_text(registry, small.key, csv, named("june-" + number, "hospital"));
    const std::string one = blocks_of(first), other = blocks_of(second);
    INFO(rows << " rows");
    CHECK(repeats(one + other) == 0);
    CHECK(repeats(one + one) >= one.size() - 32);  // the search does find what is there
    for (const auto& result : {first, second}) CHECK(compressed_share(content(result.entry.run.path)) >= 0.995);
    if (rows > 1) CHECK(compressed_share(csv) < 0.5);
  }
}

TEST_CASE("whatever is written, spills and SQLite's journal too, says nothing plain", "[registry][thief]") {
  Watched house;
  const std::vector<Person> all = people(4, kSpilling);
  house.add(all, "may");
  house.add(all, "june");
  house.merge_all();
  const std::string csv = csv_of(all);
  const Forbidden forbidden = forms_of_csv(csv);
  for (const auto& [kind, bytes] : house.disk.written()) {
    INFO(kind);
    CHECK(first_found(bytes, forbidden) == "");
    if (!is_encrypted(kind)) continue;
    const std::string some = bytes.substr(0, 2000000);
    CHECK(compressed_share(some) >= 0.995);
    if (kind == "spill") CHECK(repeats(some) == 0);  // runs have headers, which begin alike
  }
  CHECK(house.disk.written().at("spill").size() > 200000);
  CHECK(house.disk.written().at("catalogue.sqlite-journal").size() > 10000);
  CHECK(first_found(csv, forbidden) != "");
}

TEST_CASE("a process that is killed while it spills leaves no spill under any name", "[registry][thief]") {
  const SmallRegistry small;
  const std::string csv = csv_of(people(5, kSpilling));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      Registry registry = small.open();
      RegistrationOptions options = spilling("may");
      options.threads = 1;
      options.before_commit = [] { ::raise(SIGSTOP); };
      register_text(registry, small.key, csv, options);
    } catch (...) {
    }
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, WUNTRACED) == child);
  REQUIRE(WIFSTOPPED(status));
  // What it has open just now, names or none.
  std::string spilled;
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(child) + "/fd")) {
    std::error_code error;
    const auto target = fs::read_symlink(entry.path(), error);
    if (!error && target.string().find("/spill/") != std::string::npos) spilled += content(entry.path());
  }
  ::kill(child, SIGKILL);
  REQUIRE(::waitpid(child, &status, 0) == child);
  const Forbidden forbidden = forms_of_csv(csv);
  CHECK(spilled.size() > 100000);
  CHECK(first_found(spilled, forbidden) == "");
  CHECK(fs::is_empty(small.options.directory / "spill"));
  for (const auto& entry : fs::recursive_directory_iterator(small.options.directory)) {
    INFO(entry.path());
    if (entry.is_regular_file()) CHECK(first_found(content(entry.path()), forbidden) == "");
  }
}
