// sidik init [REGISTRY]: a registry and its key.
#include <memory>

#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "interruption.h"
#include "json.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

namespace fs = std::filesystem;

void make_parents(const fs::path& path) {
  const fs::path parent = fs::absolute(path).lexically_normal().parent_path();
  std::error_code error;
  if (fs::exists(parent, error)) return;
  fs::create_directories(parent, error);
  if (error) throw Error(ErrorKind::kFailed, parent.string(), "cannot make the folder: " + error.message());
  fs::permissions(parent, fs::perms::owner_all, error);
}

/// The folders of `path` that are not there, the innermost first.
std::vector<fs::path> missing_folders(const fs::path& path) {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (fs::path folder = path; !folder.empty() && !fs::exists(folder, ignored); folder = folder.parent_path())
    missing.push_back(folder);
  return missing;
}

/// What init is about to make, so that where it fails nothing half made is left. What was there before stays.
class Undo {
 public:
  Undo(const fs::path& registry, const fs::path& key)
      : registry_(fs::absolute(registry / "").lexically_normal().parent_path()),
        key_(fs::absolute(key).lexically_normal()),
        folders_(missing_folders(registry_)),
        was_empty_(folders_.empty() && fs::is_empty(registry_, ignored_)) {
    for (fs::path& folder : missing_folders(key_.parent_path())) folders_.push_back(std::move(folder));
  }

  void key_is_written() { key_written_ = true; }

  void run() {
    if (key_written_) fs::remove(key_, ignored_);
    if (was_empty_)
      for (const fs::directory_entry& entry : fs::directory_iterator(registry_, ignored_))
        fs::remove_all(entry.path(), ignored_);
    else if (!folders_.empty() && folders_.front() == registry_)
      fs::remove_all(registry_, ignored_);
    for (const fs::path& folder : folders_) fs::remove(folder, ignored_);  // those that are empty again
  }

 private:
  std::error_code ignored_;
  fs::path registry_, key_;
  std::vector<fs::path> folders_;  // that were not there
  bool was_empty_;                 // the registry's folder was there, with nothing in it
  bool key_written_ = false;
};

// The key first: a registry without a key is worth nothing, a key without a registry is only a file to delete.
RegistryKey make(const fs::path& registry, const fs::path& key_path) {
  const RegistryKey key = RegistryKey::generate();
  RegistryOptions options;
  options.directory = registry;
  Undo undo(registry, key_path);
  try {
    make_parents(key_path);
    make_parents(registry);
    write_key_file(key, key_path);
    undo.key_is_written();
    throw_if_interrupted();
    Registry::create(options, key);
  } catch (const Error& error) {
    // Whoever is making the same registry just now goes on undisturbed.
    if (error.kind() != ErrorKind::kBusy) undo.run();
    throw;
  } catch (...) {
    undo.run();
    throw;
  }
  return key;
}

void report(const CommonOptions& options, const RegistryKey& key, const fs::path& registry, const KeyPlace& key_place) {
  const std::string id = to_hex(key.registry);
  if (options.json)
    print(json_text({{"sidik", 1},
                     {"registry", {{"id", id}, {"path", registry.string()}}},
                     {"key_file", key_place.path.string()}}));
  else if (!options.quiet)
    print(
        "Made the registry " + registry.string() + " (id " + id + ").\nIts key is " + key_place.path.string() +
        " (mode 0600): whoever has it and the registry can ask it; without it nobody can, ever. Keep a copy apart.\n");
  if (key_place.beside_registry && !options.quiet)
    say("warning: the key lies beside the registry, so a copy of the parent folder has both. Move it to a safe place "
        "and name it with "
        "--key-file, SIDIK_KEY_FILE or --key-command.");
}

}  // namespace

void add_init(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("init", "Make a registry and its key");
  const auto argument = std::make_shared<std::string>();
  sub->add_option("REGISTRY", *argument, "The folder to make (else -r, SIDIK_REGISTRY, or the default one)");
  add_common_options(*sub, invocation.common, {.work = false, .wait = false});
  sub->footer(
      "The key goes to --key-file or SIDIK_KEY_FILE; else, where a registry is named, beside it as REGISTRY.key; else "
      "to\n"
      "$XDG_CONFIG_HOME/sidik/key. A key file is never overwritten.\n\n"
      "Example:\n"
      "  sidik init /srv/sidik/registry --key-file /root/sidik.key\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces, [&invocation, argument] {
    const RegistryPlace place = registry_place(invocation.common, *argument);
    const KeyPlace key_place = key_place_for_init(invocation.common, place);
    const RegistryKey key = make(place.path, key_place.path);
    report(invocation.common, key, place.path, key_place);
  });
}

}  // namespace sidik::command
