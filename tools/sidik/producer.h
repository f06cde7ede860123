// A command whose output is read: `register ... -- COMMAND ARGS`. What it wrote counts only if it ended well.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "ingest/byte_source.h"

namespace sidik::command {

/// A running command, started without a shell, its standard output piped to us; its standard input and error are ours.
/// Destroyed while it still runs: it is told to end (its pipe closed, SIGTERM, after two seconds SIGKILL) and reaped.
class Producer {
 public:
  /// `words` has the program and its arguments. Error(kRefused) where it cannot be started. `consequence` stands at the
  /// end of every message that tells of a failure of the command: what it means to whoever called us.
  explicit Producer(std::vector<std::string> words, std::string consequence = "nothing was registered");
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// What it writes, once. The source must not outlive this object's destructor by much: until it is gone the command
  /// may block.
  std::unique_ptr<ByteSource> take_output();

  /// Waits for the end of the command. Error(kRefused) where it ended with another status than 0 or by a signal. May be
  /// called again.
  void require_success();
  /// Whether all of its output has been read.
  bool output_ended() const;

 private:
  void stop();

  [[noreturn]] void refuse(const std::string& what) const;

  std::string name_;
  std::string consequence_;
  pid_t process_ = -1;
  int output_ = -1;
  int status_ = 0;
  bool ended_ = false;
  std::shared_ptr<bool> output_ended_;
};

}  // namespace sidik::command
