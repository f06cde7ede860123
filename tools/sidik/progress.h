// One line on standard error that says how far long work has come; gone when the work is done.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace sidik::command {

/// What the line says of the work, as text: "reading  1,200,000 rows  812,000 rows/s  104 MB/s  43 %  12 s left".
/// `total` 0: unknown.
std::string progress_text(const char* stage, std::uint64_t rows, std::uint64_t bytes, std::uint64_t total,
                          double seconds);

/// Draws on a terminal, at most some four times a second, and nowhere else. Thread-safe.
class ProgressLine {
 public:
  /// Shown where standard error is a terminal and the user did not ask for quiet.
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Throws Interrupted where the user asked to stop: long work calls this at safe places.
  void update(const char* stage, std::uint64_t rows, std::uint64_t bytes, std::uint64_t total);
  /// Takes the line away; the next update draws it again.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  const bool shown_;
  std::mutex mutex_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point drawn_{};
  std::string stage_;
};

/// Takes a line away that is drawn right now; safe in a signal handler.
void clear_progress_line_in_handler();

}  // namespace sidik::command
