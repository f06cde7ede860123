// Whose a signing key is: the investigators certify each key that they export, with its name, role and feeds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "fingerprints/key.h"
#include "registry/signed_text.h"

namespace sidik {

struct KeyCertificate {
  std::string name;  // the key's holder
  KeyRole role = KeyRole::kRegister;
  std::optional<std::vector<std::string>> feeds;  // sorted; nothing: any feed, and exports without one
  PublicKey signing_public{};
  Epoch epoch = 1;  // that its fingerprint secret is of; 0 of a key that has none
  UtcSeconds issued = 0;

  bool covers(const std::string& feed) const;
  /// "the feeds bank and hospital", "any feed": for messages.
  std::string feed_words() const;
};

/// The signed line. `investigators` signs.
std::string certificate_text(const KeyCertificate& certificate, const RegistryKey& investigators);

/// Throws Error(kDamaged, place) unless `root` certified it, for `registry`.
KeyCertificate read_certificate(std::string_view text, const RegistryId& registry, const PublicKey& root,
                                const std::string& place);

/// A key of `role` with a fresh signing key, certified, and what the role needs of the investigators' secrets: a
/// register key the seal secrets of `feeds` only (all where there is nothing). Throws Error(kKey) where `investigators`
/// is another key, Error(kUsage) for a name or feed that cannot stand in a certificate, or feeds for a compact key.
RegistryKey exported_key(const RegistryKey& investigators, KeyRole role, const std::string& name,
                         std::optional<std::vector<std::string>> feeds, UtcSeconds issued);

}  // namespace sidik
