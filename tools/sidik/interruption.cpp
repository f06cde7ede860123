#include "interruption.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/error.h"
#include "progress.h"

namespace sidik::command {
namespace {

std::atomic<int> received{0};
std::atomic<bool> at_once{true};
int wake_pipe[2] = {-1, -1};

// Only calls that are safe in a handler.
void on_signal(int signal) {
  const int saved = errno;
  if (at_once.load() || received.exchange(signal) != 0) {
    clear_progress_line_in_handler();
    _exit(128 + signal);
  }
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = write(wake_pipe[1], &byte, 1);
  errno = saved;
}

}  // namespace

void take_signals(Interruption how) {
  at_once = how == Interruption::kAtOnce;
  if (wake_pipe[0] < 0 && pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
    throw_system_error("sidik", "make a pipe", errno);
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    // What the caller ignores (nohup, a shell's background job) stays ignored.
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
  }
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

void throw_if_interrupted() {
  if (const int signal = received.load()) throw Interrupted{signal};
}

void wait_readable(int descriptor) {
  for (;;) {
    throw_if_interrupted();
    pollfd watched[2] = {{descriptor, POLLIN, 0}, {wake_pipe[0], POLLIN, 0}};
    const int ready = poll(watched, 2, -1);
    throw_if_interrupted();
    if (ready > 0 && watched[0].revents != 0) return;
    if (ready < 0 && errno != EINTR) return;  // the read that follows says what is wrong
  }
}

void restore_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now {};
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == on_signal) sigaction(signal, &action, nullptr);
  }
  sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace sidik::command
