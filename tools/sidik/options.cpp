#include "options.h"

#include <pwd.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <cstdlib>

#include "arguments.h"
#include "base/error.h"
#include "base/parallel.h"
#include "key_command.h"
#include "passphrase.h"

namespace sidik::command {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

fs::path home() {
  if (const auto home = environment("HOME")) return *home;
  if (const passwd* user = getpwuid(getuid()); user != nullptr && user->pw_dir != nullptr && *user->pw_dir != '\0')
    return user->pw_dir;
  throw Error(ErrorKind::kUsage, "HOME",
              "is not set, so there is no default place; name the registry (-r) and the key (--key-file)");
}

// The XDG rule: what is not absolute counts as not set.
fs::path xdg(const char* variable, const char* below_home) {
  if (const auto value = environment(variable); value && fs::path(*value).is_absolute()) return *value;
  return home() / below_home;
}

fs::path default_key() { return xdg("XDG_CONFIG_HOME", ".config") / "sidik" / "key"; }

fs::path without_trailing_separator(const fs::path& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

fs::path key_beside(const RegistryPlace& place) {
  fs::path path = without_trailing_separator(place.path);
  if (!path.has_filename())
    throw Error(ErrorKind::kUsage, path.string(),
                "cannot hold a registry with its key beside it; name the key (--key-file)");
  path += ".key";
  return path;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

std::string not_empty(const std::string& value, const char* option) {
  if (value.empty()) throw Error(ErrorKind::kUsage, option, "is given and empty (an unset variable?)");
  return value;
}

void require_one_key(const CommonOptions& options) {
  if (options.key_file && options.key_command)
    throw Error(ErrorKind::kUsage, "--key-command", "stands beside --key-file; give one of them");
}

// The first key file that the user named or that lies at one of the usual places.
std::optional<fs::path> find_key_file(const CommonOptions& options, const RegistryPlace& place) {
  if (options.key_file) return *options.key_file;
  if (const auto named = environment("SIDIK_KEY_FILE")) return *named;
  if (place.named)
    if (const fs::path beside = key_beside(place); is_there(beside)) return beside;
  if (const fs::path own = default_key(); is_there(own)) return own;
  return std::nullopt;
}

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& options, OptionSet set) {
  const std::string group = "Common options";
  const auto text = [&](const char* names, std::optional<std::string>& to, const char* option, const char* help) {
    return app
        .add_option_function<std::string>(
            names, [&to, option](const std::string& value) { to = not_empty(value, option); }, help)
        ->group(group);
  };
  if (set.registry)
    text("-r,--registry", options.registry, "--registry",
         "The registry's folder (else SIDIK_REGISTRY, else $XDG_DATA_HOME/sidik/registry)")
        ->type_name("DIR");
  if (set.key) {
    text("--key-file", options.key_file, "--key-file",
         "The key's file (else SIDIK_KEY_FILE, else REGISTRY.key beside a named registry, else "
         "$XDG_CONFIG_HOME/sidik/key)")
        ->type_name("FILE");
    text("--key-command", options.key_command, "--key-command",
         "A command that prints the key file's text (run without a shell)")
        ->type_name("COMMAND");
  }
  if (set.work) {
    app.add_option_function<std::string>(
           "--threads", [&](const std::string& value) { options.threads = parse_threads(value); },
           "Threads to use (else one for each processor)")
        ->group(group)
        ->type_name("N");
    app.add_option_function<std::string>(
           "--memory", [&](const std::string& value) { options.memory = parse_memory(value); },
           "Bound of the memory for data, such as 512M or 2G")
        ->group(group)
        ->type_name("SIZE");
  }
  if (set.wait)
    app.add_option_function<std::string>(
           "--wait", [&](const std::string& value) { options.wait = parse_wait(value); },
           "How long to wait for a busy registry: seconds, or 500ms, 2m (10 s)")
        ->group(group)
        ->type_name("TIME");
  app.add_flag("-q,--quiet", options.quiet, "No progress and no remarks")->group(group);
  app.add_flag("--json", options.json, "One JSON object on standard output")->group(group);
}

RegistryPlace registry_place(const CommonOptions& options, const std::string& argument) {
  if (!argument.empty() && options.registry && fs::path(argument) != fs::path(*options.registry))
    throw Error(ErrorKind::kUsage, argument, "and --registry name two registries; give one of them");
  if (!argument.empty()) return {argument, true};
  if (options.registry) return {*options.registry, true};
  if (const auto named = environment("SIDIK_REGISTRY")) return {*named, true};
  return {xdg("XDG_DATA_HOME", ".local/share") / "sidik" / "registry", false};
}

KeyPlace key_place_for_init(const CommonOptions& options, const RegistryPlace& place) {
  if (options.key_command)
    throw Error(ErrorKind::kUsage, "--key-command",
                "cannot be used by init, which writes the key; give --key-file, and put the key away then");
  if (options.key_file) return {*options.key_file, false};
  if (const auto named = environment("SIDIK_KEY_FILE")) return {*named, false};
  if (place.named) return {key_beside(place), true};
  return {default_key(), false};
}

std::optional<RegistryKey> load_key_if_any(const CommonOptions& options, const RegistryPlace& place) {
  require_one_key(options);
  if (options.key_command) return key_from_command(*options.key_command);
  if (const auto path = find_key_file(options, place)) return read_key_file(*path, ask_passphrase);
  return std::nullopt;
}

KeyInFile load_key_in_file(const CommonOptions& options, const RegistryPlace& place) {
  require_one_key(options);
  const auto path = options.key_command ? std::nullopt : find_key_file(options, place);
  if (!path) return {load_key(options, place), std::nullopt, Secret()};
  Secret passphrase;
  const PassphraseSource asked = [&](const std::string& where) { return passphrase = ask_passphrase(where); };
  RegistryKey key = read_key_file(*path, asked);
  return {std::move(key), *path, std::move(passphrase)};
}

RegistryKey load_key(const CommonOptions& options, const RegistryPlace& place) {
  if (auto key = load_key_if_any(options, place)) return std::move(*key);
  const std::string looked =
      place.named ? key_beside(place).string() + " and " + default_key().string() : default_key().string();
  throw Error(ErrorKind::kKey, looked, "holds no key; name it with --key-file, SIDIK_KEY_FILE or --key-command");
}

Registry open_registry(const CommonOptions& options, const RegistryPlace& place) {
  RegistryOptions registry;
  registry.directory = place.path;
  registry.wait = options.wait;
  return Registry::open(registry);
}

unsigned threads_of(const CommonOptions& options) { return options.threads != 0 ? options.threads : default_threads(); }

}  // namespace sidik::command
