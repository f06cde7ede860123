// sidik repair: puts damaged runs away, never deleting them, and writes anew what is signed elsewhere.
#include "registry/repair.h"

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "progress.h"
#include "registry/rebuild.h"
#include "report/plain_text.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

std::string repair_json(const Registry& registry, const RepairResult& result, const CheckReport& left) {
  Json runs = Json::array();
  for (const PutAwayRun& run : result.put_away) {
    Json exports = Json::array();
    for (const CatalogueEntry& entry : run.exports) {
      Json json = description_json(entry.description);
      json["rows"] = entry.rows;
      exports.push_back(std::move(json));
    }
    Json files = Json::array();
    for (const auto& file : run.files) files.push_back(file.string());
    runs.push_back({{"run", run.id}, {"why", run.why}, {"files", std::move(files)}, {"exports", std::move(exports)}});
  }
  Json rewritten = Json::array();
  for (const auto& path : result.rewritten) rewritten.push_back(path.string());
  return json_text({{"sidik", 1},
                    {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
                    {"put_away", std::move(runs)},
                    {"rewritten", std::move(rewritten)},
                    {"clean", left.clean()},
                    {"damaged", left.damaged},
                    {"set_aside", left.set_aside}});
}

std::string repair_text(const RepairResult& result, const CheckReport& left) {
  std::string text;
  for (const PutAwayRun& run : result.put_away) {
    text += "run " + run.id + " " + printable(run.why) + "\n";
    text += run.files.empty() ? "  nothing was left of it to put away\n" : "";
    for (const auto& file : run.files) text += "  put away  " + printable(file.string()) + "\n";
    for (const CatalogueEntry& entry : run.exports)
      text += "  lost with it: " + printable(entry.description.name) + ", " + grouped(entry.rows) +
              " rows; register it again under its name\n";
  }
  for (const auto& path : result.rewritten) text += "written anew  " + printable(path.string()) + "\n";
  if (result.put_away.empty() && result.rewritten.empty()) text += "nothing to repair in runs and envelopes\n";
  for (const std::string& damage : left.damaged) text += "STILL DAMAGED  " + printable(damage) + "\n";
  return text + grouped(left.exports) + (left.exports == 1 ? " export is" : " exports are") + " whole in " +
         grouped(left.runs) + (left.runs == 1 ? " run" : " runs") + "\n";
}

struct RepairArguments {
  bool catalogue = false;
  std::vector<std::string> trusted;
};

/// What came of making the catalogue anew, on standard error: the repair that follows has the output.
void tell_of_rebuild(const RebuildResult& result) {
  for (const auto& path : result.put_away) say("put away " + printable(path.string()));
  say("the catalogue is made anew: " + grouped(result.exports) + (result.exports == 1 ? " export, " : " exports, ") +
      grouped(result.removals) + (result.removals == 1 ? " removal, " : " removals, ") + grouped(result.audit_lines) +
      " lines of the old audit");
  if (!result.audit_is_whole)
    say("warning: the old audit could not be read to its end; lines at its end may be lost, and with them revocations");
  for (const std::string& name : result.revoked)
    say("warning: the key '" + printable(name) +
        "' counts no more from here on, nor what it registered unless the saved audit tells of it: export another, or "
        "repair again with --trust " +
        printable(name) + " if it was never revoked");
  for (const std::string& name : result.lost)
    say("warning: the audit tells of an export '" + printable(name) + "' that left no signed envelope; it is lost");
}

void repair(const RepairArguments& arguments, const CommonOptions& options) {
  const RegistryPlace place = registry_place(options);
  const RegistryKey key = load_key(options, place);
  if (arguments.catalogue) {
    const RebuildResult rebuilt = rebuild_catalogue({place.path, options.wait}, key, arguments.trusted);
    if (!options.quiet) tell_of_rebuild(rebuilt);
  }
  Registry registry = open_registry(options, place);
  RepairResult result;
  CheckReport left;
  {
    ProgressLine progress(options.quiet);
    const auto told = [&](std::uint64_t bytes) { progress.update("reading", 0, bytes, 0); };
    result = repair_runs(registry, key, told);
    left = registry.check(nullptr, told);
  }
  if (options.json)
    print(repair_json(registry, result, left));
  else if (!options.quiet || !left.clean() || !result.put_away.empty())
    print(repair_text(result, left));
  if (!left.damaged.empty())
    throw Error(ErrorKind::kDamaged, registry.directory().string(),
                "is still damaged, as said above; put the named files back from a copy");
}

}  // namespace

void add_repair(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand(
      "repair", "Put damaged runs away, so that the rest can be used (needs the investigators' key)");
  const auto arguments = std::make_shared<RepairArguments>();
  CLI::Option* const catalogue =
      sub->add_flag("--catalogue", arguments->catalogue,
                    "First make the catalogue anew from the signed envelopes in runs, where it is lost or damaged");
  sub->add_option("--trust", arguments->trusted,
                  "With --catalogue: an exported key that was never revoked, where the old audit cannot say so")
      ->type_name("KEY")
      ->allow_extra_args(false)
      ->needs(catalogue);
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "Reads every run whole. One that is not what was signed goes to the folder `damaged` of the registry, is named "
      "with the\nexports that it held, and these can be registered again under their names. Nothing is deleted. "
      "Missing or changed\nenvelopes are written anew from the catalogue. Put files back from a copy first where "
      "there is one: then nothing is lost.\n\n"
      "--catalogue puts the old catalogue away and makes another of what the investigators' and the exported keys have "
      "signed. The\naudit is kept as far as it can be read. Where it cannot be read to its end, a revocation may be "
      "lost "
      "with it: then no exported\nkey counts from there on, but those that are named with --trust.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce,
              [&invocation, arguments] { repair(*arguments, invocation.common); });
}

}  // namespace sidik::command
