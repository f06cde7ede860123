// Tables for a terminal: columns as wide as they must be, cells that are too long are wrapped and never cut.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sidik {

class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit TextTable(std::vector<Column> columns);

  /// One row; missing cells are empty. Cells are printable already (plain_text.h).
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  /// The titles and rows, each line with `indent` spaces before it and a line feed behind. Where the table is wider
  /// than `width`, the widest left-aligned columns are narrowed (to 12 columns at the least) and their cells wrapped.
  std::string text(std::size_t width, std::size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace sidik
