// Who an export's rows of nobody are, kept with it under the recipient's secret: in fingerprint epochs that begin later
// their tags are others, and still they must be nobody's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fields/schema.h"
#include "fingerprints/record.h"
#include "seal/seal_secrets.h"

namespace sidik {

/// What gives a canary's row its tag.
struct CanaryIdentity {
  FieldType type;
  std::string value;  // canonical
  bool operator==(const CanaryIdentity&) const = default;
};

/// A row's first valid value, by the schema's order of identities; nothing where there is none. `cells` are by column.
std::optional<CanaryIdentity> identity_of(const Schema& schema, std::span<const std::string> cells);

/// Bytes that only who has the recipient's secret reads or makes: XChaCha20-Poly1305 under a key derived from it.
std::string encrypt_identities(std::span<const CanaryIdentity> identities, const SealSecrets& secrets);
/// Throws Error(kDamaged) where the bytes are not as they were made, or are another recipient's.
std::vector<CanaryIdentity> decrypt_identities(std::string_view bytes, const SealSecrets& secrets);

/// One tag each, as rows of such an identity have it under an epoch's secret.
std::vector<RowTag> tags_of(std::span<const CanaryIdentity> identities, const Secret& fingerprint_secret);

}  // namespace sidik
