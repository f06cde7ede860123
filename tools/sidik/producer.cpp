#include "producer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "input.h"
#include "interruption.h"

namespace sidik::command {
namespace {

/// Notes the end of the output on its way through.
class EndNoting final : public ByteSource {
 public:
  EndNoting(std::unique_ptr<ByteSource> source, std::shared_ptr<bool> ended)
      : source_(std::move(source)), ended_(std::move(ended)) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t size = source_->read(out);
    if (size == 0 && !out.empty()) *ended_ = true;
    return size;
  }
  std::string name() const override { return source_->name(); }
  std::uint64_t consumed() const override { return source_->consumed(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::shared_ptr<bool> ended_;
};

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw_system_error("sidik", "make a pipe", errno);
    read_end = ends[0];
    write_end = ends[1];
  }
};

// In the child, between fork and exec: only calls that are safe there. What exec says goes back through `report`.
[[noreturn]] void become(char* const* words, int output, int report) {
  restore_signals();
  if (dup2(output, STDOUT_FILENO) >= 0) execvp(words[0], words);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(report, &error, sizeof error);
  _exit(127);
}

void sleep_ms(long milliseconds) {
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, nullptr);
}

}  // namespace

Producer::Producer(std::vector<std::string> words, std::string consequence)
    : consequence_(std::move(consequence)), output_ended_(std::make_shared<bool>(false)) {
  name_ = words.at(0);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const Pipe output;
  const Pipe report;
  process_ = fork();
  if (process_ == 0) become(pointers.data(), output.write_end, report.write_end);
  const int fork_error = errno;
  close(output.write_end);
  close(report.write_end);
  output_ = output.read_end;
  int error = 0;
  ssize_t size = 0;
  if (process_ > 0) do {
      size = read(report.read_end, &error, sizeof error);
    } while (size < 0 && errno == EINTR);
  close(report.read_end);
  if (process_ > 0 && size != sizeof error) return;
  if (process_ > 0) {
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  } else {
    error = fork_error;
  }
  close(output_);
  refuse(std::string("the command cannot be started: ") + std::strerror(error));
}

Producer::~Producer() {
  if (output_ >= 0) close(output_);
  stop();
}

std::unique_ptr<ByteSource> Producer::take_output() {
  const int output = std::exchange(output_, -1);
  return std::make_unique<EndNoting>(input_from(output, name_), output_ended_);
}

bool Producer::output_ended() const { return *output_ended_; }

void Producer::require_success() {
  // It has closed its output and ends in a moment, or goes on for a while: asked often at first, then every 50 ms.
  static constexpr std::array<long, 6> kPauses = {0, 1, 2, 5, 20, 50};
  for (std::size_t i = 0; !ended_; i = std::min(i + 1, kPauses.size() - 1)) {
    throw_if_interrupted();
    if (kPauses[i] > 0) sleep_ms(kPauses[i]);
    const pid_t got = waitpid(process_, &status_, WNOHANG);
    if (got == process_) ended_ = true;
    if (got < 0 && errno != EINTR) throw_system_error(name_, "learn how the command ended", errno);
  }
  if (WIFEXITED(status_) && WEXITSTATUS(status_) == 0) return;
  if (WIFEXITED(status_))
    refuse("the command failed with status " + std::to_string(WEXITSTATUS(status_)) + ", expected 0");
  refuse(std::string("the command was ended by a signal (") + strsignal(WTERMSIG(status_)) + ")");
}

void Producer::refuse(const std::string& what) const {
  throw Error(ErrorKind::kRefused, name_, what + "; " + consequence_);
}

void Producer::stop() {
  if (ended_ || process_ <= 0) return;
  kill(process_, SIGTERM);
  for (int waited = 0; !ended_; waited += 10) {
    if (waited >= 2000) kill(process_, SIGKILL);
    const pid_t got = waitpid(process_, &status_, waited >= 2000 ? 0 : WNOHANG);
    ended_ = got == process_ || (got < 0 && errno != EINTR);
    if (!ended_) sleep_ms(10);
  }
}

}  // namespace sidik::command
