#include "registry/registration.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/small_exports.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

/// Names and lengths of all files of a registry.
std::set<std::string> files_of(const fs::path& directory) {
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files.insert(entry.path().string() + " " + std::to_string(entry.file_size()));
  return files;
}

RegistrationResult register_parts(Registry& registry, const RegistryKey& key,
                                  const std::vector<std::pair<std::string, std::string>>& parts,
                                  const RegistrationOptions& options) {
  std::vector<std::unique_ptr<ByteSource>> sources;
  for (const auto& [name, text] : parts) sources.push_back(memory_source(text, name));
  return register_export(registry, key, std::move(sources), options);
}

std::string shuffled_rows(const std::string& csv) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < csv.size();) {
    const std::size_t end = csv.find('\n', begin) + 1;
    lines.push_back(csv.substr(begin, end - begin));
    begin = end;
  }
  std::reverse(lines.begin() + 1, lines.end());
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

/// Values of one column of a sample, and their fingerprints.
struct Asked {
  Asked(const RegistryKey& key, FieldType type) : fingerprinter(key.fingerprint_secret, type, {}) {}
  void add(const std::string& value) { values.push_back(value + std::string(64, ' ')); }
  void compute() {
    std::vector<std::string_view> raw;
    for (const auto& value : values) raw.push_back(std::string_view(value).substr(0, value.size() - 64));
    states.resize(raw.size());
    fingerprints.resize(raw.size());
    tags.resize(raw.size());
    fingerprinter.compute(raw, states, fingerprints, tags);
  }
  ValueFingerprinter fingerprinter;
  std::vector<std::string> values;
  std::vector<ValueState> states;
  std::vector<Fingerprint> fingerprints;
  std::vector<RowTag> tags;
};

bool any_contains(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const auto& sentence) { return sentence.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("a registered export is listed, found, snapshot and clean", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(500);
  RegistrationOptions options = named("hospital-08", "hospital", "rs-jabar");
  options.description.at = parse_utc("2021-08-05");
  const RegistrationResult result = register_text(registry, small.key, csv, options);
  CHECK_FALSE(result.already_registered);
  CHECK(result.manifest.rows == 500);
  CHECK(result.entry.rows == 500);
  CHECK(result.entry.description.registered_by == small.key.holder);
  CHECK(fs::exists(result.entry.run.path));

  const auto listed = registry.list();
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].description.name == "hospital-08");
  CHECK(listed[0].description.recipient == "rs-jabar");
  CHECK(listed[0].run.digest == result.entry.run.digest);
  CHECK(registry.find("hospital-08").has_value());
  CHECK_FALSE(registry.find("hospital-09").has_value());
  CHECK(registry.pinned_schema("hospital", small.key)->columns.size() == 6);

  const auto store = registry.snapshot(small.key);
  REQUIRE(store->exports().size() == 1);
  CHECK(store->exports()[0].rows == 500);
  CHECK(store->exports()[0].description.at == parse_utc("2021-08-05"));
  CHECK(store->audit_head().size() == 64);
  for (const RegistryKey* key : {static_cast<const RegistryKey*>(nullptr), &small.key}) {
    const CheckReport report = registry.check(key, {});
    CHECK(report.damaged == std::vector<std::string>{});
    CHECK(report.leftovers == std::vector<std::string>{});
    CHECK(report.exports == 1);
    CHECK(report.bytes == fs::file_size(result.entry.run.path));
  }
}

TEST_CASE("the same export again is done already, whatever its order and the threads", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(300);
  RegistrationOptions options = named("may", "hospital", "rs");
  register_text(registry, small.key, csv, options);
  const auto before = files_of(small.options.directory);
  const std::string state = registry.snapshot(small.key)->state();
  for (const unsigned threads : {1U, 2U, 5U}) {
    options.threads = threads;
    const std::string again = shuffled_rows(csv);
    const RegistrationResult result = register_text(registry, small.key, again, options);
    CHECK(result.already_registered);
    CHECK(result.entry.description.name == "may");
    CHECK(result.manifest.rows == 300);
  }
  CHECK(files_of(small.options.directory) == before);
  CHECK(registry.snapshot(small.key)->state() == state);
}

TEST_CASE("a name that is taken stays what it is", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(100);
  const std::string other = people_csv(100, 1);
  register_text(registry, small.key, csv, named("may", "hospital", "rs"));
  CHECK(kind_thrown([&] { register_text(registry, small.key, other, named("may", "hospital", "rs")); }) == 4);
  CHECK(without_words(error_of([&] { register_text(registry, small.key, csv, named("may", "bank", "rs")); }),
                      {"feed 'hospital', not 'bank'"}) == "");
  CHECK(without_words(error_of([&] { register_text(registry, small.key, csv, named("may", "hospital", "other")); }),
                      {"recipient"}) == "");
  RegistrationOptions dated = named("may", "hospital", "rs");
  dated.description.at = parse_utc("2021-08-05");
  CHECK(kind_thrown([&] { register_text(registry, small.key, csv, dated); }) == 4);
  CHECK(registry.list().size() == 1);
  CHECK(registry.check(&small.key, {}).clean());
}

TEST_CASE("bad input is refused with its place, and nothing is left of it", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const auto before = files_of(small.options.directory);
  const auto refused = [&](const std::string& text, RegistrationOptions options) {
    const std::string message = error_of([&] { register_text(registry, small.key, text, options); });
    CHECK(kind_thrown([&] { register_text(registry, small.key, text, options); }) == 3);
    return message;
  };
  CHECK(without_words(refused(kPersonHeader, named("x")), {"people.csv"}) == "");
  CHECK(without_words(refused("", named("x")), {"people.csv"}) == "");
  RegistrationOptions expecting = named("x");
  expecting.expect_rows = 101;
  CHECK(without_words(refused(people_csv(100), expecting), {"100 rows", "101"}) == "");
  expecting.expect_rows = 99;
  refused(people_csv(100), expecting);
  const std::string ragged = people_csv(50) + "1,2,3\n" + person_row(60, 0) + "1,2\n" + person_row(61, 0);
  CHECK(without_words(refused(ragged, named("x")), {"people.csv, line 52: 3 cells where the table has 6",
                                                    "line 54: 2 cells", "--max-rejects"}) == "");
  RegistrationOptions failing = named("x");
  failing.before_commit = [] { throw Error(ErrorKind::kRefused, "psql", "exited with 1"); };
  CHECK(without_words(refused(people_csv(100), failing), {"psql"}) == "");
  CHECK(without_words(refused("", failing), {"psql"}) == "");
  CHECK(without_words(refused(kPersonHeader, failing), {"psql"}) == "");

  CHECK(registry.list().empty());
  CHECK(registry.check(&small.key, {}).leftovers.empty());
  CHECK(files_of(small.options.directory / "runs") == std::set<std::string>{});
  CHECK(files_of(small.options.directory / "spill") == std::set<std::string>{});
  CHECK(files_of(small.options.directory).size() == before.size());
}

TEST_CASE("bad rows within --max-rejects are left out and counted", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string ragged = people_csv(200) + "1,2,3\n";
  const RegistrationResult result = register_text(registry, small.key, ragged, named("x"));
  CHECK(result.rejected == 1);
  CHECK(result.manifest.rows == 200);
  CHECK(result.manifest.rejected == 1);
  REQUIRE(result.first_rejected.size() == 1);
  CHECK(result.first_rejected[0].line == 202);
  CHECK(any_contains(result.warnings, "line 202"));
}

TEST_CASE("wrong names are wrong usage", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(10);
  for (const std::string& name : {std::string(), std::string("a\nb"), std::string("\xff\xfe"), std::string(300, 'x')})
    CHECK(kind_thrown([&] { register_text(registry, small.key, csv, named(name)); }) == 2);
  CHECK(kind_thrown([&] { register_text(registry, small.key, csv, named("x", "a\tb")); }) == 2);
  CHECK(kind_thrown([&] { register_export(registry, small.key, {}, named("x")); }) == 2);
}

TEST_CASE("a key that may not register is refused before anything is read", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(10);
  RegistryKey compact = small.key;
  compact.role = KeyRole::kCompact;
  compact.fingerprint_secret = Secret();
  CHECK(kind_thrown([&] { register_text(registry, compact, csv, named("x")); }) == 5);
  CHECK(kind_thrown([&] { register_text(registry, RegistryKey::generate(), csv, named("x")); }) == 5);
}

TEST_CASE("parts of one export count as one table, and must look alike", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const auto result =
      register_parts(registry, small.key, {{"a.csv", people_csv(120)}, {"b.csv", people_csv(80, 120)}}, named("both"));
  CHECK(result.manifest.rows == 200);
  CHECK(result.manifest.tags == 200);
  const std::string whole = people_csv(200);
  CHECK(register_text(registry, small.key, whole, named("both")).already_registered);
  CHECK(
      without_words(
          error_of([&] {
            register_parts(registry, small.key, {{"a.csv", people_csv(20)}, {"b.csv", "NIK,NAMA\n1,2\n"}}, named("x"));
          }),
          {"b.csv", "2 columns"}) == "");
  std::string renamed = people_csv(20);
  renamed.replace(renamed.find("NAMA"), 4, "NAME");
  CHECK(
      without_words(error_of([&] {
                      register_parts(registry, small.key, {{"a.csv", people_csv(20)}, {"b.csv", renamed}}, named("x"));
                    }),
                    {"b.csv", "'NAME'"}) == "");
  CHECK(registry.list().size() == 1);
}

TEST_CASE("a feed's first export pins its schema, and drift is refused or warned of", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string first = people_csv(200);
  register_text(registry, small.key, first, named("may", "hospital"));
  const Schema pinned = *registry.pinned_schema("hospital", small.key);
  REQUIRE(pinned.columns.size() == 6);
  CHECK(pinned.columns[0].type == FieldType::kNik);

  std::string without = "NIK,NAMA,NOHP,ALAMAT,TGLLHR\n";
  std::string with = "NIK,NAMA,NOHP,ALAMAT,TGLLHR,KELAS,EXTRA\n";
  std::string other_phones = kPersonHeader;
  for (unsigned i = 0; i < 200; ++i) {
    std::string row = person_row(i, 0);
    without += row.substr(0, row.rfind(',')) + "\n";
    with += row.substr(0, row.size() - 1) + ",1\n";
    const std::size_t phone = row.find(",08") + 1;
    row.replace(phone, row.find(',', phone) - phone, "someone" + std::to_string(i) + "@example.org");
    other_phones += row;
  }
  const auto drift_of = [&](const std::string& csv) {
    CHECK(kind_thrown([&] { register_text(registry, small.key, csv, named("june", "hospital")); }) == 3);
    return error_of([&] { register_text(registry, small.key, csv, named("june", "hospital")); });
  };
  CHECK(without_words(drift_of(without), {"hospital", "KELAS", "--on-drift"}) == "");
  CHECK(without_words(drift_of(with), {"EXTRA"}) == "");
  CHECK(without_words(drift_of(other_phones), {"NOHP", "phone", "email"}) == "");
  CHECK(registry.list().size() == 1);

  RegistrationOptions warned = named("june", "hospital");
  warned.on_drift = DriftPolicy::kWarn;
  const auto accepted = register_text(registry, small.key, without, warned);
  CHECK(any_contains(accepted.warnings, "KELAS"));
  CHECK(registry.pinned_schema("hospital", small.key)->columns.size() == 6);
  // Another month of the same form, and other feeds, are no drift.
  const std::string july = people_csv(210, 3, 1);
  register_text(registry, small.key, july, named("july", "hospital"));
  register_text(registry, small.key, without, named("june-bank", "bank"));
  CHECK(registry.snapshot(small.key)->exports().size() == 4);
}

TEST_CASE("a given schema goes before the inferred one", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(100);
  RegistrationOptions options = named("x");
  options.schema = Schema::from_toml("[[column]]\nname = \"KELAS\"\ntype = \"text\"\n", "test");
  const auto result = register_text(registry, small.key, csv, options);
  CHECK(result.manifest.columns[5].schema.type == FieldType::kText);
  CHECK(result.manifest.columns[0].schema.type == FieldType::kNik);
  options.schema = Schema::from_toml("[[column]]\nname = \"NOSUCH\"\ntype = \"text\"\n", "test");
  options.description.name = "y";
  CHECK(without_words(error_of([&] { register_text(registry, small.key, csv, options); }), {"NOSUCH"}) == "");
}

TEST_CASE("a later file of a feed without a header takes the pinned names", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string first = people_csv(100);
  register_text(registry, small.key, first, named("may", "hospital"));
  const std::string headerless = people_csv(100, 5).substr(kPersonHeader.size());
  RegistrationOptions options = named("june", "hospital");
  options.reader.dialect.header = false;
  const auto result = register_text(registry, small.key, headerless, options);
  CHECK(result.manifest.rows == 100);
  CHECK(result.manifest.columns[1].schema.name == "NAMA");
  CHECK(any_contains(result.warnings, "no header"));
}

TEST_CASE("the user is warned of what may be wrong", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string few = people_csv(3);
  CHECK(any_contains(register_text(registry, small.key, few, named("few")).warnings, "fewer than 20 values"));
  std::string classes = "KELAS,KOTA\n";
  for (int i = 0; i < 60; ++i) classes += i % 2 == 0 ? "1,BANDUNG\n" : "2,BOGOR\n";
  CHECK(any_contains(register_text(registry, small.key, classes, named("classes")).warnings, "no column identifies"));
  std::string dirty = people_csv(300);
  dirty += "not-a-nik," + person_row(400, 0).substr(17);
  CHECK(any_contains(register_text(registry, small.key, dirty, named("dirty")).warnings, "NIK (1 value"));
}

TEST_CASE("progress is told from the calling thread and ends with writing", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(20000);
  RegistrationOptions options = named("x");
  std::vector<std::string> stages;
  options.progress = [&](const RegistrationProgress& progress) {
    stages.emplace_back(progress.stage);
    CHECK(progress.bytes <= progress.total_bytes);
  };
  register_text(registry, small.key, csv, options);
  REQUIRE_FALSE(stages.empty());
  CHECK(stages.back() == "writing");
}

TEST_CASE("a snapshot finds rows of several exports by tag and by value", "[registry][registration]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string may = people_csv(400);
  const std::string june = people_csv(400, 100, 1);
  RegistrationOptions options = named("b-june", "hospital");
  options.description.at = parse_utc("2021-06-05");
  register_text(registry, small.key, june, options);
  options = named("a-may", "hospital");
  options.description.at = parse_utc("2021-05-05");
  register_text(registry, small.key, may, options);
  const auto store = registry.snapshot(small.key);
  REQUIRE(store->exports().size() == 2);
  CHECK(store->exports()[0].description.name == "a-may");  // by date, not by registration

  // Row tags come from the NIK; candidates are asked for by phone.
  Asked niks(small.key, FieldType::kNik), phones(small.key, FieldType::kPhone);
  for (unsigned i = 0; i < 500; ++i) {
    const std::string row = person_row(i, 0);
    niks.add(row.substr(0, 16));
    phones.add(row.substr(row.find(",08") + 1, 12));
  }
  niks.compute();
  phones.compute();
  std::vector<RowTag> sorted = niks.tags;
  std::sort(sorted.begin(), sorted.end());

  RecordAnswers answers;
  store->find_records(1, sorted, answers);
  std::map<ExportIndex, std::size_t> found;
  for (const auto& group : answers.groups)
    for (std::size_t r = 0; r < group.query.size(); ++r) {
      CHECK(group.tags[r] == sorted[group.query[r]]);
      for (const ExportIndex e : group.export_sets[group.sets[r]]) ++found[e];
    }
  CHECK(found[0] == 400);
  CHECK(found[1] == 400);

  std::vector<IndexValue> values;
  for (const Fingerprint fingerprint : phones.fingerprints) values.push_back(index_value(fingerprint));
  std::sort(values.begin(), values.end());
  CandidateAnswers candidates;
  store->find_candidates(1, FieldType::kPhone, values, 16, candidates);
  CHECK(std::is_sorted(candidates.query.begin(), candidates.query.end()));
  REQUIRE(candidates.totals.size() == values.size());
  CHECK(std::count(candidates.totals.begin(), candidates.totals.end(), 1U) == 500);  // in both exports: one candidate
  CHECK(candidates.prefixes.size() == values.size());
  store->find_candidates(1, FieldType::kPhone, values, 0, candidates);
  CHECK(candidates.prefixes.empty());
  CHECK(std::count(candidates.totals.begin(), candidates.totals.end(), 1U) == 500);

  std::vector<IndexEntry> entries;
  for (std::size_t i = 0; i < 500; ++i) entries.push_back(index_entry(phones.fingerprints[i], niks.tags[i]));
  entries.push_back(entries.front() ^ 1);
  std::sort(entries.begin(), entries.end());
  std::vector<std::uint8_t> there(entries.size(), 9);
  store->contains(1, FieldType::kPhone, entries, there);
  CHECK(std::count(there.begin(), there.end(), 1) == 500);

  std::size_t scanned = 0;
  std::optional<RowTag> from = 0;
  while (from) {
    from = store->scan(1, *from, 64, answers);
    for (const auto& group : answers.groups) scanned += group.tags.size();
  }
  CHECK(scanned == 400);
  CHECK(store->epoch_of(1) == 1);
  store->find_records(2, sorted, answers);  // an epoch that nothing is in
  CHECK(answers.groups.empty());
}
