#include "trace/leading_columns.h"

#include <algorithm>
#include <set>

namespace sidik {
namespace {

constexpr std::size_t kMany = 16;  // different values

struct ValueCount {
  std::size_t some = 0, valid = 0, distinct = 0;
};
ValueCount count_values(const ReadValues& values) {
  ValueCount count;
  std::set<Fingerprint> distinct;
  for (std::size_t r = 0; r < values.states.size(); ++r) {
    if (values.states[r] == ValueState::kNull) continue;
    ++count.some;
    count.valid += values.states[r] == ValueState::kValid;
    distinct.insert(values.fingerprints[r]);
  }
  count.distinct = distinct.size();
  return count;
}

/// Whether the values of a reading differ enough to single out rows, and are what they are read as.
bool is_varied(const ReadValues& values) {
  constexpr std::size_t kOneIn = 5;
  const ValueCount count = count_values(values);
  return count.distinct > 1 && count.distinct * kOneIn >= count.some && count.valid * 2 >= count.some;
}

/// Whether `reading` agrees with column `c` of a record of row `r`.
bool agrees(const LinkColumn& reading, const RecordPool& pool, const RecordPool::Record& record, std::size_t c,
            std::size_t r) {
  const ReadValues& values = *reading.values;
  return reading.reading->type == pool.shape(record).types[c] &&
         standing(values.states[r], values.fingerprints[r], values.tags[r], pool.codes(record)[c], record.tag) ==
             Standing::kAgrees;
}

/// Whether in the records that agree in `column` a reading of another column, of many values, mostly agrees as well.
bool is_confirmed(std::span<const LinkColumn> readings, const Links& links, std::size_t k, ColumnId column) {
  std::vector<std::size_t> telling;
  for (std::size_t other = 0; other < readings.size(); ++other)
    if (readings[other].reading->column != readings[k].reading->column &&
        count_values(*readings[other].values).distinct >= kMany)
      telling.push_back(other);
  std::vector<std::size_t> agreeing(telling.size());
  std::size_t rows = 0;
  for (std::size_t r = 0; r + 1 < links.begin.size(); ++r) {
    std::vector<char> here(telling.size());
    bool any = false;
    for (std::uint32_t i = links.begin[r]; i < links.begin[r + 1]; ++i) {
      const RecordPool::Record& record = links.pool[links.records[i]];
      const std::vector<ColumnId>& columns = links.pool.shape(record).columns;
      const auto at = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), column) - columns.begin());
      if (at == columns.size() || !agrees(readings[k], links.pool, record, at, r)) continue;
      any = true;
      for (std::size_t t = 0; t < telling.size(); ++t)
        for (std::size_t c = 0; c < columns.size() && here[t] == 0; ++c)
          here[t] = agrees(readings[telling[t]], links.pool, record, c, r) ? '\1' : '\0';
    }
    rows += any ? 1 : 0;
    for (std::size_t t = 0; t < telling.size(); ++t) agreeing[t] += here[t] != 0 ? 1 : 0;
  }
  return std::any_of(agreeing.begin(), agreeing.end(), [&](std::size_t count) { return count * 2 >= rows; });
}

}  // namespace

std::optional<std::size_t> misleading_reading(std::span<const LinkColumn> readings, const Links& links,
                                              const std::vector<std::pair<std::size_t, ColumnId>>& agreeing,
                                              const std::vector<ExportManifest>& exports) {
  constexpr std::size_t kOneIn = 20, kFewer = 50;
  for (const auto& [k, id] : agreeing) {
    const ValueCount count = count_values(*readings[k].values);
    if (count.distinct >= kMany || count.distinct * kOneIn > count.some) continue;
    const auto has_many = [&, id = id](const ExportManifest& manifest) {
      return std::any_of(manifest.columns.begin(), manifest.columns.end(), [&](const ExportColumn& column) {
        return column.id == id && (column.schema.indexed || column.schema.identity) &&
               column.statistics.distinct >= count.distinct * kFewer;
      });
    };
    if (std::any_of(exports.begin(), exports.end(), has_many) && !is_confirmed(readings, links, k, id)) return k;
  }
  return std::nullopt;
}

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
  constexpr double kMostly = 0.5;
  const bool masked = std::any_of(map.partial.begin(), map.partial.end(),
                                  [](const PartialColumn& partial) { return partial.share >= kMostly; });
  if (map.mapped.empty()) return !masked;
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
