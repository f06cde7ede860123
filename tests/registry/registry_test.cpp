#include "registry/registry.h"

#include <sys/stat.h>

#include <fstream>

#include "base/error.h"
#include "registry/catalogue_edit.h"
#include "registry/local_disk.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/file_content.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("a fresh registry is empty, clean, and closed to others", "[registry]") {
  const SmallRegistry small;
  const Registry registry = small.open();
  CHECK(registry.id() == small.key.registry);
  CHECK(registry.list().empty());
  CHECK(registry.check(nullptr, {}).clean());
  CHECK(registry.check(&small.key, {}).leftovers.empty());
  CHECK(mode_of(small.options.directory) == 0700);
  for (const auto& entry : fs::recursive_directory_iterator(small.options.directory)) {
    INFO(entry.path());
    CHECK(mode_of(entry.path()) == (entry.is_directory() ? 0700U : 0600U));
  }
  const auto store = registry.snapshot(small.key);
  CHECK(store->exports().empty());
  CHECK(store->audit_head().empty());
  CHECK(store->state().size() == 64);
}

TEST_CASE("a registry is made in its missing parents, and never over anything", "[registry]") {
  const TemporaryDirectory folder;
  const RegistryKey key = RegistryKey::generate();
  RegistryOptions options;
  options.directory = folder.path() / "deep" / "deeper" / "registry";
  Registry::create(options, key);
  CHECK(Registry::open(options).id() == key.registry);
  CHECK(kind_thrown([&] { Registry::create(options, key); }) == 2);
  folder.write("file", "x");
  options.directory = folder.path();
  CHECK(kind_thrown([&] { Registry::create(options, key); }) == 2);
  options.directory = folder.path() / "file";
  CHECK(kind_thrown([&] { Registry::create(options, key); }) == 2);
}

TEST_CASE("a folder that a killed init left is no registry and can be made one", "[registry]") {
  const SmallRegistry small;
  fs::remove(small.options.directory / "config");
  CHECK(kind_thrown([&] { small.open(); }) == 2);
  Registry::create(small.options, small.key);
  CHECK(small.open().check(&small.key, {}).clean());
}

TEST_CASE("what is no registry is said to be none, with what to do", "[registry]") {
  const TemporaryDirectory folder;
  RegistryOptions options;
  options.directory = folder.path() / "none";
  CHECK(kind_thrown([&] { Registry::open(options); }) == 2);
  CHECK(without_words(error_of([&] { Registry::open(options); }), {"sidik init"}) == "");
  options.directory = folder.path();
  CHECK(without_words(error_of([&] { Registry::open(options); }), {"not a registry"}) == "");
}

TEST_CASE("a newer format is refused with words of its own", "[registry]") {
  const SmallRegistry small;
  const auto path = small.options.directory / "config";
  std::string text = content(path);
  text.replace(text.find("\"sidik_registry\":1"), 18, "\"sidik_registry\":9");
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  CHECK(kind_thrown([&] { small.open(); }) == 7);
  CHECK(without_words(error_of([&] { small.open(); }), {"newer sidik"}) == "");
}

TEST_CASE("a catalogue of a newer format is refused with words of its own, and one of the first is read",
          "[registry]") {
  const SmallRegistry small;
  const auto set_format = [&small](int format) {
    edit_catalogue(small.options.directory, "PRAGMA user_version = " + std::to_string(format));
  };
  set_format(3);
  CHECK(kind_thrown([&] { small.open(); }) == 7);
  CHECK(without_words(error_of([&] { small.open(); }), {"format 3", "newer sidik"}) == "");
  set_format(1);
  CHECK(small.open().check(&small.key, {}).clean());
}

TEST_CASE("a network file system is refused with a word on why", "[registry]") {
  for (const std::uint64_t kind : {0x6969U, 0xff534d42U, 0xfe534d42U, 0x00c36400U, 0x0bd00bd0U}) {
    CHECK(kind_thrown([&] { require_local_disk("/mnt/share/registry", kind); }) == 2);
    CHECK(without_words(error_of([&] { require_local_disk("/mnt/share/registry", kind); }),
                        {"/mnt/share/registry", "network file system", "locks", "local disk"}) == "");
  }
  for (const std::uint64_t kind : {0xef53U, 0x58465342U, 0x9123683eU, 0x01021994U, 0x794c7630U, 0U})
    CHECK(kind_thrown([&] { require_local_disk("/srv/registry", kind); }) == 0);
  const TemporaryDirectory folder;
  CHECK(file_system_kind(folder.path()) != 0);
  CHECK(file_system_kind(folder.path() / "not" / "there" / "yet") == file_system_kind(folder.path()));
  CHECK(kind_thrown([&] { require_local_disk(folder.path(), file_system_kind("/proc")); }) == 0);
}

TEST_CASE("a network file system that comes by FUSE is told by its mount", "[registry]") {
  constexpr std::uint64_t kFuse = 0x65735546;
  for (const char* type : {"fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone"}) {
    CHECK(kind_thrown([&] { require_local_disk("/mnt/share/registry", kFuse, type); }) == 2);
    CHECK(without_words(error_of([&] { require_local_disk("/mnt/share/registry", kFuse, type); }),
                        {"/mnt/share/registry", "network file system", type}) == "");
  }
  for (const char* type : {"fuseblk", "fuse.mergerfs", "fuse.gocryptfs", "fuse", ""})
    CHECK(kind_thrown([&] { require_local_disk("/srv/registry", kFuse, type); }) == 0);
  const std::string mounts =
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
      "98 22 0:51 / /mnt/with\\040blank rw,nosuid shared:5 master:1 - fuse.sshfs ops@host:/srv rw,user_id=0\n"
      "99 22 0:52 / /mnt/bare rw - tmpfs tmpfs rw\n"
      "cut short 0:53\n";
  CHECK(mount_type(mounts, 8, 1) == "ext4");
  CHECK(mount_type(mounts, 0, 51) == "fuse.sshfs");
  CHECK(mount_type(mounts, 0, 52) == "tmpfs");
  CHECK(mount_type(mounts, 0, 53).empty());
  CHECK(mount_type(mounts, 9, 9).empty());
  CHECK(mount_type("", 8, 1).empty());
}

TEST_CASE("each changed byte of the config is named", "[registry]") {
  const SmallRegistry small;
  const auto path = small.options.directory / "config";
  const std::string text = content(path);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << changed;
    INFO("byte " << i);
    CHECK(kind_thrown([&] { small.open(); }) == 7);
  }
}

TEST_CASE("a key of another registry is refused by name", "[registry]") {
  const SmallRegistry small;
  const RegistryKey other = RegistryKey::generate();
  const Registry registry = small.open();
  CHECK(kind_thrown([&] { registry.require_key(other); }) == 5);
  CHECK(kind_thrown([&] { registry.snapshot(other); }) == 5);
  RegistryKey changed = small.key;
  changed.sealing_public = other.sealing_public;
  CHECK(kind_thrown([&] { registry.require_key(changed); }) == 5);
}

TEST_CASE("a missing or foreign catalogue is damage", "[registry]") {
  const SmallRegistry small;
  const SmallRegistry other;
  fs::copy_file(other.options.directory / "catalogue.sqlite", small.options.directory / "catalogue.sqlite",
                fs::copy_options::overwrite_existing);
  CHECK(without_words(error_of([&] { small.open(); }), {"another registry"}) == "");
  fs::remove(small.options.directory / "catalogue.sqlite");
  CHECK(kind_thrown([&] { small.open(); }) == 7);
  std::ofstream(small.options.directory / "catalogue.sqlite") << "this is no database at all, not even nearly";
  CHECK(kind_thrown([&] { small.open(); }) == 7);
}
