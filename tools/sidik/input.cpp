#include "input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "interruption.h"

namespace sidik::command {
namespace {

class DescriptorInput final : public ByteSource {
 public:
  DescriptorInput(int descriptor, std::string name, bool owned)
      : descriptor_(descriptor), name_(std::move(name)), owned_(owned) {
    struct stat status {};
    if (fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) {
      regular_ = true;
      const off_t begin = lseek(descriptor_, 0, SEEK_CUR);
      if (begin >= 0 && begin < status.st_size) total_ = static_cast<std::uint64_t>(status.st_size - begin);
      posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
  }
  DescriptorInput(const DescriptorInput&) = delete;
  DescriptorInput& operator=(const DescriptorInput&) = delete;
  ~DescriptorInput() override {
    if (owned_) close(descriptor_);
  }

  std::size_t read(std::span<char> out) override {
    for (;;) {
      if (regular_)
        throw_if_interrupted();
      else
        wait_readable(descriptor_);
      const ssize_t size = ::read(descriptor_, out.data(), out.size());
      if (size >= 0) {
        consumed_ += static_cast<std::uint64_t>(size);
        return static_cast<std::size_t>(size);
      }
      if (errno != EINTR && errno != EAGAIN)
        throw_system_error(name_ + ", byte " + std::to_string(consumed_), "read", errno);
    }
  }
  std::string name() const override { return name_; }
  std::uint64_t consumed() const override { return consumed_; }
  std::uint64_t total() const override { return total_; }

 private:
  int descriptor_;
  std::string name_;
  bool owned_;
  bool regular_ = false;
  std::uint64_t consumed_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> open_input(const std::string& path) {
  if (path == "-") return std::make_unique<DescriptorInput>(STDIN_FILENO, "standard input", false);
  int descriptor = -1;
  do {
    throw_if_interrupted();  // opening a pipe waits for its writer
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      throw Error(ErrorKind::kRefused, path, "there is no such file; check the name and the folder");
    if (errno == EACCES)
      throw Error(ErrorKind::kRefused, path, "may not be read by you; ask for the right to, or run as its owner");
    throw_system_error(path, "open the file to read it", errno);
  }
  auto input = std::make_unique<DescriptorInput>(descriptor, path, true);
  struct stat status {};
  if (fstat(descriptor, &status) != 0) throw_system_error(path, "look at the file", errno);
  if (S_ISDIR(status.st_mode))
    throw Error(ErrorKind::kRefused, path, "this is a directory, expected a file; name the files in it");
  if (S_ISREG(status.st_mode) && status.st_size == 0 && input->total() == 0) {
    // Files of /proc and the like say 0 and have content: only reading tells.
    char first = 0;
    const ssize_t size = pread(descriptor, &first, 1, 0);
    if (size == 0)
      throw Error(ErrorKind::kRefused, path, "there is nothing in it (0 bytes), expected rows of delimited text");
  }
  return input;
}

std::unique_ptr<ByteSource> input_from(int descriptor, std::string name) {
  return std::make_unique<DescriptorInput>(descriptor, std::move(name), true);
}

bool can_reread(const std::string& path) {
  struct stat status {};
  return path != "-" && stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

void check_inputs(const std::vector<std::string>& paths) {
  std::size_t standard = 0;
  for (const std::string& path : paths) {
    if (path.empty())
      throw Error(ErrorKind::kUsage, "FILE", "is empty, expected a file's name or - (an unset variable?)");
    standard += path == "-" ? 1 : 0;
  }
  if (standard > 1)
    throw Error(ErrorKind::kUsage, "-", "is named more than once; standard input can be read once only");
}

}  // namespace sidik::command
