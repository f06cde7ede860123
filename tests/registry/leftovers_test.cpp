#include "registry/leftovers.h"

#include "registry/small_exports.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

namespace {

const std::string kA(32, 'a'), kB(32, 'b'), kC(32, 'c');

std::vector<std::string> names(const FolderFindings& findings) {
  std::vector<std::string> all;
  for (const auto& path : findings.leftovers) all.push_back(path.filename().string());
  return all;
}

}  // namespace

TEST_CASE("a committed export's files are nobody's leftovers", "[registry][leftovers]") {
  const auto findings = examine_folder({{kA + ".envelope", kA + ".run"}, {"create", "readers-0"}, {}}, {"r"}, {kA}, {});
  CHECK(findings.leftovers.empty());
  CHECK(findings.unknown_envelopes.empty());
  CHECK(findings.unfinished.empty());
}

TEST_CASE("what a killed writer leaves goes, the run before its envelope", "[registry][leftovers]") {
  const auto findings =
      examine_folder({{kA + ".envelope.pending", kA + ".run", kB + ".building", kC + ".envelope.pending.tmp"},
                      {kB + ".lock"},
                      {"spill-1"}},
                     {"r"}, {}, {});
  CHECK(names(findings) == std::vector<std::string>{kA + ".run", kB + ".building", kC + ".envelope.pending.tmp",
                                                    kA + ".envelope.pending", kB + ".lock", "spill-1"});
}

TEST_CASE("what a living writer builds stays, and so does every spill meanwhile", "[registry][leftovers]") {
  const auto findings = examine_folder({{kB + ".building"}, {kB + ".lock"}, {"spill-1"}}, {"r"}, {}, {kB});
  CHECK(findings.leftovers.empty());
}

TEST_CASE("a committed envelope that still has its pending name is finished", "[registry][leftovers]") {
  const auto findings = examine_folder({{kA + ".envelope.pending", kA + ".run"}, {}, {}}, {"r"}, {kA}, {});
  CHECK(findings.leftovers.empty());
  CHECK(findings.unfinished == std::vector<std::string>{kA});
}

TEST_CASE("an envelope of a done commit that the catalogue does not know is damage, and nothing of it goes",
          "[registry][leftovers]") {
  const auto findings = examine_folder({{kA + ".envelope", kA + ".run"}, {}, {}}, {"r"}, {}, {});
  CHECK(findings.leftovers.empty());
  CHECK(findings.unknown_envelopes == std::vector<std::string>{kA});
}

TEST_CASE("a final name that somebody else gave meanwhile is given; a lost file is not", "[registry][leftovers]") {
  const TemporaryDirectory folder;
  FileSystem& files = posix_file_system();
  const auto pending = folder.path() / "a.pending";
  const auto final_name = folder.path() / "a";
  write_file_durably(files, pending, {});
  finish_rename(files, pending, final_name);
  CHECK(files.exists(final_name));
  CHECK_NOTHROW(finish_rename(files, pending, final_name));
  files.remove(final_name);
  CHECK_THROWS_AS(finish_rename(files, pending, final_name), Error);
}
