// sidik check: is the registry whole? Every file against its envelope; with --read-data every block and record.
#include <memory>

#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "progress.h"
#include "report/plain_text.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

enum class Depth { kFiles, kRecords };

std::string check_json(const Registry& registry, const CheckReport& report, Depth depth) {
  return json_text({{"sidik", 1},
                    {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
                    {"read_data", depth == Depth::kRecords},
                    {"exports", report.exports},
                    {"runs", report.runs},
                    {"bytes", report.bytes},
                    {"clean", report.clean()},
                    {"damaged", report.damaged},
                    {"leftovers", report.leftovers}});
}

std::string check_text(const CheckReport& report, Depth depth) {
  std::string text;
  for (const std::string& damage : report.damaged) text += "DAMAGED  " + printable(damage) + "\n";
  for (const std::string& leftover : report.leftovers)
    text += "left over (harmless, the next registration removes it)  " + printable(leftover) + "\n";
  text += grouped(report.exports) + (report.exports == 1 ? " export in " : " exports in ") + grouped(report.runs) +
          (report.runs == 1 ? " run, " : " runs, ") + byte_size(report.bytes) + ": ";
  if (!report.clean()) return text + grouped(report.damaged.size()) + " damaged\n";
  return text + (depth == Depth::kRecords ? "clean, every block read and every record counted\n"
                                          : "clean, every file as its envelope has it\n");
}

void check(const CommonOptions& options, Depth depth) {
  const RegistryPlace place = registry_place(options);
  const Registry registry = open_registry(options, place);
  std::optional<RegistryKey> key;
  if (depth == Depth::kRecords) {
    key = load_key(options, place);
    registry.require_key(*key);
  }
  CheckReport report;
  {
    ProgressLine progress(options.quiet);
    report =
        registry.check(key ? &*key : nullptr, [&](std::uint64_t bytes) { progress.update("checking", 0, bytes, 0); });
  }
  if (options.json)
    print(check_json(registry, report, depth));
  else if (!options.quiet || !report.clean())
    print(check_text(report, depth));
  if (!report.clean())
    throw Error(ErrorKind::kDamaged, registry.directory().string(),
                std::to_string(report.damaged.size()) + (report.damaged.size() == 1 ? " thing is" : " things are") +
                    " damaged, as said above; put the named files back from a copy, or register what they held again "
                    "in a new registry");
}

}  // namespace

void add_check(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("check", "Is the registry whole? (no key needed, but for --read-data)");
  const auto read_data = std::make_shared<bool>(false);
  sub->add_flag("--read-data", *read_data, "Decrypt and read every block, and count every record, too (needs the key)");
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer("Ends with 0 where all is well and with 7 where something is damaged, which it names.\n\n" +
              exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce,
              [&invocation, read_data] { check(invocation.common, *read_data ? Depth::kRecords : Depth::kFiles); });
}

}  // namespace sidik::command
