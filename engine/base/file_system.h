// The one seam through which the registry touches files, so that tests can crash, tear and fill the disk at every step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sidik {

enum class OpenMode {
  kRead,          // must exist
  kReadWrite,     // must exist
  kCreate,        // must not exist; mode 0600
  kOpenOrCreate,  // either; mode 0600
};

/// kDirect asks for I/O past the page cache where the file system has it (silently buffered where not);
/// then offsets, sizes and buffers must be multiples of kDirectAlignment.
enum class Caching { kBuffered, kDirect };
inline constexpr std::size_t kDirectAlignment = 4096;

enum class LockKind { kShared, kExclusive };

/// An open file. Reads and writes name their offset, so one object may serve several threads (truncate and locks
/// apart). Every failure throws Error(kFailed) with the path.
class File {
 public:
  virtual ~File() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `out` from `offset`; returns the bytes read, fewer only at the end of the file.
  virtual std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;
  virtual void write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) = 0;
  virtual void truncate(std::uint64_t size) = 0;
  /// Data and length are on the disk when this returns. A failed sync is never retried: the file must be given up.
  virtual void sync() = 0;
  /// A whole-file lock that belongs to this open file and goes with it, also when the process is killed. Converts a
  /// held one. False when another open file holds a lock that conflicts.
  virtual bool try_lock(LockKind kind) = 0;
  virtual void unlock() = 0;
  virtual const std::filesystem::path& path() const = 0;
};

/// The file operations of a registry. Thread-safe. Every failure throws Error(kFailed) with the path.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::unique_ptr<File> open(const std::filesystem::path& path, OpenMode mode,
                                     Caching caching = Caching::kBuffered) = 0;
  virtual bool exists(const std::filesystem::path& path) = 0;
  /// Replaces `to` where it exists; atomic.
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  /// Nothing happens where there is no such file.
  virtual void remove(const std::filesystem::path& path) = 0;
  /// Mode 0700; nothing happens where it exists. Parents must exist.
  virtual void make_directory(const std::filesystem::path& path) = 0;
  /// Names created, renamed and removed in `path` are on the disk when this returns.
  virtual void sync_directory(const std::filesystem::path& path) = 0;
  /// File names (not paths) in a directory, sorted; empty where there is no such directory.
  virtual std::vector<std::string> list(const std::filesystem::path& path) = 0;
  virtual std::uint64_t free_space(const std::filesystem::path& path) = 0;
};

/// The operating system's files.
FileSystem& posix_file_system();

/// Writes `bytes` to `path` so that after a crash either nothing or all of it is there: a temporary name, sync, rename,
/// sync of the folder.
void write_file_durably(FileSystem& files, const std::filesystem::path& path, std::span<const std::uint8_t> bytes);

/// The whole file. Throws Error(kFailed) where it is longer than `limit`.
std::vector<std::uint8_t> read_whole_file(FileSystem& files, const std::filesystem::path& path, std::uint64_t limit);

}  // namespace sidik
