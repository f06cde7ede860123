// Registration, merging and removal on a disk that loses power, or fails, at every write, sync and rename, SQLite's
// too; the recovery may lose power as well. And every byte of a small registry flipped. Afterwards the old state or the
// new is served, or the damage is named: never a wrong answer, never a lost committed export.
//
// SIDIK_POWER_LOSS=ways tries every point, ten ways for it to go, both errors everywhere, and every byte, and of each
// recovery eight points: an hour or two of one processor. SIDIK_POWER_LOSS=all tries every point of each recovery as
// well: many hours. Without either all points are tried in one way, and the rest at some of them.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"
#include "registry/merge_commit.h"
#include "registry/removal.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/crashing_disk.h"
#include "support/sqlite_files.h"

using namespace sidik;
using namespace sidik::test;

namespace {

using Fault = CrashingDisk::Fault;

bool asked_for(const char* extent) {
  const char* const text = std::getenv("SIDIK_POWER_LOSS");
  return text != nullptr && std::string(text) == extent;
}
bool long_run() { return asked_for("all") || asked_for("ways"); }

/// All records of all exports, whatever the files that hold them.
std::string answers_of(const FingerprintStore& store) {
  std::string all;
  RecordAnswers found;
  for (ExportIndex e = 0; e < store.exports().size(); ++e) {
    std::vector<std::string> records;
    for (std::optional<RowTag> from = 0; from;) {
      from = store.scan(e, *from, 1000, found);
      for (const auto& group : found.groups)
        for (std::size_t r = 0; r < group.tags.size(); ++r) {
          std::string record = std::to_string(group.tags[r]) + " x" + std::to_string(group.counts[r]);
          for (std::size_t c = 0; c < group.columns.size(); ++c)
            record += "," + std::to_string(group.columns[c]) + ":" +
                      std::to_string(group.codes[r * group.columns.size() + c]);
          records.push_back(std::move(record));
        }
    }
    std::sort(records.begin(), records.end());
    std::string text;
    for (const auto& record : records) text += record + "\n";
    const ExportManifest& manifest = store.exports()[e];
    all += manifest.description.name + "/" + manifest.description.recipient + "/" + std::to_string(manifest.rows) +
           "/" + to_hex(sha256(text)).substr(0, 16) + "\n";
  }
  return all;
}

/// A registry on a disk that may fail.
struct Machine {
  CrashingDisk disk;
  SqliteFiles sqlite{disk};
  RegistryKey key = RegistryKey::generate();
  RegistryOptions options;
  std::string may = people_csv(60), june = people_csv(60, 3, 1);

  Machine() {
    options.directory = "/registry";
    options.files = &disk;
    options.sqlite_vfs = sqlite.name();
    options.wait = std::chrono::milliseconds(0);
    Registry::create(options, key);
  }
  void register_as(const std::string& name, const std::string& csv) {
    RegistrationOptions how = named(name, "hospital", "rs-" + name);
    how.threads = 1;
    how.memory = std::size_t{4} << 20;
    Registry registry = Registry::open(options);
    register_text(registry, key, csv, how);
  }
  void merge_all() {
    Registry registry = Registry::open(options);
    std::set<std::string> ids;
    for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
    const auto turn = MergeTurn::take(registry.state(), key);
    REQUIRE(turn != nullptr);
    turn->merge(ids, {});
  }
  void remove(const std::string& name, BytesReturn bytes) {
    Registry registry = Registry::open(options);
    if (registry.find(name)) remove_export(registry, key, name, bytes);
  }
  std::string served() const {
    const Registry registry = Registry::open(options);
    const CheckReport report = registry.check(&key, {});
    REQUIRE(report.damaged == std::vector<std::string>{});
    REQUIRE(report.set_aside == std::vector<std::string>{});
    return answers_of(*registry.snapshot(key));
  }
  /// The same by a process whose power goes: what it would have said counts for nothing.
  void look() const {
    const Registry registry = Registry::open(options);
    registry.check(&key, {});
    answers_of(*registry.snapshot(key));
  }
  std::vector<std::string> leftovers() const { return Registry::open(options).check(nullptr, {}).leftovers; }
};

/// What is done to a registry, and what it serves before and after.
struct Act {
  const char* name;
  CrashingDisk::Image start;
  std::function<void(Machine&)> work;  // again and again: done already is done
  std::string before, after;
  std::uint64_t operations = 0;
};

struct Tried {
  std::uint64_t power = 0, recovery = 0, failures = 0;
};

Act prepared(Machine& machine, const char* name, std::function<void(Machine&)> work) {
  Act act{name, machine.disk.image(), std::move(work), machine.served(), "", 0};
  machine.disk.arm(Fault::kNone);
  act.work(machine);
  act.operations = machine.disk.operations();
  act.after = machine.served();
  REQUIRE(act.operations > 20);
  return act;
}

/// The same command again goes through, and nothing is left over.
void repeat(Machine& machine, const Act& act) {
  act.work(machine);
  REQUIRE(machine.served() == act.after);
  machine.disk.crash(3);  // what was acknowledged is on the disk
  REQUIRE(machine.served() == act.after);
  machine.register_as("august", machine.may);  // the next writer sweeps
  REQUIRE(machine.leftovers() == std::vector<std::string>{});
}

/// Runs the work until the power goes at operation `at`. Whether it said that it was done.
bool struck(Machine& machine, const Act& act, Fault fault, std::uint64_t at, int error_number) {
  machine.disk.arm(fault, at, error_number);
  bool done = false;
  try {
    act.work(machine);
    done = true;
  } catch (const Error&) {
  }
  return done;
}

/// The power goes at `at`, and then, in the recovery, at each of some points.
void lose_power(Machine& machine, const Act& act, std::uint64_t at, std::uint64_t seed, Tried& tried) {
  machine.disk.restore(act.start);
  const bool done = struck(machine, act, Fault::kPowerLoss, at, 0);
  const std::string where = machine.disk.struck();
  machine.disk.crash(seed);
  INFO(act.name << ", power lost at " << at << ": " << where << ", seed " << seed);
  const CrashingDisk::Image found = machine.disk.image();
  machine.disk.arm(Fault::kNone);
  const std::string served = machine.served();
  REQUIRE((served == act.after || (served == act.before && !done)));
  ++tried.power;
  repeat(machine, act);
  const std::uint64_t recovery = machine.disk.operations();

  const std::uint64_t step = asked_for("all") ? 1 : long_run() ? std::max<std::uint64_t>(1, recovery / 8) : recovery;
  if (!long_run() && at % 4 != 0) return;
  for (std::uint64_t again = at * 7 % step; again < recovery; again += step) {
    machine.disk.restore(found);
    machine.disk.arm(Fault::kPowerLoss, again);
    bool repeated = false;
    try {
      machine.look();
      act.work(machine);
      repeated = true;
    } catch (const Error&) {
    }
    INFO("and in the recovery at " << again << ": " << machine.disk.struck());
    machine.disk.crash(seed + again);
    const std::string later = machine.served();
    REQUIRE((later == act.after || (later == act.before && served == act.before && !repeated)));
    repeat(machine, act);
    ++tried.recovery;
  }
}

/// Operation `at` fails, the process goes on; then the power goes.
void fail(Machine& machine, const Act& act, std::uint64_t at, int error_number, Tried& tried) {
  machine.disk.restore(act.start);
  const bool done = struck(machine, act, Fault::kError, at, error_number);
  INFO(act.name << ", error " << error_number << " at " << at << ": " << machine.disk.struck());
  machine.disk.arm(Fault::kNone);
  const std::string served = machine.served();
  REQUIRE((served == act.after || (served == act.before && !done)));
  machine.disk.crash(2 * at);
  const std::string later = machine.served();
  REQUIRE((later == act.after || (later == act.before && !done)));
  repeat(machine, act);
  ++tried.failures;
}

Tried try_all(Machine& machine, const Act& act) {
  Tried tried;
  const std::vector<std::uint64_t> ways = {1, 3, 5, 7, 2, 4, 6, 8, 10, 12};
  for (std::uint64_t at = 0; at < act.operations; ++at) {
    if (long_run())
      for (const std::uint64_t seed : ways) lose_power(machine, act, at, seed + (seed % 2 == 0 ? 12 * at : 0), tried);
    else
      lose_power(machine, act, at, at % 3 == 0 ? ways[at / 3 % 4] : 2 * at, tried);
    for (const int error_number : {ENOSPC, EIO})
      if (long_run() || at % 6 == (error_number == EIO ? 1U : 4U)) fail(machine, act, at, error_number, tried);
  }
  std::printf("%s: power lost at %llu points in %llu ways, in the recovery %llu times; ENOSPC or EIO %llu times\n",
              act.name, static_cast<unsigned long long>(act.operations), static_cast<unsigned long long>(tried.power),
              static_cast<unsigned long long>(tried.recovery), static_cast<unsigned long long>(tried.failures));
  return tried;
}

}  // namespace

TEST_CASE("a registration that loses power or fails anywhere has happened or not", "[registry][power]") {
  Machine machine;
  machine.register_as("may", machine.may);
  const Act act = prepared(machine, "register", [](Machine& m) { m.register_as("june", m.june); });
  CHECK(try_all(machine, act).power >= act.operations);
}

TEST_CASE("a merge that loses power or fails anywhere changes no answer", "[registry][power]") {
  Machine machine;
  machine.register_as("may", machine.may);
  machine.register_as("june", machine.june);
  const Act act = prepared(machine, "merge", [](Machine& m) { m.merge_all(); });
  REQUIRE(act.before == act.after);
  CHECK(try_all(machine, act).power >= act.operations);
}

TEST_CASE("a removal that loses power or fails anywhere has happened or not", "[registry][power]") {
  Machine machine;
  machine.register_as("may", machine.may);
  machine.register_as("june", machine.june);
  machine.merge_all();
  const Act act = prepared(machine, "remove", [](Machine& m) { m.remove("june", BytesReturn::kNow); });
  REQUIRE(act.before != act.after);
  CHECK(try_all(machine, act).power >= act.operations);
}

TEST_CASE("each byte of a registry flipped changes no answer, or is named", "[registry][power]") {
  Machine machine;
  machine.register_as("may", machine.may);
  machine.register_as("june", machine.june);
  machine.merge_all();
  machine.register_as("july", machine.may);
  machine.remove("june", BytesReturn::kAtNextMerge);
  const std::string right = machine.served();
  const CrashingDisk::Image whole = machine.disk.image();
  const auto listed = [&machine] {
    std::string text;
    for (const auto& entry : Registry::open(machine.options).list())
      text += entry.description.name + "/" + entry.description.recipient + "/" + std::to_string(entry.rows) + "\n";
    return text;
  };
  const std::string right_list = listed();
  std::uint64_t tried = 0, named_damage = 0, harmless = 0;
  for (const auto& [path, bytes] : whole.files) {
    const bool is_catalogue = path.find("catalogue") != std::string::npos;
    const std::size_t step = long_run() ? 1 : is_catalogue ? 251 : 1 + bytes.size() / 150;
    for (std::size_t at = tried % step; at < bytes.size(); at += step) {
      CrashingDisk::Image image = whole;
      image.files[path][at] ^= static_cast<std::uint8_t>(1U << (tried % 8));
      machine.disk.restore(image);
      INFO(path << ", byte " << at << ", bit " << tried % 8);
      ++tried;
      bool is_named = false;
      try {
        is_named = !Registry::open(machine.options).check(nullptr, {}).clean();
        const std::string answers = answers_of(*Registry::open(machine.options).snapshot(machine.key));
        REQUIRE(answers == right);
        const std::string list = listed();
        REQUIRE(list == right_list);
      } catch (const Error& error) {
        // Refused: then check says so as well, or nobody gets as far as to ask it.
        REQUIRE((error.kind() == ErrorKind::kDamaged || error.kind() == ErrorKind::kFailed ||
                 error.kind() == ErrorKind::kKey));
        is_named = true;
      }
      // Outside of the catalogue every byte counts; there, gaps and free pages mean nothing.
      if (!is_catalogue) REQUIRE(is_named);
      ++(is_named ? named_damage : harmless);
      if (is_named || tried % 4 != 0) continue;
      // Writing to it loses nothing either.
      try {
        machine.register_as("august", machine.june);
        const std::string later = answers_of(*Registry::open(machine.options).snapshot(machine.key));
        for (const char* name : {"may/", "july/"}) {
          const std::string line =
              right.substr(right.find(name), right.find('\n', right.find(name)) - right.find(name));
          REQUIRE(later.find(line) != std::string::npos);
        }
      } catch (const Error& error) {
        REQUIRE((error.kind() == ErrorKind::kDamaged || error.kind() == ErrorKind::kFailed));
      }
    }
  }
  std::printf("flipped bytes: %llu tried, %llu named, %llu without a meaning\n", static_cast<unsigned long long>(tried),
              static_cast<unsigned long long>(named_damage), static_cast<unsigned long long>(harmless));
  CHECK(named_damage > tried / 2);
}
