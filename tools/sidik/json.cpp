#include "json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"

namespace sidik::command {

std::string json_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json time_or_null(const std::optional<UtcSeconds>& time) { return time ? Json(format_utc(*time)) : Json(nullptr); }

Json share_json(double share) {
  if (!std::isfinite(share)) return nullptr;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", share);
  return std::strtod(text.data(), nullptr);
}

Json description_json(const ExportDescription& description) {
  return {{"name", description.name},
          {"feed", text_or_null(description.feed)},
          {"recipient", text_or_null(description.recipient)},
          {"kind", kind_name(description.kind)},
          {"at", time_or_null(description.at)},
          {"sent_at", time_or_null(description.sent_at)},
          {"registered_at", format_utc(description.registered_at)},
          {"registered_by", text_or_null(description.registered_by)}};
}

Json dialect_json(const Dialect& dialect) {
  return {{"delimiter", delimiter_name(dialect.delimiter)},
          {"quoted", dialect.quoted},
          {"header", dialect.header},
          {"encoding", encoding_name(dialect.encoding)},
          {"byte_order_mark", dialect.byte_order_mark},
          {"line_end", line_end_name(dialect.line_end)},
          {"compression", compression_name(dialect.compression)}};
}

Json rejected_json(const std::vector<Batch::Rejected>& rejected) {
  Json json = Json::array();
  for (const Batch::Rejected& one : rejected)
    json.push_back(
        {{"line", one.line}, {"offset", one.offset}, {"cells", one.cells}, {"reason", rejection_reason(one)}});
  return json;
}

Json columns_json(const std::vector<ExportColumn>& columns, std::uint64_t rows) {
  Json json = Json::array();
  for (const ExportColumn& column : columns)
    json.push_back({{"name", column.schema.name},
                    {"type", type_name(column.schema.type)},
                    {"role", text_or_null(column_role(column.schema))},
                    {"reason", text_or_null(column.schema.reason)},
                    {"nulls", column.statistics.nulls},
                    {"invalid", column.statistics.invalid},
                    {"distinct", distinct_values(column, rows)},
                    {"letter_case", text_or_null(column.spelling.letter_case)},
                    {"layout", text_or_null(column.spelling.layout)}});
  return json;
}

std::uint64_t distinct_values(const ExportColumn& column, std::uint64_t rows) {
  return std::min(column.statistics.distinct, rows - std::min(rows, column.statistics.nulls));
}

std::string column_role(const ColumnSchema& column) {
  return column.identity ? "identity" : column.indexed ? "index" : "";
}

std::string rejection_reason(const Batch::Rejected& rejected) {
  switch (rejected.reason) {
    case Batch::Rejected::Reason::kTooManyCells:
      return "too many cells (" + std::to_string(rejected.cells) + ")";
    case Batch::Rejected::Reason::kTooFewCells:
      return "too few cells (" + std::to_string(rejected.cells) + ")";
    case Batch::Rejected::Reason::kTooLong:
      return "too long";
    case Batch::Rejected::Reason::kUnclosedQuote:
      return "a quote that is not closed";
  }
  return "";
}

}  // namespace sidik::command
