#include "sidik_process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sidik::test {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> environment_of(const SidikCall& call, const std::filesystem::path& home) {
  std::map<std::string, std::string> all = {{"HOME", home.string()}, {"LC_ALL", "C"}};
  for (const char* kept : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR"})
    if (const char* value = getenv(kept)) all[kept] = value;
  for (const auto& [name, value] : call.environment) all[name] = value;
  std::vector<std::string> words;
  for (const auto& [name, value] : all) words.push_back(name + "=" + value);
  return words;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

void put(int descriptor, int place) {
  if (descriptor < 0 || dup2(descriptor, place) < 0) _exit(126);
}

}  // namespace

SidikProcess::SidikProcess() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sidik-command-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  folder_ = pattern;
}

SidikProcess::~SidikProcess() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path SidikProcess::write(const std::string& name, const std::string& content) const {
  std::ofstream(folder_ / name, std::ios::binary) << content;
  return folder_ / name;
}

std::string SidikProcess::read(const std::string& name) const { return content_of(folder_ / name); }

pid_t SidikProcess::start(const SidikCall& call) const {
  std::vector<std::string> words = call.arguments;
  words.insert(words.begin(), SIDIK_BINARY);
  std::vector<std::string> environment = environment_of(call, folder_);
  const std::vector<char*> argv = pointers_to(words);
  const std::vector<char*> envp = pointers_to(environment);
  const std::string output = call.output.empty() ? (folder_ / ".out").string() : call.output.string();
  const std::string error = (folder_ / ".err").string();
  std::string input = "/dev/null";
  if (!call.input.empty()) input = write(".in", call.input).string();
  const pid_t process = fork();
  if (process != 0) return process;
  if (chdir(folder_.c_str()) != 0) _exit(126);
  put(open(input.c_str(), O_RDONLY), STDIN_FILENO);
  put(open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  put(open(error.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  execve(argv[0], argv.data(), envp.data());
  _exit(126);
}

SidikResult SidikProcess::wait(pid_t process, const SidikCall& call) const {
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
  }
  SidikResult result;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  if (call.output.empty()) result.out = content_of(folder_ / ".out");
  result.err = content_of(folder_ / ".err");
  return result;
}

SidikResult SidikProcess::run(const SidikCall& call) const { return wait(start(call), call); }

}  // namespace sidik::test
