#include "ingest/head_rows.h"

#include <algorithm>
#include <map>

#include "ingest/batch.h"
#include "ingest/cell_index.h"
#include "ingest/cell_text.h"
#include "ingest/record_scan.h"
#include "ingest/text_encoding.h"

namespace sidik {
namespace {

// A quote that is open over so much of the head is a stray one, not a long text that the head's end cuts.
constexpr std::size_t kLongQuoted = std::size_t{64} * 1024;

std::string value_of(std::string_view raw, bool quoted) {
  std::string text;
  if (quoted && raw.starts_with('"'))
    append_unquoted(raw, text);
  else
    text = raw;
  text = trimmed(text);
  if (is_utf8(text)) return text;
  Bytes bytes;
  append_windows_1252(text, bytes);
  return {bytes.begin(), bytes.end()};
}

std::size_t line_end(std::string_view text, std::size_t from, bool carriage_return) {
  const std::size_t end = text.find_first_of(carriage_return ? "\n\r" : "\n", from);
  return end == std::string_view::npos ? text.size() : end + 1;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

HeadText::HeadText(std::string_view text, bool whole) : size_(text.size()), whole_(whole) {
  padded_.reserve(text.size() + kTextSlack);
  padded_ = text;
  padded_.append(kTextSlack, '\0');
}

std::vector<HeadRow> HeadText::rows(const Separators& separators, const HeadLimits& limits) const {
  std::vector<HeadRow> rows;
  CellIndex index;
  std::size_t base = 0;  // where the index began: anew behind each stray quote
  std::uint64_t base_line = 0;
  while (base < size_ && rows.size() < limits.rows) {
    const std::string_view text(padded_.data() + base, size_ - base);
    index.start(text, separators);
    std::size_t stray_end = 0;
    while (stray_end == 0 && rows.size() < limits.rows && index.advance()) {
      for (const CellIndex::Record& record : index.records()) {
        HeadRow row;
        const std::size_t begin = index.cell_begin(record.first_cell);
        const std::size_t next = index.cell_begin(record.first_cell + record.cells);
        row.offset = base + begin;
        row.end = base + std::min(next, text.size());
        row.line = base_line + record.line;
        row.cells = record.cells;
        const std::string_view raw = text.substr(begin, next - 1 - begin);
        const bool last = next > text.size();
        if (last && index.unclosed()) {
          const std::size_t opened = index.cell_begin(record.first_cell + record.cells - 1);
          if (!whole_ && text.size() - opened < kLongQuoted) {
            row.complete = false;
          } else {
            row.unclosed = true;
            stray_end = line_end(text, opened, separators.carriage_return);
            row.end = base + stray_end;
          }
        } else if (last && !whole_) {
          row.complete = false;
        }
        if (!row.complete && !rows.empty()) continue;
        if (raw.empty() || (record.cells == 1 && is_blank(raw) && !row.unclosed)) continue;
        for (std::size_t c = 0; c < std::min<std::size_t>(record.cells, limits.values) && !row.unclosed; ++c) {
          const std::size_t from = index.cell_begin(record.first_cell + c);
          std::string_view cell = text.substr(from, index.cell_begin(record.first_cell + c + 1) - 1 - from);
          if (c + 1 == record.cells) cell = without_returns(cell);
          row.values.push_back(value_of(cell, separators.quoted));
        }
        rows.push_back(std::move(row));
        if (rows.size() == limits.rows) break;
      }
    }
    if (stray_end == 0) break;
    base_line += count_line_breaks(text.substr(0, stray_end), separators.carriage_return);
    base += stray_end;
  }
  for (HeadRow& row : rows)
    row.end_line =
        row.line + count_line_breaks(text().substr(row.offset, row.end - row.offset), separators.carriage_return);
  return rows;
}

std::size_t usual_cells(const std::vector<HeadRow>& rows, std::size_t first) {
  std::map<std::size_t, std::size_t> counts;
  for (std::size_t r = first; r < rows.size(); ++r)
    if (!rows[r].unclosed) ++counts[rows[r].cells];
  std::size_t best = 0;
  std::size_t most = 0;
  for (const auto& [cells, count] : counts) {
    if (count < most) continue;
    most = count;
    best = cells;
  }
  return best;
}

}  // namespace sidik
