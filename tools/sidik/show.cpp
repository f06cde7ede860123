// sidik show EXPORT: what is known of one export; with the key its columns and counts as well.
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "export_text.h"
#include "fingerprints/seal_keys.h"
#include "json.h"
#include "key_report.h"
#include "report/plain_text.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

/// The export's manifest, or why there is none to show.
struct Contents {
  std::optional<ExportManifest> manifest;
  std::string why_not;
};

Contents contents_of(const Registry& registry, const std::optional<RegistryKey>& key, const std::string& name) {
  if (!key) return {std::nullopt, "columns and counts need the key"};
  if (!key->can_open()) return {std::nullopt, "columns and counts need the investigators' key"};
  const auto snapshot = registry.snapshot(*key);
  for (const ExportManifest& manifest : snapshot->exports())
    if (manifest.description.name == name) return {manifest, ""};
  if (const auto entry = registry.find(name); entry && !entry->set_aside.empty())
    return {std::nullopt, "it is set aside, and its contents are not trusted"};
  return {std::nullopt, "the export has gone while it was looked at"};
}

std::string show_json(const Registry& registry, const CatalogueEntry& entry, const KnownKeys& keys,
                      const Contents& contents) {
  Json json = {
      {"sidik", 1}, {"registry", {{"id", to_hex(registry.id())}}}, {"export", description_json(entry.description)}};
  const KnownKey* const signer = keys.signed_by(entry.signer);
  json["signed_by"] = {
      {"key", to_hex(entry.signer)},
      {"name", entry.signer == keys.root() ? Json(kInvestigators)
               : signer != nullptr         ? Json(signer->certificate.name)
                                           : Json(nullptr)},
      {"certified", signer != nullptr ? Json(format_utc(signer->certificate.issued)) : Json(nullptr)},
      {"revoked", signer != nullptr && signer->revoked ? Json(format_utc(signer->revoked->at)) : Json(nullptr)}};
  json["set_aside"] = text_or_null(entry.set_aside);
  json["rows"] = entry.rows;
  json["bytes"] = entry.run.length;
  json["run"] = {{"id", to_hex(entry.run.id)},
                 {"epoch", entry.run.epoch},
                 {"file", entry.run.path.filename().string()},
                 {"digest", to_hex(entry.run.digest)}};
  json["content_digest"] = text_or_null(entry.content_digest);
  json["records_digest"] = text_or_null(entry.records_digest);
  json["contents"] = contents.manifest ? manifest_json(*contents.manifest) : Json(nullptr);
  return json_text(json);
}

std::string field(const char* name, const std::string& value) {
  std::string line = "  " + std::string(name);
  line.resize(16, ' ');
  return line + (value.empty() ? "-" : printable(value)) + "\n";
}

std::string show_text(const CatalogueEntry& entry, const KnownKeys& keys, const Contents& contents, std::size_t width) {
  const ExportDescription& description = entry.description;
  std::string text = printable(description.name) + "\n";
  text += field("kind", std::string(kind_name(description.kind)));
  text += field("feed", description.feed);
  text += field("recipient", description.recipient);
  text += field("date", description.at ? format_utc(*description.at) : "");
  text += field("sent", description.sent_at ? format_utc(*description.sent_at) : "");
  text += field("registered", format_utc(description.registered_at) +
                                  (description.registered_by.empty() ? "" : " by " + description.registered_by));
  text += field("signed by", signer_words(entry.signer, keys));
  if (!entry.set_aside.empty()) text += field("SET ASIDE", "it " + entry.set_aside);
  text += field("rows", grouped(entry.rows));
  text += field("size", byte_size(entry.run.length) + " in " + entry.run.path.filename().string());
  text += field("digest", entry.records_digest);
  if (!contents.manifest) return text + "  (" + printable(contents.why_not) + ")\n";
  return text + manifest_text(*contents.manifest, width);
}

void show(const CommonOptions& options, const std::string& name) {
  const RegistryPlace place = registry_place(options);
  const Registry registry = open_registry(options, place);
  const auto entry = registry.find(name);
  if (!entry)
    throw Error(ErrorKind::kFailed, registry.directory().string(),
                "holds no export \"" + printable(name) + "\"; `sidik list` has the names");
  const std::optional<RegistryKey> key = load_key_if_any(options, place);
  if (key) registry.require_key(*key);
  const KnownKeys keys = registry.keys();
  const Contents contents = contents_of(registry, key, name);
  print(options.json ? show_json(registry, *entry, keys, contents)
                     : show_text(*entry, keys, contents, text_width(STDOUT_FILENO)));
  if (key && !key->can_open())
    throw Error(ErrorKind::kKey, "key '" + key->holder + "'",
                "has the role " + std::string(role_name(key->role)) +
                    ": what stands in clear was shown; columns and counts need the investigators' key");
}

}  // namespace

void add_show(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("show", "What is known of one export; with the key, its columns and counts");
  const auto name = std::make_shared<std::string>();
  sub->add_option("EXPORT", *name, "Its name")->required();
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "Without a key the signed envelope is shown. With one that may open, also columns, types, why they were chosen, "
      "and counts.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce, [&invocation, name] { show(invocation.common, *name); });
}

}  // namespace sidik::command
