#include "ingest/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "ingest/binary_format.h"

namespace sidik {
namespace {

class DescriptorSource final : public ByteSource {
 public:
  enum class Ending { kClose, kLeaveOpen };

  DescriptorSource(int descriptor, std::string name, Ending ending, BeforeWait before_wait)
      : descriptor_(descriptor), name_(std::move(name)), ending_(ending), before_wait_(std::move(before_wait)) {
    struct stat status = {};
    if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return;
    regular_ = true;
    const off_t begin = lseek(descriptor_, 0, SEEK_CUR);
    if (begin >= 0 && begin < status.st_size) total_ = static_cast<std::uint64_t>(status.st_size - begin);
#if defined(POSIX_FADV_SEQUENTIAL)
    posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
  }
  DescriptorSource(const DescriptorSource&) = delete;
  DescriptorSource& operator=(const DescriptorSource&) = delete;
  ~DescriptorSource() override {
    if (ending_ == Ending::kClose) close(descriptor_);
  }

  std::size_t read(std::span<char> out) override {
    for (;;) {
      if (before_wait_) before_wait_(descriptor_, !regular_);
      const ssize_t size = ::read(descriptor_, out.data(), out.size());
      if (size >= 0) {
        consumed_ += static_cast<std::uint64_t>(size);
        return static_cast<std::size_t>(size);
      }
      // EAGAIN: a pipe that somebody else has set not to wait; before_wait_ has waited, or the next round does.
      if (errno != EINTR && !(errno == EAGAIN && before_wait_))
        throw_system_error(name_ + ", byte " + std::to_string(consumed_), "read", errno);
    }
  }
  std::string name() const override { return name_; }
  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t total() const override { return total_; }

 private:
  int descriptor_;
  std::string name_;
  Ending ending_;
  BeforeWait before_wait_;
  bool regular_ = false;
  std::uint64_t consumed_ = 0;
  std::uint64_t total_ = 0;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t size = std::min(out.size(), bytes_.size() - consumed_);
    if (size != 0) std::memcpy(out.data(), bytes_.data() + consumed_, size);
    consumed_ += size;
    return size;
  }
  std::string name() const override { return name_; }
  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t total() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::string name_;
  std::size_t consumed_ = 0;
};

class PutBackSource final : public ByteSource {
 public:
  PutBackSource(std::string head, std::unique_ptr<ByteSource> source)
      : head_(std::move(head)), source_(std::move(source)) {}
  std::size_t read(std::span<char> out) override {
    if (used_ == head_.size()) {
      if (!head_.empty()) {
        std::string().swap(head_);
        used_ = 0;
      }
      return source_->read(out);
    }
    const std::size_t size = std::min(out.size(), head_.size() - used_);
    std::memcpy(out.data(), head_.data() + used_, size);
    used_ += size;
    return size;
  }
  std::string name() const override { return source_->name(); }
  std::uint64_t consumed() const override { return source_->consumed() - (head_.size() - used_); }
  std::uint64_t total() const override { return source_->total(); }
  Compression compression() const override { return source_->compression(); }

 private:
  std::string head_;
  std::size_t used_ = 0;
  std::unique_ptr<ByteSource> source_;
};

class TeedSource final : public ByteSource {
 public:
  TeedSource(std::unique_ptr<ByteSource> source, std::function<void(std::span<const char>)> tee)
      : source_(std::move(source)), tee_(std::move(tee)) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t size = source_->read(out);
    if (size != 0) tee_(out.first(size));
    return size;
  }
  std::string name() const override { return source_->name(); }
  std::uint64_t consumed() const override { return source_->consumed(); }
  std::uint64_t total() const override { return source_->total(); }
  Compression compression() const override { return source_->compression(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::function<void(std::span<const char>)> tee_;
};

int open_file(const std::filesystem::path& path, const BeforeWait& before_wait) {
  int descriptor = -1;
  do {
    if (before_wait) before_wait(-1, true);  // opening a pipe waits for its writer
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor >= 0) return descriptor;
  if (path.empty()) throw Error(ErrorKind::kRefused, "", "expected a file name, got an empty one");
  if (errno == ENOENT || errno == ENOTDIR)
    throw Error(ErrorKind::kRefused, path.string(), "there is no such file; check the name and the folder");
  if (errno == EACCES)
    throw Error(ErrorKind::kRefused, path.string(),
                "may not be read by you; ask for the right to, or run as its owner");
  throw_system_error(path.string(), "open the file to read it", errno);
}

void refuse_what_holds_nothing(int descriptor, const std::string& name, const ByteSource& source) {
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) throw_system_error(name, "look at the file", errno);
  if (S_ISDIR(status.st_mode))
    throw Error(ErrorKind::kRefused, name, "this is a directory, expected a file; name the files in it");
  if (!S_ISREG(status.st_mode) || status.st_size != 0 || source.total() != 0) return;
  char first = 0;  // files of /proc and the like say 0 and have content: only reading tells
  if (pread(descriptor, &first, 1, 0) == 0)
    throw Error(ErrorKind::kRefused, name, "there is nothing in it (0 bytes), expected rows of delimited text");
}

}  // namespace

std::unique_ptr<ByteSource> descriptor_source(int descriptor, std::string name, BeforeWait before_wait) {
  return std::make_unique<DescriptorSource>(descriptor, std::move(name), DescriptorSource::Ending::kClose,
                                            std::move(before_wait));
}

std::unique_ptr<ByteSource> raw_source(const std::filesystem::path& path, BeforeWait before_wait) {
  if (path == "-")
    return std::make_unique<DescriptorSource>(STDIN_FILENO, "standard input", DescriptorSource::Ending::kLeaveOpen,
                                              std::move(before_wait));
  const int descriptor = open_file(path, before_wait);
  auto source = descriptor_source(descriptor, path.string(), std::move(before_wait));
  refuse_what_holds_nothing(descriptor, path.string(), *source);
  return source;
}

std::unique_ptr<ByteSource> memory_source(std::string_view bytes, std::string name) {
  return std::make_unique<MemorySource>(bytes, std::move(name));
}

std::unique_ptr<ByteSource> put_back(std::string head, std::unique_ptr<ByteSource> source) {
  return std::make_unique<PutBackSource>(std::move(head), std::move(source));
}

std::unique_ptr<ByteSource> teed(std::unique_ptr<ByteSource> source, std::function<void(std::span<const char>)> tee) {
  return std::make_unique<TeedSource>(std::move(source), std::move(tee));
}

std::size_t read_fully(ByteSource& source, std::span<char> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const std::size_t size = source.read(out.subspan(filled));
    if (size == 0) break;
    filled += size;
  }
  return filled;
}

std::unique_ptr<ByteSource> open_source(const std::filesystem::path& path, Compression* compression) {
  std::unique_ptr<ByteSource> source = raw_source(path);
  std::string head(64 * 1024, '\0');
  head.resize(read_fully(*source, std::span(head.data(), 512)));
  if (head.empty())
    throw Error(ErrorKind::kRefused, source->name(),
                "there is nothing in it (0 bytes), expected rows of delimited text");
  source = decompressed(put_back(head, std::move(source)), compression);
  if (source->compression() == Compression::kNone) refuse_known_formats(head, source->name());
  return source;
}

}  // namespace sidik
