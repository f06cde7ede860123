#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/error.h"
#include "base/file_system.h"

namespace sidik {
namespace {

namespace fs = std::filesystem;

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, fs::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(descriptor_); }

  std::uint64_t size() const override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail("read the length");
    return static_cast<std::uint64_t>(status.st_size);
  }

  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("read");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  void write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t put =
          ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail("write");
      done += static_cast<std::size_t>(put);
    }
  }

  void truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) fail("set the length");
  }

  void sync() override {
    if (::fsync(descriptor_) != 0) fail("sync to disk");
  }

  bool try_lock(LockKind kind) override {
    // flock belongs to the open file description: it goes with the process, and two opens of one process conflict.
    while (::flock(descriptor_, (kind == LockKind::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return false;
      fail("lock");
    }
    return true;
  }
  void unlock() override { ::flock(descriptor_, LOCK_UN); }

  const fs::path& path() const override { return path_; }

 private:
  [[noreturn]] void fail(const char* action) const { throw_system_error(path_.string(), action, errno); }

  int descriptor_;
  fs::path path_;
};

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<File> open(const fs::path& path, OpenMode mode, Caching caching) override {
    int flags = O_CLOEXEC;
    switch (mode) {
      case OpenMode::kRead:
        flags |= O_RDONLY;
        break;
      case OpenMode::kReadWrite:
        flags |= O_RDWR;
        break;
      case OpenMode::kCreate:
        flags |= O_RDWR | O_CREAT | O_EXCL;
        break;
      case OpenMode::kOpenOrCreate:
        flags |= O_RDWR | O_CREAT;
        break;
    }
    int descriptor = -1;
    if (caching == Caching::kDirect) descriptor = ::open(path.c_str(), flags | O_DIRECT, 0600);
    if (descriptor < 0 && (caching == Caching::kBuffered || errno == EINVAL)) {
      if (caching == Caching::kDirect && mode == OpenMode::kCreate) ::unlink(path.c_str());
      descriptor = ::open(path.c_str(), flags, 0600);
    }
    if (descriptor < 0) throw_system_error(path.string(), "open", errno);
    return std::make_unique<PosixFile>(descriptor, path);
  }

  bool exists(const fs::path& path) override {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    throw_system_error(path.string(), "look", errno);
  }

  void rename(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) throw_system_error(from.string(), "rename", errno);
  }

  void remove(const fs::path& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw_system_error(path.string(), "remove", errno);
  }

  void make_directory(const fs::path& path) override {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
      throw_system_error(path.string(), "make the folder", errno);
  }

  void sync_directory(const fs::path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw_system_error(path.string(), "open the folder", errno);
    const int result = ::fsync(descriptor);
    const int error_number = errno;
    ::close(descriptor);
    if (result != 0) throw_system_error(path.string(), "sync the folder to disk", error_number);
  }

  std::vector<std::string> list(const fs::path& path) override {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
      names.push_back(it->path().filename().string());
    if (error && error != std::errc::no_such_file_or_directory)
      throw_system_error(path.string(), "list the folder", error.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::uint64_t free_space(const fs::path& path) override {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) != 0) throw_system_error(path.string(), "read the free space", errno);
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }
};

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem files;
  return files;
}

void write_file_durably(FileSystem& files, const fs::path& path, std::span<const std::uint8_t> bytes) {
  fs::path temporary = path;
  temporary += ".tmp";
  files.remove(temporary);
  {
    const auto file = files.open(temporary, OpenMode::kCreate);
    file->write_at(0, bytes);
    file->sync();
  }
  files.rename(temporary, path);
  files.sync_directory(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

std::vector<std::uint8_t> read_whole_file(FileSystem& files, const fs::path& path, std::uint64_t limit) {
  const auto file = files.open(path, OpenMode::kRead);
  const std::uint64_t size = file->size();
  if (size > limit)
    throw Error(ErrorKind::kFailed, path.string(), "is longer than the " + std::to_string(limit) + " bytes expected");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  bytes.resize(file->read_at(0, bytes));
  return bytes;
}

}  // namespace sidik
