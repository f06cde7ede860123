// sidik trace: whose copy is this sample?
#include "trace/trace.h"

#include <unistd.h>

#include <CLI/Option.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "dialect_options.h"
#include "input.h"
#include "progress.h"
#include "registry/signed_text.h"
#include "report/headline.h"
#include "report/plain_text.h"
#include "report/report.h"
#include "spool.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

struct TraceArguments {
  std::vector<std::string> samples;
  TraceOptions trace;
  std::filesystem::path spill_directory;
  std::filesystem::path rows, html;
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

/// How many epochs are asked; those who want to pay for fewer are told of which exports they consist.
std::size_t tell_of_epochs(const FingerprintStore& store) {
  std::map<Epoch, std::size_t> epochs;
  for (ExportIndex e = 0; e < store.exports().size(); ++e) ++epochs[store.epoch_of(e)];
  if (epochs.size() < 2) return epochs.size();
  std::string of;
  for (const auto& [epoch, exports] : epochs)
    of += (of.empty() ? "epoch " : ", epoch ") + std::to_string(epoch) + ": " + grouped(exports);
  say("exports are registered in " + std::to_string(epochs.size()) + " fingerprint epochs (" + of +
      "): each is asked, and the sample read for each");
  return epochs.size();
}

/// What that cost, of the trace's own time.
void tell_of_epochs_cost(std::size_t epochs, std::chrono::steady_clock::duration took) {
  char text[96];
  std::snprintf(text, sizeof text, "asking %zu epochs took %.1f s; `sidik remove --epoch N` retires one", epochs,
                std::chrono::duration<double>(took).count());
  say(text);
}

/// What a part of a large sample says already.
void tell_of_screening(const Verdict& verdict, std::size_t rows) {
  say("so far, by " + grouped(rows) + " of " + grouped(verdict.sample.rows) + " rows: " + verdict.summary +
      " All rows are looked at now.");
}

void warn_of_set_aside(const FingerprintStore& store) {
  for (const std::string& sentence : store.set_aside())
    say("warning: " + sentence + "; it is set aside and not weighed");
}

/// Who traced, in the audit: by the digest of the verdict, which tells nothing to who does not have it.
void note_trace(const Registry& registry, const RegistryKey& key, const Verdict& verdict) {
  try {
    registry.note(key, "trace", "", to_hex(sha256(verdict_json(verdict))));
  } catch (const Error& error) {
    say("warning: this trace could not be noted in the audit: " + std::string(error.what()));
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : "|") + name;
  return all;
}

/// A field of a CSV file that a spreadsheet may open: a name that begins like a formula is kept from being one.
std::string csv_field(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) text.insert(0, "'");
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// A file that is written whole or not at all; nobody else may read it, for it tells of people.
class ResultFile {
 public:
  explicit ResultFile(std::filesystem::path path) : path_(std::move(path)), partial_(path_.string() + ".partial") {
    file_ = std::fopen(partial_.c_str(), "wx");
    if (file_ == nullptr)
      throw Error(ErrorKind::kFailed, partial_.string(), std::string("cannot be made: ") + std::strerror(errno));
    std::filesystem::permissions(partial_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  ~ResultFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::error_code ignored;
    std::filesystem::remove(partial_, ignored);
  }
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;
  void write(std::string_view text) { bad_ = bad_ || std::fwrite(text.data(), 1, text.size(), file_) != text.size(); }
  void finish() {
    bad_ = std::fclose(std::exchange(file_, nullptr)) != 0 || bad_;
    std::error_code failed;
    if (!bad_) std::filesystem::rename(partial_, path_, failed);
    if (bad_ || failed) {
      std::filesystem::remove(partial_, failed);
      throw Error(ErrorKind::kFailed, path_.string(), "cannot be written; is the disk full?");
    }
  }

 private:
  std::filesystem::path path_, partial_;
  std::FILE* file_ = nullptr;
  bool bad_ = false;
};

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
  arguments.trace.screened = [&](const Verdict& verdict) {
    progress.clear();
    if (!common.quiet) tell_of_screening(verdict, arguments.trace.screening_rows);
  };
  const auto snapshot = registry.snapshot(key);
  const std::size_t epochs = common.quiet ? 0 : tell_of_epochs(*snapshot);
  std::optional<ResultFile> rows;
  if (!arguments.rows.empty()) {
    rows.emplace(arguments.rows);
    rows->write("file,line,matched,differing,candidates,canary\n");
    arguments.trace.each_row = [&](const TracedRow& row) {
      rows->write(csv_field(samples.inputs[row.file].name) + "," + std::to_string(row.line) + "," +
                  csv_field(joined(row.matched)) + "," + csv_field(joined(row.differing)) + "," +
                  csv_field(joined(row.candidates)) + "," + (row.canary ? "1" : "0") + "\n");
    };
  }
  const auto begin = std::chrono::steady_clock::now();
  const Verdict verdict = trace(samples.inputs, *snapshot, key, arguments.trace);
  const auto took = std::chrono::steady_clock::now() - begin;
  if (rows) rows->finish();
  if (!arguments.html.empty()) {
    ResultFile page(arguments.html);
    page.write(verdict_html(verdict));
    page.finish();
  }
  progress.clear();
  if (epochs > 1) tell_of_epochs_cost(epochs, took);
  warn_of_set_aside(*snapshot);
  note_trace(registry, key, verdict);
  return verdict;
}

Breakdown parse_breakdown(const std::string& text) {
  const std::size_t equals = text.find('=');
  Breakdown breakdown;
  if (equals != std::string::npos && equals > 0) {
    breakdown.column = text.substr(0, equals);
    for (std::size_t at = equals + 1; at <= text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      if (end > at) breakdown.values.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  if (breakdown.values.empty())
    throw Error(ErrorKind::kUsage, "--breakdown",
                "expected a column and the values to count, such as status=AKTIF,MENINGGAL");
  return breakdown;
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
  sub->add_option("--rows", arguments->rows,
                  "Also write each row's line, matched and differing columns, candidate exports and canary flag as CSV")
      ->type_name("FILE");
  sub->add_option("--html", arguments->html, "Also write the verdict as one self-contained page")->type_name("FILE");
  sub->add_option_function<std::string>(
         "--breakdown", [&](const std::string& value) { options.breakdown = parse_breakdown(value); },
         "How often these values stand in a column of the sample")
      ->type_name("FIELD=V1,V2");
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
