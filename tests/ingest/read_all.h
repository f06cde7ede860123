// A whole table through TableReader, as plain strings.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/table_reader.h"
#include "support/catch.h"

namespace sidik::test {

struct Table {
  Dialect dialect;
  std::vector<std::string> header;
  std::size_t columns = 0;
  std::vector<std::vector<std::optional<std::string>>> rows;  // nothing: a cell that a short row lacks
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint64_t> lines;
  std::vector<std::uint64_t> orders;
  std::vector<Batch::Rejected> rejected;
  std::size_t repeated_headers = 0;
  std::size_t frame_lines = 0;
  std::size_t transcoded_values = 0;
  std::size_t blocks = 0;
};

inline Table read_all(TableReader& reader) {
  Table table;
  table.dialect = reader.dialect();
  table.header = reader.header();
  table.columns = reader.columns();
  TextBlock block;
  Batch batch;
  while (reader.read_block(block)) {
    reader.parse(block, batch);
    ++table.blocks;
    for (std::size_t r = 0; r < batch.rows; ++r) {
      auto& row = table.rows.emplace_back();
      for (const auto& column : batch.columns) {
        const std::string_view value = column.at(r);
        row.push_back(value.data() == nullptr ? std::nullopt : std::optional<std::string>(value));
      }
    }
    table.offsets.insert(table.offsets.end(), batch.row_offset.begin(), batch.row_offset.end());
    table.lines.insert(table.lines.end(), batch.row_line.begin(), batch.row_line.end());
    table.orders.insert(table.orders.end(), batch.row_order.begin(), batch.row_order.end());
    table.rejected.insert(table.rejected.end(), batch.rejected.begin(), batch.rejected.end());
    table.repeated_headers += batch.repeated_headers;
    table.frame_lines += batch.frame_lines;
    table.transcoded_values += batch.transcoded_values;
  }
  return table;
}

inline Table read_text(std::string_view text, TableReaderOptions options = {}) {
  TableReader reader(memory_source(text, "test.csv"), std::move(options));
  return read_all(reader);
}

/// Whether a message holds all these parts; shows it where not.
inline bool says(const std::string& message, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    if (message.find(part) != std::string::npos) continue;
    UNSCOPED_INFO("message: " << message << "; expected in it: " << part);
    return false;
  }
  return true;
}

using Cells = std::vector<std::string>;

/// The rows with empty strings for cells that are not there.
inline std::vector<Cells> values(const Table& table) {
  std::vector<Cells> out;
  for (const auto& row : table.rows) {
    auto& cells = out.emplace_back();
    for (const auto& cell : row) cells.push_back(cell.value_or(""));
  }
  return out;
}

}  // namespace sidik::test
