// sidik inspect: what is this? No registry, no key.
#include <unistd.h>

#include <CLI/Option.hpp>
#include <algorithm>
#include <cmath>
#include <memory>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "dialect_options.h"
#include "input.h"
#include "inspect_report.h"
#include "progress.h"
#include "subcommand.h"
#include "table_survey.h"

namespace sidik::command {
namespace {

struct InspectArguments {
  std::vector<std::string> samples;
  DialectOverrides dialect;
  std::optional<UtcSeconds> seen;
};

void inspect(const InspectArguments& arguments, const CommonOptions& common) {
  check_inputs(arguments.samples);
  ProgressLine progress(common.quiet);
  Survey::Options options;
  options.reader.dialect = arguments.dialect;
  options.reader.raggedness = Raggedness::kLenient;
  options.progress = [&](std::uint64_t rows, std::uint64_t bytes, std::uint64_t total) {
    progress.update("reading", rows, bytes, total);
  };
  Survey survey(std::move(options));
  for (const std::string& path : arguments.samples) survey.read(open_input(path));
  const Inspection inspection = conclude(survey, arguments.seen);
  progress.clear();
  if (common.json) return print(inspection_json(inspection));
  print(inspection_text(inspection, text_width(STDOUT_FILENO)));
}

}  // namespace

void add_inspect(CLI::App& app, Invocation& invocation) {
  CLI::App* sub =
      app.add_subcommand("inspect", "What is this? Rows, columns, types, dates, digests; no registry, no key");
  const auto arguments = std::make_shared<InspectArguments>();
  sub->add_option("SAMPLE", arguments->samples, "Delimited text, plain, gzip or zstd; - is standard input")->required();
  sub->add_option_function<std::string>(
         "--seen", [a = arguments.get()](const std::string& value) { a->seen = parse_date("--seen", value); },
         "When the sample was first seen: later dates in it are counted as future ones")
      ->type_name("DATE");
  add_dialect_options(*sub, arguments->dialect);
  add_common_options(*sub, invocation.common, {.registry = false, .key = false, .work = false, .wait = false});
  sub->footer(
      "No value of the sample is printed but the oldest and newest date of a column.\n\n"
      "Examples:\n"
      "  sidik inspect sample.csv\n"
      "  sidik inspect part*.csv --json --seen 2021-05-20\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce,
              [&invocation, arguments] { inspect(*arguments, invocation.common); });
}

}  // namespace sidik::command
