// The door: parses the command line, runs one subcommand, and turns what went wrong into a message and an exit status.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>

#include "base/error.h"
#include "base/secret.h"
#include "commands.h"
#include "console.h"
#include "interruption.h"
#include "registry/encryption.h"
#include "report/plain_text.h"
#include "subcommand.h"

namespace sidik::command {

namespace {

static_assert(kEncrypted, "no sidik is made of a build that keeps data in clear");

constexpr const char* kVersion = "sidik " SIDIK_VERSION;

void describe(CLI::App& app) {
  app.name("sidik");
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", kVersion);
  app.get_formatter()->column_width(26);
  app.footer(
      "Before a leak: every export that leaves the house passes through `sidik register`, which keeps keyed\n"
      "fingerprints of it and no plain value. After a leak: `sidik trace` names the exports whose copy the sample\n"
      "matches, with odds and evidence, or says that it is not ours, or that nobody can tell.\n\n"
      "  export SIDIK_REGISTRY=/srv/sidik/registry\n"
      "  sidik init\n"
      "  sidik register hospital.csv --name hospital-08 --feed hospital --recipient rs-jabar --at 2021-08-05\n"
      "  sidik trace leak.csv\n\n"
      "Each subcommand has its --help. Times are UTC. Data go to standard output, all else to standard error.\n\n" +
      exit_status_help());
}

// What the command-line library found wrong, in the form of all our errors.
int refuse_usage(const CLI::App& app, const CLI::ParseError& error) {
  std::string place;
  for (const CLI::App* sub : app.get_subcommands()) place = sub->get_name() + ": ";
  std::string message = error.what();
  std::replace(message.begin(), message.end(), '\n', ' ');
  say(place + message + "; see `sidik " + (place.empty() ? "" : place.substr(0, place.size() - 2) + " ") + "--help`");
  return exit_status(ErrorKind::kUsage);
}

int run(std::vector<std::string> words) {
  CLI::App app("Names the copy that leaked data came from.");
  Invocation invocation;
  describe(app);
  add_init(app, invocation);
  add_inspect(app, invocation);
  add_register(app, invocation);
  add_seal(app, invocation);
  add_canary(app, invocation);
  add_trace(app, invocation);
  add_list(app, invocation);
  add_show(app, invocation);
  add_remove(app, invocation);
  add_compact(app, invocation);
  add_compare(app, invocation);
  add_check(app, invocation);
  add_repair(app, invocation);
  add_audit(app, invocation);
  add_key(app, invocation);
  add_common_options(app, invocation.common, {});

  const std::optional<std::string> chosen = chosen_subcommand(words);
  if (chosen) require_subcommand(app, *chosen);
  if (chosen == "register" || chosen == "seal") invocation.producer = split_off_producer(words);
  try {
    std::reverse(words.begin(), words.end());
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    print(std::string(kVersion) + "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    return refuse_usage(app, error);
  }
  if (!invocation.run) {
    print_error(app.help());
    return exit_status(ErrorKind::kUsage);
  }
  invocation.run();
  return 0;
}

int guarded(std::vector<std::string> words) {
  try {
    return run(std::move(words));
  } catch (const Interrupted& interrupted) {
    say("interrupted; nothing was left half done");
    return 128 + interrupted.signal;
  } catch (const Error& error) {
    say(error.what());
    return exit_status(error.kind());
  } catch (const std::bad_alloc&) {
    say("not enough memory; give less with --memory, or free some");
  } catch (const std::exception& error) {
    say(error.what());
  }
  return exit_status(ErrorKind::kFailed);
}

}  // namespace
}  // namespace sidik::command

int main(int argc, char** argv) {
  sidik::forbid_core_dumps();
  return sidik::command::guarded(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}
