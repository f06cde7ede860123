// Files of secrets: written for their owner alone, refused where others may read them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/error.h"
#include "base/file_system.h"
#include "fingerprints/secret_text.h"

namespace sidik {
namespace {

constexpr std::size_t kLongestFile = 64 * 1024;

/// A descriptor that closes itself.
struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

[[noreturn]] void refuse_unreadable(const std::string& place, const SecretTextKind& kind, int error_number) {
  const std::string noun(kind.noun);
  if (error_number != ENOENT && error_number != ENOTDIR)
    throw Error(ErrorKind::kKey, place,
                "cannot read the " + noun + ": " + std::generic_category().message(error_number));
  throw Error(ErrorKind::kKey, place,
              kind.magic == kKeyFileText.magic
                  ? "no such key file; name the key by --key-file, SIDIK_KEY_FILE or --key-command"
                  : "no such " + noun);
}

}  // namespace

void write_secret_file(std::string_view text, const std::filesystem::path& path) {
  FileSystem& files = posix_file_system();
  const auto refuse_existing = [&] {
    throw Error(ErrorKind::kUsage, path.string(),
                "exists, and a key file is never overwritten; name another file, or move this one away");
  };
  if (files.exists(path)) refuse_existing();
  std::unique_ptr<File> file;
  try {
    file = files.open(path, OpenMode::kCreate);
  } catch (const Error&) {
    if (files.exists(path)) refuse_existing();  // made by another process in between
    throw;
  }
  try {
    file->write_at(0, as_bytes(text));
    file->sync();
    files.sync_directory(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
  } catch (...) {
    file.reset();
    files.remove(path);  // ours: it was created above; half a key is none
    throw;
  }
}

void replace_secret_file(std::string_view text, const std::filesystem::path& path) {
  std::error_code ignored;
  const std::filesystem::path itself = std::filesystem::canonical(path, ignored);  // not a link to it
  write_file_durably(posix_file_system(), itself.empty() ? path : itself, as_bytes(text));
}

WipedText read_secret_file(const std::filesystem::path& path, const SecretTextKind& kind) {
  const std::string place = path.string();
  const std::string noun(kind.noun);
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0) refuse_unreadable(place, kind, errno);
  struct stat status {};
  if (::fstat(file.number, &status) != 0) refuse_unreadable(place, kind, errno);
  if (S_ISDIR(status.st_mode)) throw Error(ErrorKind::kKey, place, "is a folder; a " + noun + " was expected");
  if ((status.st_mode & 077) != 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode & 07777));
    throw Error(ErrorKind::kKey, place,
                std::string("is open to others than its owner (mode ") + mode +
                    "); run `chmod 600` on it, and consider who may have read it");
  }
  WipedText content;
  content.text.resize(kLongestFile + 1);
  std::size_t size = 0;
  while (size < content.text.size()) {
    const ssize_t got = ::read(file.number, content.text.data() + size, content.text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_unreadable(place, kind, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kLongestFile) throw Error(ErrorKind::kKey, place, "is no " + noun + " of Sidik: it is longer than 64 KiB");
  content.text.resize(size);
  return content;
}

}  // namespace sidik
