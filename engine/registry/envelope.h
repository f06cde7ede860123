// An export's envelope: what anybody may know of it, signed by the key that registered it. The catalogue keeps it, and
// a copy stands beside the run, so that the catalogue can be checked against it and rebuilt from it.
#pragma once

#include <string>

#include "registry/registry.h"
#include "registry/signed_text.h"

namespace sidik {

struct Envelope {
  RegistryId registry{};
  std::uint64_t sequence = 0;  // place among all exports ever registered, from 1
  CatalogueEntry entry;        // run.path is left out
  PublicKey signer{};          // who registered: entry.description.registered_by's signing key
  std::string certificate;     // of that key (certificate.h), so that it can be judged without the catalogue; "" of the
                               // investigators' own
  std::string audit_head;      // hex: the audit chain's head before this registration; "" where there was none
  std::string pinned_schema;   // hex: the feed's pinned schema, encrypted, where this export pinned it; else ""
};

/// The signed canonical text, one line without its end. `key` is the signer's.
std::string envelope_text(const Envelope& envelope, const RegistryKey& key);

/// Reads an envelope. Throws Error(kDamaged, place) where it is not as written, of another registry or, with
/// Verification::kSignature, not signed by the key that it names.
Envelope read_envelope(std::string_view text, const RegistryId& registry, const std::string& place,
                       Verification verification);

}  // namespace sidik
