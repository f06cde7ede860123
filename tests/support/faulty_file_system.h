// The operating system's files with a fault at a chosen operation: a failure that is reported, or the end of the
// process.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file_system.h"

namespace sidik::test {

/// Thrown where the process is said to have died. Destructors may try to clean up on its way: nothing that they do
/// counts.
class ProcessDied : public Error {
 public:
  ProcessDied() : Error(ErrorKind::kFailed, "", "the process died here") {}
};

class FaultyFileSystem final : public FileSystem {
 public:
  enum class Fault {
    kNone,
    kErrorOnce,  // the chosen operation fails with `error_number`, later ones go well
    kErrorFrom,  // it and all later ones fail
    kDeath,      // it and all later ones throw ProcessDied and do nothing
  };
  /// Counts from 0 on; the operation with number `at` is the one that fails.
  void arm(Fault fault, std::uint64_t at, int error_number = ENOSPC) {
    fault_ = fault;
    at_ = at;
    error_number_ = error_number;
    operations_ = 0;
  }
  std::uint64_t operations() const { return operations_; }
  /// What the failed operation was: "sync .../runs/x.run".
  std::string failed_operation() const {
    const std::scoped_lock lock(mutex_);
    return failed_;
  }

  std::unique_ptr<File> open(const std::filesystem::path& path, OpenMode mode, Caching caching) override {
    step("open", path);
    return std::make_unique<FaultyFile>(*this, real_.open(path, mode, caching));
  }
  bool exists(const std::filesystem::path& path) override {
    step("look for", path);
    return real_.exists(path);
  }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    step("rename", from);
    real_.rename(from, to);
  }
  void remove(const std::filesystem::path& path) override {
    step("remove", path);
    real_.remove(path);
  }
  void make_directory(const std::filesystem::path& path) override {
    step("make folder", path);
    real_.make_directory(path);
  }
  void sync_directory(const std::filesystem::path& path) override {
    step("sync folder", path);
    real_.sync_directory(path);
  }
  std::vector<std::string> list(const std::filesystem::path& path) override {
    step("list", path);
    return real_.list(path);
  }
  std::uint64_t free_space(const std::filesystem::path& path) override {
    step("ask free space", path);
    return real_.free_space(path);
  }

 private:
  class FaultyFile final : public File {
   public:
    FaultyFile(FaultyFileSystem& files, std::unique_ptr<File> real) : files_(files), real_(std::move(real)) {}
    std::uint64_t size() const override {
      files_.step("size", path());
      return real_->size();
    }
    std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
      files_.step("read", path());
      return real_->read_at(offset, out);
    }
    void write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) override {
      try {
        files_.step("write", path());
      } catch (...) {
        // A write that fails or is cut short by death leaves part of its bytes.
        if (!files_.dead_before_this_) real_->write_at(offset, bytes.first(bytes.size() / 2));
        throw;
      }
      real_->write_at(offset, bytes);
    }
    void truncate(std::uint64_t size) override {
      files_.step("truncate", path());
      real_->truncate(size);
    }
    void sync() override {
      files_.step("sync", path());
      real_->sync();
    }
    bool try_lock(LockKind kind) override {
      files_.step("lock", path());
      return real_->try_lock(kind);
    }
    void unlock() override { real_->unlock(); }
    const std::filesystem::path& path() const override { return real_->path(); }

   private:
    FaultyFileSystem& files_;
    std::unique_ptr<File> real_;
  };

  void step(const char* action, const std::filesystem::path& path) {
    const std::uint64_t number = operations_++;
    if (fault_ == Fault::kNone || number < at_) return;
    dead_before_this_ = number > at_;
    if (number == at_) {
      const std::scoped_lock lock(mutex_);
      failed_ = std::string(action) + " " + path.string();
    }
    if (fault_ == Fault::kDeath) throw ProcessDied{};
    if (fault_ == Fault::kErrorOnce && number > at_) return;
    throw_system_error(path.string(), action, error_number_);
  }

  FileSystem& real_ = posix_file_system();
  std::atomic<std::uint64_t> operations_{0};
  std::atomic<bool> dead_before_this_{false};
  Fault fault_ = Fault::kNone;
  std::uint64_t at_ = 0;
  int error_number_ = ENOSPC;
  mutable std::mutex mutex_;
  std::string failed_;
};

}  // namespace sidik::test
