// A tokeniser that is obviously right, one byte after the other: what the vectorised one is held against.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/quote_tracker.h"

namespace sidik::test {

struct NaiveRow {
  std::vector<std::string> cells;
  std::uint64_t offset = 0;
  std::uint64_t line = 1;
  bool unclosed = false;

  bool operator==(const NaiveRow&) const = default;
};

/// The rows of `text`, empty lines left out. Where a quote is not closed by the end, its row is marked, has no cells
/// and ends with the line in which the quote stands; the text behind is read as any.
inline std::vector<NaiveRow> naive_rows(std::string_view text, const Separators& separators) {
  const auto ends_line = [&](char c) { return c == '\n' || (separators.carriage_return && c == '\r'); };
  std::vector<NaiveRow> rows;
  std::size_t i = 0;
  std::uint64_t line = 1;
  const auto pass = [&](std::size_t end) {  // counts the lines of what is gone through
    for (; i < end; ++i) {
      const bool second_half = text[i] == '\n' && separators.carriage_return && i > 0 && text[i - 1] == '\r';
      if (ends_line(text[i]) && !second_half) ++line;
    }
  };
  while (i < text.size()) {
    NaiveRow row;
    row.offset = i;
    row.line = line;
    std::size_t at = i;
    std::size_t raw_size = 0;
    bool done = false;
    while (!done) {
      std::string cell;
      const std::size_t cell_begin = at;
      if (separators.quoted && at < text.size() && text[at] == '"') {
        ++at;
        for (;;) {
          if (at == text.size()) {
            row.unclosed = true;
            break;
          }
          if (text[at] != '"') {
            cell += text[at++];
          } else if (at + 1 < text.size() && text[at + 1] == '"') {
            cell += '"';
            at += 2;
          } else {
            ++at;
            break;
          }
        }
        if (row.unclosed) {
          at = cell_begin;
          while (at < text.size() && !ends_line(text[at])) ++at;
          if (at < text.size()) ++at;
          row.cells.clear();
          break;
        }
      }
      std::string behind;
      while (at < text.size() && text[at] != separators.delimiter && !ends_line(text[at])) behind += text[at++];
      done = at == text.size() || text[at] != separators.delimiter;
      raw_size = at - row.offset;
      if (done) {
        while (!behind.empty() && behind.back() == '\r') {
          behind.pop_back();
          --raw_size;
        }
      }
      row.cells.push_back(cell + behind);
      if (at < text.size()) ++at;
    }
    pass(at);
    if (row.unclosed || raw_size != 0) rows.push_back(row);
  }
  return rows;
}

}  // namespace sidik::test
