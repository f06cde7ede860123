#include "report/text_table.h"

#include <algorithm>
#include <numeric>

#include "report/plain_text.h"

namespace sidik {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 12;

std::string padded(const std::string& text, std::size_t width, TextTable::Align align) {
  const std::size_t used = display_width(text);
  const std::string blank(used < width ? width - used : 0, ' ');
  return align == TextTable::Align::kRight ? blank + text : text + blank;
}

}  // namespace

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(std::size_t width, std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(display_width(column.title));
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));

  const auto total = [&] {
    return indent + std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + kGap * (columns_.size() - 1);
  };
  while (total() > width) {
    std::size_t widest = columns_.size();
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (columns_[c].align == Align::kLeft && widths[c] > kNarrowest &&
          (widest == columns_.size() || widths[c] > widths[widest]))
        widest = c;
    if (widest == columns_.size()) break;
    --widths[widest];
  }

  std::string out;
  const auto write = [&](const std::vector<std::string>& cells) {
    std::vector<std::vector<std::string>> lines;
    std::size_t height = 1;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      lines.push_back(display_width(cells[c]) <= widths[c] ? std::vector{cells[c]} : wrapped(cells[c], widths[c]));
      height = std::max(height, lines.back().size());
    }
    for (std::size_t h = 0; h < height; ++h) {
      std::string line(indent, ' ');
      for (std::size_t c = 0; c < cells.size(); ++c) {
        if (c > 0) line.append(kGap, ' ');
        line += padded(h < lines[c].size() ? lines[c][h] : std::string(), widths[c], columns_[c].align);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + '\n';
    }
  };

  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  write(titles);
  for (const auto& row : rows_) write(row);
  return out;
}

}  // namespace sidik
