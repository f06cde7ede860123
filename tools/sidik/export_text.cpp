#include "export_text.h"

#include "report/plain_text.h"
#include "report/text_table.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

std::string identities_text(const ExportManifest& manifest) {
  std::string text;
  for (const IdentityCount& identity : manifest.identities) {
    if (identity.rows == 0) continue;
    text += (text.empty() ? "" : "; ") + grouped(identity.rows) + " rows by " + std::string(type_name(identity.type)) +
            " (" + grouped(identity.distinct) + " distinct)";
  }
  if (manifest.whole_row_tagged > 0)
    text += (text.empty() ? "" : "; ") + grouped(manifest.whole_row_tagged) + " rows by all their values";
  return text;
}

}  // namespace

Json manifest_json(const ExportManifest& manifest) {
  Json identities = Json::array();
  for (const IdentityCount& identity : manifest.identities)
    identities.push_back(
        {{"type", type_name(identity.type)}, {"rows", identity.rows}, {"distinct", identity.distinct}});
  const FileForm& form = manifest.form;
  return {{"rows", manifest.rows},
          {"rejected", manifest.rejected},
          {"records", manifest.records},
          {"tags", manifest.tags},
          {"whole_row_tagged", manifest.whole_row_tagged},
          {"identities", std::move(identities)},
          {"form",
           {{"format", form.format},
            {"delimiter", form.delimiter},
            {"quoted", form.quoted},
            {"header", form.header},
            {"encoding", form.encoding},
            {"line_end", form.line_end}}},
          {"columns", columns_json(manifest.columns, manifest.rows)}};
}

std::string manifest_text(const ExportManifest& manifest, std::size_t width) {
  std::string text = "  Rows are identified: " + identities_text(manifest) + ".\n";
  TextTable table({{"column", Align::kLeft},
                   {"type", Align::kLeft},
                   {"role", Align::kLeft},
                   {"nulls", Align::kRight},
                   {"invalid", Align::kRight},
                   {"distinct", Align::kRight},
                   {"why", Align::kLeft}});
  for (const ExportColumn& column : manifest.columns)
    table.add({printable(column.schema.name), std::string(type_name(column.schema.type)), column_role(column.schema),
               grouped(column.statistics.nulls), grouped(column.statistics.invalid),
               grouped(distinct_values(column, manifest.rows)), printable(column.schema.reason)});
  return text + table.text(width, 2);
}

}  // namespace sidik::command
