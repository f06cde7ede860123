// A registration that fails or dies at any file operation, and processes that are killed: afterwards the export is
// there wholly or not at all, and the same command goes through.
#include "registry/commit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "base/error.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/faulty_file_system.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

/// A registry with one export, "may"; a second, "june", is registered with a fault at each operation in turn.
struct Faulted {
  FaultyFileSystem files;
  SmallRegistry small{&files};
  std::string may = people_csv(60);
  std::string june = people_csv(60, 10, 1);

  Faulted() {
    Registry registry = small.open();
    register_text(registry, small.key, may, single_threaded("may"));
  }
  void register_june() {
    Registry registry = small.open();
    register_text(registry, small.key, june, single_threaded("june"));
  }
  /// "may" is whole, "june" is whole or not there; then "june" goes through and nothing is left over.
  void check_and_repeat() {
    files.arm(FaultyFileSystem::Fault::kNone, 0);
    {
      const Registry registry = small.open();
      const CheckReport report = registry.check(&small.key, {});
      REQUIRE(report.damaged == std::vector<std::string>{});
      REQUIRE(registry.find("may").has_value());
      REQUIRE(registry.snapshot(small.key)->exports().size() == registry.list().size());
    }
    register_june();
    const Registry registry = small.open();
    const CheckReport report = registry.check(&small.key, {});
    REQUIRE(report.damaged == std::vector<std::string>{});
    REQUIRE(report.leftovers == std::vector<std::string>{});
    REQUIRE(registry.list().size() == 2);
    REQUIRE(std::distance(fs::directory_iterator(small.options.directory / "runs"), {}) == 4);
  }
};

std::uint64_t operations_of_one_registration() {
  Faulted faulted;
  faulted.files.arm(FaultyFileSystem::Fault::kNone, 0);
  faulted.register_june();
  return faulted.files.operations();
}

unsigned setting(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

}  // namespace

TEST_CASE("a failure of any file operation leaves the old state or the new", "[registry][commit][faults]") {
  const std::uint64_t operations = operations_of_one_registration();
  REQUIRE(operations > 20);
  for (const auto fault : {FaultyFileSystem::Fault::kErrorOnce, FaultyFileSystem::Fault::kErrorFrom})
    for (const int error : {ENOSPC, EIO})
      for (std::uint64_t at = 0; at < operations; ++at) {
        Faulted faulted;
        faulted.files.arm(fault, at, error);
        std::string message;
        try {
          faulted.register_june();
        } catch (const Error& failure) {
          message = failure.what();
        }
        INFO("operation " << at << ": " << faulted.files.failed_operation() << "; " << message);
        if (error == ENOSPC && message.find("No space left") != std::string::npos)
          CHECK(message.find(faulted.files.failed_operation().substr(0, 3)) != std::string::npos);
        faulted.check_and_repeat();
      }
}

TEST_CASE("death at any file operation leaves the old state or the new", "[registry][commit][faults]") {
  const std::uint64_t operations = operations_of_one_registration();
  for (std::uint64_t at = 0; at < operations; ++at) {
    Faulted faulted;
    faulted.files.arm(FaultyFileSystem::Fault::kDeath, at);
    try {
      faulted.register_june();
    } catch (const ProcessDied&) {
    }
    INFO("operation " << at << ": " << faulted.files.failed_operation());
    faulted.check_and_repeat();
  }
}

// SIDIK_KILLS=500 for the long run.
TEST_CASE("processes killed at random moments leave what they committed and nothing else", "[registry][commit][kill]") {
  const SmallRegistry small;
  const unsigned kills = setting("SIDIK_KILLS", 40);
  const std::string csv = people_csv(3000);
  std::set<std::string> acknowledged;
  unsigned seed = 1;
  unsigned survivors = 0;
  for (unsigned k = 0; k < kills; ++k) {
    const std::string name = "export-" + std::to_string(k);
    int done[2];
    REQUIRE(::pipe(done) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      int status = 1;
      try {
        Registry registry = small.open();
        register_text(registry, small.key, csv, single_threaded(name));
        const char yes = 'y';
        status = ::write(done[1], &yes, 1) == 1 ? 0 : 1;
      } catch (...) {
      }
      ::_exit(status);
    }
    seed = seed * 1103515245U + 12345U;
    ::usleep((seed >> 8) % 90000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(done[1]);
    char answer = 0;
    if (::read(done[0], &answer, 1) == 1) acknowledged.insert(name);
    ::close(done[0]);
    survivors += WIFEXITED(status) ? 1U : 0U;

    Registry registry = small.open();
    const CheckReport report = registry.check(k % 8 == 0 ? &small.key : nullptr, {});
    INFO("kill " << k);
    REQUIRE(report.damaged == std::vector<std::string>{});
    for (const auto& known : acknowledged) REQUIRE(registry.find(known).has_value());
    if (k % 4 == 3) {
      register_text(registry, small.key, csv, single_threaded(name));
      acknowledged.insert(name);
      REQUIRE(registry.check(nullptr, {}).leftovers == std::vector<std::string>{});
    }
  }
  const Registry registry = small.open();
  CHECK(registry.snapshot(small.key)->exports().size() == registry.list().size());
  CHECK(registry.list().size() >= acknowledged.size());
  CHECK(survivors < kills);
}

TEST_CASE("threads and processes register at the same time", "[registry][commit]") {
  const SmallRegistry small;
  std::vector<pid_t> children;
  for (unsigned c = 0; c < 3; ++c) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        Registry registry = small.open();
        for (unsigned i = 0; i < 3; ++i) {
          const std::string csv = people_csv(200, c * 10 + i);
          register_text(registry, small.key, csv,
                        single_threaded("process-" + std::to_string(c) + "-" + std::to_string(i)));
        }
        ::_exit(0);
      } catch (...) {
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  std::vector<std::jthread> threads;
  std::array<std::string, 3> failures;  // each thread its own: CHECK is for one thread
  for (unsigned t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      try {
        Registry registry = small.open();
        for (unsigned i = 0; i < 3; ++i) {
          const std::string csv = people_csv(200, 100 + t * 10 + i);
          register_text(registry, small.key, csv,
                        single_threaded("thread-" + std::to_string(t) + "-" + std::to_string(i)));
          if (registry.snapshot(small.key)->exports().size() < i + 1) failures[t] = "does not see its own exports";
        }
      } catch (const std::exception& failure) {
        failures[t] = failure.what();
      }
    });
  threads.clear();
  CHECK(failures == std::array<std::string, 3>{});
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  Registry registry = small.open();
  CHECK(registry.list().size() == 18);
  // What merging replaced while somebody read it goes with the next writer.
  register_text(registry, small.key, people_csv(200, 500), single_threaded("last"));
  const CheckReport report = registry.check(&small.key, {});
  CHECK(report.damaged == std::vector<std::string>{});
  CHECK(report.leftovers == std::vector<std::string>{});
}

TEST_CASE("a name that another process registers just now is busy, and free when that one dies", "[registry][commit]") {
  SmallRegistry small;
  small.options.wait = std::chrono::milliseconds(200);
  Registry first = small.open();
  Registry second = small.open();
  const std::string csv = people_csv(50);
  {
    ExportDescription description;
    description.name = "may";
    std::optional<StoredExport> existing;
    const auto reservation = Reservation::take(first.state(), description, existing);
    CHECK(kind_thrown([&] { register_text(second, small.key, csv, single_threaded("may")); }) == 6);
    CHECK(second.check(nullptr, {}).leftovers.empty());
    register_text(second, small.key, csv, single_threaded("june"));  // other names are free meanwhile
  }
  register_text(second, small.key, csv, single_threaded("may"));
  CHECK(second.list().size() == 2);
}

TEST_CASE("the first export of a feed wins its schema also in a race", "[registry][commit]") {
  const SmallRegistry small;
  Registry first = small.open();
  Registry second = small.open();
  const std::string csv = people_csv(60);
  const std::string other =
      "NIK,KODE\n" + person_row(1, 0).substr(0, 17) + "A1\n" + person_row(2, 0).substr(0, 17) + "B2\n";
  RegistrationOptions racing = single_threaded("slow");
  racing.before_commit = [&] { register_text(second, small.key, csv, single_threaded("fast")); };
  CHECK(kind_thrown([&] { register_text(first, small.key, other, racing); }) == 3);
  CHECK(first.list().size() == 1);
  CHECK(first.check(&small.key, {}).leftovers.empty());
}
