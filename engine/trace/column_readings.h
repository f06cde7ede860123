// A sample's columns, each read in every way that columns of the registry may be: what a mapping is decided on.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "trace/cell_completion.h"
#include "trace/link.h"
#include "trace/reading.h"
#include "trace/sample_reader.h"

namespace sidik {

/// Readings of some rows, and what each makes of them; by column.
struct ReadColumns {
  std::vector<Reading> readings;
  std::vector<std::unique_ptr<ReadValues>> values;
  std::vector<double> valid;   // share of the values that are not null
  std::vector<OpenCell> open;  // by row: cells that show a part of their value
  /// Leaves reading `k` out.
  void drop(std::size_t k) {
    readings.erase(readings.begin() + static_cast<std::ptrdiff_t>(k));
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(k));
    valid.erase(valid.begin() + static_cast<std::ptrdiff_t>(k));
  }
  /// Of one of the readings; nothing where it is none of them.
  const ReadValues* values_of(const Reading& reading) const {
    for (std::size_t k = 0; k < readings.size(); ++k)
      if (readings[k] == reading) return values[k].get();
    return nullptr;
  }
  std::vector<LinkColumn> links() const {
    std::vector<LinkColumn> columns;
    for (std::size_t i = 0; i < readings.size(); ++i) columns.push_back({&readings[i], values[i].get()});
    return columns;
  }
  std::vector<OpenColumn> open_columns() const {
    std::vector<OpenColumn> columns;
    for (std::size_t i = 0; i < readings.size(); ++i) columns.push_back({&readings[i], values[i].get()});
    return columns;
  }
};

/// The first `rows` of the screened rows. A reading that makes hardly a value of them is none, but for that of our
/// column of the same name: that may hold such values, too. `cuts`: one a column.
ReadColumns read_columns(const SampleSurvey& survey, const std::vector<ExportManifest>& exports,
                         const EpochSecrets& secrets, std::size_t rows, std::span<const ColumnCut> cuts);

}  // namespace sidik
