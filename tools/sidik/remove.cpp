// sidik remove EXPORT: takes an export out of the registry.
#include <algorithm>
#include <memory>

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

}  // namespace

void add_remove(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("remove", "Take an export out of the registry (needs the investigators' key)");
  const auto name = std::make_shared<std::string>();
  const auto now = std::make_shared<bool>(false);
  sub->add_option("EXPORT", *name, "Its name")->required();
  sub->add_flag("--now", *now, "Rewrite the file that it shares with others, so that its bytes are gone at once");
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "It leaves every answer at once. The audit keeps that it was there, and who removed it. Its name is free "
      "again.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce, [&invocation, name, now] {
    remove(invocation.common, *name, *now ? BytesReturn::kNow : BytesReturn::kAtNextMerge);
  });
}

}  // namespace sidik::command
