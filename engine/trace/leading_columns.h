// Which columns of a sample lead to records, and whether what could be looked up was looked up in vain.
#pragma once

#include <span>
#include <vector>

#include "trace/column_map.h"

namespace sidik {

/// Sets MappedColumn::leads of all that are mapped.
void set_leads(const std::vector<ExportManifest>& exports, ColumnMap& map);

/// ColumnMap::in_vain, of a map whose columns are mapped and whose leads are set; `columns` are all readings of the
/// sample's columns. A column that may be one of ours that leads nowhere proves nothing.
bool looked_up_in_vain(std::span<const LinkColumn> columns, const std::vector<ExportManifest>& exports,
                       const ColumnMap& map);

}  // namespace sidik
