// A damaged run is put away and named, its exports can be registered again, and nothing else is touched.
#include "registry/repair.h"

#include <fstream>

#include "base/bytes.h"
#include "registry/certificate.h"
#include "registry/merge_commit.h"
#include "registry/removal.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/faulty_file_system.h"
#include "support/file_content.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

void flip(const fs::path& path, std::size_t at) {
  std::string bytes = content(path);
  bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1);
  put(path, bytes);
}

/// May and June in a run each, then as asked.
struct TwoMonths {
  FaultyFileSystem files;
  SmallRegistry small{&files};
  std::string may = people_csv(80), june = people_csv(80, 20, 1);

  TwoMonths() {
    Registry registry = small.open();
    register_text(registry, small.key, may, one("may"));
    register_text(registry, small.key, june, one("june"));
  }
  static RegistrationOptions one(const std::string& name) {
    RegistrationOptions options = named(name, "hospital", "rs");
    options.threads = 1;
    return options;
  }
  void merge_all() {
    Registry registry = small.open();
    std::set<std::string> ids;
    for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
    MergeTurn::take(registry.state(), small.key)->merge(ids, {});
  }
  fs::path run_of(const std::string& name) { return small.open().find(name)->run.path; }
  RepairResult repair() {
    Registry registry = small.open();
    return repair_runs(registry, small.key, {});
  }
  std::vector<std::string> damaged() { return small.open().check(&small.key, {}).damaged; }
  /// What a snapshot serves; nothing where it is refused as damaged.
  std::vector<std::string> names_or_none() {
    std::vector<std::string> all;
    if (kind_thrown([&] { all = names(); }) == 0) return all;
    CHECK(kind_thrown([&] { names(); }) == 7);
    return {};
  }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    const auto store = small.open().snapshot(small.key);
    for (const auto& manifest : store->exports()) all.push_back(manifest.description.name);
    return all;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a whole registry is not changed by a repair", "[registry][repair]") {
  TwoMonths months;
  const auto lines = months.small.open().audit().size();
  const RepairResult result = months.repair();
  CHECK(result.put_away.empty());
  CHECK(result.rewritten.empty());
  CHECK(months.small.open().audit().size() == lines);
  CHECK_FALSE(fs::exists(months.small.options.directory / "damaged"));
}

TEST_CASE("a damaged run is put away whole, and its export registered again", "[registry][repair]") {
  TwoMonths months;
  const fs::path run = months.run_of("may");
  flip(run, 9000);
  const std::string broken = content(run);
  REQUIRE_FALSE(months.damaged().empty());
  const RepairResult result = months.repair();
  REQUIRE(result.put_away.size() == 1);
  CHECK(result.put_away[0].exports.size() == 1);
  CHECK(result.put_away[0].why == "does not fit its checksum");  // and no word of another command
  CHECK(result.put_away[0].exports[0].description.name == "may");
  REQUIRE(result.put_away[0].files.size() == 2);
  CHECK(content(result.put_away[0].files[0]) == broken);
  CHECK(months.damaged() == Names{});
  CHECK(months.names() == Names{"june"});
  CHECK(months.small.open().audit().back().line.action == "put away");
  Registry registry = months.small.open();
  register_text(registry, months.small.key, months.may, TwoMonths::one("may"));
  CHECK(months.names() == Names{"june", "may"});
  CHECK(months.damaged() == Names{});
  CHECK(fs::exists(result.put_away[0].files[0]));
}

TEST_CASE("a merged run takes its exports with it, a missing one as well", "[registry][repair]") {
  TwoMonths months;
  months.merge_all();
  Registry registry = months.small.open();
  register_text(registry, months.small.key, months.may, TwoMonths::one("july"));
  SECTION("flipped") { flip(months.run_of("june"), 5000); }
  SECTION("cut") { put(months.run_of("june"), content(months.run_of("june")).substr(0, 20000)); }
  SECTION("missing") { fs::remove(months.run_of("june")); }
  const RepairResult result = months.repair();
  REQUIRE(result.put_away.size() == 1);
  CHECK(result.put_away[0].exports.size() == 2);
  CHECK(months.names() == Names{"july"});
  CHECK(months.damaged() == Names{});
  for (const char* name : {"may", "june"})
    register_text(registry, months.small.key, name == Names{"may"}[0] ? months.may : months.june, TwoMonths::one(name));
  CHECK(months.names() == Names{"july", "june", "may"});
  CHECK(months.damaged() == Names{});
}

TEST_CASE("envelopes and removals that are missing or changed are written anew", "[registry][repair]") {
  TwoMonths months;
  months.merge_all();
  Registry registry = months.small.open();
  register_text(registry, months.small.key, months.may, TwoMonths::one("july"));
  remove_export(registry, months.small.key, "june", BytesReturn::kAtNextMerge);
  const fs::path runs = months.small.options.directory / "runs";
  Names texts;
  for (const auto& entry : fs::directory_iterator(runs))
    if (entry.path().extension() != ".run") texts.push_back(entry.path().string());
  REQUIRE(texts.size() == 3);
  for (const std::string& path : texts) {
    for (const bool gone : {true, false}) {
      INFO(path);
      if (gone)
        fs::remove(path);
      else
        flip(path, 100);
      if (!gone || path.ends_with(".removal")) CHECK_FALSE(months.damaged().empty());
      const RepairResult result = months.repair();
      CHECK(result.put_away.empty());
      REQUIRE(result.rewritten.size() == 1);
      CHECK(result.rewritten[0] == path);
      CHECK(months.damaged() == Names{});
    }
  }
  CHECK(months.names() == Names{"july", "may"});
}

TEST_CASE("a repair that fails or dies anywhere can be done again, and deletes nothing", "[registry][repair][faults]") {
  std::uint64_t operations = 0;
  {
    TwoMonths months;
    flip(months.run_of("may"), 9000);
    months.files.arm(FaultyFileSystem::Fault::kNone, 0);
    months.repair();
    operations = months.files.operations();
  }
  REQUIRE(operations > 30);
  for (const auto fault : {FaultyFileSystem::Fault::kErrorOnce, FaultyFileSystem::Fault::kDeath})
    for (std::uint64_t at = 0; at < operations; ++at) {
      TwoMonths months;
      const std::string id = to_hex(months.small.open().find("may")->run.id);
      flip(months.run_of("may"), 9000);
      const std::string broken = content(months.run_of("may"));
      months.files.arm(fault, at, EIO);
      try {
        months.repair();
      } catch (const Error&) {
      }
      INFO("fault " << static_cast<int>(fault) << " at " << at << ": " << months.files.failed_operation());
      months.files.arm(FaultyFileSystem::Fault::kNone, 0);
      const Names left = months.names_or_none();
      // May's other blocks may still be asked: each is authenticated when it is read.
      CHECK((left == Names{} || left == Names{"june"} || left == Names{"june", "may"}));
      months.repair();
      CHECK(months.names() == Names{"june"});
      CHECK(months.damaged() == Names{});
      CHECK(content(months.small.options.directory / "damaged" / (id + ".run")) == broken);
    }
}

TEST_CASE("only the investigators repair, and not over a catalogue that is damaged itself", "[registry][repair]") {
  TwoMonths months;
  Registry registry = months.small.open();
  const RegistryKey etl = exported_key(months.small.key, KeyRole::kRegister, "etl", std::nullopt, 0);
  registry.add_key(months.small.key, etl);
  CHECK(kind_thrown([&] { repair_runs(registry, etl, {}); }) == 5);
}
