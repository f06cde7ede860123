#include <openssl/evp.h>

#include <functional>

#include "base/error.h"
#include "registry/block.h"
#include "registry/memory_files.h"
#include "registry/run_header.h"
#include "registry/run_twin.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

namespace {

/// A small run in memory, and the key to it.
struct SmallRun {
  MemoryFiles files;
  RegistryKey key = RegistryKey::generate();
  TablePlan plan;
  std::vector<Block> blocks;
  Built built;

  explicit SmallRun(std::size_t rows = 100, std::uint64_t seed = 1) : plan(insurance(rows, seed)), blocks(draw(plan)) {
    built = build(files, key, plan, blocks, "runs/a.run");
  }
  Bytes& bytes() { return files.content("runs/a.run"); }
  void open_and_verify() { Run::open(files, "runs/a.run", key)->verify({}); }
};

ErrorKind failure_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    CHECK(error.place().find("runs/a.run") != std::string::npos);
    return error.kind();
  }
  FAIL("nothing was noticed");
  return ErrorKind::kFailed;
}

}  // namespace

TEST_CASE("a small export takes one or two blocks and its manifest", "[registry][run]") {
  SmallRun run;
  CHECK(run.bytes().size() <= kRunHeaderSize + 3 * kBlockSize);
}

TEST_CASE("every flipped byte of a run is noticed, with the key and without", "[registry][run][damage]") {
  SmallRun run;
  Bytes& bytes = run.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t before = bytes[i];
    bytes[i] = static_cast<std::uint8_t>(before ^ (1U << (i % 8)));
    REQUIRE(failure_of([&] { verify_run_checksums(run.files, "runs/a.run", {}); }) == ErrorKind::kDamaged);
    // The checksum at a block's end is for those without a key: whoever has one relies on the GCM tag.
    const bool checksum = i >= kRunHeaderSize && (i - kRunHeaderSize) % kBlockSize >= kBlockSize - 8;
    if (i < 400 || i + 64 > bytes.size() || i % 61 == 0 || (i - kRunHeaderSize) % kBlockSize >= kBlockPayload) {
      if (!checksum) REQUIRE(failure_of([&] { run.open_and_verify(); }) == ErrorKind::kDamaged);
    }
    bytes[i] = before;
  }
  run.open_and_verify();
}

TEST_CASE("a run cut short or grown is noticed", "[registry][run][damage]") {
  SmallRun run;
  const Bytes whole = run.bytes();
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, kRunHeaderSize, kRunHeaderSize + kBlockSize,
                                 whole.size() - 1, whole.size() - kBlockSize}) {
    run.bytes() = Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(failure_of([&] { run.open_and_verify(); }) == ErrorKind::kDamaged);
    CHECK(failure_of([&] { verify_run_checksums(run.files, "runs/a.run", {}); }) == ErrorKind::kDamaged);
  }
  run.bytes() = whole;
  run.bytes().resize(whole.size() + kBlockSize);
  CHECK(failure_of([&] { run.open_and_verify(); }) == ErrorKind::kDamaged);
}

TEST_CASE("blocks swapped, or of another run, are noticed although their checksums fit", "[registry][run][damage]") {
  SmallRun run(3000), other(3000, 2);
  Bytes& bytes = run.bytes();
  const Bytes whole = bytes;
  const auto block = [](Bytes& of, std::size_t i) {
    return of.begin() + static_cast<std::ptrdiff_t>(kRunHeaderSize + i * kBlockSize);
  };
  std::swap_ranges(block(bytes, 0), block(bytes, 1), block(bytes, 1));
  verify_run_checksums(run.files, "runs/a.run", {});
  CHECK(failure_of([&] { run.open_and_verify(); }) == ErrorKind::kDamaged);
  bytes = whole;
  std::copy(block(other.bytes(), 0), block(other.bytes(), 1), block(bytes, 0));
  CHECK(failure_of([&] { run.open_and_verify(); }) == ErrorKind::kDamaged);
  CHECK(verify_run_checksums(run.files, "runs/a.run", {}).digest != run.built.file.digest);
}

TEST_CASE("a run opens with a key of its registry that may open, and no other", "[registry][run]") {
  SmallRun run;
  RegistryKey stranger = RegistryKey::generate();
  CHECK(failure_of([&] { Run::open(run.files, "runs/a.run", stranger); }) == ErrorKind::kKey);
  RegistryKey registering = run.key;
  registering.role = KeyRole::kRegister;
  registering.opening_secret = Secret();
  CHECK(failure_of([&] { Run::open(run.files, "runs/a.run", registering); }) == ErrorKind::kKey);
  stranger.registry = run.key.registry;
  CHECK(failure_of([&] { Run::open(run.files, "runs/a.run", stranger); }) == ErrorKind::kDamaged);
}

TEST_CASE("a run of a newer format is refused in words of its own", "[registry][run]") {
  SmallRun run;
  RunHeaderBytes header;
  std::copy_n(run.bytes().begin(), header.size(), header.begin());
  RunHeader decoded = decode_run_header(header, "runs/a.run");
  decoded.features = 2;
  const RunHeaderBytes newer = encode_run_header(decoded);
  std::copy(newer.begin(), newer.end(), run.bytes().begin());
  try {
    Run::open(run.files, "runs/a.run", run.key);
    FAIL("nothing was noticed");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kDamaged);
    CHECK(error.message().find("newer version") != std::string::npos);
  }
}

TEST_CASE("a forged header with a fitting checksum does not open", "[registry][run][damage]") {
  SmallRun run;
  RunHeaderBytes header;
  std::copy_n(run.bytes().begin(), header.size(), header.begin());
  RunHeader decoded = decode_run_header(header, "runs/a.run");
  decoded.epoch += 1;
  const RunHeaderBytes forged = encode_run_header(decoded);
  std::copy(forged.begin(), forged.end(), run.bytes().begin());
  CHECK(failure_of([&] { Run::open(run.files, "runs/a.run", run.key); }) == ErrorKind::kDamaged);
}

TEST_CASE("the same rows built twice share no sixteen bytes, and nothing of a run compresses", "[registry][run]") {
  MemoryFiles files;
  const RegistryKey key = RegistryKey::generate();
  const TablePlan plan = insurance(2000);
  const std::vector<Block> blocks = draw(plan);
  const Built first = build(files, key, plan, blocks, "runs/a.run"),
              second = build(files, key, plan, blocks, "runs/b.run");
  CHECK(first.manifest.records_digest == second.manifest.records_digest);
  const Bytes& a = files.content("runs/a.run");
  const Bytes& b = files.content("runs/b.run");
  std::set<std::string> seen;
  for (std::size_t i = kRunHeaderSize; i + 16 <= a.size(); ++i) seen.emplace(as_text(ByteSpan(a).subspan(i, 16)));
  std::size_t shared = 0;
  for (std::size_t i = kRunHeaderSize; i + 16 <= b.size(); ++i)
    shared += seen.contains(std::string(as_text(ByteSpan(b).subspan(i, 16))));
  CHECK(shared == 0);
}

TEST_CASE("the records digest does not depend on the order of rows or columns, and on every code", "[registry][run]") {
  MemoryFiles files;
  const RegistryKey key = RegistryKey::generate();
  TablePlan plan = insurance(500);
  std::vector<Block> blocks = draw(plan);
  const std::string digest = build(files, key, plan, blocks, "runs/1").manifest.records_digest;
  std::vector<Block> reversed = blocks;
  for (Block& block : reversed) {
    FingerprintedBatch& batch = block.batch;
    std::reverse(batch.tags.begin(), batch.tags.end());
    std::reverse(batch.tag_column.begin(), batch.tag_column.end());
    for (auto& column : batch.columns) {
      std::reverse(column.codes.begin(), column.codes.end());
      std::reverse(column.fingerprints.begin(), column.fingerprints.end());
      std::reverse(column.states.begin(), column.states.end());
    }
  }
  CHECK(build(files, key, plan, reversed, "runs/2").manifest.records_digest == digest);
  std::vector<Block> changed = blocks;
  changed[0].batch.columns[4].codes[77] = static_cast<ColumnCode>(changed[0].batch.columns[4].codes[77] ^ 64);
  CHECK(build(files, key, plan, changed, "runs/3").manifest.records_digest != digest);
  CHECK(build(files, RegistryKey::generate(), plan, blocks, "runs/4").manifest.records_digest != digest);
}

TEST_CASE("a spill holds nothing plain and is gone when the run is built", "[registry][run][spill]") {
  MemoryFiles files;
  const RegistryKey key = RegistryKey::generate();
  const TablePlan plan = narrow(150000);
  const std::vector<Block> blocks = draw(plan);
  RunBuildOptions options;
  options.memory = std::size_t{1} << 20;
  options.spill_directory = "spill";
  const Built built = build(files, key, plan, blocks, "runs/a.run", options);
  REQUIRE(built.spilled > std::uint64_t{1} << 20);
  CHECK(files.list("spill").empty());
  std::set<std::string> plain;
  for (const Block& block : blocks)
    for (std::size_t r = 0; r < block.batch.rows; ++r) {
      Bytes entry(8);
      store_u64(entry.data(), index_entry(block.batch.columns[1].fingerprints[r], block.batch.tags[r]));
      plain.emplace(as_text(entry));
    }
  std::size_t found = 0;
  for (const auto& [path, bytes] : files.written()) {
    if (path.parent_path() != "spill") continue;
    for (std::size_t i = 0; i + 8 <= bytes.size(); ++i)
      found += plain.contains(std::string(as_text(ByteSpan(bytes).subspan(i, 8))));
  }
  CHECK(found == 0);
}

TEST_CASE("a disk that fills leaves no run behind, whenever it happens", "[registry][run][spill]") {
  const RegistryKey key = RegistryKey::generate();
  const TablePlan plan = narrow(100000);
  const std::vector<Block> blocks = draw(plan);
  RunBuildOptions options;
  options.memory = std::size_t{1} << 20;
  options.spill_directory = "spill";
  std::uint64_t needed = 0;
  {
    MemoryFiles files;
    build(files, key, plan, blocks, "runs/a.run", options);
    for (const auto& [path, bytes] : files.written()) needed += bytes.size();
  }
  for (std::uint64_t room = 0; room < needed; room += needed / 17) {
    MemoryFiles files;
    files.room = room;
    try {
      build(files, key, plan, blocks, "runs/a.run", options);
      FAIL("a full disk was not noticed");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kFailed);
      CHECK(error.message().find("space") != std::string::npos);
    }
    CHECK(files.list("runs").empty());
    CHECK(files.list("spill").empty());
  }
}

TEST_CASE("a run that exists is not written over", "[registry][run]") {
  SmallRun run;
  const Bytes before = run.bytes();
  CHECK(failure_of([&] { build(run.files, run.key, run.plan, run.blocks, "runs/a.run"); }) == ErrorKind::kFailed);
  CHECK(run.bytes() == before);
}
