// One new process, timed: what the benches run other programs, and themselves, with.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "measure.h"

namespace sidik::bench {

struct ChildResult {
  Cost cost;
  std::string output;             // what was captured
  double first_output = 0;        // seconds until there was any; 0 for never
  std::uint64_t peak_memory = 0;  // resident, in bytes
};

/// Runs a program without a shell, words.front() its path. `captured`: standard output, or standard error (what it
/// prints is then dropped). `input`: what
/// it reads, closed here once it runs; -1 for what this process reads. Throws Error(kFailed) unless it ends with 0.
inline ChildResult run_child(const std::vector<std::string>& words, int captured = STDOUT_FILENO, int input = -1) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_system_error("a pipe", "make", errno);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], captured);
  if (captured != STDOUT_FILENO) ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (input >= 0) ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  const auto start = std::chrono::steady_clock::now();
  pid_t process = 0;
  const int failed = ::posix_spawn(&process, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (input >= 0) ::close(input);
  ChildResult result;
  char buffer[65536];
  const auto since = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  for (ssize_t got = 0; failed == 0 && (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    if (result.output.empty()) result.first_output = since();
    result.output.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  if (failed != 0) throw_system_error(words.front(), "run", failed);
  int status = 0;
  rusage usage{};
  ::wait4(process, &status, 0, &usage);
  const double wall = since();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error(ErrorKind::kFailed, words.front(),
                captured == STDERR_FILENO ? "failed: " + result.output : "failed; what it says stands above");
  }
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  result.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  result.cost = {wall, seconds(usage.ru_utime) + seconds(usage.ru_stime)};
  return result;
}

}  // namespace sidik::bench
