// Nothing plain in a registry: no value, no column name, no unkeyed hash of a value, in any of its files or spills.
#include "base/error.h"
#include "registry/forms_on_disk.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/file_content.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

TEST_CASE("no plain value, column name or unkeyed hash stands in any file of a registry, spills included",
          "[registry][plaintext]") {
  const SmallRegistry small;
  Registry registry = small.open();
  std::string csv = people_csv(120000);
  csv.replace(0, kPersonHeader.size(),
              "NOMOR_INDUK_KEPENDUDUKAN,NAMA_LENGKAP,NOMOR_TELEPON,ALAMAT_RUMAH,TANGGAL_LAHIR,KELAS_RAWAT\n");
  RegistrationOptions options = named("hospital-08", "hospital", "rs-jabar");
  options.memory = std::size_t{1} << 20;  // so that most of it is spilled
  std::string spilled;
  options.before_commit = [&] {
    for (const auto& entry : fs::directory_iterator(small.options.directory / "spill"))
      spilled += content(entry.path());
    // A spill may have no name any more; it is then open in this process.
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      const auto target = fs::read_symlink(entry.path(), error);
      if (!error && target.string().find("/spill/") != std::string::npos) spilled += content(entry.path());
    }
  };
  register_text(registry, small.key, csv, options);
  const Forbidden forbidden = forms_of_csv(csv.substr(0, 1 << 20));
  REQUIRE(forbidden.words.size() > 100000);
  CHECK(first_found(csv, forbidden) != "");  // the search does find what is there
  CHECK(first_found(spilled, forbidden) == "");
  CHECK(spilled.size() >= 32768);  // how much stands there at the commit is a matter of which thread was first
  std::size_t searched = 0;
  for (const auto& entry : fs::recursive_directory_iterator(small.options.directory)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = content(entry.path());
    searched += bytes.size();
    INFO(entry.path());
    CHECK(first_found(bytes, forbidden) == "");
  }
  CHECK(searched > 500000);
}
