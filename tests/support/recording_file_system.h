// The operating system's files, with a copy of every byte that was ever written: what somebody may find on the disk of
// files that are long gone, at whatever moment a process was killed.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/bytes.h"
#include "base/file_system.h"

namespace sidik::test {

/// Thread-safe, as the files below it are.
class RecordingFileSystem final : public FileSystem {
 public:
  /// All that was written, one write behind the other, by kind of file: "spill" for what is in a folder of that name,
  /// else the name's endings, or the name where it has none (".run", ".envelope.pending.tmp", "config").
  std::map<std::string, std::string> written() const {
    const std::lock_guard lock(mutex_);
    return written_;
  }

  std::unique_ptr<File> open(const std::filesystem::path& path, OpenMode mode, Caching caching) override {
    return std::make_unique<RecordedFile>(*this, real_.open(path, mode, caching));
  }
  bool exists(const std::filesystem::path& path) override { return real_.exists(path); }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override { real_.rename(from, to); }
  void remove(const std::filesystem::path& path) override { real_.remove(path); }
  void make_directory(const std::filesystem::path& path) override { real_.make_directory(path); }
  void sync_directory(const std::filesystem::path& path) override { real_.sync_directory(path); }
  std::vector<std::string> list(const std::filesystem::path& path) override { return real_.list(path); }
  std::uint64_t free_space(const std::filesystem::path& path) override { return real_.free_space(path); }

 private:
  class RecordedFile final : public File {
   public:
    RecordedFile(RecordingFileSystem& files, std::unique_ptr<File> real) : files_(files), real_(std::move(real)) {}
    std::uint64_t size() const override { return real_->size(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
      return real_->read_at(offset, out);
    }
    void write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) override {
      files_.record(path(), bytes);
      real_->write_at(offset, bytes);
    }
    void truncate(std::uint64_t size) override { real_->truncate(size); }
    void sync() override { real_->sync(); }
    bool try_lock(LockKind kind) override { return real_->try_lock(kind); }
    void unlock() override { real_->unlock(); }
    const std::filesystem::path& path() const override { return real_->path(); }

   private:
    RecordingFileSystem& files_;
    std::unique_ptr<File> real_;
  };

  void record(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
    const std::string name = path.filename().string();
    const std::size_t endings = name.find('.');
    const bool is_named_by_number = name.find_first_not_of("0123456789abcdef") == endings;
    const std::lock_guard lock(mutex_);
    std::string& all = written_[path.parent_path().filename() == "spill"             ? "spill"
                                : is_named_by_number && endings != std::string::npos ? name.substr(endings)
                                                                                     : name];
    all += as_text(bytes);
  }

  FileSystem& real_ = posix_file_system();
  mutable std::mutex mutex_;
  std::map<std::string, std::string> written_;
};

}  // namespace sidik::test
