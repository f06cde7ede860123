// sidik compact: merges runs that gain by standing in one file.
#include <cmath>
#include <memory>

#include "commands.h"
#include "console.h"
#include "json.h"
#include "progress.h"
#include "registry/compaction.h"
#include "report/plain_text.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

struct CompactOptions {
  bool dry_run = false;
  double throttle = 0;  // MB/s
};

std::string compact_json(const Registry& registry, const CompactionReport& report, bool dry_run) {
  Json merges = Json::array();
  for (const CompactionStep& step : report.steps)
    merges.push_back({{"runs", step.runs.size()},
                      {"exports", step.exports},
                      {"bytes_before", step.bytes_before},
                      {"bytes_after", step.bytes_after}});
  return json_text({{"sidik", 1},
                    {"registry", {{"id", to_hex(registry.id())}, {"path", registry.directory().string()}}},
                    {"dry_run", dry_run},
                    {"merges", std::move(merges)},
                    {"set_aside", report.set_aside},
                    {"runs_before", report.runs_before},
                    {"runs_after", report.runs_after},
                    {"bytes_before", report.bytes_before},
                    {"bytes_after", report.bytes_after}});
}

std::string counted(std::size_t number, const char* one, const char* many) {
  return grouped(number) + " " + (number == 1 ? one : many);
}

std::string compact_text(const CompactionReport& report, bool dry_run) {
  std::string text;
  for (const std::string& name : report.set_aside) text += "left alone, for it is set aside: " + printable(name) + "\n";
  if (report.steps.empty())
    return text + counted(report.runs_before, "run", "runs") + ", " + byte_size(report.bytes_before) +
           ": nothing would gain by merging\n";
  for (const CompactionStep& step : report.steps) {
    text += counted(step.exports.size(), "export", "exports") + " in " + counted(step.runs.size(), "run", "runs") +
            ": " + byte_size(step.bytes_before) + (dry_run ? " would become about " : " became ") +
            byte_size(step.bytes_after) + " (" + printable(step.exports.front());
    if (step.exports.size() > 1) text += (step.exports.size() > 2 ? " ... " : " and ") + printable(step.exports.back());
    text += ")\n";
  }
  return text + "in all " + counted(report.runs_before, "run", "runs") + ", " + byte_size(report.bytes_before) +
         (dry_run ? " would become about " : " became ") + counted(report.runs_after, "run", "runs") + ", " +
         byte_size(report.bytes_after) + "\n";
}

void compact(const CommonOptions& common, const CompactOptions& options) {
  const RegistryPlace place = registry_place(common);
  Registry registry = open_registry(common, place);
  const RegistryKey key = load_key(common, place);
  CompactionReport report;
  if (options.dry_run) {
    report = plan_compaction(registry, key);
  } else {
    ProgressLine progress(common.quiet);
    CompactionOptions how;
    how.threads = threads_of(common);
    how.bytes_a_second = static_cast<std::uint64_t>(std::llround(options.throttle * 1e6));
    how.progress = [&progress](const CompactionProgress& p) { progress.update("merging", 0, p.bytes, p.total_bytes); };
    report = sidik::compact(registry, key, how);
  }
  if (common.json) return print(compact_json(registry, report, options.dry_run));
  if (!common.quiet) print(compact_text(report, options.dry_run));
}

}  // namespace

void add_compact(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("compact", "Merge files of exports that have rows in common");
  const auto options = std::make_shared<CompactOptions>();
  sub->add_flag("--dry-run", options->dry_run, "Only say what would be merged, and about what it would save");
  sub->add_option("--throttle", options->throttle, "Read no faster than so many megabytes a second")
      ->type_name("MB/s")
      ->check(CLI::PositiveNumber);
  add_common_options(*sub, invocation.common, {});
  sub->footer(
      "Rows that stand unchanged in many exports are kept once. Merging changes no answer: each export's records are "
      "held against its digest before the new file counts. It can be interrupted at any time; the next call goes "
      "on.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces,
              [&invocation, options] { compact(invocation.common, *options); });
}

}  // namespace sidik::command
