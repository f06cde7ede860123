// sidik key: what a key is, keys for others, and taking them back. key_rotate.cpp and key_shares_command.cpp have the
// rest.
#include "key.h"

#include <unistd.h>

#include <algorithm>
#include <memory>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "fingerprints/key_protection.h"
#include "key_report.h"
#include "report/plain_text.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

namespace fs = std::filesystem;

/// The registry's keys, where there is a registry and it is the key's.
std::optional<KnownKeys> known_where_there_is_a_registry(const CommonOptions& options, const RegistryPlace& place,
                                                         const RegistryKey& key) {
  std::error_code ignored;
  if (!place.named && !fs::exists(place.path / "config", ignored)) return std::nullopt;
  const Registry registry = open_registry(options, place);
  registry.require_key(key);
  return registry.keys();
}

void show(const CommonOptions& options) {
  const RegistryPlace place = registry_place(options);
  const KeyInFile own = load_key_in_file(options, place);
  const auto known = known_where_there_is_a_registry(options, place, own.key);
  const KeyFacts facts{own.key, !own.passphrase.empty(), known ? &*known : nullptr};
  print(options.json ? key_json(facts) : key_text(facts, text_width(STDOUT_FILENO, 1000)));
}

struct ExportOptions {
  std::string role, name, file;
  std::vector<std::string> feed_lists;
};

KeyRole role_of(const std::string& text) {
  if (text == "register") return KeyRole::kRegister;
  if (text == "compact") return KeyRole::kCompact;
  throw Error(ErrorKind::kUsage, "--role", "expected register or compact");
}

/// "register", "register-2", ...: the first name that no key of the registry has.
std::string free_name(const KnownKeys& known, const std::string& role) {
  std::string name = role;
  for (int i = 2; known.named(name) != nullptr; ++i) name = role + "-" + std::to_string(i);
  return name;
}

std::optional<std::vector<std::string>> feeds_of(const ExportOptions& options) {
  if (options.feed_lists.empty()) return std::nullopt;
  std::vector<std::string> feeds;
  for (const std::string& list : options.feed_lists)
    for (std::string& feed : parse_names(list)) feeds.push_back(std::move(feed));
  return feeds;
}

void export_key(const ExportOptions& options, const CommonOptions& common) {
  const KeyRole role = role_of(options.role);
  const RegistryPlace place = registry_place(common);
  Registry registry = open_registry(common, place);
  const RegistryKey investigators = load_key(common, place);
  registry.require_investigators(investigators, "exporting a key");
  const std::string name = options.name.empty() ? free_name(registry.keys(), options.role) : options.name;
  const RegistryKey key = exported_key(investigators, role, name, feeds_of(options), utc_now());
  commit_key(key_file_text(key), options.file, [&] { registry.add_key(investigators, key); });
  if (common.json && options.file != "-") return print(key_json({key, false, nullptr}));
  if (common.quiet) return;
  const std::string text =
      "Exported the " + options.role + " key " + printable(name) +
      (role == KeyRole::kRegister
           ? " for " +
                 printable(
                     read_certificate(key.certificate, key.registry, key.root_public, "the certificate").feed_words())
           : "") +
      " to " + (options.file == "-" ? "standard output" : options.file) +
      ". Bring it to its host and leave no copy here; `sidik key revoke " + printable(name) + "` takes it back.\n";
  options.file == "-" ? print_error(text) : print(text);
}

struct RevokeOptions {
  std::string name;
  std::optional<std::uint64_t> from;
};

void revoke(const RevokeOptions& options, const CommonOptions& common) {
  const RegistryPlace place = registry_place(common);
  Registry registry = open_registry(common, place);
  const RegistryKey investigators = load_key(common, place);
  registry.revoke_key(investigators, options.name, options.from);
  const KnownKeys known = registry.keys();
  const KnownKey* const key = known.named(options.name);
  std::vector<std::string> aside;
  for (const CatalogueEntry& entry : registry.list())
    if (entry.signer == key->certificate.signing_public && !entry.set_aside.empty())
      aside.push_back(entry.description.name);
  if (common.json)
    return print(json_text({{"sidik", 1},
                            {"revoked", options.name},
                            {"line", key->revoked->line},
                            {"from", key->revoked->from},
                            {"set_aside", aside}}));
  if (common.quiet) return;
  std::string text = "Revoked " + printable(options.name) + ": what it registers from audit line " +
                     std::to_string(key->revoked->from) + " on does not count.\n";
  for (const std::string& name : aside) text += "  set aside: " + printable(name) + "\n";
  if (key->certificate.role == KeyRole::kRegister)
    text +=
        "Whoever has a copy of it still has this epoch's fingerprint secret; if it was stolen, `sidik key rotate`.\n";
  if (key->certificate.role == KeyRole::kCompact)
    text +=
        "Whoever has a copy of it can still open this registry's files where he gets them: no revocation undoes "
        "that.\n";
  print(text);
}

void add_show_key(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("show", "What a key can do, of which registry and epoch; which keys there are");
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer("Never prints a secret.\n\n" + exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtOnce, [&invocation] { show(invocation.common); });
}

void add_export_key(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("export", "A key for a host that registers, or that merges");
  const auto options = std::make_shared<ExportOptions>();
  sub->add_option("--role", options->role,
                  "register: adds exports and reads none, not even its own; compact: merges runs, tests no guess")
      ->required()
      ->type_name("ROLE");
  sub->add_option_function<std::string>(
         "--for", [options](const std::string& value) { options->name = parse_name("--for", value); },
         "Whose key it is, as `show` and the audit will name it (else the role)")
      ->type_name("NAME");
  sub->add_option("--feeds", options->feed_lists, "The feeds that a register key may add to (else any)")
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  sub->add_option("-o,--output", options->file, "The key file to make; - is standard output")
      ->required()
      ->type_name("FILE");
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "Needs the investigators' key. Each exported key signs what it does with a key of its own, which the "
      "investigators certify.\n"
      "A stolen register key reads nothing. It can add exports in its name and feeds, forge their seals, and test a "
      "guess of a whole\n"
      "export: whatever its feeds, it holds the epoch's fingerprint secret. A stolen compact key opens the registry's "
      "files where the\n"
      "thief gets them, and tests no guess. SECURITY.md has the whole table.\n\n"
      "Examples:\n"
      "  sidik key export --role register --for etl-02 --feeds hospital,bank -o etl-02.key\n"
      "  sidik key export --role compact --for nightly-merge -o merge.key\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces,
              [&invocation, options] { export_key(*options, invocation.common); });
}

void add_revoke_key(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("revoke", "What a key registers from now on does not count");
  const auto options = std::make_shared<RevokeOptions>();
  sub->add_option("NAME", options->name, "The key's name, as `sidik key show` lists it")->required();
  sub->add_option_function<std::string>(
         "--from-line", [options](const std::string& value) { options->from = parse_count("--from-line", value); },
         "... nor what it registered from this line of the audit on")
      ->type_name("N");
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "Goes by the place in the audit, not by the clock: exports that stand before it go on counting. Those behind it "
      "are set aside\nand named by list, show and check. It makes no copy of a key harmless: see `sidik key rotate "
      "--help`.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces,
              [&invocation, options] { revoke(*options, invocation.common); });
}

}  // namespace

void commit_key(std::string text, const std::string& file, const std::function<void()>& commit) {
  const WipedText content(std::move(text));
  if (file == "-") {
    commit();
    return print(content.text);
  }
  write_secret_file(content.text, file);
  try {
    throw_if_interrupted();
    commit();
  } catch (...) {
    std::error_code ignored;
    fs::remove(file, ignored);  // a key that no registry knows
    throw;
  }
}

void add_key(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("key", "What a key can do; keys for other hosts; passphrase, shares, epochs");
  sub->require_subcommand(1);
  add_show_key(*sub, invocation);
  add_export_key(*sub, invocation);
  add_passwd(*sub, invocation);
  add_split(*sub, invocation);
  add_join(*sub, invocation);
  add_rotate(*sub, invocation);
  add_revoke_key(*sub, invocation);
}

}  // namespace sidik::command
