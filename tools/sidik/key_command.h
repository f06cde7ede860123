// The key from a command's output (--key-command): a password store, an agent, a hardware token's tool.
#pragma once

#include <string>
#include <vector>

#include "fingerprints/key.h"

namespace sidik::command {

/// Splits a command line as a shell does its words: blanks between, quotes ' and ", backslash. Nothing is expanded.
/// Error(kUsage) for a quote that is not closed.
std::vector<std::string> split_words(const std::string& line);

/// Runs the command, without a shell, and reads the key file's text that it prints. Error(kKey) where it cannot be run,
/// fails, or prints no key.
RegistryKey key_from_command(const std::string& line);

}  // namespace sidik::command
