// sidik key passwd, sidik key rotate: an investigators' key file written anew in its place.
#include <algorithm>
#include <memory>

#include "base/error.h"
#include "console.h"
#include "fingerprints/key_protection.h"
#include "fingerprints/secret_text.h"
#include "key.h"
#include "key_report.h"
#include "passphrase.h"
#include "subcommand.h"

namespace sidik::command {
namespace {

/// A key file's text, under the passphrase where there is one.
WipedText file_text(const RegistryKey& key, const Secret& passphrase) {
  WipedText plain(key_file_text(key));
  if (passphrase.empty()) return plain;
  return WipedText(protect_key(plain.text, passphrase));
}

const std::filesystem::path& file_of(const KeyInFile& own, const char* what) {
  if (!own.file)
    throw Error(ErrorKind::kUsage, "--key-command",
                std::string("gives a key that ") + what + " cannot write back; name a key file with --key-file");
  return *own.file;
}

void change_passphrase(const CommonOptions& common, bool remove) {
  const KeyInFile own = load_key_in_file(common, registry_place(common));
  const std::filesystem::path& file = file_of(own, "key passwd");
  if (remove && own.passphrase.empty())
    throw Error(ErrorKind::kUsage, file.string(), "is under no passphrase; nothing was changed");
  const Secret passphrase = remove ? Secret() : ask_new_passphrase(file.string());
  replace_secret_file(file_text(own.key, passphrase).text, file);
  if (common.json)
    return print(json_text({{"sidik", 1}, {"key_file", file.string()}, {"passphrase", !passphrase.empty()}}));
  if (common.quiet) return;
  print(file.string() + (remove
                             ? " is under no passphrase now: whoever reads the file has the key.\n"
                             : " is under the new passphrase. Copies made before are under what they were under.\n"));
}

/// The key with a fresh fingerprint secret, its own among the earlier ones.
RegistryKey rotated(const RegistryKey& key) {
  RegistryKey next = key;
  next.earlier_secrets.emplace(key.epoch, key.fingerprint_secret);
  next.fingerprint_secret = Secret::random(32);
  ++next.epoch;
  return next;
}

void rotate(const CommonOptions& common) {
  const RegistryPlace place = registry_place(common);
  Registry registry = open_registry(common, place);
  const KeyInFile own = load_key_in_file(common, place);
  registry.require_investigators(own.key, "beginning an epoch");
  const std::filesystem::path& file = file_of(own, "key rotate");
  const Epoch current = registry.keys().current_epoch();
  // One ahead: the file was written by a rotation that was stopped before the registry knew.
  const bool written = own.key.epoch == current + 1;
  if (!written && own.key.epoch != current)
    throw Error(ErrorKind::kKey, file.string(),
                "is of epoch " + std::to_string(own.key.epoch) + ", and the registry in epoch " +
                    std::to_string(current) + "; use the newest copy of the key");
  const RegistryKey next = written ? own.key : rotated(own.key);
  // The file first: a registry in an epoch whose secret nobody has could not be registered to.
  if (!written) replace_secret_file(file_text(next, own.passphrase).text, file);
  throw_if_interrupted();
  registry.begin_epoch(next);

  std::vector<std::string> stale;
  const KnownKeys known = registry.keys();
  for (const KnownKey& key : known.all())
    if (key.certificate.role == KeyRole::kRegister && !key.revoked && key.certificate.epoch < next.epoch)
      stale.push_back(key.certificate.name);
  if (common.json)
    return print(json_text(
        {{"sidik", 1}, {"epoch", next.epoch}, {"key_file", file.string()}, {"keys_of_earlier_epochs", stale}}));
  if (common.quiet) return;
  std::string text = "Epoch " + std::to_string(next.epoch) + " has begun; " + file.string() +
                     " has its secret and those before. Copy it to where copies of the key are kept: older copies "
                     "cannot register, and cannot ask what is registered from now on.\n";
  for (const std::string& name : stale)
    text += "  " + name + " is of an earlier epoch and registers no more: export another key for its host.\n";
  print(text +
        "Copies of the registry and of its keys that are stolen already stay what they are: this protects what is "
        "registered from now on.\n");
}

}  // namespace

void add_passwd(CLI::App& key, Invocation& invocation) {
  CLI::App* sub = key.add_subcommand("passwd", "Put a key file under a passphrase, or change it");
  const auto remove = std::make_shared<bool>(false);
  sub->add_flag("--remove", *remove, "Take the passphrase away");
  add_common_options(*sub, invocation.common, {.work = false, .wait = false});
  sub->footer(
      "The passphrase is asked on the terminal, or is a systemd credential: sidik-passphrase is the present one, "
      "sidik-new-passphrase\nthe new one ($CREDENTIALS_DIRECTORY). A guess at it costs 256 MiB and most of a second "
      "(Argon2id).\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces,
              [&invocation, remove] { change_passphrase(invocation.common, *remove); });
}

void add_rotate(CLI::App& key, Invocation& invocation) {
  CLI::App* sub = key.add_subcommand("rotate", "Begin a new fingerprint epoch, after a register key was stolen");
  add_common_options(*sub, invocation.common, {.work = false});
  sub->footer(
      "A fresh random secret, not made from the old one: new exports are registered under it, old ones stay askable "
      "under theirs. A\ntrace asks each epoch that exports are in, and takes as much longer; runs of two epochs do not "
      "merge. Register keys have to be\nexported again. Seals of the investigators' key go on as they were; those of "
      "an exported key end with it, for each has "
      "its own.\n"
      "It does not heal copies that are stolen already: whoever has old files and old keys keeps what they give.\n\n" +
      exit_status_help());
  when_chosen(*sub, invocation, Interruption::kAtSafePlaces, [&invocation] { rotate(invocation.common); });
}

}  // namespace sidik::command
