// A disk in memory that loses power: what was not synced is by itself kept, dropped or torn at sectors of 512 bytes,
// names as well as bytes. It also fails at a chosen operation, and of what a failed sync should have kept, some
// is lost for good.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file_system.h"

namespace sidik::test {

/// Thrown where the power goes, and by every operation after that. Destructors may try to clean up on the way: nothing
/// that they do counts.
class PowerLost : public Error {
 public:
  PowerLost() : Error(ErrorKind::kFailed, "", "the power went here") {}
};

/// Paths are taken as they are given. Locks go with the open files, as flock's do. Thread-safe.
class CrashingDisk final : public FileSystem {
 public:
  /// What happens at the operation with number `at`, counted from arm() on. Only what changes something or must make it
  /// durable is counted: creating, writing, truncating, syncing, renaming and removing.
  enum class Fault {
    kNone,
    kError,     // it fails with `error_number` (a write after half of its bytes), later ones go well
    kPowerLoss  // it is begun and never known to be done; it and all later ones throw PowerLost
  };
  void arm(Fault fault, std::uint64_t at = 0, int error_number = 0);
  std::uint64_t operations() const;
  /// What the operation that failed was: "sync .../runs/x.run".
  const std::string& struck() const { return struck_; }

  /// The disk as it is found after the power came back. All files must be closed. `seed` draws what became of each
  /// write and name that was not synced: even ones each by itself, 1 keeps all, 3 drops all, 5 keeps what is written
  /// and drops names, 7 the reverse.
  void crash(std::uint64_t seed);

  /// What is on it, to go back to. REQUIRES: no open files, nothing unsynced that matters.
  struct Image {
    std::map<std::string, Bytes> files;
    std::vector<std::string> folders;
  };
  Image image() const;
  void restore(const Image& image);

  std::unique_ptr<File> open(const std::filesystem::path& path, OpenMode mode, Caching caching) override;
  bool exists(const std::filesystem::path& path) override;
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  void remove(const std::filesystem::path& path) override;
  void make_directory(const std::filesystem::path& path) override;
  void sync_directory(const std::filesystem::path& path) override;
  std::vector<std::string> list(const std::filesystem::path& path) override;
  std::uint64_t free_space(const std::filesystem::path& path) override;

 private:
  struct Write {
    std::uint64_t offset;
    Bytes bytes;
  };
  struct Truncation {
    std::uint64_t size;
  };
  using Change = std::variant<Write, Truncation>;
  /// A file apart from its names.
  struct Content {
    Bytes now, durable;
    std::vector<Change> pending;  // since the last sync
    std::uint64_t shared = 0;     // locks
    bool exclusive = false;
  };
  using Names = std::map<std::string, std::shared_ptr<Content>>;
  /// Names that one operation gave and took, which are kept or dropped together.
  struct NameChange {
    std::string folder;
    std::vector<std::pair<std::string, std::shared_ptr<Content>>> names;  // null: taken
  };
  class OpenFile;

  void step(const char* action, const std::filesystem::path& path);
  void require_power() const;
  static void apply(Bytes& bytes, const Change& change);
  void change_names(const std::string& folder, std::vector<std::pair<std::string, std::shared_ptr<Content>>> names);

  mutable std::mutex mutex_;
  Names now_, durable_;
  std::vector<NameChange> pending_;
  std::map<std::string, bool> folders_{{"/", true}};
  Fault fault_ = Fault::kNone;
  std::uint64_t at_ = 0, operations_ = 0;
  int error_number_ = 0;
  bool dark_ = false;
  std::minstd_rand chance_;
  std::string struck_;
};

}  // namespace sidik::test
