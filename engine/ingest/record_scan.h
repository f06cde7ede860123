// Where the last whole record of a growing text ends: the cheap half of the tokeniser, for cutting a stream into
// blocks.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "ingest/quote_tracker.h"

namespace sidik {

/// Line breaks in `text`: line feeds and, where they end lines, carriage returns, the two together being one.
std::size_t count_line_breaks(std::string_view text, bool carriage_return);

/// Scans a text from the start of a record.
class RecordScan {
 public:
  explicit RecordScan(const Separators& separators) : separators_(separators), kept_(separators) {}

  /// Scans text[0 .. size), of which earlier calls have seen a part (at the same or another address).
  /// REQUIRES: kTextSlack readable bytes behind; `size` never shrinks.
  void extend(const char* text, std::size_t size);

  /// Bytes up to and with the end of the last record that has one; 0 where none has.
  std::size_t record_end() const { return shown_.record_end; }
  /// Line breaks among these bytes.
  std::size_t lines() const { return shown_.record_lines; }
  /// Line breaks among all bytes.
  std::size_t all_lines() const { return shown_.lines; }
  /// Whether the text so far ends within a quoted cell, and where that cell begins.
  bool inside_quotes() const { return shown_.tracker.inside(); }
  std::size_t last_cell() const { return shown_.cell_begin; }

 private:
  struct Progress {
    explicit Progress(const Separators& separators) : tracker(separators) {}
    QuoteTracker tracker;
    std::size_t record_end = 0;
    std::size_t record_lines = 0;
    std::size_t lines = 0;
    std::size_t cell_begin = 0;
    void take(const ByteMasks& masks, std::size_t at);
  };

  Separators separators_;
  std::size_t scanned_ = 0;  // bytes, a multiple of 64, that kept_ has seen
  Progress kept_;
  Progress shown_ = kept_;  // and with the bytes behind them, fewer than 64
};

}  // namespace sidik
