#include "register_report.h"

#include "export_text.h"
#include "json.h"
#include "report/plain_text.h"

namespace sidik::command {
namespace {

std::string rejected_text(const RegistrationResult& result) {
  if (result.rejected == 0) return "";
  std::string text =
      "  " + grouped(result.rejected) + (result.rejected == 1 ? " row" : " rows") + " rejected, first:\n";
  for (const Batch::Rejected& rejected : result.first_rejected)
    text += "    line " + grouped(rejected.line) + ", byte " + grouped(rejected.offset) + ": " +
            rejection_reason(rejected) + "\n";
  return text;
}

std::string hashed_text(const RegistrationResult& result) {
  const std::size_t columns = hashed_columns_of(result.inference.schema).size();
  if (columns == 0) return "";
  const std::uint64_t rows = result.manifest.rows;
  return "  Of this the " + grouped(columns) + (columns == 1 ? " hashed column adds" : " hashed columns add") +
         " about " + byte_size(bytes_of_hashed_columns(rows, columns)) + ". Salted hashes of them cannot be found.\n";
}

}  // namespace

std::string registration_text(const RegistrationResult& result, std::size_t width) {
  const std::string name = printable(result.entry.description.name);
  if (result.already_registered)
    return name + " is registered already with this content (" + grouped(result.entry.rows) + " rows, " +
           format_utc(result.entry.description.registered_at) + "); nothing was written.\n";
  const ExportManifest& manifest = result.manifest;
  std::string text = "Registered " + name + ": " + grouped(manifest.rows) +
                     (manifest.rows == 1 ? " row, " : " rows, ") + grouped(manifest.records) +
                     (manifest.records == 1 ? " distinct record, " : " distinct records, ") +
                     byte_size(result.entry.run.length);
  if (manifest.rows > 0)
    text += " (" + grouped((result.entry.run.length + manifest.rows / 2) / manifest.rows) + " B a row)";
  text += ".\n" + hashed_text(result) + rejected_text(result);
  return text + manifest_text(manifest, width);
}

std::string registration_json(const Registry& registry, const RegistrationResult& result) {
  Json json = {{"sidik", 1},
               {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
               {"export", description_json(result.entry.description)}};
  json["already_registered"] = result.already_registered;
  json["rows"] = result.entry.rows;
  json["bytes"] = result.entry.run.length;
  json["rejected"] = result.rejected;
  json["first_rejected"] = rejected_json(result.first_rejected);
  json["content_digest"] = text_or_null(result.entry.content_digest);
  json["records_digest"] = text_or_null(result.entry.records_digest);
  json["warnings"] = result.warnings;
  json["contents"] = result.manifest.columns.empty() ? Json(nullptr) : manifest_json(result.manifest);
  return json_text(json);
}

}  // namespace sidik::command
