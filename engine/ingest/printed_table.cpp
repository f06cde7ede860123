#include "ingest/printed_table.h"

#include <algorithm>
#include <cctype>

#include "ingest/cell_text.h"
#include "ingest/text_encoding.h"

namespace sidik {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; }

std::size_t count(std::string_view line, std::string_view characters) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [&](char c) { return characters.find(c) != std::string_view::npos; }));
}

bool is_boxed(std::string_view line, char corner) {
  return line.size() >= 3 && line.front() == corner && line.back() == corner;
}

/// The first lines that are not empty, without blanks behind them.
std::vector<std::string_view> first_lines(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < most) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t last = line.find_last_not_of(" \t\r");
    if (last != std::string_view::npos) lines.push_back(line.substr(0, last + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Whether `ruler` stands under `header` as psql draws it: over a single column, as wide as its name and more.
bool is_under(std::string_view ruler, std::string_view header) {
  const std::size_t joints = count(ruler, "+|");
  if (joints != count(header, "|")) return false;
  return joints > 0 || (header.front() == ' ' && ruler.size() >= trimmed(header).size() + 2);
}

}  // namespace

bool is_ruler(std::string_view line) {
  line = trimmed(line);
  return line.find_first_not_of("-+|=: ") == std::string_view::npos && count(line, "-=") >= 3;
}

bool is_row_count(std::string_view line) {
  line = trimmed(line);
  const bool bracketed = line.starts_with('(') && line.ends_with(')');
  if (bracketed) line = line.substr(1, line.size() - 2);
  std::size_t digits = 0;
  while (digits < line.size() && is_digit(line[digits])) ++digits;
  if (digits == 0 || digits == line.size() || line[digits] != ' ') return false;
  const std::string_view words = line.substr(digits + 1);
  if (bracketed) return !words.empty() && std::all_of(words.begin(), words.end(), is_letter);
  return words.starts_with("rows in set") || words.starts_with("row in set");
}

Frame frame_of(std::string_view head) {
  if (head.starts_with(kUtf8Mark)) head.remove_prefix(kUtf8Mark.size());
  const std::vector<std::string_view> lines = first_lines(head, 3);
  if (lines.size() < 2) return Frame::kNone;
  const std::string_view first = trimmed(lines[0]);
  const std::string_view second = trimmed(lines[1]);
  if (is_ruler(first)) {
    const bool boxed = is_boxed(first, '+') && is_boxed(second, '|') && lines.size() == 3 && is_ruler(lines[2]);
    return boxed && count(first, "+") == count(second, "|") ? Frame::kBox : Frame::kNone;
  }
  if (!is_ruler(second)) return Frame::kNone;
  if (is_boxed(first, '|') && is_boxed(second, '|'))
    return count(first, "|") == count(second, "+|") ? Frame::kBox : Frame::kNone;
  return is_under(second, lines[0]) ? Frame::kRulers : Frame::kNone;
}

void leave_out_frame(std::vector<HeadRow>& rows, Frame frame, std::string_view text) {
  if (frame == Frame::kNone) return;
  const auto ruler = [&](const HeadRow& row) { return is_ruler(text.substr(row.offset, row.end - row.offset)); };
  rows.erase(std::remove_if(rows.begin(), rows.end(), ruler), rows.end());
  if (frame != Frame::kBox) return;
  for (HeadRow& row : rows) {
    if (row.cells < 3 || row.values.empty() || !row.values.front().empty()) continue;
    row.values.erase(row.values.begin());
    if (row.values.size() + 1 == row.cells && row.values.back().empty()) row.values.pop_back();
    row.cells -= 2;
  }
}

}  // namespace sidik
