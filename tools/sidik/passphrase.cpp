#include "passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "report/plain_text.h"

namespace sidik::command {
namespace {

constexpr std::size_t kLongestPassphrase = 1024;

/// Bytes up to `size`, as a secret of that size.
Secret first_bytes(const Secret& room, std::size_t size) { return Secret(room.bytes().first(size)); }

std::optional<Secret> credential(const char* name) {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory == '\0') return std::nullopt;
  const std::filesystem::path path = std::filesystem::path(directory) / name;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) throw Error(ErrorKind::kKey, path.string(), "this credential cannot be read");
  Secret room(kLongestPassphrase + 1);
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(file, room.writable().data() + size, room.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  ::close(file);
  if (size > kLongestPassphrase)
    throw Error(ErrorKind::kKey, path.string(), "is longer than a passphrase of 1,024 bytes");
  // An editor's line end is none of the passphrase.
  if (size > 0 && room.bytes()[size - 1] == '\n') --size;
  return first_bytes(room, size);
}

/// The terminal, its echo off while the object lives, also where a signal ends the process.
class SilentTerminal {
 public:
  SilentTerminal() : file_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (file_ < 0 || ::tcgetattr(file_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    ::sigemptyset(&held_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGTSTP}) ::sigaddset(&held_, signal);
    // Held back for the moment of asking: the terminal must not be left without an echo.
    ::pthread_sigmask(SIG_BLOCK, &held_, &mask_before_);
    able_ = ::tcsetattr(file_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (able_) ::tcsetattr(file_, TCSAFLUSH, &before_);
    if (file_ >= 0) ::close(file_);
    if (able_) ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  bool able() const { return able_; }

  Secret ask(const std::string& question) const {
    write(printable(question));
    Secret room(kLongestPassphrase);
    std::size_t size = 0;
    for (bool asking = true; asking && size < room.size();) {
      std::uint8_t& next = room.writable()[size];
      const ssize_t got = ::read(file_, &next, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw Error(ErrorKind::kKey, "the terminal", "was closed while the passphrase was asked");
      switch (next) {
        case '\r':
        case '\n':
        case kControl & 'D':
          asking = false;
          break;
        case kControl & 'C':
          write("\n");
          throw Error(ErrorKind::kKey, "the terminal", "the passphrase was not given");
        case kControl & 'U':
          size = 0;
          break;
        case kControl & 'H':
        case 0x7f:
          while (size > 0 && (room.bytes()[--size] & 0xc0) == 0x80) {  // a whole character of UTF-8
          }
          break;
        default:
          ++size;
      }
    }
    write("\n");
    return first_bytes(room, size);
  }

 private:
  static constexpr std::uint8_t kControl = 0x1f;  // what the control key leaves of a letter

  void write(const std::string& text) const {
    if (::write(file_, text.data(), text.size()) < 0) throw Error(ErrorKind::kKey, "the terminal", "cannot be written");
  }

  int file_;
  bool able_ = false;
  termios before_{};
  sigset_t held_{}, mask_before_{};
};

[[noreturn]] void refuse_without_terminal(const std::string& place, const char* name) {
  throw Error(ErrorKind::kKey, place,
              "is under a passphrase, and there is no terminal to ask for it; give a service the credential " +
                  std::string(name) + " (systemd's LoadCredential=)");
}

}  // namespace

Secret ask_passphrase(const std::string& place) {
  if (auto given = credential("sidik-passphrase")) return std::move(*given);
  const SilentTerminal terminal;
  if (!terminal.able()) refuse_without_terminal(place, "sidik-passphrase");
  return terminal.ask("Passphrase of " + place + ": ");
}

Secret ask_new_passphrase(const std::string& place) {
  if (auto given = credential("sidik-new-passphrase")) {
    if (given->empty()) throw Error(ErrorKind::kUsage, "sidik-new-passphrase", "is empty; choose one of several words");
    return std::move(*given);
  }
  const SilentTerminal terminal;
  if (!terminal.able())
    throw Error(ErrorKind::kKey, place,
                "there is no terminal to ask for the new passphrase; give the credential sidik-new-passphrase "
                "(systemd's LoadCredential=)");
  Secret first = terminal.ask("New passphrase of " + place + ": ");
  if (first.empty()) throw Error(ErrorKind::kUsage, place, "the passphrase is empty; choose one of several words");
  if (!(first == terminal.ask("The same once more: ")))
    throw Error(ErrorKind::kUsage, place, "the two passphrases differ; nothing was changed");
  return first;
}

}  // namespace sidik::command
