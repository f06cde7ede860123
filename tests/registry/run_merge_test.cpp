// However exports are merged, each of them is found to hold exactly what it held by itself.
#include "registry/run_merge.h"

#include "base/error.h"
#include "registry/memory_files.h"
#include "registry/shared_exports.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

namespace {

using Records = std::map<std::pair<RowTag, Twin::Codes>, std::uint32_t>;

Records records_of(const Twin& twin) {
  Records out;
  for (const auto& [tag, records] : twin.records)
    for (const auto& [codes, count] : records) out[{tag, codes}] = count;
  return out;
}

/// What an answer says of one export, its codes in the order of its schema.
void collect(const RecordAnswers& answers, ExportIndex e, const Schema& schema, Records& out) {
  const std::vector<ColumnId> ids = column_ids(schema);
  for (const auto& group : answers.groups) {
    REQUIRE(std::is_sorted(group.query.begin(), group.query.end()));
    for (std::size_t r = 0; r < group.tags.size(); ++r) {
      REQUIRE(!group.export_sets[group.sets[r]].empty());
      if (!group.export_sets[group.sets[r]].contains(e)) continue;
      REQUIRE(group.columns.size() == ids.size());
      Twin::Codes codes;
      for (const ColumnId id : ids) {
        const auto at = std::find(group.columns.begin(), group.columns.end(), id);
        REQUIRE(at != group.columns.end());
        codes.push_back(group.codes[r * group.columns.size() + static_cast<std::size_t>(at - group.columns.begin())]);
      }
      REQUIRE(out.emplace(std::pair(group.tags[r], codes), group.counts[r]).second);
    }
  }
}

const SharedExport& named(const std::vector<SharedExport>& exports, const std::string& name) {
  for (const SharedExport& e : exports)
    if (e.description.name == name) return e;
  throw std::runtime_error("no export " + name);
}

/// Every live export of the run against its twin: records by scan, by tag and by prefix; positions; and the entries of
/// all against the union. `loosely`: removed exports may have left entries of rows that live ones still have.
void require_holds(const Run& run, const std::vector<SharedExport>& exports, bool loosely = false) {
  std::set<RowTag> tag_set{1, 64};
  std::map<FieldType, std::set<IndexEntry>> entries, live_entries;
  for (const SharedExport& shared : exports) {
    for (const auto& [tag, records] : shared.twin.records) tag_set.insert(tag);
    for (const auto& [type, own] : shared.twin.entries) entries[type].insert(own.begin(), own.end());
  }
  for (ExportIndex e = 0; e < run.exports().size(); ++e)
    if (run.is_live(e))
      for (const auto& [type, own] : named(exports, run.exports()[e].description.name).twin.entries)
        live_entries[type].insert(own.begin(), own.end());
  const std::vector<RowTag> tags(tag_set.begin(), tag_set.end());
  std::vector<std::uint32_t> prefixes;
  for (const RowTag tag : tags)
    if (prefixes.empty() || prefixes.back() != tag_prefix(tag)) prefixes.push_back(tag_prefix(tag));
  RecordAnswers by_tag, by_prefix;
  run.find_records(tags, by_tag);
  run.find_records_by_prefix(prefixes, by_prefix);
  const std::vector<PositionAnswer> positions = run.positions(tags);
  for (ExportIndex e = 0; e < run.exports().size(); ++e) {
    const SharedExport& shared = named(exports, run.exports()[e].description.name);
    INFO("export " << e << ", " << shared.description.name);
    const Records expected = run.is_live(e) ? records_of(shared.twin) : Records{};
    Records found, near;
    collect(by_tag, e, shared.schema, found);
    collect(by_prefix, e, shared.schema, near);
    REQUIRE(found == expected);
    REQUIRE(near == expected);
    std::multimap<RowTag, std::uint64_t> places;
    for (const PositionAnswer& p : positions)
      if (p.export_index == e) places.emplace(tags[p.query], p.position);
    if (!run.is_live(e)) {
      REQUIRE(places.empty());
      continue;
    }
    REQUIRE(places == shared.twin.positions);
    Records scanned;
    std::optional<RowTag> from = 0;
    while (from) {
      RecordAnswers part;
      from = run.scan(e, *from, 37, part);
      collect(part, e, shared.schema, scanned);
    }
    REQUIRE(scanned == expected);
  }
  for (const auto& [type, all] : entries) {
    const std::vector<IndexEntry> asked(all.begin(), all.end());
    std::vector<std::uint8_t> found(asked.size());
    run.contains(type, asked, found);
    std::map<IndexValue, std::vector<std::uint32_t>> expected;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const bool live = live_entries[type].contains(asked[i]);
      if (live || !loosely) REQUIRE((found[i] != 0) == live);
      if (found[i] != 0) expected[asked[i] >> kEntryTagBits].push_back(entry_tag_prefix(asked[i]));
    }
    std::vector<IndexValue> values{0};
    for (const auto& [value, list] : expected) values.push_back(value);
    for (const std::uint32_t cap : {1U, 1000000U}) {
      CandidateAnswers candidates;
      run.find_candidates(type, values, cap, candidates);
      for (std::uint32_t q = 0; q < values.size(); ++q) {
        std::vector<std::uint32_t> given;
        for (std::size_t i = 0; i < candidates.query.size(); ++i)
          if (candidates.query[i] == q) given.push_back(candidates.prefixes[i]);
        REQUIRE(candidates.totals[q] == expected[values[q]].size());
        std::vector<std::uint32_t> wanted = expected[values[q]];
        if (wanted.size() > cap) wanted.resize(cap + std::size_t{1});
        REQUIRE(given == wanted);
      }
    }
  }
}

struct Shelf {
  MemoryFiles files;
  RegistryKey key = RegistryKey::generate();
  std::vector<SharedExport> exports;
  std::vector<std::string> runs;
  unsigned made = 0;

  explicit Shelf(const SharedPlan& plan) : exports(shared_exports(plan)) {
    for (const SharedExport& e : exports) {
      runs.push_back(fresh_name());
      build_shared(files, key, e, runs.back());
    }
  }
  std::string fresh_name() { return "runs/" + std::to_string(made++) + ".run"; }
  std::shared_ptr<const Run> open(const std::string& path, const std::set<std::string>& removed = {}) {
    return Run::open(files, path, key, [&](const ExportManifest& e) { return !removed.contains(e.description.name); });
  }
  std::string merge(const std::vector<std::string>& paths, const std::set<std::string>& removed = {},
                    unsigned threads = 1) {
    std::vector<std::shared_ptr<const Run>> open_runs;
    for (const auto& path : paths) open_runs.push_back(open(path, removed));
    MergeOptions options;
    options.threads = threads;
    const std::string path = fresh_name();
    const RunFile file = merge_runs(files, key, open_runs, path, options);
    CHECK(verify_run_checksums(files, path, {}).digest == file.digest);
    return path;
  }
};

}  // namespace

TEST_CASE("exports merged in any grouping hold what they held apart", "[registry][merge]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    SharedPlan plan;
    plan.seed = seed;
    plan.people = 20 + random() % 150;
    plan.exports = 1 + random() % 9;
    plan.share = seed % 3 == 0 ? 0.4 : 0.95;
    plan.churn = seed % 4 == 0 ? 0.5 : 0.05;
    plan.fewer_columns = seed % 2 == 0 ? 0.5 : 0;
    plan.repeated = seed % 5 == 0 ? 0.3 : 0.02;
    plan.family = seed % 7 == 0 ? 0.4 : 0.05;
    Shelf shelf(plan);
    INFO("seed " << seed);
    while (shelf.runs.size() > 1) {
      std::shuffle(shelf.runs.begin(), shelf.runs.end(), random);
      const std::size_t count = 2 + random() % (shelf.runs.size() - 1);
      const std::vector<std::string> chosen(shelf.runs.begin(),
                                            shelf.runs.begin() + static_cast<std::ptrdiff_t>(count));
      shelf.runs.erase(shelf.runs.begin(), shelf.runs.begin() + static_cast<std::ptrdiff_t>(count));
      shelf.runs.push_back(shelf.merge(chosen, {}, 1 + seed % 2));
      require_holds(*shelf.open(shelf.runs.back()), shelf.exports);
    }
    require_holds(*shelf.open(shelf.runs.front()), shelf.exports);
  }
}

TEST_CASE("a removed export is in no answer, and the next merge drops it", "[registry][merge]") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    std::mt19937_64 random(seed);
    SharedPlan plan;
    plan.seed = seed * 1000;
    plan.exports = 3 + random() % 4;
    plan.share = seed % 2 == 0 ? 0.5 : 0.95;
    plan.churn = 0.2;
    plan.fewer_columns = seed % 3 == 0 ? 0.5 : 0;
    Shelf shelf(plan);
    INFO("seed " << seed);
    const std::string merged = shelf.merge(shelf.runs);
    std::set<std::string> removed;
    while (removed.empty() || random() % 2 == 0)
      if (removed.size() + 1 < plan.exports)
        removed.insert("export-" + std::to_string(random() % plan.exports));
      else
        break;
    const auto masked = shelf.open(merged, removed);
    require_holds(*masked, shelf.exports, true);
    masked->verify({});
    const auto rewritten = shelf.open(shelf.merge({merged}, removed));
    REQUIRE(rewritten->exports().size() == plan.exports - removed.size());
    require_holds(*rewritten, shelf.exports, true);
    // Masked or rewritten, the answers are the same: what a verdict rests on does not change when bytes come back.
    for (const FieldType type : {FieldType::kPersonName, FieldType::kPhone, FieldType::kAddress}) {
      std::set<IndexEntry> asked;
      for (const SharedExport& e : shelf.exports)
        if (const auto at = e.twin.entries.find(type); at != e.twin.entries.end())
          asked.insert(at->second.begin(), at->second.end());
      const std::vector<IndexEntry> list(asked.begin(), asked.end());
      std::vector<std::uint8_t> before(list.size()), after(list.size());
      masked->contains(type, list, before);
      rewritten->contains(type, list, after);
      CHECK(before == after);
    }
    CHECK(masked->indexed_types() == rewritten->indexed_types());
  }
}

TEST_CASE("a value that only removed exports had is not found any more", "[registry][merge]") {
  SharedPlan plan;
  plan.exports = 2;
  plan.share = 0.5;
  plan.churn = 0;
  plan.people = 400;
  Shelf shelf(plan);
  const std::string merged = shelf.merge(shelf.runs);
  const std::set<std::string> removed{"export-0"};
  for (const auto& run : {shelf.open(merged, removed), shelf.open(shelf.merge({merged}, removed))}) {
    const auto& gone = shelf.exports[0].twin.entries.at(FieldType::kAddress);
    const auto& left = shelf.exports[1].twin.entries.at(FieldType::kAddress);
    std::set<std::uint32_t> left_prefixes;
    for (const IndexEntry entry : left) left_prefixes.insert(entry_tag_prefix(entry));
    const std::vector<IndexEntry> asked(gone.begin(), gone.end());
    std::vector<std::uint8_t> found(asked.size());
    run->contains(FieldType::kAddress, asked, found);
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const bool may_stand = left_prefixes.contains(entry_tag_prefix(asked[i]));
      CHECK((found[i] != 0) <= may_stand);
      dropped += found[i] == 0;
    }
    CHECK(dropped > asked.size() / 4);
  }
}

TEST_CASE("near-identical exports cost what changed", "[registry][merge]") {
  SharedPlan plan;
  plan.people = 20000;
  plan.exports = 8;
  plan.share = 1;
  plan.churn = 0.01;
  plan.repeated = 0;
  Shelf shelf(plan);
  std::uint64_t apart = 0;
  for (const auto& run : shelf.runs) apart += shelf.files.content(run).size();
  const std::string merged = shelf.merge(shelf.runs, {}, 2);
  const double first = static_cast<double>(apart) / 8;
  const double further = (static_cast<double>(shelf.files.content(merged).size()) - first) / 7;
  CHECK(further < 0.03 * first);
  require_holds(*shelf.open(merged), shelf.exports);
}

TEST_CASE("a merge refuses a run whose records are not those of its manifest", "[registry][merge]") {
  SharedPlan plan;
  Shelf shelf(plan);
  RegistryKey other = shelf.key;
  other.digest_secret = Secret::random(32);  // digests come out otherwise, as if a record had changed
  std::vector<std::shared_ptr<const Run>> runs;
  for (const auto& path : shelf.runs) runs.push_back(Run::open(shelf.files, path, other));
  REQUIRE_THROWS_AS(merge_runs(shelf.files, other, runs, "runs/merged.run", {}), Error);
  CHECK_FALSE(shelf.files.exists("runs/merged.run"));
}
