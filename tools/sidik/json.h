// JSON of the command: keys in the order they are written, one object a call.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/utc_time.h"
#include "ingest/batch.h"
#include "ingest/dialect.h"
#include "registry/registry.h"

namespace sidik::command {

using Json = nlohmann::ordered_json;

/// The object with a newline behind; bytes that are no UTF-8 are replaced.
std::string json_text(const Json& json);

Json text_or_null(const std::string& text);
Json time_or_null(const std::optional<UtcSeconds>& time);
/// Rounded to six significant digits; null where it is no number.
Json share_json(double share);

/// name, feed, recipient, kind, at, sent_at, registered_at, registered_by.
Json description_json(const ExportDescription& description);
/// delimiter, quoted, header, encoding, line_end, compression.
Json dialect_json(const Dialect& dialect);
Json rejected_json(const std::vector<Batch::Rejected>& rejected);
/// One object a column of a manifest: name, type, role, reason, nulls, invalid, distinct, ...
Json columns_json(const std::vector<ExportColumn>& columns, std::uint64_t rows);
/// The estimate, which may lie a little over what is possible, held below it.
std::uint64_t distinct_values(const ExportColumn& column, std::uint64_t rows);
/// "identity", "index" or "".
std::string column_role(const ColumnSchema& column);
/// "too few cells (3)", ...
std::string rejection_reason(const Batch::Rejected& rejected);

}  // namespace sidik::command
