// A file system in memory, for tests that damage every byte of a file.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file_system.h"

namespace sidik::test {

class MemoryFiles final : public FileSystem {
 public:
  std::unique_ptr<File> open(const std::filesystem::path& path, OpenMode mode, Caching) override {
    const std::lock_guard lock(mutex_);
    const bool there = content_.contains(path);
    if (mode == OpenMode::kCreate ? there : !there && mode != OpenMode::kOpenOrCreate)
      throw Error(ErrorKind::kFailed, path.string(), there ? "exists" : "does not exist");
    auto& bytes = content_[path];
    if (!bytes) bytes = std::make_shared<Bytes>();
    return std::make_unique<MemoryFile>(path, bytes, *this);
  }
  bool exists(const std::filesystem::path& path) override { return content_.contains(path); }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    content_[to] = content_.at(from);
    content_.erase(from);
  }
  void remove(const std::filesystem::path& path) override { content_.erase(path); }
  void make_directory(const std::filesystem::path&) override {}
  void sync_directory(const std::filesystem::path&) override {}
  std::vector<std::string> list(const std::filesystem::path& path) override {
    std::vector<std::string> names;
    for (const auto& [file, bytes] : content_)
      if (file.parent_path() == path) names.push_back(file.filename().string());
    return names;
  }
  std::uint64_t free_space(const std::filesystem::path&) override { return std::uint64_t{1} << 40; }

  Bytes& content(const std::filesystem::path& path) { return *content_.at(path); }
  /// All that was ever written to files that are gone by now or not, by path.
  const std::map<std::filesystem::path, Bytes>& written() const { return written_; }
  /// After so many bytes every write fails, as on a full disk.
  std::uint64_t room = ~std::uint64_t{0};

 private:
  class MemoryFile final : public File {
   public:
    MemoryFile(std::filesystem::path path, std::shared_ptr<Bytes> bytes, MemoryFiles& files)
        : path_(std::move(path)), bytes_(std::move(bytes)), files_(files) {}
    std::uint64_t size() const override { return bytes_->size(); }
    std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
      const std::lock_guard lock(files_.mutex_);
      if (offset >= bytes_->size()) return 0;
      const std::size_t n = std::min<std::size_t>(out.size(), bytes_->size() - offset);
      std::copy_n(bytes_->begin() + static_cast<std::ptrdiff_t>(offset), n, out.begin());
      return n;
    }
    void write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) override {
      const std::lock_guard lock(files_.mutex_);
      if (bytes.size() > files_.room) throw_system_error(path_.string(), "write", ENOSPC);
      files_.room -= bytes.size();
      if (bytes_->size() < offset + bytes.size()) bytes_->resize(offset + bytes.size());
      std::copy(bytes.begin(), bytes.end(), bytes_->begin() + static_cast<std::ptrdiff_t>(offset));
      Bytes& all = files_.written_[path_];
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    void truncate(std::uint64_t size) override { bytes_->resize(size); }
    void sync() override {}
    bool try_lock(LockKind) override { return true; }
    void unlock() override {}
    const std::filesystem::path& path() const override { return path_; }

   private:
    std::filesystem::path path_;
    std::shared_ptr<Bytes> bytes_;
    MemoryFiles& files_;
  };

  std::mutex mutex_;
  std::map<std::filesystem::path, std::shared_ptr<Bytes>> content_;
  std::map<std::filesystem::path, Bytes> written_;
};

}  // namespace sidik::test
