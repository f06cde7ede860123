#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "console.h"
#include "interruption.h"
#include "report/plain_text.h"

namespace sidik::command {
namespace {

std::atomic<bool> line_is_drawn{false};
constexpr char kClearLine[] = "\r\x1b[K";

void write_error(const char* text, std::size_t size) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, size);
}

bool error_is_terminal() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && term != nullptr && std::strcmp(term, "dumb") != 0;
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

}  // namespace

std::string progress_text(const char* stage, std::uint64_t rows, std::uint64_t bytes, std::uint64_t total,
                          double seconds) {
  std::string text = stage;
  if (rows > 0) text += "  " + grouped(rows) + " rows";
  if (seconds >= 0.5) {
    if (rows > 0) text += "  " + grouped(static_cast<std::uint64_t>(static_cast<double>(rows) / seconds)) + " rows/s";
    if (bytes > 0) text += "  " + byte_size(static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds)) + "/s";
  }
  if (total > 0 && bytes <= total) {
    const double share = static_cast<double>(bytes) / static_cast<double>(total);
    text += "  " + std::to_string(static_cast<int>(share * 100)) + " %";
    if (seconds >= 2 && share > 0.01) text += "  " + duration(seconds * (1 - share) / share) + " left";
  }
  return text;
}

ProgressLine::ProgressLine(bool quiet) : shown_(!quiet && error_is_terminal()) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::update(const char* stage, std::uint64_t rows, std::uint64_t bytes, std::uint64_t total) {
  throw_if_interrupted();
  if (!shown_) return;
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (stage_ != stage) {
    stage_ = stage;
    begun_ = now;
    drawn_ = {};
  }
  if (now - drawn_ < std::chrono::milliseconds(250)) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  std::string line = progress_text(stage, rows, bytes, total, seconds);
  const auto width = static_cast<std::size_t>(terminal_width(STDERR_FILENO, 80));
  if (line.size() >= width) line.resize(width - 1);
  line = kClearLine + line;
  line_is_drawn = true;
  write_error(line.data(), line.size());
}

void ProgressLine::clear() {
  if (line_is_drawn.exchange(false)) write_error(kClearLine, sizeof kClearLine - 1);
}

void clear_progress_line_in_handler() {
  if (line_is_drawn.load()) write_error(kClearLine, sizeof kClearLine - 1);
}

}  // namespace sidik::command
