// The subcommands: each file adds one to the command line, with its options, help and what it does.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

#include "options.h"

namespace sidik::command {

/// One call of the program: what is common to all subcommands, and what the chosen one will do.
struct Invocation {
  CommonOptions common;
  /// What stands behind `--` of a subcommand that runs a command; nothing where there is no `--`.
  std::optional<std::vector<std::string>> producer;
  /// Set by the chosen subcommand while the line is parsed. Throws Error; prints to standard output.
  std::function<void()> run;
};

void add_init(CLI::App& app, Invocation& invocation);
void add_inspect(CLI::App& app, Invocation& invocation);
void add_register(CLI::App& app, Invocation& invocation);
void add_seal(CLI::App& app, Invocation& invocation);
void add_canary(CLI::App& app, Invocation& invocation);
void add_trace(CLI::App& app, Invocation& invocation);
void add_list(CLI::App& app, Invocation& invocation);
void add_show(CLI::App& app, Invocation& invocation);
void add_remove(CLI::App& app, Invocation& invocation);
void add_compact(CLI::App& app, Invocation& invocation);
void add_compare(CLI::App& app, Invocation& invocation);
void add_check(CLI::App& app, Invocation& invocation);
void add_repair(CLI::App& app, Invocation& invocation);
void add_audit(CLI::App& app, Invocation& invocation);
void add_key(CLI::App& app, Invocation& invocation);

/// For the end of a subcommand's help.
inline std::string exit_status_help() {
  return "Exit status: 0 done; 1 failed; 2 wrong usage; 3 input refused, nothing registered; 4 the name is taken by\n"
         "other content; 5 key missing, wrong or not of the role; 6 registry busy; 7 registry damaged.";
}

}  // namespace sidik::command
