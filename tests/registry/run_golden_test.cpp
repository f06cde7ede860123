#include <cstdlib>

#include "registry/run_twin.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

namespace {

const std::filesystem::path kGolden = std::filesystem::path(SIDIK_SOURCE_DIR) / "tests/registry/golden/small.run";

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
