// What must be known of the words of a command line before they are parsed (which subcommand, and where a command of
// its own begins), and what a subcommand does once they are.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "interruption.h"

namespace sidik::command {

/// The first word that is neither an option nor an option's value; nothing where there is none.
std::optional<std::string> chosen_subcommand(const std::vector<std::string>& words);

/// Error(kUsage) with what it may have been meant to be, unless `app` has the subcommand.
void require_subcommand(const CLI::App& app, const std::string& name);

/// Takes the first "--" and all behind it off `words` and returns what stands behind it; nothing where there is no
/// "--".
std::optional<std::vector<std::string>> split_off_producer(std::vector<std::string>& words);

/// When `sub` is the chosen one, `invocation` will take signals as said and do `work`.
void when_chosen(CLI::App& sub, Invocation& invocation, Interruption how, std::function<void()> work);

}  // namespace sidik::command
