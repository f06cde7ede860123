// The oracle's reading of a leak's rows: how likely each is as written, for whoever holds it as of a step in a layout.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "fixtures/cells.h"
#include "lab/leak.h"

namespace sidik::lab {

/// The rows of one leak beside the tables of a world. Not for several threads.
class RowReading {
 public:
  RowReading(const World& world, const Leak& leak);

  /// The rows that are looked at: all but the padding.
  std::size_t rows() const { return rows_.size(); }
  const LeakedRow& row(std::size_t r) const { return *rows_[r]; }
  /// Whoever row r is of, as our tables have them at a step.
  const std::optional<fixtures::Person>& person(std::uint32_t step, std::size_t r);
  /// The cells of the rows as a table of these columns has them at a step, spelled as the leak is; of nobody, none.
  const std::vector<Row>& cells(std::uint32_t step, const std::vector<fixtures::Column>& columns);
  /// ln P(row as written | it stands in such a table), one a row; minus infinity where nobody is there.
  const std::vector<double>& logs(std::uint32_t step, const std::vector<fixtures::Column>& columns);
  /// The same of a book with a view of its own.
  std::vector<double> logs_of(const Book& book, const std::vector<fixtures::Column>& columns);
  /// ln P(cell as written | it was `truly`), by itself.
  double log_cell(std::size_t column, const std::string& written, const std::string& truly) const;

 private:
  using Key = std::pair<std::uint32_t, std::vector<fixtures::Column>>;
  Row render(const fixtures::RowWriter& writer, const fixtures::Person& person) const;
  double log_row(const Row& written, const Row& truly) const;

  const World& world_;
  const Leak& leak_;
  std::vector<const LeakedRow*> rows_;
  std::map<std::uint32_t, std::vector<std::optional<fixtures::Person>>> people_;
  std::map<Key, std::vector<Row>> cells_;
  std::map<Key, std::vector<double>> logs_;
};

}  // namespace sidik::lab
