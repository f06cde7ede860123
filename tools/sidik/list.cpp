// sidik list: the exports of a registry; no key needed.
#include <unistd.h>

#include "commands.h"
#include "console.h"
#include "interruption.h"
#include "json.h"
#include "report/plain_text.h"
#include "report/text_table.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

std::string or_dash(const std::string& text) { return text.empty() ? "-" : printable(text); }

std::string list_json(const Registry& registry, const std::vector<CatalogueEntry>& entries) {
  Json exports = Json::array();
  for (const CatalogueEntry& entry : entries) {
    Json json = description_json(entry.description);
    json["rows"] = entry.rows;
    json["bytes"] = entry.run.length;
    json["epoch"] = entry.run.epoch;
    exports.push_back(std::move(json));
  }
  return json_text(
      {{"sidik", 1},
       {"registry",
        {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}, {"exports", entries.size()}}},
       {"exports", std::move(exports)}});
}

std::string list_text(const std::vector<CatalogueEntry>& entries, std::size_t width) {
  TextTable table({{"export", Align::kLeft},
                   {"feed", Align::kLeft},
                   {"recipient", Align::kLeft},
                   {"date", Align::kLeft},
                   {"rows", Align::kRight},
                   {"size", Align::kRight},
                   {"kind", Align::kLeft},
                   {"registered", Align::kLeft}});
  for (const CatalogueEntry& entry : entries) {
    const ExportDescription& description = entry.description;
    table.add({printable(description.name), or_dash(description.feed), or_dash(description.recipient),
               description.at ? format_date(*description.at) : "-", grouped(entry.rows), byte_size(entry.run.length),
               std::string(kind_name(description.kind)), format_utc(description.registered_at)});
  }
  return table.text(width);
}

void list(const CommonOptions& options) {
  const RegistryPlace place = registry_place(options);
  const Registry registry = open_registry(options, place);
  const std::vector<CatalogueEntry> entries = registry.list();
  if (options.json) return print(list_json(registry, entries));
  if (entries.empty()) {
    if (!options.quiet) say("the registry holds no exports yet; `sidik register` adds one");
    return;
  }
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  print(list_text(entries, terminal ? static_cast<std::size_t>(terminal_width(STDOUT_FILENO, 100)) : 1000));
}

}  // namespace

void add_list(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("list", "Which exports are registered (no key needed)");
  add_common_options(*sub, invocation.common, {.key = false, .work = false});
  sub->footer(
      "Ordered by feed, date and name. What is listed stands in clear in the registry: names, recipients, dates, "
      "sizes.\n\n" +
      exit_status_help());
  sub->callback([&invocation] {
    invocation.run = [&invocation] {
      take_signals(Interruption::kAtOnce);
      list(invocation.common);
    };
  });
}

}  // namespace sidik::command
