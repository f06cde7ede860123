// sidik check: is the registry whole? Every file against its envelope; with --read-data every block and record.
#include <algorithm>
#include <memory>

#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "json.h"
#include "progress.h"
#include "report/plain_text.h"
#include "subcommand.h"
#include "waiting_report.h"

namespace sidik::command {
namespace {

enum class Depth { kFiles, kRecords };

/// Nothing where the catalogue is damaged: what it says of waiting work is no help then.
std::optional<WaitingWork> waiting_in(const Registry& registry, const CheckReport& report) {
  if (!report.damaged.empty()) return std::nullopt;
  return waiting_work(registry, registry.list());
}

std::string check_json(const Registry& registry, const CheckReport& report, const std::optional<WaitingWork>& waiting,
                       Depth depth) {
  return json_text({{"sidik", 1},
                    {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
                    {"read_data", depth == Depth::kRecords},
                    {"exports", report.exports},
                    {"runs", report.runs},
                    {"bytes", report.bytes},
                    {"clean", report.clean()},
                    {"damaged", report.damaged},
                    {"set_aside", report.set_aside},
                    {"whole", report.whole},
                    {"head_line", report.head_line ? Json(*report.head_line) : Json(nullptr)},
                    {"leftovers", report.leftovers},
                    {"waiting", waiting ? waiting_json(*waiting) : Json(nullptr)}});
}

/// What can still be trusted; names only as far as they make a line.
std::string whole_text(const CheckReport& report) {
  constexpr std::size_t kMost = 12;
  if (report.whole.empty()) return "No export is whole: trust none of them";
  std::string names;
  for (std::size_t i = 0; i < report.whole.size() && i < kMost; ++i)
    names += (i == 0 ? "" : ", ") + printable(report.whole[i]);
  if (report.whole.size() > kMost) names += ", ... (--json has all)";
  return "Whole, with run and signature, whatever else is damaged: " + grouped(report.whole.size()) + " of " +
         grouped(report.exports) + " (" + names + ")";
}

std::string check_text(const CheckReport& report, const std::optional<WaitingWork>& waiting, Depth depth) {
  std::string text;
  for (const std::string& damage : report.damaged) text += "DAMAGED  " + printable(damage) + "\n";
  for (const std::string& aside : report.set_aside) text += "SET ASIDE  " + printable(aside) + "\n";
  for (const std::string& leftover : report.leftovers)
    text += "left over (harmless, the next registration removes it)  " + printable(leftover) + "\n";
  if (waiting) text += waiting_text(*waiting);
  text += grouped(report.exports) + (report.exports == 1 ? " export in " : " exports in ") + grouped(report.runs) +
          (report.runs == 1 ? " run, " : " runs, ") + byte_size(report.bytes) + ": ";
  if (report.head_line)
    text +=
        "the audit holds the head at line " + grouped(*report.head_line) + ": nothing up to it was changed or cut; ";
  if (!report.damaged.empty()) return text + grouped(report.damaged.size()) + " damaged\n" + whole_text(report) + "\n";
  if (!report.set_aside.empty()) return text + grouped(report.set_aside.size()) + " set aside\n";
  return text + (depth == Depth::kRecords ? "clean, every block read and every record counted\n"
                                          : "clean, every file as its envelope has it\n");
}

/// What helps, by where the damage is. Files of a copy heal all; what else does is another thing for each.
std::string advice(const CheckReport& report) {
  bool catalogue = false, runs = false, other_state = !report.damaged.empty();
  for (const std::string& damage : report.damaged) {
    const bool of_catalogue = damage.substr(0, damage.find(": ")).find("catalogue.sqlite") != std::string::npos ||
                              damage.find("the catalogue does not know") != std::string::npos;
    (of_catalogue ? catalogue : runs) = true;
    other_state = other_state && damage.find("does not hold the head") != std::string::npos;
  }
  if (other_state)
    return "nothing here can mend that: find the copy whose audit holds the head, and who put this one in its place";
  std::string text = "put the named files back from a copy";
  if (runs) text += ", or let `sidik repair` put away what is damaged and register what it held again";
  if (catalogue) text += ", or let `sidik repair --catalogue` make the catalogue anew from what is signed";
  return text;
}

std::string parse_head(const std::string& text) {
  if (text.size() < 16 || text.size() > 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw Error(
        ErrorKind::kUsage, "--head",
        "expected a head as `sidik audit --anchor` or a verdict gives it: 64 hexadecimal digits, or the first 16 "
        "and more");
  return text;
}

void check(const CommonOptions& options, Depth depth, const std::string& head) {
  const RegistryPlace place = registry_place(options);
  const Registry registry = open_registry(options, place);
  std::optional<RegistryKey> key;
  if (depth == Depth::kRecords) {
    key = load_key(options, place);
    registry.require_key(*key);
    if (!key->can_open())
      throw Error(ErrorKind::kKey, "key '" + key->holder + "'",
                  "has the role " + std::string(role_name(key->role)) +
                      " and opens no run; --read-data needs a compact or the investigators' key");
  }
  CheckReport report;
  {
    ProgressLine progress(options.quiet);
    report = registry.check(
        key ? &*key : nullptr, [&](std::uint64_t bytes) { progress.update("checking", 0, bytes, 0); }, head);
  }
  const std::optional<WaitingWork> waiting = waiting_in(registry, report);
  if (options.json)
    print(check_json(registry, report, waiting, depth));
  else if (!options.quiet || !report.clean())
    print(check_text(report, waiting, depth));
  if (report.damaged.empty() && !report.set_aside.empty())
    throw Error(ErrorKind::kDamaged, registry.directory().string(),
                "holds what no key of it may have registered, as said above: no trace counts it; find out how it came "
                "there; `sidik remove` takes it out");
  if (!report.clean())
    throw Error(ErrorKind::kDamaged, registry.directory().string(),
                std::to_string(report.damaged.size()) + (report.damaged.size() == 1 ? " thing is" : " things are") +
                    " damaged, as said above; " + advice(report));
}

}  // namespace

void add_check(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("check", "Is the registry whole? (no key needed, but for --read-data)");
  const auto read_data = std::make_shared<bool>(false);
  sub->add_flag("--read-data", *read_data, "Decrypt and read every block, and count every record, too (needs the key)");
  const auto head = std::make_shared<std::string>();
  sub->add_option_function<std::string>(
         "--head", [head](const std::string& value) { *head = parse_head(value); },
         "Also that nothing up to this head of the audit was cut or changed (kept elsewhere: `sidik audit --anchor`)")
      ->type_name("H");
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "Ends with 0 where all is well and with 7 where something is damaged, which it names. What waits for a key "
      "is no damage.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce, [&invocation, read_data, head] {
    check(invocation.common, *read_data ? Depth::kRecords : Depth::kFiles, *head);
  });
}

}  // namespace sidik::command
