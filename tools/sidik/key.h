// The parts of `sidik key`: one subcommand each.
#pragma once

#include <functional>
#include <string>

#include "commands.h"

namespace sidik::command {

void add_passwd(CLI::App& key, Invocation& invocation);
void add_split(CLI::App& key, Invocation& invocation);
void add_join(CLI::App& key, Invocation& invocation);
void add_rotate(CLI::App& key, Invocation& invocation);

/// Writes a key file that must not exist and commits what makes it count; where that fails the file is gone again. To
/// standard output ("-") it goes after the commit.
void commit_key(std::string text, const std::string& file, const std::function<void()>& commit);

}  // namespace sidik::command
