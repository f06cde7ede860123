// What `inspect` found, put together from a survey, and told as text or JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "table_survey.h"

namespace sidik::command {

struct InspectedColumn {
  std::optional<std::string> name;  // nothing where the text has no header
  FieldType type = FieldType::kText;
  bool type_by_name_only = false;  // there were no values to judge by
  std::string reason;
  std::string role;             // "identity", "index" or ""
  std::optional<double> valid;  // share of the values that are valid for the type; nothing without values
  std::uint64_t values = 0, nulls = 0;
  double distinct_share = 0;
  std::optional<double> nik_share;  // share of valid NIKs, of columns where any are
  std::string oldest, newest;
  std::uint64_t future = 0;
  std::uint64_t impossible = 0;
  std::size_t table = 0;
};

struct Inspection {
  std::uint64_t rows = 0, distinct = 0, rejected = 0;
  bool distinct_exact = true;
  std::string sha256;
  std::vector<SurveyedFile> files;
  std::size_t tables = 0;
  std::vector<InspectedColumn> columns;  // of all tables, one after another
  std::optional<UtcSeconds> seen;
};

Inspection conclude(Survey& survey, std::optional<UtcSeconds> seen);
std::string inspection_json(const Inspection& inspection);
std::string inspection_text(const Inspection& inspection, std::size_t width);

}  // namespace sidik::command
