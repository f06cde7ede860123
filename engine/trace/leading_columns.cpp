#include "trace/leading_columns.h"

#include <algorithm>
#include <set>

namespace sidik {
namespace {

/// Whether the values of a reading differ enough to single out rows.
bool is_varied(const ReadValues& values) {
  constexpr std::size_t kOneIn = 5;
  std::set<Fingerprint> distinct;
  std::size_t some = 0;
  for (std::size_t r = 0; r < values.states.size(); ++r) {
    if (values.states[r] == ValueState::kNull) continue;
    ++some;
    distinct.insert(values.fingerprints[r]);
  }
  return distinct.size() > 1 && distinct.size() * kOneIn >= some;
}

}  // namespace

void set_leads(const std::vector<ExportManifest>& exports, ColumnMap& map) {
  std::set<ColumnId> leading;
  for (const ExportManifest& manifest : exports) {
    for (const ExportColumn& column : manifest.columns) {
      if (column.schema.indexed || column.schema.identity) leading.insert(column.id);
    }
  }
  for (MappedColumn& mapped : map.mapped) {
    for (const auto& as : mapped.as) {
      mapped.leads = mapped.leads || std::any_of(as.columns.begin(), as.columns.end(),
                                                 [&](ColumnId id) { return leading.count(id) != 0; });
    }
  }
}

bool looked_up_in_vain(std::span<const LinkColumn> columns, const std::vector<ExportManifest>& exports,
                       const ColumnMap& map) {
  if (map.mapped.empty()) return true;
  std::set<FieldType> leading;
  std::set<FieldType> silent;
  for (const ExportManifest& manifest : exports) {
    for (const ExportColumn& column : manifest.columns)
      (column.schema.indexed || column.schema.identity ? leading : silent).insert(column.schema.type);
  }
  const auto is_settled = [&](std::size_t column) {
    return std::any_of(map.mapped.begin(), map.mapped.end(), [&](const MappedColumn& mapped) {
      return mapped.column == column && (!mapped.by_form || !mapped.leads);
    });
  };
  return std::any_of(columns.begin(), columns.end(), [&](const LinkColumn& column) {
    const FieldType type = column.reading->type;
    return leading.count(type) != 0 && silent.count(type) == 0 && !is_settled(column.reading->column) &&
           is_varied(*column.values);
  });
}

}  // namespace sidik
