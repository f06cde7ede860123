#include "registry/run.h"

#include "base/error.h"
#include "registry/run_twin.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace sidik;
using namespace sidik::test;

namespace {

/// All records of an answer as the twin has them, by query.
std::map<std::uint32_t, std::map<std::pair<RowTag, Twin::Codes>, std::uint32_t>> answers_of(
    const RecordAnswers& answers) {
  std::map<std::uint32_t, std::map<std::pair<RowTag, Twin::Codes>, std::uint32_t>> out;
  for (const auto& group : answers.groups) {
    const std::size_t columns = group.columns.size();
    REQUIRE(std::is_sorted(group.query.begin(), group.query.end()));
    REQUIRE(group.codes.size() == group.tags.size() * columns);
    for (std::size_t i = 0; i < group.tags.size(); ++i) {
      const auto codes = group.codes.begin() + static_cast<std::ptrdiff_t>(i * columns);
      out[group.query[i]][{group.tags[i], Twin::Codes(codes, codes + static_cast<std::ptrdiff_t>(columns))}] =
          group.counts[i];
      REQUIRE(group.export_sets[group.sets[i]] == std::vector<ExportIndex>{0});
    }
  }
  return out;
}

/// How many keys that hardly anybody has are asked for: of a small run many between any two that it holds.
int strange_keys(std::size_t held) { return held < 3000 ? 20000 : 300; }

/// Keys that a run holds, and their neighbours.
template <class Key>
void ask_around(std::set<Key>& asked, Key key) {
  asked.insert(key);
  if (key > 0) asked.insert(key - 1);
  asked.insert(key + 1);
}

void require_same_records(const Run& run, const Twin& twin, std::mt19937_64& random) {
  std::set<RowTag> asked;
  for (const auto& [tag, records] : twin.records)
    if (twin.records.size() < 2000 || random() % 7 == 0) ask_around(asked, tag);
  for (int i = 0; i < strange_keys(twin.records.size()); ++i) asked.insert(random() >> 16);
  const std::vector<RowTag> tags(asked.begin(), asked.end());
  RecordAnswers answers;
  run.find_records(tags, answers);
  REQUIRE(answers.groups.size() == 1);
  auto found = answers_of(answers);
  for (std::uint32_t q = 0; q < tags.size(); ++q) {
    std::map<std::pair<RowTag, Twin::Codes>, std::uint32_t> expected;
    if (const auto at = twin.records.find(tags[q]); at != twin.records.end())
      for (const auto& [codes, count] : at->second) expected[{tags[q], codes}] = count;
    REQUIRE(found[q] == expected);
  }
  std::set<std::uint32_t> prefix_set;
  for (const RowTag tag : tags) prefix_set.insert(tag_prefix(tag));
  const std::vector<std::uint32_t> prefixes(prefix_set.begin(), prefix_set.end());
  RecordAnswers by_prefix;
  run.find_records_by_prefix(prefixes, by_prefix);
  auto near = answers_of(by_prefix);
  for (std::uint32_t q = 0; q < prefixes.size(); ++q) {
    std::map<std::pair<RowTag, Twin::Codes>, std::uint32_t> expected;
    const RowTag first = first_tag_of(prefixes[q]);
    for (auto at = twin.records.lower_bound(first); at != twin.records.end() && at->first < first + (1 << 20); ++at)
      for (const auto& [codes, count] : at->second) expected[{at->first, codes}] = count;
    REQUIRE(near[q] == expected);
  }
}

void require_same_index(const Run& run, const Twin& twin, std::mt19937_64& random) {
  std::vector<FieldType> types;
  for (const auto& [type, entries] : twin.entries) types.push_back(type);
  REQUIRE(run.indexed_types() == types);
  for (const auto& [type, entries] : twin.entries) {
    std::set<IndexEntry> asked;
    std::map<IndexValue, std::set<std::uint32_t>> by_value;
    for (const IndexEntry e : entries) {
      by_value[e >> kEntryTagBits].insert(entry_tag_prefix(e));
      if (random() % 3 == 0) asked.insert(e + random() % 2);
    }
    for (int i = 0; i < strange_keys(entries.size()); ++i) asked.insert(random());
    const std::vector<IndexEntry> list(asked.begin(), asked.end());
    std::vector<std::uint8_t> found(list.size(), 9);
    run.contains(type, list, found);
    for (std::size_t i = 0; i < list.size(); ++i) REQUIRE((found[i] == 1) == entries.contains(list[i]));

    std::set<IndexValue> values{0, (IndexValue{1} << 36) - 1};
    for (const auto& [value, prefixes] : by_value)
      if (random() % 2 == 0) ask_around(values, value);
    for (int i = 0; i < strange_keys(entries.size()); ++i) values.insert(random() >> 28);
    const std::vector<IndexValue> value_list(values.begin(), values.end());
    for (const std::uint32_t cap : {0U, 5U, 1000000U}) {
      CandidateAnswers answers;
      run.find_candidates(type, value_list, cap, answers);
      REQUIRE(answers.totals.size() == value_list.size());
      REQUIRE(std::is_sorted(answers.query.begin(), answers.query.end()));
      std::map<std::uint32_t, std::vector<std::uint32_t>> given;
      for (std::size_t i = 0; i < answers.query.size(); ++i) given[answers.query[i]].push_back(answers.prefixes[i]);
      for (std::uint32_t q = 0; q < value_list.size(); ++q) {
        const auto at = by_value.find(value_list[q]);
        std::vector<std::uint32_t> expected;
        if (at != by_value.end()) expected.assign(at->second.begin(), at->second.end());
        REQUIRE(answers.totals[q] == expected.size());
        if (expected.size() > cap) expected.resize(cap + std::size_t{1});
        REQUIRE(given[q] == expected);
      }
    }
  }
}

void require_same_scan(const Run& run, const Twin& twin, std::size_t most) {
  std::uint64_t records = 0, rows = 0;
  std::optional<RowTag> from = 0;
  RowTag last = 0;
  while (from) {
    RecordAnswers answers;
    const RowTag begin = *from;
    from = run.scan(0, begin, most, answers);
    for (const auto& [query, found] : answers_of(answers)) {
      REQUIRE(query == 0);
      for (const auto& [record, count] : found) {
        const auto at = twin.records.find(record.first);
        REQUIRE(at != twin.records.end());
        REQUIRE(at->second.at(record.second) == count);
        REQUIRE((record.first >= begin && (records == 0 || record.first >= last)));
        ++records;
        rows += count;
      }
      last = found.rbegin()->first.first + 1;
    }
    if (from) REQUIRE(*from >= last);
  }
  REQUIRE(records == twin.record_count);
  REQUIRE(rows == twin.rows);
}

void require_same_positions(const Run& run, const Twin& twin) {
  std::set<RowTag> asked{1, 64, 128};
  for (const auto& [tag, row] : twin.positions) asked.insert(tag);
  const std::vector<RowTag> tags(asked.begin(), asked.end());
  std::multimap<RowTag, std::uint64_t> found;
  for (const PositionAnswer& p : run.positions(tags)) {
    REQUIRE(p.export_index == 0);
    found.emplace(tags[p.query], p.position);
  }
  REQUIRE(found == twin.positions);
}

void require_same_manifest(const Run& run, const Twin& twin, const Built& built) {
  REQUIRE(run.exports().size() == 1);
  const ExportManifest& m = run.exports().front();
  CHECK(m.rows == twin.rows);
  CHECK(m.records == twin.record_count);
  CHECK(m.tags == twin.records.size());
  CHECK(m.whole_row_tagged == twin.whole_row);
  CHECK(m.records_digest == built.manifest.records_digest);
  CHECK(m.description.name == "hospital-08");
  CHECK(m.description.at == UtcSeconds{1628121600});
  CHECK_FALSE(m.description.sent_at);
}

RunBuildOptions with(std::size_t memory, unsigned threads) {
  RunBuildOptions options;
  options.memory = memory;
  options.threads = threads;
  return options;
}

enum class Spilling { kAny, kMuch };

void require_twins(const TablePlan& plan, RunBuildOptions options = {}, Spilling spilling = Spilling::kAny) {
  const TemporaryDirectory directory;
  const RegistryKey key = RegistryKey::generate();
  const std::vector<Block> blocks = draw(plan);
  const Twin twin = twin_of(plan, blocks);
  const Built built = build(posix_file_system(), key, plan, blocks, directory.path() / "a.run", options);
  if (spilling == Spilling::kMuch) CHECK(built.spilled > std::uint64_t{1} << 17);
  CHECK(std::filesystem::file_size(built.file.path) == built.file.length);
  const auto run = Run::open(posix_file_system(), built.file.path, key);
  std::mt19937_64 random(plan.seed + 100);
  require_same_manifest(*run, twin, built);
  require_same_records(*run, twin, random);
  require_same_index(*run, twin, random);
  require_same_scan(*run, twin, 1000);
  require_same_scan(*run, twin, 7 + twin.rows / 3);
  require_same_positions(*run, twin);
  std::uint64_t read = 0;
  run->verify([&read](std::uint64_t bytes) { read += bytes; });
  CHECK(read == built.file.length);
  // Whoever keeps the manifests elsewhere is answered all the same.
  const std::vector<ExportManifest> taken = run->take_exports();
  REQUIRE(taken.size() == 1);
  CHECK(taken.front().records_digest == built.manifest.records_digest);
  CHECK(run->exports().size() == 1);
  CHECK(run->exports().front().columns.empty());
  require_same_records(*run, twin, random);
  require_same_index(*run, twin, random);
  require_same_scan(*run, twin, 1000);
  require_same_positions(*run, twin);
  const RunFile checked = verify_run_checksums(posix_file_system(), built.file.path, {});
  CHECK(checked.digest == built.file.digest);
  CHECK(checked.id == built.file.id);
  CHECK(checked.length == built.file.length);
  CHECK(checked.key_commitment == built.file.key_commitment);
}

}  // namespace

TEST_CASE("a run answers as plain maps of the same rows do", "[registry][run]") {
  SECTION("no rows") { require_twins(insurance(0)); }
  SECTION("one row") { require_twins(insurance(1)); }
  SECTION("a hundred rows") { require_twins(insurance(100)); }
  SECTION("twenty thousand rows, every tenth repeated") {
    TablePlan plan = insurance(20000, 3);
    plan.repeated_rows = 0.1;
    require_twins(plan, with(std::size_t{512} << 20, 2));
  }
  SECTION("many rows under each tag") {
    TablePlan plan = insurance(15000, 4);
    plan.columns[0].distinct = 50;
    plan.columns[4].distinct = 5;
    plan.columns[5].nulls = 0.95;
    require_twins(plan);
  }
  SECTION("all rows alike") {
    TablePlan plan = insurance(30000, 5);
    for (ColumnPlan& column : plan.columns) column = {column.type, 1, 0, 0, column.indexed, column.identity};
    require_twins(plan);
  }
  SECTION("rows without identity") {
    TablePlan plan = insurance(5000, 6);
    for (ColumnPlan& column : plan.columns) column.identity = false;
    require_twins(plan);
  }
  SECTION("one column") {
    TablePlan plan;
    plan.columns = {{FieldType::kNik, 5000, 0.1, 0.1, true, true}};
    plan.rows = 9000;
    require_twins(plan);
  }
  SECTION("forty columns") {
    TablePlan plan = insurance(3000, 8);
    while (plan.columns.size() < 40) {
      const std::size_t c = plan.columns.size();
      plan.columns.push_back({FieldType::kInteger, c * c * c, 0.02 * static_cast<double>(c % 9), 0, c % 5 == 0, false});
    }
    require_twins(plan);
  }
  SECTION("no index at all") {
    TablePlan plan = insurance(4000, 9);
    for (ColumnPlan& column : plan.columns) column.indexed = false;
    require_twins(plan);
  }
}

TEST_CASE("a run built in a tiny memory is the same as one built in plenty", "[registry][run]") {
  SECTION("partitions that are too large are parted further") {
    TablePlan plan = insurance(60000, 11);
    plan.columns[2].distinct = 3;  // one name in a third of the rows
    plan.repeated_rows = 0.3;
    require_twins(plan, with(std::size_t{1} << 20, 1), Spilling::kAny);
  }
  SECTION("most of it is spilled") {
    const TablePlan plan = narrow(120000);
    require_twins(plan, with(std::size_t{1} << 20, 1), Spilling::kMuch);
    require_twins(plan, with(std::size_t{1} << 20, 2), Spilling::kMuch);
  }
  SECTION("all rows alike") {
    TablePlan plan = narrow(200000);
    for (ColumnPlan& column : plan.columns) column = {column.type, 1, 0, 0, column.indexed, column.identity};
    require_twins(plan, with(std::size_t{1} << 20, 2), Spilling::kMuch);
  }
  SECTION("all rows of one identity") {
    TablePlan plan = insurance(40000, 12);
    plan.columns[0].distinct = 1;
    require_twins(plan, with(std::size_t{1} << 20, 2), Spilling::kAny);
  }
}
