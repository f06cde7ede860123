// The first rows of a text as plain strings: what dialect and header are read off.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/quote_tracker.h"

namespace sidik {

struct HeadRow {
  std::uint64_t offset = 0;         // of its first byte in the text
  std::uint64_t end = 0;            // behind its line end
  std::uint64_t line = 0;           // line breaks before it
  std::uint64_t end_line = 0;       // line breaks before `end`
  std::size_t cells = 0;            // how many; `values` may hold fewer
  bool unclosed = false;            // a quote in it is not closed: read up to its line's end
  bool complete = true;             // its end was seen
  std::vector<std::string> values;  // unquoted, trimmed, UTF-8
};

/// How many rows and cells are worth reading.
struct HeadLimits {
  std::size_t rows = 1000;
  std::size_t values = 4096;  // of a row
};

/// A text for looking at its start: with room behind it, as the tokeniser wants it.
class HeadText {
 public:
  explicit HeadText(std::string_view text, bool whole);
  std::string_view text() const { return {padded_.data(), size_}; }
  /// Whether nothing stands behind it.
  bool whole() const { return whole_; }

  /// The first rows; empty lines are left out, and so is a last row that the text cuts, unless it is the only one. A
  /// quote that no other closes is read as a plain character: its line is one row, marked `unclosed`.
  std::vector<HeadRow> rows(const Separators& separators, const HeadLimits& limits = {}) const;

 private:
  std::string padded_;
  std::size_t size_;
  bool whole_;
};

/// The most frequent number of cells among the rows from `first` on; the larger where two are equally frequent; 0
/// without rows.
std::size_t usual_cells(const std::vector<HeadRow>& rows, std::size_t first = 0);

}  // namespace sidik
