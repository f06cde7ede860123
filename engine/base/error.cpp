#include "base/error.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace sidik {

Error::Error(ErrorKind kind, std::string place, std::string message)
    : kind_(kind), place_(std::move(place)), message_(std::move(message)) {
  text_ = place_.empty() ? message_ : place_ + ": " + message_;
}

int exit_status(ErrorKind kind) noexcept { return static_cast<int>(kind); }

void throw_system_error(const std::string& place, const std::string& action, int error_number) {
  std::string message = "cannot " + action + ": " + std::generic_category().message(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT) message += "; make room there and run the same command again";
  throw Error(ErrorKind::kFailed, place, message);
}

}  // namespace sidik
