// sidik seal: a copy of an export that names its recipient, written and registered in one step, or neither.
#include <unistd.h>

#include <memory>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "dialect_options.h"
#include "ingest/lent_source.h"
#include "input.h"
#include "interruption.h"
#include "producer.h"
#include "progress.h"
#include "register_report.h"
#include "registration_options.h"
#include "registry/known_keys.h"
#include "registry/known_schemas.h"
#include "registry/registration.h"
#include "schema_file.h"
#include "seal/canary_stream.h"
#include "seal/sealed_text.h"
#include "seal/sealing_state.h"
#include "seal_canaries.h"
#include "seal_report.h"
#include "sealed_output.h"
#include "spool.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

struct SealOptions {
  std::string in, out;
  RegistrationOptions registration;
  std::string schema;
  SealRequest request;
  std::uint64_t canaries = 0;
  std::optional<DetectionGoal> detect;
  CanaryTraps traps;
};

void check_usage(const SealOptions& options, const Invocation& invocation) {
  const bool piped = invocation.producer.has_value();
  if (piped && invocation.producer->empty())
    throw Error(ErrorKind::kUsage, "--", "has no command behind it; expected -- COMMAND ARGS");
  if (piped && !options.in.empty())
    throw Error(ErrorKind::kUsage, options.in, "stands beside `-- COMMAND`; give a file, or a command, not both");
  if (!piped && options.in.empty())
    throw Error(ErrorKind::kUsage, "seal",
                "has nothing to read; give a file, - for standard input, or -- COMMAND ARGS");
  if (options.registration.description.name.empty())
    throw Error(ErrorKind::kUsage, "--name", "is missing: what should the export be called?");
  if (options.registration.description.kind != ExportKind::kExport)
    throw Error(ErrorKind::kUsage, "--kind", "only what leaves the house is sealed; `register` takes the others");
  if (options.out.empty())
    throw Error(ErrorKind::kUsage, "-o", "is missing: where should the sealed copy go? - is standard output");
  if (options.out == "-" && invocation.common.json)
    throw Error(ErrorKind::kUsage, "-o -", "and --json both want standard output; leave one out");
  if (!options.traps.email_domain.empty() && options.canaries == 0 && !options.detect)
    throw Error(ErrorKind::kUsage, "--trap-email", "is for rows of nobody; say how many with --canaries or --detect");
  if (!options.traps.phone_prefix.empty() && options.canaries == 0 && !options.detect)
    throw Error(ErrorKind::kUsage, "--trap-phone", "is for rows of nobody; say how many with --canaries or --detect");
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::path(options.out).parent_path();
  if (options.out != "-" && !folder.empty() && !std::filesystem::is_directory(folder, ignored))
    throw Error(ErrorKind::kFailed, options.out,
                "cannot be written: there is no folder " + folder.string() + "; make it");
  if (options.out != "-" && std::filesystem::is_directory(options.out, ignored))
    throw Error(ErrorKind::kUsage, options.out, "is a folder; give the sealed copy a name in it");
  if (options.out != "-" && !options.in.empty() && std::filesystem::equivalent(options.in, options.out, ignored))
    throw Error(ErrorKind::kUsage, options.out, "is what is read; give the sealed copy another name");
}

/// Counts that only whole reading gives, before anything is committed.
void check_rows(const SealedText& text, const std::optional<std::uint64_t>& expected) {
  if (expected && text.rows_read() != *expected)
    throw Error(ErrorKind::kRefused, text.name(),
                "has " + std::to_string(text.rows_read()) + " rows where --expect-rows says " +
                    std::to_string(*expected) + "; nothing was registered");
}

/// Whether a registered export of the same rows has the marks that this one has. Another host's are others.
bool marked_alike(const Sealing& own, const ExportManifest& registered, const std::string& holder) {
  const auto its = Sealing::decode(registered.sealing);
  if (own.marked.empty()) return !its || its->marked.empty();
  return its && its->marked == own.marked && its->coalition == own.coalition &&
         registered.description.registered_by == holder;
}

SealInput seal_input(const SealOptions& options, const Registry& registry, const RegistryKey& key) {
  SealInput input;
  input.secrets = SealSecrets::of(key, options.registration.description);
  input.fingerprint_secret = key.fingerprint_secret;
  input.request = options.request;
  input.known = known_schemas(registry, key, options.registration.description, options.registration.schema);
  input.reader = options.registration.reader;
  input.threads = options.registration.threads;
  return input;
}

void seal_input_text(SealOptions& options, const Invocation& invocation) {
  check_usage(options, invocation);
  const CommonOptions& common = invocation.common;
  RegistrationOptions& registration = options.registration;
  if (!options.schema.empty()) registration.schema = read_schema_file(options.schema);
  registration.threads = threads_of(common);
  if (common.memory) registration.memory = *common.memory;

  const RegistryPlace place = registry_place(common);
  Registry registry = open_registry(common, place);
  const RegistryKey key = load_key(common, place);
  registry.require_key(key);
  registry.keys().require_may_register(key, registration.description.feed);

  ProgressLine progress(common.quiet);
  std::unique_ptr<Producer> producer;
  std::unique_ptr<SealedOutput> output;
  if (invocation.producer) producer = std::make_unique<Producer>(*invocation.producer);
  SealInput input = seal_input(options, registry, key);
  std::unique_ptr<Spool> spool;
  const auto raw = [&]() -> std::unique_ptr<ByteSource> {
    if (spool) return spool->open();
    return producer ? producer->take_output() : open_input(options.in);
  };
  const bool canaries = options.canaries > 0 || options.detect;
  const SealSecrets secrets = input.secrets;
  SealingStates states;
  if (canaries) states = read_states(registry.files(), registry.directory(), secrets);
  const std::optional<SealingState>& last = states.known_to(registration.description.name);
  CanaryPlan plan;
  if (canaries && (producer || !can_reread(options.in)))
    input.stream =
        canary_stream(input, last, registration.expect_rows, options.canaries, options.detect, options.traps);
  if (input.stream) {
    plan.asked = canaries_asked(*registration.expect_rows, options.canaries, options.detect);
  } else if (canaries) {
    if (producer || !can_reread(options.in)) {
      spool = std::make_unique<Spool>(raw(), Spool::Limits{.directory = registration.spill_directory});
      if (producer) producer->require_success();
    }
    CanaryPlanInput planning =
        canary_input(input, raw, registry, key, registration.description, options.canaries, options.detect,
                     options.traps, [&](std::uint64_t rows) { progress.update("planning", rows, 0, 0); });
    planning.last = last;
    plan = plan_canaries(planning);
    input.canaries = std::move(plan.canaries);
    input.decided = plan.decision;
  }
  const std::shared_ptr<CanaryStream> stream = input.stream;
  input.sink = [&](std::string_view bytes) { output->write(bytes); };
  SealedText text(raw(), std::move(input));
  // Who may not read what is sealed may not read its copy.
  std::error_code ignored;
  const std::filesystem::file_status in = std::filesystem::status(options.in, ignored);
  const auto most = std::filesystem::is_regular_file(in) ? in.permissions() : std::filesystem::perms::all;
  const Compression compression = compression_by_name(options.out).value_or(text.found_compression());
  output = std::make_unique<SealedOutput>(options.out, compression, most);

  const std::optional<std::uint64_t> expected = registration.expect_rows;
  registration.expect_rows.reset();  // of the input, which this is not
  registration.progress = [&](const RegistrationProgress& now) {
    progress.update(now.stage, now.rows, now.bytes, now.total_bytes);
  };
  registration.sealing = [&] { return text.sealing().encode(); };
  registration.decided = text.decision();
  registration.sealed_alike = [&](const ExportManifest& registered) {
    return marked_alike(text.sealing(), registered, key.holder);
  };
  bool complete = false;
  registration.before_commit = [&] {
    throw_if_interrupted();
    if (producer) producer->require_success();
    check_rows(text, expected);
    if (!complete) output->complete();
    complete = true;
  };
  std::vector<std::unique_ptr<ByteSource>> sources;
  sources.push_back(lent_source(text));
  const RegistrationResult result = register_export(registry, key, std::move(sources), registration);
  output->finish();
  if (stream && !result.already_registered) plan.state = stream->state();
  if (plan.state && !result.already_registered)
    keep_state(registry, secrets, registration.description.name, std::move(states), std::move(*plan.state));
  progress.clear();

  SealSummary summary = SealSummary::of(text);
  summary.planned_ahead = stream != nullptr;
  if (stream) plan.check_bits = stream->check_bits();
  summary.canaries_asked = plan.asked;
  summary.canaries_dropped = plan.dropped;
  summary.check_bits = plan.check_bits;
  if (!common.quiet)
    for (const std::string& warning : result.warnings) say("warning: " + warning);
  if (result.already_registered && !key.can_open() && !summary.columns.empty())
    say("warning: " + registration.description.name +
        " was registered already, and this key cannot see how it was sealed: where other marks were asked for then, "
        "no trace knows this copy's; seal it under another name");
  std::vector<std::string> in_vain;
  if (!common.quiet) in_vain = allowed_in_vain(text.schema(), text.marked_columns(), options.request.allowed);
  for (const std::string& name : in_vain)
    say("warning: nothing of '" + name + "' (--marks) was marked: " +
        "no column has that type, or none of its values can be spelled in two ways; `sidik inspect` shows the types");
  if (summary.sealing.canaries > 0 && !common.quiet) {
    std::string names;
    for (const std::string& name : columns_of_real_rows(result.manifest, plan.copied))
      names += (names.empty() ? "" : ", ") + name;
    if (!names.empty())
      say("warning: the rows of nobody have a real row's " + names +
          ": such values are not made anew; where it is a number, a phone or an address of mail, say so with --schema");
  }
  if (summary.nothing()) {
    // Whoever asked for a seal and got a copy like all others is told, however quiet.
    std::string why;
    if (plan.asked > 0) why += "no row of nobody could be planted";
    if (options.request.withhold > 0)
      why += std::string(why.empty() ? "" : ", ") +
             "no row was left out (of rows without an identity, or of few, none is)";
    if (why.empty()) why = "no column's spellings vary; see --marks, --withhold and --canaries";
    say("warning: nothing was sealed, the copy tells nobody: " + why);
  }
  if (common.json) return print(sealing_json(registry, result, summary));
  if (common.quiet) return;
  const int descriptor = output->is_standard_output() ? STDERR_FILENO : STDOUT_FILENO;
  const std::string said = sealing_text(summary) + registration_text(result, text_width(descriptor));
  output->is_standard_output() ? print_error(said) : print(said);
}

void add_seal_options(CLI::App& app, SealOptions& options) {
  app.add_option("-o,--output", options.out, "Where the sealed copy goes; - is standard output")->type_name("OUT");
  app.add_option_function<std::vector<std::string>>(
         "--marks",
         [&](const std::vector<std::string>& lists) {
           for (const std::string& list : lists)
             for (std::string& name : parse_names(list)) options.request.allowed.push_back(std::move(name));
         },
         "Columns or types whose spellings may be chosen, commas between them (such as address,phone);\nwithout it "
         "only "
         "spellings that the column's values vary in are used")
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  app.add_flag_callback(
      "--no-marks", [&] { options.request.marks = SealRequest::Marks::kNone; }, "Leave all spellings as they are");
  app.add_option_function<std::string>(
         "--coalition",
         [&](const std::string& value) {
           const std::uint64_t size = parse_count("--coalition", value);
           if (size < 1 || size > 20) throw Error(ErrorKind::kUsage, "--coalition", "expected 1 to 20 recipients");
           options.request.coalition = static_cast<unsigned>(size);
         },
         "How many recipients who mix their copies the marks are laid out for (3)")
      ->type_name("N");
  app.add_option_function<std::string>(
         "--withhold",
         [&](const std::string& value) {
           options.request.withhold = parse_share("--withhold", value);
           if (options.request.withhold > 0.2)
             throw Error(ErrorKind::kUsage, "--withhold", "expected at most 0.2: so many rows would be missing");
         },
         "Leave out this share of the rows, other rows for each recipient (such as 0.01)")
      ->type_name("SHARE");
  CLI::Option* canaries =
      app.add_option_function<std::string>(
             "--canaries", [&](const std::string& value) { options.canaries = parse_count("--canaries", value); },
             "Plant so many rows of nobody")
          ->type_name("N");
  app.add_option_function<std::string>(
         "--detect", [&](const std::string& value) { options.detect = parse_detection(value); },
         "Plant as many as give a leak of ROWS random rows one with chance P (such as 0.99@1000000)")
      ->type_name("P@ROWS")
      ->excludes(canaries);
  app.add_option_function<std::string>(
         "--trap-email", [&](const std::string& value) { options.traps.email_domain = parse_trap_domain(value); },
         "A domain of your own for the e-mail addresses of rows of nobody: whoever writes to one has the\ncopy, and "
         "whoever knows the domain finds those rows")
      ->type_name("DOMAIN");
  app.add_option_function<std::string>(
         "--trap-phone", [&](const std::string& value) { options.traps.phone_prefix = parse_trap_prefix(value); },
         "The first digits of a range of phone numbers of your own, for their phones (such as 0811987)")
      ->type_name("DIGITS");
}

}  // namespace

void add_seal(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("seal", "Write a copy that names its recipient, and register it");
  const auto options = std::make_shared<SealOptions>();
  sub->add_option("IN", options->in, "Delimited text, plain, gzip or zstd; - is standard input");
  add_seal_options(*sub, *options);
  add_description_options(*sub, options->registration.description);
  add_reading_options(*sub, options->registration, options->schema);
  add_dialect_options(*sub, options->registration.reader.dialect);
  add_common_options(*sub, invocation.common, {});
  sub->footer(
      "Or: sidik seal [OPTIONS] --name EXPORT -o OUT -- COMMAND ARGS...\n\n"
      "OUT is IN byte for byte, but for marks (other spellings of the same values) and rows left out; compressed as IN "
      "is,\nor as its name says (.gz, .zst).\n"
      "Marks are the same in every export of a feed to one recipient, and others for every recipient. Whatever fails, "
      "OUT "
      "is not there and\nnothing is registered; on standard output the last record waits for the registration.\n\n"
      "Examples:\n"
      "  sidik seal hospital.csv.gz --name hospital-08 --feed hospital --recipient rs-jabar -o out.csv.gz --marks "
      "address,phone\n"
      "  psql -c '\\copy members to stdout csv header' | sidik seal - --name night-0805 --recipient bank -o - | gzip > "
      "out.gz\n"
      "  sidik seal members.csv --name audit-1 --recipient auditor --withhold 0.01 -o audit.csv\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces,
              [&invocation, options] { seal_input_text(*options, invocation); });
}

}  // namespace sidik::command
