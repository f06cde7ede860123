// The investigators' own note of envelopes that they have verified: a signature that fitted fits for ever, so that a
// registry of thousands of exports is not verified anew by each process that opens it.
#pragma once

#include <string>
#include <vector>

#include "registry/catalogue.h"

namespace sidik {

/// Unverified envelopes that a new note is worth.
inline constexpr std::size_t kWorthNoting = 64;

/// A note as it stands in the catalogue. Immutable.
class VerifiedEnvelopes {
 public:
  VerifiedEnvelopes() = default;
  /// Empty where there is no note, or not one that `root` signed for `registry`: `check` names such a one. REQUIRES: a
  /// transaction.
  static VerifiedEnvelopes read(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root);
  /// Throws Error(kDamaged) where the note is not as `root` signed it. REQUIRES: a transaction.
  static void check(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root);

  /// Whether an envelope of this digest (SHA-256 of its line, hex) was verified.
  bool holds(const std::string& digest) const;

 private:
  std::vector<std::string> digests_;  // rising
};

/// Puts a new note in the old one's place, signed by `investigators`. REQUIRES: a write transaction, and that the
/// signatures of all these envelopes were verified.
void note_verified(const Catalogue& catalogue, const RegistryKey& investigators, std::vector<std::string> digests);

}  // namespace sidik
