// sidik remove EXPORT: takes an export, or all of an epoch, out of the registry.
#include <algorithm>
#include <memory>
#include <optional>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "registry/removal.h"
#include "report/plain_text.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

void remove(const CommonOptions& common, const std::string& name, BytesReturn bytes) {
  const RegistryPlace place = registry_place(common);
  Registry registry = open_registry(common, place);
  const RegistryKey key = load_key(common, place);
  const RemovalResult result = remove_export(registry, key, name, bytes);
  const std::uint64_t returned = result.bytes_before - std::min(result.bytes_before, result.bytes_after);
  if (common.json)
    return print(json_text({{"sidik", 1},
                            {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
                            {"removed", name},
                            {"rows", result.entry.rows},
                            {"bytes_returned", returned},
                            {"bytes_at_next_merge", result.still_in_run}}));
  if (common.quiet) return;
  std::string text = printable(name) + " is removed: no trace counts it from now on";
  text += result.still_in_run ? "; it stood in one run with others, and its bytes return with the next merge (now with "
                                "`sidik compact`)\n"
                              : ", and " + byte_size(returned) + " are free\n";
  print(text);
}

void retire(const CommonOptions& common, Epoch epoch) {
  const RegistryPlace place = registry_place(common);
  Registry registry = open_registry(common, place);
  const RegistryKey key = load_key(common, place);
  const RetiredEpoch retired = retire_epoch(registry, key, epoch);
  if (common.json) {
    Json names = Json::array();
    for (const CatalogueEntry& entry : retired.exports) names.push_back(entry.description.name);
    return print(json_text({{"sidik", 1},
                            {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
                            {"epoch", epoch},
                            {"removed", std::move(names)},
                            {"bytes_returned", retired.bytes}}));
  }
  if (common.quiet) return;
  const std::string which = "epoch " + std::to_string(epoch);
  if (retired.exports.empty()) return print("no export is of " + which + "; nothing was removed\n");
  print(which + " is retired: " + grouped(retired.exports.size()) +
        (retired.exports.size() == 1 ? " export is" : " exports are") + " removed, " + byte_size(retired.bytes) +
        " are free, and no trace needs its secret any more\n");
}

struct RemoveOptions {
  std::string name;
  bool now = false;
  std::optional<std::uint64_t> epoch;
};

void run_remove(const CommonOptions& common, const RemoveOptions& options) {
  if (options.name.empty() == !options.epoch)
    throw Error(ErrorKind::kUsage, "remove", "expected the name of an export, or --epoch N, and not both");
  if (!options.epoch) return remove(common, options.name, options.now ? BytesReturn::kNow : BytesReturn::kAtNextMerge);
  if (*options.epoch > 0xffffffff) throw Error(ErrorKind::kUsage, "--epoch", "expected the number of an epoch");
  retire(common, static_cast<Epoch>(*options.epoch));
}

}  // namespace

void add_remove(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("remove", "Take an export out of the registry (needs the investigators' key)");
  const auto options = std::make_shared<RemoveOptions>();
  sub->add_option("EXPORT", options->name, "Its name");
  sub->add_flag("--now", options->now,
                "Rewrite the file that it shares with others, so that its bytes are gone at once");
  sub->add_option_function<std::string>(
         "--epoch", [options](const std::string& value) { options->epoch = parse_count("--epoch", value); },
         "Instead: all exports of an epoch that `sidik key rotate` has ended")
      ->type_name("N");
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "It leaves every answer at once. The audit keeps that it was there, and who removed it. Its name is free "
      "again.\n"
      "An epoch is retired as a whole: runs of two epochs never share a file, so all its bytes go, and traces ask one "
      "epoch less.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce,
              [&invocation, options] { run_remove(invocation.common, *options); });
}

}  // namespace sidik::command
