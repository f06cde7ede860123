#include "trace/date_columns.h"

#include <algorithm>

#include "fields/date.h"

namespace sidik {

std::uint64_t DateColumn::after(UtcSeconds limit) const {
  return static_cast<std::uint64_t>(dates.end() - std::upper_bound(dates.begin(), dates.end(), limit));
}

std::optional<UtcSeconds> DateColumn::newest(UtcSeconds limit) const {
  const auto end = std::upper_bound(dates.begin(), dates.end(), limit);
  return end == dates.begin() ? std::nullopt : std::optional(*(end - 1));
}

DateColumn date_column(std::span<const std::string_view> cells, std::span<const std::uint64_t> lines,
                       const CanonicalOptions& options) {
  DateColumn column;
  for (std::size_t r = 0; r < cells.size(); ++r) {
    if (is_null_token(cells[r])) continue;
    const CanonicalValue value = canonical(FieldType::kTimestamp, cells[r], options);
    if (value.state == ValueState::kValid) {
      if (const auto date = parse_utc(value.text); date && !is_placeholder_date(value.text))
        column.dates.push_back(*date);
    } else if (value.state != ValueState::kNull && looks_like_date(cells[r])) {
      ++column.impossible;
      if (column.first_line == 0 || lines[r] < column.first_line) column.first_line = lines[r];
    }
  }
  std::sort(column.dates.begin(), column.dates.end());
  return column;
}

}  // namespace sidik
