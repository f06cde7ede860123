// A feed's pinned schema, encrypted: column names and types are not for whoever finds the registry's files.
#pragma once

#include <string>

#include "fields/schema.h"
#include "fingerprints/key.h"

namespace sidik {

/// Hex of nonce, ciphertext and tag: AES-256-GCM under the schema sub-key, bound to registry and feed, padded so that
/// its length says little. Throws Error(kKey) where the key has no schema secret.
std::string encrypt_schema(const Schema& schema, const std::string& feed, const RegistryKey& key);

/// Throws Error(kDamaged, place) where it was not encrypted under this key for this feed, Error(kKey) without a schema
/// secret.
Schema decrypt_schema(const std::string& encrypted, const std::string& feed, const RegistryKey& key,
                      const std::string& place);

}  // namespace sidik
