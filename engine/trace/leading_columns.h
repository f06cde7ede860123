// Which columns of a sample lead to records, and whether what could be looked up was looked up in vain.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "trace/column_map.h"

namespace sidik {

/// Sets MappedColumn::leads of all that are mapped.
void set_leads(const std::vector<ExportManifest>& exports, ColumnMap& map);

/// A reading that agrees with a column because rows were found by it, and says nothing: a handful of values ("200",
/// "404") that a column of ours has as well, which has many more; no column of many values agrees in the records that
/// agree in it. `agreeing`: the readings (by their places) and the columns that they agree with. Nothing if there is
/// none.
std::optional<std::size_t> misleading_reading(std::span<const LinkColumn> readings, const Links& links,
                                              const std::vector<std::pair<std::size_t, ColumnId>>& agreeing,
                                              const std::vector<ExportManifest>& exports);

/// ColumnMap::in_vain, of a map whose columns are mapped and whose leads are set; `columns` are all readings of the
/// sample's columns. A column that may be one of ours that leads nowhere proves nothing.
bool looked_up_in_vain(std::span<const LinkColumn> columns, const std::vector<ExportManifest>& exports,
                       const ColumnMap& map);

}  // namespace sidik
