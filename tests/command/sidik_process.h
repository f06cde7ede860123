// Runs the real program as a user's shell would: with arguments, an environment of its own and files for its three
// streams.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace sidik::test {

struct SidikResult {
  int status = -1;  // the exit status; 1000 + signal where a signal ended it
  std::string out;
  std::string err;
};

struct SidikCall {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;  // beside PATH, HOME and what sanitizers need
  std::string input;                               // standard input; empty: /dev/null
  std::filesystem::path output;                    // standard output goes there instead of SidikResult::out
};

/// A folder of its own as home and working directory; calls run there.
class SidikProcess {
 public:
  SidikProcess();
  ~SidikProcess();
  SidikProcess(const SidikProcess&) = delete;
  SidikProcess& operator=(const SidikProcess&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;

  SidikResult run(const SidikCall& call) const;
  SidikResult run(std::vector<std::string> arguments) const { return run(SidikCall{std::move(arguments), {}, {}, {}}); }
  /// Starts and does not wait.
  pid_t start(const SidikCall& call) const;
  SidikResult wait(pid_t process, const SidikCall& call) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace sidik::test
