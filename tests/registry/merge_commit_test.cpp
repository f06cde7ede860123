// A merge or a removal that fails or dies at any file operation: the old state or the new is served, and nothing is
// left over.
#include "registry/merge_commit.h"

#include <thread>

#include "base/bytes.h"
#include "registry/certificate.h"
#include "registry/compaction.h"
#include "registry/known_keys.h"
#include "registry/removal.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/faulty_file_system.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

/// Three months of a feed; July is another feed's, with fewer people.
struct ThreeMonths {
  FaultyFileSystem files;
  SmallRegistry small{&files};
  std::string may = people_csv(60), june = people_csv(60, 3, 1), july = people_csv(20);

  ThreeMonths() { register_all(); }
  /// A copy of another's files: so that each of many tries need not register anew.
  explicit ThreeMonths(const ThreeMonths& model) {
    fs::remove_all(small.options.directory);
    fs::copy(model.small.options.directory, small.options.directory, fs::copy_options::recursive);
    small.key = model.small.key;
  }
  void register_all() {
    Registry registry = small.open();
    register_text(registry, small.key, may, single_threaded("may"));
    register_text(registry, small.key, june, single_threaded("june"));
    register_text(registry, small.key, july, single_threaded("july"));
  }
  void merge_all() {
    Registry registry = small.open();
    std::set<std::string> ids;
    for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
    MergeTurn::take(registry.state(), small.key)->merge(ids, {});
  }
  void remove(const std::string& name, BytesReturn bytes = BytesReturn::kAtNextMerge) {
    Registry registry = small.open();
    remove_export(registry, small.key, name, bytes);
  }
  std::size_t runs() {
    Registry registry = small.open();
    return runs_in_use(registry.state()).runs.size();
  }
  std::size_t files_of_runs() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(small.options.directory / "runs"), {}));
  }
  /// Whole, and holding these exports with the rows that they were registered with.
  void require_whole(const std::vector<std::string>& names) {
    const Registry registry = small.open();
    const CheckReport report = registry.check(&small.key, {});
    REQUIRE(report.damaged == std::vector<std::string>{});
    REQUIRE(report.set_aside == std::vector<std::string>{});
    const auto store = registry.snapshot(small.key);
    std::vector<std::string> found;
    for (ExportIndex e = 0; e < store->exports().size(); ++e) {
      found.push_back(store->exports()[e].description.name);
      RecordAnswers answers;
      std::uint64_t rows = 0;
      std::optional<RowTag> from = 0;
      while (from) {
        from = store->scan(e, *from, 1000, answers);
        for (const auto& group : answers.groups)
          for (const std::uint32_t count : group.counts) rows += count;
      }
      REQUIRE(rows == store->exports()[e].rows);
    }
    REQUIRE(found == names);
  }
};

/// Runs `work` with a fault at each of its operations in turn, and `check` after each.
template <class Work, class Check>
void with_every_fault(const ThreeMonths& model, const Work& work, const Check& check) {
  std::uint64_t operations = 0;
  {
    ThreeMonths months(model);
    months.files.arm(FaultyFileSystem::Fault::kNone, 0);
    work(months);
    operations = months.files.operations();
  }
  REQUIRE(operations > 20);
  using Fault = FaultyFileSystem::Fault;
  for (std::uint64_t at = 0; at < operations; ++at)
    // A death at each; of failures that are reported, once and from there on in turn.
    for (const Fault fault : {Fault::kDeath, at % 2 == 0 ? Fault::kErrorOnce : Fault::kErrorFrom}) {
      ThreeMonths months(model);
      months.files.arm(fault, at, at % 4 < 2 ? ENOSPC : EIO);
      try {
        work(months);
      } catch (const Error&) {
      }
      INFO("fault " << static_cast<int>(fault) << " at operation " << at << ": " << months.files.failed_operation());
      months.files.arm(Fault::kNone, 0);
      check(months);
    }
}

}  // namespace

TEST_CASE("merged exports are one file, and the registry is whole", "[registry][merge]") {
  ThreeMonths months;
  months.merge_all();
  CHECK(months.runs() == 1);
  CHECK(months.files_of_runs() == 2);
  months.require_whole({"july", "june", "may"});
  const Registry registry = months.small.open();
  CHECK(registry.check(&months.small.key, {}).leftovers == std::vector<std::string>{});
  CHECK(registry.list().size() == 3);
  CHECK(registry.list()[0].run.path == registry.list()[1].run.path);
  CHECK(registry.audit().back().line.action == "merge");
}

TEST_CASE("a merge that fails or dies anywhere leaves the old runs or the new", "[registry][merge][faults]") {
  const ThreeMonths model;
  with_every_fault(
      model, [](ThreeMonths& months) { months.merge_all(); },
      [](ThreeMonths& months) {
        months.require_whole({"july", "june", "may"});
        months.merge_all();
        months.require_whole({"july", "june", "may"});
        CHECK(months.runs() == 1);
        CHECK(months.files_of_runs() == 2);
        const Registry registry = months.small.open();
        CHECK(registry.check(nullptr, {}).leftovers == std::vector<std::string>{});
      });
}

TEST_CASE("a removal that fails or dies anywhere has happened or not", "[registry][remove][faults]") {
  const auto again = [](ThreeMonths& months) {
    const Registry registry = months.small.open();
    const bool there = registry.find("june").has_value();
    months.require_whole(there ? std::vector<std::string>{"july", "june", "may"}
                               : std::vector<std::string>{"july", "may"});
    if (there) months.remove("june");
    months.require_whole({"july", "may"});
    months.merge_all();
    months.require_whole({"july", "may"});
    CHECK(months.files_of_runs() == 3);  // a run, its envelope, the removal
  };
  SECTION("of an export alone in its run") {
    const ThreeMonths model;
    with_every_fault(
        model, [](ThreeMonths& months) { months.remove("june"); }, again);
  }
  SECTION("of one among others, its bytes given back now") {
    ThreeMonths model;
    model.merge_all();
    with_every_fault(
        model, [](ThreeMonths& months) { months.remove("june", BytesReturn::kNow); }, again);
  }
}

TEST_CASE("an epoch is retired as a whole, or not, wherever that fails or dies", "[registry][remove][faults]") {
  ThreeMonths model;
  model.merge_all();
  RegistryKey next = model.small.key;
  next.earlier_secrets.emplace(1, next.fingerprint_secret);
  next.fingerprint_secret = Secret::random(32);
  next.epoch = 2;
  {
    Registry registry = model.small.open();
    CHECK(kind_thrown([&] { retire_epoch(registry, model.small.key, 1); }) == 2);  // it is the present one
    registry.begin_epoch(next);
    model.small.key = next;
    register_text(registry, next, model.june, single_threaded("august"));
    for (const Epoch epoch : {0U, 2U, 3U}) CHECK(kind_thrown([&] { retire_epoch(registry, next, epoch); }) == 2);
    const RegistryKey etl = exported_key(next, KeyRole::kRegister, "etl", std::nullopt, 0);
    CHECK(kind_thrown([&] { retire_epoch(registry, etl, 1); }) == 5);
  }
  with_every_fault(
      model,
      [](ThreeMonths& months) {
        Registry registry = months.small.open();
        retire_epoch(registry, months.small.key, 1);
      },
      [](ThreeMonths& months) {
        Registry registry = months.small.open();
        const bool there = registry.find("june").has_value();
        months.require_whole(there ? std::vector<std::string>{"august", "july", "june", "may"}
                                   : std::vector<std::string>{"august"});
        CHECK(retire_epoch(registry, months.small.key, 1).exports.size() == (there ? 3 : 0));
        months.require_whole({"august"});
        // Who has no secret but the present one asks all that is left.
        RegistryKey without = months.small.key;
        without.earlier_secrets.clear();
        CHECK(registry.snapshot(without)->exports().size() == 1);
        months.merge_all();
        CHECK(months.files_of_runs() == 2 + 3);  // a run with its envelope, three removals
      });
}

TEST_CASE("a snapshot goes on reading what is merged and removed meanwhile", "[registry][merge]") {
  ThreeMonths months;
  Registry registry = months.small.open();
  auto store = registry.snapshot(months.small.key);
  months.merge_all();
  months.remove("june", BytesReturn::kNow);
  CHECK(months.files_of_runs() == 2 + 2 * 4 + 1);  // the first three runs and the merged one stay for the reader's sake
  RecordAnswers answers;
  std::uint64_t records = 0;
  for (ExportIndex e = 0; e < 3; ++e) {
    store->scan(e, 0, 100000, answers);
    for (const auto& group : answers.groups) records += group.tags.size();
  }
  CHECK(records == 140);
  store.reset();
  months.merge_all();
  CHECK(months.files_of_runs() == 3);
  months.require_whole({"july", "may"});
}

TEST_CASE("one process merges at a time", "[registry][merge]") {
  ThreeMonths months;
  Registry first = months.small.open(), second = months.small.open();
  auto turn = MergeTurn::take(first.state(), months.small.key);
  CHECK(MergeTurn::take(second.state(), months.small.key) == nullptr);
  months.small.options.wait = std::chrono::milliseconds(300);
  Registry third = months.small.open();
  CHECK(MergeTurn::await(third.state(), months.small.key) == nullptr);
  CHECK(kind_thrown([&] { compact(third, months.small.key, {}); }) == 6);
  register_text(second, months.small.key, months.may, single_threaded("august"));
  CHECK(second.list().size() == 4);
  // Who waits long enough has the next turn.
  months.small.options.wait = std::chrono::seconds(60);
  Registry patient = months.small.open();
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    turn.reset();
  });
  CHECK(MergeTurn::await(patient.state(), months.small.key) != nullptr);
}

TEST_CASE("a removed export's name is free again, and the audit keeps that it was there", "[registry][remove]") {
  ThreeMonths months;
  months.merge_all();
  months.remove("june");
  Registry registry = months.small.open();
  CHECK(registry.audit().back().line.action == "remove");
  CHECK(registry.audit().back().line.subject == "june");
  register_text(registry, months.small.key, months.may, single_threaded("june"));
  months.require_whole({"july", "june", "may"});
  months.merge_all();
  months.require_whole({"july", "june", "may"});
  CHECK(kind_thrown([&] { remove_export(registry, months.small.key, "august", BytesReturn::kAtNextMerge); }) == 1);
}

TEST_CASE("a feed's schema outlives the export that pinned it, and goes with the last", "[registry][remove]") {
  ThreeMonths months;
  months.remove("may");
  Registry registry = months.small.open();
  CHECK(registry.pinned_schema("hospital", months.small.key).has_value());
  months.require_whole({"july", "june"});
  months.remove("june");
  months.remove("july");
  CHECK_FALSE(registry.pinned_schema("hospital", months.small.key).has_value());
  months.require_whole({});
}

TEST_CASE("whoever may not read may not merge", "[registry][merge]") {
  ThreeMonths months;
  Registry registry = months.small.open();
  RegistryKey key = exported_key(months.small.key, KeyRole::kRegister, "etl", std::nullopt, 0);
  CHECK(kind_thrown([&] { MergeTurn::take(registry.state(), key); }) == 5);
  CHECK(kind_thrown([&] { remove_export(registry, key, "june", BytesReturn::kAtNextMerge); }) == 5);
  RegistryKey compact = exported_key(months.small.key, KeyRole::kCompact, "night shift", std::nullopt, 0);
  registry.add_key(months.small.key, compact);
  std::set<std::string> ids;
  for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
  MergeTurn::take(registry.state(), compact)->merge(ids, {});
  months.require_whole({"july", "june", "may"});
}

TEST_CASE("a merged registry whose files or rows were changed is damaged", "[registry][merge]") {
  ThreeMonths months;
  months.merge_all();
  months.remove("june");
  const fs::path runs = months.small.options.directory / "runs";
  for (const auto& entry : fs::directory_iterator(runs)) {
    const auto path = entry.path();
    const std::string before = [&] {
      const auto bytes = read_whole_file(posix_file_system(), path, 1 << 24);
      return std::string(bytes.begin(), bytes.end());
    }();
    for (std::size_t at = 0; at < before.size(); at += 1 + before.size() / 150) {
      std::string changed = before;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      posix_file_system().open(path, OpenMode::kReadWrite)->write_at(0, as_bytes(changed));
      INFO(path.extension() << ", byte " << at);
      REQUIRE_FALSE(months.small.open().check(nullptr, {}).damaged.empty());
    }
    posix_file_system().open(path, OpenMode::kReadWrite)->write_at(0, as_bytes(before));
  }
  months.require_whole({"july", "may"});
}
