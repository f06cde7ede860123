// Ed25519 signatures of the registry's clear statements: envelopes, audit lines, the config. Made by OpenSSL, verified
// by libsodium, which takes less than half the time.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/secret.h"
#include "fingerprints/key.h"

namespace sidik {

using Signature = std::array<std::uint8_t, 64>;

/// Signs `text` for one purpose ("envelope", "audit", "config"): a signature made for one never stands for another.
/// `signing_seed` has 32 bytes. Throws Error(kKey) where it has not.
Signature sign(const Secret& signing_seed, std::string_view purpose, std::string_view text);

/// Whether `signature` is `signer`'s under `text` for that purpose.
bool signature_fits(const PublicKey& signer, std::string_view purpose, std::string_view text,
                    const Signature& signature);

}  // namespace sidik
