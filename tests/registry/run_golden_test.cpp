#include <cstdlib>

#include "registry/run_merge.h"
#include "registry/run_twin.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace sidik;
using namespace sidik::test;

namespace {

const std::filesystem::path kGolden = std::filesystem::path(SIDIK_SOURCE_DIR) / "tests/registry/golden/small.run";

const std::filesystem::path kGoldenMerged =
    std::filesystem::path(SIDIK_SOURCE_DIR) / "tests/registry/golden/merged.run";

Secret fixed_secret(std::uint8_t byte) { return Secret(Bytes(32, byte)); }

/// The records digest of the rows below: the same for every run of them, under this key.
constexpr const char* kGoldenDigest = "76f8c3e4790ff04791b1574affca39d5";

/// The key that the golden run was wrapped to; its public half is that of RFC 9180, A.1.1.
RegistryKey golden_key() {
  RegistryKey key;
  key.registry.fill(7);
  key.holder = "investigators";
  key.opening_secret =
      Secret(from_hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8", "a test vector"));
  const Bytes sealing = from_hex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d", "a test vector");
  std::copy(sealing.begin(), sealing.end(), key.sealing_public.begin());
  key.fingerprint_secret = fixed_secret(1);
  key.digest_secret = fixed_secret(2);
  key.schema_secret = fixed_secret(3);
  key.signing_seed = fixed_secret(4);
  return key;
}

/// The rows that it was built from: made by counting, so that no library's random numbers matter.
TablePlan golden_plan() {
  TablePlan plan;
  plan.columns = {{FieldType::kNik, 0, 0, 0, true, true},
                  {FieldType::kPersonName, 0, 0, 0, true, false},
                  {FieldType::kCategory, 0, 0, 0, false, false},
                  {FieldType::kEmail, 0, 0, 0, true, true}};
  plan.rows = 300;
  return plan;
}

std::vector<Block> golden_rows() {
  std::vector<Block> blocks(1);
  FingerprintedBatch& batch = blocks[0].batch;
  batch.columns.resize(4);
  for (std::uint64_t row = 0; row < golden_plan().rows; ++row) {
    const std::uint64_t person = row % 290;  // ten rows come again, some of them with another class
    const std::uint64_t values[4] = {person, person % 40, row % 7 == 0, person + 1000};
    ++batch.rows;
    batch.tags.push_back(row_tag(mix(person ^ 0x5555)));
    batch.tag_column.push_back(0);
    for (std::size_t c = 0; c < 4; ++c) {
      auto& column = batch.columns[c];
      const bool null = c == 3 && person % 3 != 0;
      const Fingerprint fingerprint = null ? 0 : mix(values[c] * 8 + c);
      column.fingerprints.push_back(fingerprint);
      column.states.push_back(null ? ValueState::kNull : ValueState::kValid);
      column.codes.push_back(c == 0 ? kTagCode : null ? kNullCode : value_code(fingerprint));
    }
    blocks[0].order.push_back(row);
  }
  return blocks;
}

constexpr unsigned kMergedExports = 12;

/// One of the exports of the merged file: two thirds of the people, classes that change, each third without the name.
std::vector<Block> golden_rows_of(unsigned number, TablePlan& plan) {
  plan = golden_plan();
  if (number % 3 == 2) plan.columns.erase(plan.columns.begin() + 1);
  std::vector<Block> blocks(1);
  FingerprintedBatch& batch = blocks[0].batch;
  batch.columns.resize(plan.columns.size());
  for (std::uint64_t row = 0; row < 300; ++row) {
    const std::uint64_t person = row % 290;
    if (person > 100 && mix(person * 31 + number) % 3 == 0) continue;
    const std::uint64_t values[4] = {person, person % 40, person % 9 == 0 ? number / 4 : 0, person + 1000};
    ++batch.rows;
    const RowTag tag = row_tag(mix(person ^ 0x5555));
    batch.tags.push_back(person % 5 == 0 ? tag & ~RowTag{63} : tag);
    batch.tag_column.push_back(0);
    std::size_t place = 0;
    for (std::size_t c = 0; c < 4; ++c) {
      if (c == 1 && plan.columns.size() == 3) continue;
      auto& column = batch.columns[place++];
      const bool null = c == 3 && person % 3 != 0;
      const Fingerprint fingerprint = null ? 0 : mix(values[c] * 8 + c);
      column.fingerprints.push_back(fingerprint);
      column.states.push_back(null ? ValueState::kNull : ValueState::kValid);
      column.codes.push_back(c == 0 ? kTagCode : null ? kNullCode : value_code(fingerprint));
    }
    blocks[0].order.push_back(row);
  }
  return blocks;
}

/// Builds that export; the names of its columns say which they are.
std::string build_golden(unsigned number, const RegistryKey& key, const std::filesystem::path& path) {
  TablePlan plan;
  const std::vector<Block> blocks = golden_rows_of(number, plan);
  Schema schema = schema_of(plan);
  if (plan.columns.size() == 3)
    for (std::size_t c = 1; c < 3; ++c) schema.columns[c].name = "c" + std::to_string(c + 1);
  RunBuildOptions options;
  options.spill_directory = path.parent_path();
  RunBuilder builder(posix_file_system(), key, schema, options);
  auto appender = builder.appender();
  for (const Block& block : blocks) appender.add(block.batch, block.order);
  ExportManifest manifest = manifest_for(schema, "export-" + std::to_string(number));
  *manifest.description.at += number * 86400;
  builder.finish(manifest, path);
  return manifest.records_digest;
}

}  // namespace

/// A change of any byte that a reader must understand is a change of format: FORMAT.md, part 2. To write the file anew
/// after one, run this test with SIDIK_WRITE_GOLDEN set.
TEST_CASE("a run written by an earlier build is read as it was meant", "[registry][run][golden]") {
  const RegistryKey key = golden_key();
  const std::vector<Block> blocks = golden_rows();
  if (std::getenv("SIDIK_WRITE_GOLDEN") != nullptr) {
    std::filesystem::remove(kGolden);
    RunBuildOptions options;
    options.spill_directory = std::filesystem::temp_directory_path();
    build(posix_file_system(), key, golden_plan(), blocks, kGolden, options);
  }
  const auto run = Run::open(posix_file_system(), kGolden, key);
  run->verify({});
  const Twin twin = twin_of(golden_plan(), blocks);
  REQUIRE(run->exports().size() == 1);
  const ExportManifest& manifest = run->exports().front();
  CHECK(manifest.description.name == "hospital-08");
  CHECK(manifest.rows == 300);
  CHECK(manifest.records == twin.record_count);
  CHECK(manifest.columns.size() == 4);
  CHECK(manifest.columns[1].statistics.distinct == 40);
  CHECK(manifest.columns[3].statistics.nulls == 199);
  CHECK(manifest.records_digest == kGoldenDigest);

  RecordAnswers answers;
  CHECK_FALSE(run->scan(0, 0, 1000000, answers));
  REQUIRE(answers.groups.size() == 1);
  const auto& group = answers.groups.front();
  REQUIRE(group.tags.size() == twin.record_count);
  std::size_t i = 0;
  for (const auto& [tag, records] : twin.records)
    for (const auto& [codes, count] : records) {
      CHECK(group.tags[i] == tag);
      CHECK(Twin::Codes(group.codes.begin() + static_cast<std::ptrdiff_t>(4 * i),
                        group.codes.begin() + static_cast<std::ptrdiff_t>(4 * i + 4)) == codes);
      CHECK(group.counts[i] == count);
      ++i;
    }
  for (const auto& [type, entries] : twin.entries) {
    const std::vector<IndexEntry> asked(entries.begin(), entries.end());
    std::vector<std::uint8_t> found(asked.size());
    run->contains(type, asked, found);
    CHECK(std::count(found.begin(), found.end(), 1) == static_cast<std::ptrdiff_t>(asked.size()));
  }
}

TEST_CASE("a merged run written by an earlier build is read as it was meant", "[registry][run][merge][golden]") {
  const RegistryKey key = golden_key();
  const TemporaryDirectory folder;
  std::map<std::string, std::string> digests;
  std::vector<std::shared_ptr<const Run>> runs;
  for (unsigned number = 0; number < kMergedExports; ++number) {
    const auto path = folder.path() / (std::to_string(number) + ".run");
    digests["export-" + std::to_string(number)] = build_golden(number, key, path);
    runs.push_back(Run::open(posix_file_system(), path, key));
  }
  if (std::getenv("SIDIK_WRITE_GOLDEN") != nullptr) {
    std::filesystem::remove(kGoldenMerged);
    merge_runs(posix_file_system(), key, runs, kGoldenMerged, {});
  }
  const auto merged = Run::open(posix_file_system(), kGoldenMerged, key);
  merged->verify({});
  REQUIRE(merged->exports().size() == kMergedExports);
  for (ExportIndex e = 0; e < kMergedExports; ++e) {
    const std::string& name = merged->exports()[e].description.name;
    CHECK(merged->exports()[e].records_digest == digests.at(name));
    // What it says of each export is what the run of that export says.
    const auto& alone = *runs[std::stoul(name.substr(7))];
    RecordAnswers here, there;
    merged->scan(e, 0, 1000000, here);
    alone.scan(0, 0, 1000000, there);
    CHECK(here.groups.at(0).tags == there.groups.at(0).tags);
    std::vector<RowTag> tags = there.groups.at(0).tags;
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    std::multiset<std::pair<RowTag, std::uint64_t>> positions, expected;
    for (const PositionAnswer& p : merged->positions(tags))
      if (p.export_index == e) positions.emplace(tags[p.query], p.position);
    for (const PositionAnswer& p : alone.positions(tags)) expected.emplace(tags[p.query], p.position);
    CHECK(positions == expected);
    CHECK(positions.size() > 30);
  }
}
