// What `key` says of keys: what one is and can do, and which a registry knows. Never a secret.
#pragma once

#include <optional>
#include <string>

#include "json.h"
#include "options.h"
#include "registry/known_keys.h"

namespace sidik::command {

/// A key, how it is kept, and the registry that it is held against, where there is one.
struct KeyFacts {
  const RegistryKey& key;
  bool under_passphrase = false;
  const KnownKeys* known = nullptr;  // of the key's registry
};

std::string key_text(const KeyFacts& facts, std::size_t width);
std::string key_json(const KeyFacts& facts);

/// "etl-02 (3f2a91c07d55), certified 2021-08-05T00:00:00Z": who registered an export, for `show`.
std::string signer_words(const PublicKey& signer, const KnownKeys& known);

}  // namespace sidik::command
