// Signals that end the program: taken at safe places, so that nothing is left half written.
#pragma once

namespace sidik::command {

/// Thrown by throw_if_interrupted; caught in main, which ends with 128 + signal.
struct Interrupted {
  int signal;
};

/// kAtOnce ends the program where it stands (for work that writes nothing), kAtSafePlaces leaves it to
/// throw_if_interrupted; a second signal then ends it at once (the registry stands that as it stands kill -9).
enum class Interruption { kAtOnce, kAtSafePlaces };

/// Takes SIGINT, SIGTERM and SIGHUP over, and ignores SIGPIPE: a closed pipe is a failed write, which is reported.
void take_signals(Interruption how);

void throw_if_interrupted();

/// Waits until `descriptor` can be read (or has ended). Throws Interrupted when a signal comes first.
void wait_readable(int descriptor);

/// In a child process between fork and exec: signals as they were before take_signals.
void restore_signals();

}  // namespace sidik::command
