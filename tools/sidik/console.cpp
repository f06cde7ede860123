#include "console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "report/plain_text.h"

namespace sidik::command {

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      throw_system_error("standard output", "write", errno);
  }
}

void print_error(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return;
  }
}

void say(std::string_view text) { print_error("sidik: " + printable(text) + "\n"); }

int terminal_width(int descriptor, int otherwise) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  if (const char* columns = std::getenv("COLUMNS"))
    if (const int width = std::atoi(columns); width >= 20 && width <= 1000) return width;
  return otherwise;
}

std::size_t text_width(int descriptor, std::size_t otherwise) {
  return isatty(descriptor) == 1 ? static_cast<std::size_t>(terminal_width(descriptor, 100)) : otherwise;
}

Colour output_colour() {
  const char* forbidden = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool able = isatty(STDOUT_FILENO) == 1 && term != nullptr && std::strcmp(term, "dumb") != 0;
  return able && (forbidden == nullptr || *forbidden == '\0') ? Colour::kAnsi : Colour::kNone;
}

}  // namespace sidik::command
