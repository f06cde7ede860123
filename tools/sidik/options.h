// Options that all subcommands share, and what they mean: which registry, which key, how much of the machine.
#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "fingerprints/key.h"
#include "registry/registry.h"

namespace sidik::command {

struct CommonOptions {
  std::optional<std::string> registry;     // -r, --registry
  std::optional<std::string> key_file;     // --key-file
  std::optional<std::string> key_command;  // --key-command
  bool quiet = false;
  bool json = false;
  unsigned threads = 0;  // 0: as many as there are processors
  std::optional<std::size_t> memory;
  std::chrono::milliseconds wait{10000};
};

/// Which of the common options a subcommand has, besides -q and --json, which all have.
struct OptionSet {
  bool registry = true;
  bool key = true;
  bool work = true;  // --threads, --memory
  bool wait = true;
};
void add_common_options(CLI::App& app, CommonOptions& options, OptionSet set);

/// Where the registry is, and whether the user named it (argument, -r or SIDIK_REGISTRY) or it is the user's default
/// one.
struct RegistryPlace {
  std::filesystem::path path;
  bool named = false;
};
RegistryPlace registry_place(const CommonOptions& options, const std::string& argument = {});

/// Where `init` puts the key of the registry at `place`: --key-file, SIDIK_KEY_FILE, REGISTRY.key beside a named
/// registry, or the user's default. Error(kUsage) for --key-command: init writes a file.
struct KeyPlace {
  std::filesystem::path path;
  bool beside_registry = false;
};
KeyPlace key_place_for_init(const CommonOptions& options, const RegistryPlace& place);

/// The key by --key-file, --key-command, SIDIK_KEY_FILE, REGISTRY.key beside a named registry, or the user's default,
/// in this order. Error(kKey) when there is none, naming where it was looked for.
RegistryKey load_key(const CommonOptions& options, const RegistryPlace& place);
/// Nothing where the user named no key and none lies at the usual places; otherwise as load_key.
std::optional<RegistryKey> load_key_if_any(const CommonOptions& options, const RegistryPlace& place);

/// A key with what is needed to write it again: its file, where it came from one, and the passphrase that it is under.
struct KeyInFile {
  RegistryKey key;
  std::optional<std::filesystem::path> file;  // nothing of a --key-command
  Secret passphrase;                          // empty where there is none
};
/// As load_key.
KeyInFile load_key_in_file(const CommonOptions& options, const RegistryPlace& place);

Registry open_registry(const CommonOptions& options, const RegistryPlace& place);

unsigned threads_of(const CommonOptions& options);

}  // namespace sidik::command
