// sidik list: the exports of a registry; no key needed.
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>

#include "commands.h"
#include "console.h"
#include "json.h"
#include "report/plain_text.h"
#include "report/text_table.h"
#include "subcommand.h"
#include "trace/feed_dates.h"
#include "waiting_report.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

std::string or_dash(const std::string& text) { return text.empty() ? "-" : printable(text); }

/// How many exports share each run.
std::map<RunId, std::uint64_t> exports_in_runs(const std::vector<CatalogueEntry>& entries) {
  std::map<RunId, std::uint64_t> counts;
  for (const CatalogueEntry& entry : entries) ++counts[entry.run.id];
  return counts;
}

std::string list_json(const Registry& registry, const std::vector<CatalogueEntry>& entries,
                      const WaitingWork& waiting) {
  const std::map<RunId, std::uint64_t> in_run = exports_in_runs(entries);
  Json exports = Json::array();
  for (const CatalogueEntry& entry : entries) {
    Json json = description_json(entry.description);
    json["rows"] = entry.rows;
    json["bytes"] = entry.run.length;
    json["run"] = to_hex(entry.run.id);
    json["exports_in_run"] = in_run.at(entry.run.id);
    json["epoch"] = entry.run.epoch;
    json["signed_by"] = to_hex(entry.signer);
    json["content_digest"] = text_or_null(entry.content_digest);
    json["records_digest"] = text_or_null(entry.records_digest);
    json["set_aside"] = text_or_null(entry.set_aside);
    exports.push_back(std::move(json));
  }
  return json_text(
      {{"sidik", 1},
       {"registry",
        {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}, {"exports", entries.size()}}},
       {"exports", std::move(exports)},
       {"waiting", waiting_json(waiting)}});
}

std::string list_text(const std::vector<CatalogueEntry>& entries, const WaitingWork& waiting, std::size_t width) {
  TextTable table({{"export", Align::kLeft},
                   {"feed", Align::kLeft},
                   {"recipient", Align::kLeft},
                   {"date", Align::kLeft},
                   {"rows", Align::kRight},
                   {"size", Align::kRight},
                   {"kind", Align::kLeft},
                   {"registered", Align::kLeft}});
  const std::map<RunId, std::uint64_t> in_run = exports_in_runs(entries);
  for (const CatalogueEntry& entry : entries) {
    const ExportDescription& description = entry.description;
    const std::uint64_t together = in_run.at(entry.run.id);
    table.add({printable(description.name), or_dash(description.feed), or_dash(description.recipient),
               description.at ? format_date(*description.at) : "-", grouped(entry.rows),
               byte_size(entry.run.length) + (together > 1 ? " for " + grouped(together) : ""),
               std::string(kind_name(description.kind)), format_utc(description.registered_at)});
  }
  std::string text = table.text(width);
  for (const CatalogueEntry& entry : entries)
    if (!entry.set_aside.empty())
      text += "set aside: " + printable(entry.description.name) + " " + printable(entry.set_aside) + "\n";
  return text + waiting_text(waiting);
}

// The catalogue's exports as manifests of which only the descriptions are known: all that the dates of a feed need.
std::vector<ExportManifest> described(const std::vector<CatalogueEntry>& entries) {
  std::vector<ExportManifest> manifests(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) manifests[i].description = entries[i].description;
  return manifests;
}

/// A place in a feed where expected exports are missing.
struct Gap {
  const ExportDescription& after;
  const ExportDescription& before;
  std::uint64_t missing;
};

std::vector<Gap> gaps_of(const Feed& feed, const std::vector<ExportManifest>& exports) {
  std::vector<Gap> gaps;
  for (std::size_t i = 0; i + 1 < feed.exports.size() && i < feed.missing.size(); ++i)
    if (feed.missing[i] > 0)
      gaps.push_back({exports[feed.exports[i]].description, exports[feed.exports[i + 1]].description, feed.missing[i]});
  return gaps;
}

Json gaps_json(const std::vector<Gap>& gaps) {
  Json json = Json::array();
  for (const Gap& gap : gaps)
    json.push_back({{"after", gap.after.name},
                    {"after_at", time_or_null(gap.after.at)},
                    {"before", gap.before.name},
                    {"before_at", time_or_null(gap.before.at)},
                    {"missing", gap.missing}});
  return json;
}

std::string feeds_json(const Registry& registry, const std::vector<ExportManifest>& exports) {
  Json feeds = Json::array();
  for (const Feed& feed : feeds_of(exports, ExportKind::kExport))
    if (!feed.name.empty())
      feeds.push_back({{"feed", feed.name},
                       {"registered", feed.exports.size()},
                       {"expected", std::max<std::uint64_t>(feed.expected, feed.exports.size())},
                       {"gaps", gaps_json(gaps_of(feed, exports))}});
  return json_text({{"sidik", 1},
                    {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
                    {"feeds", std::move(feeds)}});
}

std::string feeds_text(const std::vector<ExportManifest>& exports, std::size_t width) {
  TextTable table({{"feed", Align::kLeft},
                   {"registered", Align::kRight},
                   {"expected", Align::kRight},
                   {"missing", Align::kRight},
                   {"between", Align::kLeft}});
  const auto place = [](const ExportDescription& d) {
    return printable(d.name) + (d.at ? " (" + format_date(*d.at) + ")" : "");
  };
  for (const Feed& feed : feeds_of(exports, ExportKind::kExport)) {
    if (feed.name.empty()) continue;
    const std::uint64_t expected = std::max<std::uint64_t>(feed.expected, feed.exports.size());
    std::vector<std::string> cells = {printable(feed.name), grouped(feed.exports.size()), grouped(expected)};
    const std::vector<Gap> gaps = gaps_of(feed, exports);
    if (gaps.empty()) table.add(cells);
    for (const Gap& gap : gaps) {
      cells.resize(3);
      cells.insert(cells.end(), {grouped(gap.missing), place(gap.after) + " and " + place(gap.before)});
      table.add(cells);
      cells = {"", "", ""};
    }
  }
  return table.text(width);
}

enum class Listing { kExports, kGaps };

void list(const CommonOptions& options, Listing listing) {
  const RegistryPlace place = registry_place(options);
  const Registry registry = open_registry(options, place);
  const std::vector<CatalogueEntry> entries = registry.list();
  const bool gaps = listing == Listing::kGaps;
  if (options.json)
    return print(gaps ? feeds_json(registry, described(entries))
                      : list_json(registry, entries, waiting_work(registry, entries)));
  if (entries.empty()) {
    if (!options.quiet) say("the registry holds no exports yet; `sidik register` adds one");
    return;
  }
  const std::size_t width = text_width(STDOUT_FILENO, 1000);
  print(gaps ? feeds_text(described(entries), width)
             : list_text(entries, options.quiet ? WaitingWork() : waiting_work(registry, entries), width));
}

}  // namespace

void add_list(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("list", "Which exports are registered (no key needed)");
  const auto gaps = std::make_shared<bool>(false);
  sub->add_flag("--gaps", *gaps,
                "Feeds instead: how many exports their dates let expect, and between which some are missing");
  add_common_options(*sub, invocation.common, {.key = false, .work = false});
  sub->footer(
      "Ordered by feed, date and name. What is listed stands in clear in the registry: names, recipients, dates, "
      "sizes. Merged\n"
      "exports share a file: \"660 kB for 7\" is its size, and how many are in it.\nBelow the table stands what waits "
      "for a key: exports of register keys to be merged, or held against "
      "canaries.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce,
              [&invocation, gaps] { list(invocation.common, *gaps ? Listing::kGaps : Listing::kExports); });
}

}  // namespace sidik::command
