// Which keys a registry's signatures are accepted from: the investigators' own, and those that it certified, up to the
// place in the audit where one was revoked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "registry/catalogue.h"
#include "registry/certificate.h"

namespace sidik {

/// A key that the investigators exported, as the catalogue has it.
struct KnownKey {
  struct Revocation {
    std::uint64_t line = 0;  // the audit's, which revokes it
    std::uint64_t from = 0;  // what the key registered at this line or behind it does not count
    UtcSeconds at = 0;
  };
  KeyCertificate certificate;
  std::string text;             // the certificate's signed line
  std::uint64_t certified = 0;  // the audit's line
  std::optional<Revocation> revoked;
};

/// A fingerprint epoch after the first, and what its secret is known by.
struct BegunEpoch {
  Epoch epoch = 0;
  std::uint64_t line = 0;  // the audit's
  std::string commitment;  // hex
};

/// One state of the catalogue's keys. Immutable.
class KnownKeys {
 public:
  /// REQUIRES: a transaction. Throws Error(kDamaged) where a certificate, revocation or epoch is not as the
  /// investigators (`root`) signed it, or the audit tells of a revocation or epoch that the catalogue does not know:
  /// who holds a revoked key may be able to write there. Reads the whole audit where a key was exported or an epoch
  /// begun.
  static KnownKeys read(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root);
  /// The same for who holds the audit against it himself (`check`): what only the audit tells of is left out.
  static KnownKeys as_stored(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root);

  const std::vector<KnownKey>& all() const { return keys_; }  // by name
  const std::vector<BegunEpoch>& epochs() const { return epochs_; }
  const KnownKey* named(const std::string& name) const;
  const KnownKey* signed_by(const PublicKey& signer) const;
  /// The investigators' own signing key.
  const PublicKey& root() const { return root_; }
  Epoch current_epoch() const { return epochs_.empty() ? 1 : epochs_.back().epoch; }

  /// Why an export is set aside, as the end of a sentence about it; empty where it counts. Its signature is judged
  /// elsewhere.
  std::string objection(const Envelope& envelope, const std::string& envelope_text) const;

  /// Whether the audit tells of a merge, by its signed line, before that line of it; or the investigators do wherever,
  /// who made a catalogue anew. Known where a key was revoked.
  bool merged_before(const std::string& statement_text, std::uint64_t line) const;

  /// Throws Error(kKey) where the key's secret of that epoch is another than the registry's: its answers would be of
  /// nothing. A key without one is judged elsewhere.
  void require_secrets(const RegistryKey& key, Epoch epoch) const;

  /// Throws Error(kKey) unless `key` may register an export of `feed` now.
  void require_may_register(const RegistryKey& key, const std::string& feed) const;

 private:
  struct AuditWalk;
  static KnownKeys rows(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root);
  AuditWalk walk(const Catalogue& catalogue, const RegistryId& registry);
  void require_told(const Catalogue& catalogue, const AuditWalk& walk) const;
  bool knows(const AuditLine& line) const;
  std::optional<std::uint64_t> line_of(const std::string& envelope_text) const;

  PublicKey root_{};
  std::vector<KnownKey> keys_;
  std::vector<BegunEpoch> epochs_;                     // rising
  std::map<std::string, std::uint64_t> registered_;    // audit lines of registrations, by their envelope's digest
  std::map<std::string, std::uint64_t> merged_;        // the same of merges
  std::map<std::string, std::string> merged_by_root_;  // audit lines of merges that name the investigators
};

/// Hex: what an epoch's secret is known by in the audit. It tells nothing of the secret.
std::string epoch_commitment(const Secret& fingerprint_secret);

/// Changes, each of which appends a line to the audit. `investigators` acts. REQUIRES: a write transaction of the
/// caller. Error(kUsage) for a name that is taken, or of no key, or revoked already.
void add_known_key(const Catalogue& catalogue, const RegistryKey& investigators, const RegistryKey& exported);
void revoke_known_key(const Catalogue& catalogue, const RegistryKey& investigators, const std::string& name,
                      std::optional<std::uint64_t> from);
void begin_epoch(const Catalogue& catalogue, const RegistryKey& investigators);

/// What stood in the tables before they were lost, with the audit's lines that tell of it.
void restore_known_key(const Catalogue& catalogue, const std::string& name, const std::string& certificate,
                       std::uint64_t certified, std::optional<std::uint64_t> revoked);
void restore_epoch(const Catalogue& catalogue, Epoch epoch, std::uint64_t begun);

}  // namespace sidik
