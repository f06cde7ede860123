// sidik register: files, standard input or a command's output become one registered export, or nothing does.
#include <sys/resource.h>
#include <unistd.h>

#include <memory>

#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "dialect_options.h"
#include "input.h"
#include "interruption.h"
#include "producer.h"
#include "progress.h"
#include "register_report.h"
#include "registration_options.h"
#include "registry/registration.h"
#include "schema_file.h"
#include "subcommand.h"
#include "tee.h"

namespace sidik::command {
namespace {

struct RegisterOptions {
  std::vector<std::string> files;
  RegistrationOptions registration;
  std::string schema, write_schema;
  bool tee = false;
};

/// The inputs of one registration, and what watches over them.
struct Inputs {
  std::unique_ptr<Producer> producer;
  OrderedTee tee{[](std::string_view bytes) { print(bytes); }};
  std::vector<std::unique_ptr<ByteSource>> sources;
};

void check_usage(const RegisterOptions& options, const Invocation& invocation) {
  const bool piped = invocation.producer.has_value();
  if (piped && invocation.producer->empty())
    throw Error(ErrorKind::kUsage, "--", "has no command behind it; expected -- COMMAND ARGS");
  if (piped && !options.files.empty())
    throw Error(ErrorKind::kUsage, options.files[0], "stands beside `-- COMMAND`; give files, or a command, not both");
  if (!piped && options.files.empty())
    throw Error(ErrorKind::kUsage, "register",
                "has nothing to read; give files, - for standard input, or -- COMMAND ARGS");
  check_inputs(options.files);
  if (options.tee && invocation.common.json)
    throw Error(ErrorKind::kUsage, "--tee", "and --json both want standard output; leave one out");
  if (options.registration.description.name.empty() && options.write_schema.empty())
    throw Error(ErrorKind::kUsage, "--name", "is missing: what should the export be called?");
  if (options.tee && options.registration.description.name.empty())
    throw Error(ErrorKind::kUsage, "--tee", "needs --name: it lets the last record go when the export is registered");
}

// Many files are one export: all are open at once.
void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void open_inputs(const RegisterOptions& options, const Invocation& invocation, Inputs& inputs) {
  std::vector<std::unique_ptr<ByteSource>> raw;
  if (invocation.producer) {
    inputs.producer = std::make_unique<Producer>(*invocation.producer);
    raw.push_back(inputs.producer->take_output());
  }
  if (options.files.size() > 200) allow_many_files();
  for (const std::string& file : options.files) raw.push_back(open_input(file));
  for (auto& source : raw) {
    if (options.tee) source = inputs.tee.wrap(std::move(source));
    inputs.sources.push_back(decompressed(std::move(source)));
  }
}

void infer_and_stop(const RegisterOptions& options, const Invocation& invocation) {
  Inputs inputs;
  open_inputs(options, invocation, inputs);
  // Of a command whose output is longer than what is read the end is not waited for.
  const auto producer_succeeded = [&] {
    if (inputs.producer && inputs.producer->output_ended()) inputs.producer->require_success();
  };
  Schema schema;
  try {
    schema = infer_schema(std::move(inputs.sources), options.registration.reader, invocation.common.quiet);
  } catch (const Error&) {
    producer_succeeded();
    throw;
  }
  producer_succeeded();
  write_schema_file(schema, options.write_schema);
  if (!invocation.common.quiet)
    say("wrote the schema of " + std::to_string(schema.columns.size()) + " columns to " + options.write_schema +
        "; nothing was registered (no --name)");
}

void register_input(RegisterOptions& options, const Invocation& invocation) {
  check_usage(options, invocation);
  if (options.registration.description.name.empty()) return infer_and_stop(options, invocation);
  const CommonOptions& common = invocation.common;
  RegistrationOptions& registration = options.registration;
  if (!options.schema.empty()) registration.schema = read_schema_file(options.schema);
  if (!options.write_schema.empty()) require_no_file(options.write_schema);
  registration.threads = threads_of(common);
  if (common.memory) registration.memory = *common.memory;

  const RegistryPlace place = registry_place(common);
  Registry registry = open_registry(common, place);
  const RegistryKey key = load_key(common, place);
  registry.require_key(key);

  ProgressLine progress(common.quiet);
  Inputs inputs;
  open_inputs(options, invocation, inputs);
  registration.progress = [&](const RegistrationProgress& now) {
    progress.update(now.stage, now.rows, now.bytes, now.total_bytes);
  };
  registration.before_commit = [&] {
    throw_if_interrupted();
    if (inputs.producer) inputs.producer->require_success();
  };
  const RegistrationResult result = register_export(registry, key, std::move(inputs.sources), registration);
  progress.clear();
  inputs.tee.release();
  if (!options.write_schema.empty()) write_schema_file(schema_of(result), options.write_schema);

  if (!common.quiet)
    for (const std::string& warning : result.warnings) say("warning: " + warning);
  if (common.json) return print(registration_json(registry, result));
  if (common.quiet) return;
  const int descriptor = options.tee ? STDERR_FILENO : STDOUT_FILENO;
  const std::string text = registration_text(result, text_width(descriptor));
  options.tee ? print_error(text) : print(text);
}

void add_output_options(CLI::App& app, RegisterOptions& options) {
  app.add_option("--write-schema", options.write_schema,
                 "Write the schema to a new file, - for standard output; without --name\nthat is all that is done, and "
                 "no registry is needed")
      ->type_name("S.toml");
  app.add_flag("--tee", options.tee,
               "Copy the input to standard output, byte for byte; its last record goes when the\nexport is registered");
}

}  // namespace

void add_register(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("register", "Read an export, fingerprint it, keep the fingerprints");
  const auto options = std::make_shared<RegisterOptions>();
  sub->add_option("FILE", options->files,
                  "Delimited text, plain, gzip or zstd; several are one export; - is standard input");
  add_description_options(*sub, options->registration.description);
  add_reading_options(*sub, options->registration, options->schema);
  add_output_options(*sub, *options);
  add_dialect_options(*sub, options->registration.reader.dialect);
  add_common_options(*sub, invocation.common, {});
  sub->footer(
      "Or: sidik register [OPTIONS] --name EXPORT -- COMMAND ARGS...\n\n"
      "Registers all rows or none. The same name with the same content, feed, recipient and date again is done already "
      "(status 0).\n"
      "Behind -- stands a command, run without a shell: its output is the input, and it counts only if it ends with "
      "status 0.\n\n"
      "Examples:\n"
      "  sidik register hospital.csv.gz --name hospital-08 --feed hospital --recipient rs-jabar --at 2021-08-05\n"
      "  sidik register --name night-0805 --expect-rows 5000000 -- psql -c '\\copy members to stdout csv header'\n"
      "  export-job | sidik register - --name feed-17 --tee | gzip > feed-17.csv.gz\n"
      "  sidik register hospital.csv --write-schema hospital.toml     (look, correct, then --schema "
      "hospital.toml)\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces,
              [&invocation, options] { register_input(*options, invocation); });
}

}  // namespace sidik::command
