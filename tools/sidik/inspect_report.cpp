#include "inspect_report.h"

#include <algorithm>

#include "json.h"
#include "report/plain_text.h"
#include "report/text_table.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

InspectedColumn inspect_column(const ColumnSchema& schema, const ColumnProfile& profile, bool named) {
  InspectedColumn column;
  if (named) column.name = schema.name;
  column.type = schema.type;
  column.reason = schema.reason;
  column.role = column_role(schema);
  column.values = profile.values;
  column.nulls = profile.nulls;
  column.distinct_share = profile.distinct_share;
  column.type_by_name_only = profile.values == profile.nulls;
  if (!column.type_by_name_only) column.valid = profile.valid_share;
  const auto nik = static_cast<std::size_t>(FieldType::kNik);
  if (nik < profile.valid_as.size() && profile.valid_as[nik] > 0) column.nik_share = profile.valid_as[nik];
  column.oldest = profile.oldest;
  column.newest = profile.newest;
  column.future = profile.future;
  column.impossible = profile.impossible;
  return column;
}

Json column_json(const InspectedColumn& column) {
  return {{"name", column.name ? Json(*column.name) : Json(nullptr)},
          {"type", type_name(column.type)},
          {"by_name_only", column.type_by_name_only},
          {"role", text_or_null(column.role)},
          {"reason", text_or_null(column.reason)},
          {"values", column.values},
          {"nulls", column.nulls},
          {"valid", column.valid ? share_json(*column.valid) : Json(nullptr)},
          {"distinct_share", share_json(column.distinct_share)},
          {"nik_share", column.nik_share ? share_json(*column.nik_share) : Json(nullptr)},
          {"oldest", time_or_null(parse_utc(column.oldest))},
          {"newest", time_or_null(parse_utc(column.newest))},
          {"future", column.future},
          {"impossible", column.impossible},
          {"table", column.table}};
}

Json file_json(const SurveyedFile& file) {
  Json json = {{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}};
  json.update(dialect_json(file.dialect));
  json["rows"] = file.rows;
  json["rejected"] = file.rejected;
  json["first_rejected"] = rejected_json(file.first_rejected);
  json["repeated_headers"] = file.repeated_headers;
  json["frame_lines"] = file.frame_lines;
  json["transcoded_values"] = file.transcoded;
  json["table"] = file.table;
  return json;
}

std::string file_text(const SurveyedFile& file) {
  const Dialect& dialect = file.dialect;
  std::string text = printable(file.name) + ": " + byte_size(file.bytes) + ", delimited by " +
                     delimiter_name(dialect.delimiter) + ", " +
                     (dialect.header ? "with a header" : "without a header") + ", " + encoding_name(dialect.encoding) +
                     ", lines end in " + line_end_name(dialect.line_end);
  if (dialect.compression != Compression::kNone) text += std::string(", ") + compression_name(dialect.compression);
  text += "\n  SHA-256 " + file.sha256 + "\n  " + grouped(file.rows) + " rows";
  if (file.rejected > 0) {
    text += ", " + grouped(file.rejected) + " rejected (first at line " + grouped(file.first_rejected.at(0).line) +
            ": " + rejection_reason(file.first_rejected.at(0)) + ")";
  }
  if (file.repeated_headers > 0) text += ", " + grouped(file.repeated_headers) + " repeated headers left out";
  if (file.frame_lines > 0) text += ", " + grouped(file.frame_lines) + " rulers and row counts left out";
  if (file.transcoded > 0) text += ", " + grouped(file.transcoded) + " values that are no UTF-8, read as Windows-1252";
  return text + "\n";
}

std::string share_or_dash(const std::optional<double>& share) { return share ? percent(*share) : "-"; }

std::string shown_name(const InspectedColumn& column, std::size_t place) {
  return column.name ? printable(*column.name) : "column " + std::to_string(place + 1);
}

/// What of the dates bounds nothing. Without --seen nobody can say what is future.
std::string dates_text(const Inspection& inspection, std::size_t width) {
  std::string impossible;
  std::string future;
  for (std::size_t c = 0; c < inspection.columns.size(); ++c) {
    const InspectedColumn& column = inspection.columns[c];
    const auto add = [&](std::string& list, std::uint64_t count) {
      if (count > 0) list += (list.empty() ? "" : ", ") + shown_name(column, c) + " " + grouped(count);
    };
    add(impossible, column.impossible);
    add(future, column.future);
  }
  std::string text;
  const auto add = [&](const std::string& sentence) {
    for (const std::string& line : wrapped(sentence, std::max<std::size_t>(width, 40) - 2)) text += "  " + line + "\n";
  };
  if (!impossible.empty())
    add("Impossible dates (such as the 30th of February), not among oldest and newest: " + impossible + ".");
  if (!future.empty()) add("Later than the sample was seen, so they date nothing: " + future + ".");
  const bool dates = std::any_of(inspection.columns.begin(), inspection.columns.end(),
                                 [](const InspectedColumn& column) { return !column.newest.empty(); });
  if (dates && !inspection.seen)
    add("Which dates are future ones --seen DATE tells: the day when the sample was first seen.");
  return text;
}

std::string columns_text(const Inspection& inspection, std::size_t width) {
  const bool dates = std::any_of(inspection.columns.begin(), inspection.columns.end(),
                                 [](const InspectedColumn& column) { return !column.newest.empty(); });
  std::vector<TextTable::Column> titles = {{"column", Align::kLeft},    {"type", Align::kLeft},
                                           {"valid", Align::kRight},    {"nulls", Align::kRight},
                                           {"distinct", Align::kRight}, {"NIKs", Align::kRight}};
  if (dates) titles.insert(titles.end(), {{"oldest", Align::kLeft}, {"newest", Align::kLeft}});
  if (dates && inspection.seen) titles.push_back({"future", Align::kRight});
  TextTable table(titles);
  for (std::size_t c = 0; c < inspection.columns.size(); ++c) {
    const InspectedColumn& column = inspection.columns[c];
    std::vector<std::string> cells = {shown_name(column, c),
                                      std::string(type_name(column.type)),
                                      share_or_dash(column.valid),
                                      grouped(column.nulls),
                                      column.values > column.nulls ? percent(column.distinct_share) : "-",
                                      share_or_dash(column.nik_share)};
    if (dates) cells.insert(cells.end(), {printable(column.oldest), printable(column.newest)});
    if (dates && inspection.seen) cells.push_back(column.newest.empty() ? "" : grouped(column.future));
    table.add(std::move(cells));
  }
  return table.text(width, 2) + dates_text(inspection, width);
}

// By reason, for columns of one kind share theirs, and a table of thirty has no room for them.
std::string reasons_text(const Inspection& inspection, std::size_t width) {
  std::vector<std::pair<std::string, std::string>> columns_by_reason;
  for (std::size_t c = 0; c < inspection.columns.size(); ++c) {
    const std::string reason =
        std::string(type_name(inspection.columns[c].type)) + ": " + printable(inspection.columns[c].reason);
    auto found = std::find_if(columns_by_reason.begin(), columns_by_reason.end(),
                              [&](const auto& one) { return one.first == reason; });
    if (found == columns_by_reason.end()) found = columns_by_reason.insert(found, {reason, ""});
    found->second += (found->second.empty() ? "" : ", ") + shown_name(inspection.columns[c], c);
  }
  std::string text = "Why these types\n";
  const std::size_t room = std::max<std::size_t>(width, 40);
  for (const auto& [reason, names] : columns_by_reason) {
    for (const std::string& line : wrapped(reason, room - 2)) text += "  " + line + "\n";
    for (const std::string& line : wrapped(names, room - 6)) text += "      " + line + "\n";
  }
  return text;
}

std::string names_of_type(const Inspection& inspection, FieldType type) {
  std::string names;
  for (const InspectedColumn& column : inspection.columns)
    if (column.type == type && column.name) names += (names.empty() ? "" : ", ") + printable(*column.name);
  return names;
}

// A header by itself says what kind of table it heads, and nothing of whose it is.
std::string header_only_text(const Inspection& inspection, std::size_t width) {
  std::string text = "A header of " + grouped(inspection.columns.size()) +
                     " columns and no rows. By their names alone they would hold:\n";
  for (const FieldType type : all_field_types()) {
    const std::string names = names_of_type(inspection, type);
    if (names.empty()) continue;
    std::string lead = "  " + std::string(type_name(type));
    lead.resize(14, ' ');
    for (const std::string& line : wrapped(names, std::max<std::size_t>(width, 40) - lead.size())) {
      text += lead + line + "\n";
      lead.assign(lead.size(), ' ');
    }
  }
  return text +
         "Without rows nothing can be traced: a header tells which table was copied, never from which export. Some "
         "twenty rows,\n"
         "with a number that identifies people, are a beginning.\n";
}

}  // namespace

Inspection conclude(Survey& survey, std::optional<UtcSeconds> seen) {
  Inspection inspection;
  inspection.rows = survey.rows();
  inspection.distinct = survey.distinct();
  inspection.distinct_exact = survey.distinct_is_exact();
  inspection.rejected = survey.rejected();
  inspection.sha256 = survey.sha256();
  inspection.files = survey.files();
  inspection.tables = survey.tables().size();
  inspection.seen = seen;
  const std::string newest_plausible = seen ? format_date(*seen) : "";
  for (std::size_t t = 0; t < survey.tables().size(); ++t) {
    const SurveyedTable& table = survey.tables()[t];
    const InferenceResult result = table.inference->finish(nullptr, newest_plausible);
    for (std::size_t c = 0; c < result.schema.columns.size(); ++c) {
      inspection.columns.push_back(
          inspect_column(result.schema.columns[c], result.profiles.at(c), !table.header.empty()));
      inspection.columns.back().table = t;
    }
  }
  return inspection;
}

std::string inspection_json(const Inspection& inspection) {
  Json json = {{"sidik", 1}, {"rows", inspection.rows}, {"distinct", inspection.distinct}};
  json["distinct_exact"] = inspection.distinct_exact;
  json["rejected"] = inspection.rejected;
  json["format"] = "csv";
  json["sha256"] = inspection.sha256;
  json["seen"] = time_or_null(inspection.seen);
  json["columns"] = Json::array();
  for (const InspectedColumn& column : inspection.columns) json["columns"].push_back(column_json(column));
  json["files"] = Json::array();
  for (const SurveyedFile& file : inspection.files) json["files"].push_back(file_json(file));
  return json_text(json);
}

std::string inspection_text(const Inspection& inspection, std::size_t width) {
  std::string text;
  for (const SurveyedFile& file : inspection.files) text += file_text(file);
  if (inspection.rows == 0) return text + "\n" + header_only_text(inspection, width);
  text += "\n" + grouped(inspection.rows) + " rows, " + (inspection.distinct_exact ? "" : "about ") +
          grouped(inspection.distinct) + " distinct, " + grouped(inspection.rejected) + " rejected, " +
          grouped(inspection.columns.size()) + " columns\n";
  if (inspection.files.size() > 1) text += "SHA-256 of all files, one after another: " + inspection.sha256 + "\n";
  if (inspection.tables > 1)
    text += "The files have " + grouped(inspection.tables) +
            " different headers; their columns follow one after another.\n";
  return text + "\n" + columns_text(inspection, width) + "\n" + reasons_text(inspection, width);
}

}  // namespace sidik::command
