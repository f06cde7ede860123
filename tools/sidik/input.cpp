#include "input.h"

#include <sys/stat.h>

#include "base/error.h"
#include "interruption.h"

namespace sidik::command {
namespace {

void watch_for_signals(int descriptor, bool may_block) {
  if (descriptor >= 0 && may_block)
    wait_readable(descriptor);
  else
    throw_if_interrupted();
}

}  // namespace

std::unique_ptr<ByteSource> open_input(const std::string& path) { return raw_source(path, watch_for_signals); }

std::unique_ptr<ByteSource> input_from(int descriptor, std::string name) {
  return descriptor_source(descriptor, std::move(name), watch_for_signals);
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
