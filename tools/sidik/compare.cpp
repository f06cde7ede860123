// sidik compare [A B]: what two exports have in common, or each two of all.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "registry/overlap.h"
#include "report/plain_text.h"
#include "report/text_table.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

// So many exports make a matrix that people can read.
constexpr std::size_t kWidestMatrix = 12;

std::string share_text(std::uint64_t part, std::uint64_t of) {
  if (of == 0) return "-";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(of);
  char text[32];
  std::snprintf(text, sizeof text, percent >= 99.95 && part < of ? "%.2f %%" : "%.1f %%", percent);
  return text;
}

std::string identified_by(const ExportManifest& manifest) {
  std::string text;
  for (const IdentityCount& identity : manifest.identities)
    if (identity.rows > 0) text += (text.empty() ? "" : ", ") + std::string(type_name(identity.type));
  if (manifest.whole_row_tagged > 0) text += text.empty() ? "whole rows" : ", whole rows";
  return text.empty() ? "-" : text;
}

Json identified_json(const ExportManifest& manifest) {
  Json types = Json::array();
  for (const IdentityCount& identity : manifest.identities)
    if (identity.rows > 0) types.push_back(type_name(identity.type));
  if (manifest.whole_row_tagged > 0) types.push_back("whole_row");
  return types;
}

Json size_json(const FingerprintStore& store, const std::vector<CatalogueEntry>& entries, ExportIndex e) {
  const ExportManifest& manifest = store.exports()[e];
  const ExportDescription& said = manifest.description;
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [&said](const auto& one) { return one.description.name == said.name; });
  return {{"name", said.name},
          {"feed", text_or_null(said.feed)},
          {"at", time_or_null(said.at)},
          {"rows", manifest.rows},
          {"records", manifest.records},
          {"identities", manifest.tags},
          {"identified_by", identified_json(manifest)},
          {"columns", manifest.columns.size()},
          {"epoch", store.epoch_of(e)},
          {"run", entry == entries.end() ? Json(nullptr) : Json(to_hex(entry->run.id))},
          {"run_bytes", entry == entries.end() ? Json(nullptr) : Json(entry->run.length)}};
}

Json overlap_json(const FingerprintStore& store, ExportIndex a, ExportIndex b, const Overlap& overlap) {
  Json json = {{"exports", {store.exports()[a].description.name, store.exports()[b].description.name}},
               {"comparable", overlap.not_comparable.empty()}};
  if (!overlap.not_comparable.empty()) {
    json["why_not"] = "they " + overlap.not_comparable;
    return json;
  }
  Json types = Json::array();
  for (const FieldType type : overlap.types) types.push_back(type_name(type));
  json["identified_by"] = std::move(types);
  json["exact"] = overlap.sampled >= 1;
  json["both"] = overlap.both;
  json["both_interval"] = {overlap.both_low, overlap.both_high};
  json["only_first"] = overlap.only_first;
  json["only_second"] = overlap.only_second;
  json["unchanged"] = overlap.unchanged ? Json(*overlap.unchanged) : Json(nullptr);
  return json;
}

std::string compare_json(const FingerprintStore& store, const Registry& registry,
                         const std::vector<std::pair<ExportIndex, ExportIndex>>& pairs,
                         const std::vector<Overlap>& overlaps, const std::vector<ExportIndex>& exports) {
  const std::vector<CatalogueEntry> entries = registry.list();
  Json sizes = Json::array();
  for (const ExportIndex e : exports) sizes.push_back(size_json(store, entries, e));
  Json all = Json::array();
  for (std::size_t p = 0; p < pairs.size(); ++p)
    all.push_back(overlap_json(store, pairs[p].first, pairs[p].second, overlaps[p]));
  return json_text({{"sidik", 1},
                    {"registry", {{"id", to_hex(registry.id())}}},
                    {"exports", std::move(sizes)},
                    {"overlaps", std::move(all)}});
}

std::string sizes_text(const FingerprintStore& store, const std::vector<ExportIndex>& exports, std::size_t width) {
  TextTable table({{"#", Align::kRight},
                   {"export", Align::kLeft},
                   {"date", Align::kLeft},
                   {"rows", Align::kRight},
                   {"identities", Align::kRight},
                   {"by", Align::kLeft}});
  for (std::size_t i = 0; i < exports.size(); ++i) {
    const ExportManifest& manifest = store.exports()[exports[i]];
    table.add({std::to_string(i + 1), printable(manifest.description.name),
               manifest.description.at ? format_date(*manifest.description.at) : "-", grouped(manifest.rows),
               grouped(manifest.tags), identified_by(manifest)});
  }
  return table.text(width);
}

std::string pair_text(const FingerprintStore& store, ExportIndex a, ExportIndex b, const Overlap& overlap) {
  const std::string first = printable(store.exports()[a].description.name);
  const std::string second = printable(store.exports()[b].description.name);
  if (!overlap.not_comparable.empty()) return "\nThe two cannot be compared: they " + overlap.not_comparable + ".\n";
  std::string text = "\n  in both            " + grouped(overlap.both) + " identities, " +
                     share_text(overlap.both, overlap.both + overlap.only_first) + " of " + first + ", " +
                     share_text(overlap.both, overlap.both + overlap.only_second) + " of " + second + "\n";
  if (overlap.unchanged)
    text += "  of them unchanged  " + grouped(*overlap.unchanged) + ", in all columns that both have\n";
  text += "  only in " + first + "  " + grouped(overlap.only_first) + "\n";
  text += "  only in " + second + "  " + grouped(overlap.only_second) + "\n";
  return text;
}

/// The share of a row's identities that the column's export has too; of many exports, each with its nearest.
std::string matrix_text(const FingerprintStore& store, const std::vector<Overlap>& matrix, std::size_t width) {
  const std::size_t n = store.exports().size();
  const auto cell = [&](std::size_t i, std::size_t j) -> std::string {
    const Overlap& overlap = matrix[matrix_place(std::min(i, j), std::max(i, j), n)];
    return overlap.not_comparable.empty() ? share_text(overlap.both, store.exports()[i].tags) : "-";
  };
  const bool exact = matrix.empty() || matrix.front().sampled >= 1;
  const std::string how = exact ? "" : ", estimated from the lowest tags";
  if (n <= kWidestMatrix) {
    std::vector<TextTable::Column> columns = {{"share of", Align::kLeft}};
    for (std::size_t j = 0; j < n; ++j) columns.push_back({"in " + std::to_string(j + 1), Align::kRight});
    TextTable table(std::move(columns));
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<std::string> cells = {printable(store.exports()[i].description.name)};
      for (std::size_t j = 0; j < n; ++j) cells.push_back(i == j ? "" : cell(i, j));
      table.add(std::move(cells));
    }
    return "\nShare of each export's identities that another has too" + how + ":\n" + table.text(width, 2);
  }
  TextTable table({{"export", Align::kLeft}, {"nearest", Align::kLeft}, {"share of it there", Align::kRight}});
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t nearest = n;
    std::uint64_t most = 0;
    for (std::size_t j = 0; j < n; ++j) {
      if (j == i) continue;
      const Overlap& overlap = matrix[matrix_place(std::min(i, j), std::max(i, j), n)];
      if (overlap.both <= most) continue;
      most = overlap.both;
      nearest = j;
    }
    const bool none = nearest == n;
    table.add({printable(store.exports()[i].description.name),
               none ? "-" : printable(store.exports()[nearest].description.name), none ? "-" : cell(i, nearest)});
  }
  return "\nEach export with the one that has most of its identities" + how + " (--json has all pairs):\n" +
         table.text(width, 2);
}

ExportIndex require_export(const Registry& registry, const FingerprintStore& store, const std::string& name) {
  for (ExportIndex e = 0; e < store.exports().size(); ++e)
    if (store.exports()[e].description.name == name) return e;
  if (const auto entry = registry.find(name); entry && !entry->set_aside.empty())
    throw Error(ErrorKind::kFailed, "export '" + printable(name) + "'",
                entry->set_aside + ": it is set aside, and its contents are not trusted");
  throw Error(ErrorKind::kFailed, registry.directory().string(),
              "holds no export \"" + printable(name) + "\"; `sidik list` has the names");
}

void compare(const CommonOptions& options, const std::vector<std::string>& names) {
  if (names.size() == 1) throw Error(ErrorKind::kUsage, "compare", "takes two exports, or none for all; one was named");
  const RegistryPlace place = registry_place(options);
  const Registry registry = open_registry(options, place);
  const RegistryKey key = load_key(options, place);
  registry.require_investigators(key, "comparing exports");
  const auto store = registry.snapshot(key);
  std::vector<ExportIndex> exports;
  std::vector<std::pair<ExportIndex, ExportIndex>> pairs;
  std::vector<Overlap> overlaps;
  if (names.size() == 2) {
    for (const std::string& name : names) exports.push_back(require_export(registry, *store, name));
    if (exports[0] == exports[1])
      throw Error(ErrorKind::kUsage, "compare", "the same export was named twice; name two");
    pairs.emplace_back(exports[0], exports[1]);
    overlaps.push_back(overlap_of(*store, exports[0], exports[1]));
  } else {
    for (ExportIndex e = 0; e < store->exports().size(); ++e) {
      exports.push_back(e);
      for (ExportIndex other = e + 1; other < store->exports().size(); ++other) pairs.emplace_back(e, other);
    }
    overlaps = overlap_matrix(*store);
  }
  if (options.json) return print(compare_json(*store, registry, pairs, overlaps, exports));
  const std::size_t width = text_width(STDOUT_FILENO, 1000);
  std::string text = sizes_text(*store, exports, width);
  if (names.size() == 2)
    text += pair_text(*store, exports[0], exports[1], overlaps[0]);
  else if (exports.size() > 1)
    text += matrix_text(*store, overlaps, width);
  print(text);
}

}  // namespace

void add_compare(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("compare", "What two exports have in common, or each two of all");
  const auto names = std::make_shared<std::vector<std::string>>();
  sub->add_option("EXPORTS", *names, "Two exports; none: all")->expected(0, 2);
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "Counts identities that both hold, and of two exports those whose rows are unchanged in all columns that both "
      "have.\nOf two it is exact; of all, exact where that can be read in a moment, else estimated and said so. "
      "Exports whose rows\nare identified by different types, or that are of different epochs, cannot be "
      "compared.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce, [&invocation, names] { compare(invocation.common, *names); });
}

}  // namespace sidik::command
