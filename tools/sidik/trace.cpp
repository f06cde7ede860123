// sidik trace: whose copy is this sample?
#include "trace/trace.h"

#include <unistd.h>

#include <CLI/Option.hpp>
#include <memory>
#include <set>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "dialect_options.h"
#include "input.h"
#include "progress.h"
#include "registry/signed_text.h"
#include "report/headline.h"
#include "report/report.h"
#include "spool.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

struct TraceArguments {
  std::vector<std::string> samples;
  TraceOptions trace;
  std::filesystem::path spill_directory;
};

/// The sample's files as a trace wants them: each can be opened again. What cannot (standard input, pipes) is spooled.
struct Samples {
  std::vector<std::unique_ptr<Spool>> spools;
  std::vector<SampleInput> inputs;
};

Samples open_samples(const TraceArguments& arguments, ProgressLine& progress) {
  Samples samples;
  Spool::Limits limits;
  limits.directory = arguments.spill_directory;
  limits.memory = arguments.trace.memory / 4;
  for (const std::string& path : arguments.samples) {
    auto source = open_input(path);  // a missing file is noticed before anything is read
    const std::string name = source->name();
    if (can_reread(path)) {
      samples.inputs.push_back({name, [path] { return open_input(path); }});
      continue;
    }
    progress.update("reading", 0, 0, 0);
    samples.spools.push_back(std::make_unique<Spool>(std::move(source), limits));
    samples.inputs.push_back({name, [spool = samples.spools.back().get()] { return spool->open(); }});
  }
  return samples;
}

/// What a question of several epochs costs.
void tell_of_epochs(const Registry& registry) {
  std::set<Epoch> epochs;
  for (const CatalogueEntry& entry : registry.list())
    if (entry.set_aside.empty()) epochs.insert(entry.run.epoch);
  if (epochs.size() > 1)
    say("exports are registered in " + std::to_string(epochs.size()) +
        " fingerprint epochs: each is asked, and the "
        "sample read for each");
}

void warn_of_set_aside(const Registry& registry) {
  for (const CatalogueEntry& entry : registry.list())
    if (!entry.set_aside.empty())
      say("warning: the export " + entry.description.name + " " + entry.set_aside +
          "; it is set aside and not weighed");
}

/// Who traced, in the audit: by the digest of the verdict, which tells nothing to who does not have it.
void note_trace(const Registry& registry, const RegistryKey& key, const Verdict& verdict) {
  try {
    registry.note(key, "trace", "", to_hex(sha256(verdict_json(verdict))));
  } catch (const Error& error) {
    say("warning: this trace could not be noted in the audit: " + std::string(error.what()));
  }
}

Verdict run_trace(TraceArguments& arguments, const CommonOptions& common) {
  const RegistryPlace place = registry_place(common);
  const Registry registry = open_registry(common, place);
  const RegistryKey key = load_key(common, place);
  registry.require_investigators(key, "a trace");
  arguments.trace.threads = threads_of(common);
  if (common.memory) arguments.trace.memory = *common.memory;

  ProgressLine progress(common.quiet);
  const Samples samples = open_samples(arguments, progress);
  arguments.trace.progress = [&](const TraceProgress& now) {
    progress.update(now.stage, now.rows, now.bytes, now.total_bytes);
  };
  const auto snapshot = registry.snapshot(key);
  if (!common.quiet) tell_of_epochs(registry);
  const Verdict verdict = trace(samples.inputs, *snapshot, key, arguments.trace);
  progress.clear();
  warn_of_set_aside(registry);
  note_trace(registry, key, verdict);
  return verdict;
}

std::string first_lines(const Verdict& verdict) {
  std::string text;
  for (const std::string& line : headline(verdict)) text += line + "\n";
  return text;
}

void trace_samples(TraceArguments& arguments, const CommonOptions& common) {
  check_inputs(arguments.samples);
  const Verdict verdict = run_trace(arguments, common);
  if (common.json) return print(verdict_json(verdict));
  if (common.quiet) return print(first_lines(verdict));
  print(verdict_text(verdict, output_colour(), static_cast<int>(text_width(STDOUT_FILENO))));
}

}  // namespace

void add_trace(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("trace", "Whose copy is this sample? Odds and evidence, or that nobody can tell");
  const auto arguments = std::make_shared<TraceArguments>();
  TraceOptions& options = arguments->trace;
  sub->add_option("SAMPLE", arguments->samples,
                  "Delimited text as found, plain, gzip or zstd; several are one sample; - is standard input")
      ->required();
  sub->add_option_function<std::string>(
         "--claimed", [&](const std::string& value) { options.claimed = parse_count("--claimed", value); },
         "How many records the seller claims to have")
      ->type_name("N");
  sub->add_option_function<std::vector<std::string>>(
         "--prior",
         [&](const std::vector<std::string>& values) {
           for (const std::string& value : values) parse_priors(value, options.priors);
         },
         "Other priors than those that the verdict prints")
      ->allow_extra_args(false)
      ->type_name("K=V,...");
  sub->add_option_function<std::string>(
         "--seen", [&](const std::string& value) { options.seen = parse_date("--seen", value); },
         "When the sample was first seen: exports registered later are flagged")
      ->type_name("DATE");
  sub->add_option("--spill-dir", arguments->spill_directory,
                  "Where standard input is kept, encrypted, beyond a quarter of --memory")
      ->type_name("DIR");
  add_dialect_options(*sub, options.dialect);
  add_common_options(*sub, invocation.common, {});
  sub->footer(
      "Ends with 0 whatever the verdict. It names the copy that the sample matches, never who leaked it. No row of the "
      "sample is\n"
      "refused; -q prints the first lines only. --json is evidence: the same sample, options and registry give the "
      "same bytes.\n\n"
      "Examples:\n"
      "  sidik trace leak.csv\n"
      "  sidik trace part1.csv part2.csv.gz --json > verdict.json\n"
      "  zcat dump.gz | head -100000 | sidik trace - --seen 2021-05-20 --claimed 279000000\n"
      "  sidik trace leak.csv --prior mixture=0.2,strangers=0.05\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce,
              [&invocation, arguments] { trace_samples(*arguments, invocation.common); });
}

}  // namespace sidik::command
