// The one exception of Sidik: what kind of failure, where, and what the user can do about it.
// Bad rows and unreadable values are counted, never thrown; only failures that end an operation are.
#pragma once

#include <exception>
#include <string>

namespace sidik {

/// The kinds are the command's exit statuses (DESIGN, section 5); scripts depend on the numbers.
enum class ErrorKind {
  kFailed = 1,     // an operation failed: I/O, no space, a bug
  kUsage = 2,      // wrong options or arguments
  kRefused = 3,    // the input is refused and nothing was registered
  kNameTaken = 4,  // an export of that name holds other content
  kKey = 5,        // the key is missing, wrong, or not of the role
  kBusy = 6,       // somebody else holds the registry
  kDamaged = 7,    // the registry is damaged
};

/// Thrown where a failure is noticed, caught at the front doors.
/// `place` is a file, with line or byte where known ("sample.csv, line 7"); may be empty.
/// `message` says what was expected and what to do. Neither ever holds a value of the data.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string place, std::string message);

  ErrorKind kind() const noexcept { return kind_; }
  const std::string& place() const noexcept { return place_; }
  const std::string& message() const noexcept { return message_; }
  /// "place: message".
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  ErrorKind kind_;
  std::string place_;
  std::string message_;
  std::string text_;
};

/// The process's exit status for `kind`.
int exit_status(ErrorKind kind) noexcept;

/// Throws kFailed with the text of `error_number` (errno) behind `action`: "cannot write: No space left on device".
[[noreturn]] void throw_system_error(const std::string& place, const std::string& action, int error_number);

}  // namespace sidik
